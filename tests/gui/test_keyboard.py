"""The dialogs by keyboard alone: Tab reaches everything in reading order, the focus is seen, Esc closes."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget

from smtj_gui.export_dialogs import FigureDialog, FigureOptions
from smtj_gui.preferences_dialog import PreferencesDialog
from smtj_gui.sequence_dialog import SequenceDialog
from smtj_gui.views.import_dialog import ImportDialog

#: Widgets in one row may differ by this much in height (pixels).
_ROW = 12
TABLE = "V (V)\tI (A)\tsigma\n" + "\n".join(f"{at / 10}\t{at * 2e-6}\t1e-7" for at in range(-10, 11))


def sequence(window) -> QWidget:
    dialog = SequenceDialog(window.session.setup, "angular", window.queue.usual, window)
    dialog.add_loop()
    return dialog


DIALOGS = {
    "preferences": lambda window: PreferencesDialog(window.assistance.chosen, window),
    "figure": lambda window: FigureDialog(FigureOptions(), window),
    "import": lambda window: ImportDialog(TABLE, "a.txt", window),
    "sequence": sequence,
}


@pytest.mark.parametrize(("name", "theme"), [
    ("preferences", "dark"), ("figure", "light"), ("import", "dark"), ("sequence", "light"),
    *(pytest.param(name, theme, marks=pytest.mark.slow) for name, theme in (
        ("preferences", "light"), ("figure", "dark"), ("import", "light"), ("sequence", "dark")))])
def test_tab_goes_through_a_dialog_in_reading_order_and_esc_closes_it(window, qtbot, name, theme) -> None:
    window._look.choose(theme)
    dialog = DIALOGS[name](window)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    first = QApplication.focusWidget()
    assert first is not None and dialog.isAncestorOf(first)
    order: list[QWidget] = []
    while (widget := QApplication.focusWidget()) not in order:
        order.append(widget)
        with_focus = widget.grab().toImage()
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not widget
        assert widget.grab().toImage() != with_focus, f"no focus on {widget.accessibleName() or widget}"
    assert QApplication.focusWidget() is first
    rows = [widget.mapTo(dialog, QPoint()).y() for widget in order]
    assert all(below > above - _ROW for above, below in itertools.pairwise(rows)), rows
    reachable = [widget for widget in dialog.findChildren(QWidget) if widget.isVisible() and widget.isEnabled()
                 and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None]
    assert set(reachable) <= set(order)
    buddies = {label.buddy() for label in dialog.findChildren(QLabel)}
    assert all(widget.accessibleName() or widget in buddies for widget in order
               if isinstance(widget, QComboBox | QLineEdit))
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    window._look.choose("light")
