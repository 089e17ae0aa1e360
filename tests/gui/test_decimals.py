"""The decimal sign of the user's choice in everything that is read on screen, at once."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QTableWidget, QTreeWidget, QWidget

from smtj_engine.script import to_python
from smtj_gui import decimals
from smtj_gui.views.plot import _Axis
from smtj_gui.views.words import Words

PATIENCE = 120_000
#: A number with a decimal point, in plain or rich text.
POINT = re.compile(r"(?<![\w.])\d+\.\d")


@pytest.fixture
def comma():
    decimals.use(True)
    yield
    decimals.use(False)


@pytest.mark.parametrize(("text", "said"), [
    ("θ&nbsp;<b>45.0°</b>", "θ&nbsp;<b>45,0°</b>"),
    ("rings at −0.5; 1.5×10⁻³ %.", "rings at −0,5; 1,5×10⁻³ %."),
    ("3.5e-06 s, 0.1.", "3,5e-06 s, 0,1."),
    ("SMTJ 0.9.1 at 10.0.0.12:8786", "SMTJ 0.9.1 at 10.0.0.12:8786"),
    ("Saved run_1.5nm.csv and /tmp/2.5.h5", "Saved run_1.5nm.csv and /tmp/2.5.h5"),
    ("<code>junction.k_up</code> v2.5", "<code>junction.k_up</code> v2.5"),
])
def test_numbers_in_sentences(comma, text: str, said: str) -> None:
    assert decimals.said(text) == said
    decimals.use(False)
    assert decimals.said(text) == text


def texts(window: QWidget) -> list[str]:
    """Everything that the widgets below a window say, show on demand or tell a screen reader."""
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel | Words):
            found.append(widget.text())
        elif isinstance(widget, QComboBox):
            found += [widget.itemText(at) for at in range(widget.count())]
        elif isinstance(widget, QTableWidget):
            found += [widget.item(row, column).text() for row in range(widget.rowCount())
                      for column in range(widget.columnCount()) if widget.item(row, column) is not None]
        elif isinstance(widget, QTreeWidget):
            found += [widget.topLevelItem(row).text(column) for row in range(widget.topLevelItemCount())
                      for column in range(widget.columnCount())]
    return found


def pointed(window: QWidget) -> list[str]:
    """The texts with a decimal point in a number."""
    return [text for text in texts(window) if POINT.search(text)]


@pytest.fixture
def smtj(qtbot, whole_window):
    window = whole_window(preset="letter_fig_1")
    with qtbot.waitSignal(window.conductor.live, timeout=PATIENCE):
        window.conductor.set_ready()
    yield window
    window.assistance.chosen.choose("decimal_comma", False)


def test_all_that_is_read_follows_at_once(smtj, qtbot, monkeypatch) -> None:
    drawn: list[str] = []
    real = _Axis.tickStrings

    def noted(axis, *arguments):
        drawn.extend(strings := real(axis, *arguments))
        return strings

    monkeypatch.setattr(_Axis, "tickStrings", noted)
    plots = smtj.view.plots
    plots.set_cursor(30.5)
    smtj.toasts.show("It took 3.5 s.")
    smtj.session.edit("junction.bias", 0.35)
    read = plots.readout.text()
    assert POINT.search(read) and len(pointed(smtj)) > 50
    drawn.clear()
    smtj.assistance.chosen.choose("decimal_comma", True)
    assert pointed(smtj) == []
    assert plots.readout.text() == re.sub(r"(?<=\d)\.(?=\d)", ",", read)
    qtbot.waitUntil(lambda: any("," in text for text in drawn))     # the plots are painted anew
    assert not any("." in text for text in drawn)
    script = to_python(smtj.session.setup, "angular")
    assert "0.35" in script and "0,35" not in script
    smtj.assistance.chosen.choose("decimal_comma", False)
    assert not re.search(r"\d,\d", plots.readout.text()) and len(pointed(smtj)) > 50
