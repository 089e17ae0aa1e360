"""The two things done most often, beside the tabs; where there is no room for words, their icons."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from smtj_gui.look import set_icon


class Corner(QWidget):
    """A button for each of two actions."""

    def __init__(self, export: QAction, keep: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 8, 4)
        self.buttons = (self._button(export, "Export data", "ph.table"),
                        self._button(keep, "Keep as run", "ph.push-pin"))
        self.buttons[1].setProperty("primary", True)
        for button in self.buttons:
            row.addWidget(button)

    def _button(self, action: QAction, text: str, icon: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text)
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        set_icon(button, icon)
        return button

    def fit(self, room: int) -> None:
        """Spell the buttons out if that needs no more than this many pixels."""
        self._spell_out(True)
        if self.sizeHint().width() > room:
            self._spell_out(False)

    def _spell_out(self, words: bool) -> None:
        for button in self.buttons:
            button.setText(button.accessibleName() if words else "")
