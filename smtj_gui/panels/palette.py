"""The command palette: type a few letters of any action and press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget


def score(query: str, text: str) -> int | None:
    """How well the letters of a query fit a text in their order, lower is better; None if they do not."""
    place, cost = -1, 0
    text = text.lower()
    for letter in query.lower().replace(" ", ""):
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        starts_word = found == 0 or not text[found - 1].isalnum()
        cost += 0 if found == place + 1 else 1 if starts_word else 4 + found - place
        place = found
    return cost


def plain(action: QAction) -> str:
    """An action's text without its mnemonic."""
    return action.text().replace("&", "").rstrip("…")


class Palette(QDialog):
    """Closes when an action was chosen or the focus leaves; the action runs afterwards."""

    def __init__(self, actions: list[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Find an action")
        self.setProperty("popup", True)
        self._actions = [action for action in actions if action.isEnabled() and action.text()]
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Type to find an action")
        self.field.setAccessibleName("Find an action")
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self._choose)
        self.list.itemClicked.connect(lambda _: self._choose())
        self.resize(460, 340)
        self.move(parent.mapToGlobal(QPoint((parent.width() - self.width()) // 2, 80)))
        self._fill("")
        self.field.setFocus()

    def _fill(self, query: str) -> None:
        self.list.clear()
        fits = [(cost, index) for index, action in enumerate(self._actions)
                if (cost := score(query, plain(action))) is not None]
        for _, index in sorted(fits):
            action = self._actions[index]
            key = action.shortcut().toString()
            item = QListWidgetItem(action.icon(), f"{plain(action)}   {key}" if key else plain(action))
            item.setData(Qt.ItemDataRole.UserRole, index)
            item.setToolTip(action.toolTip())
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down move in the list while the letters go to the field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _choose(self) -> None:
        item = self.list.currentItem()
        self.close()
        if item is not None:
            self._actions[item.data(Qt.ItemDataRole.UserRole)].trigger()
