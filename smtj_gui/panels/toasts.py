"""Short messages over the window: what happened in plain words, details and one action on demand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtj_gui.decimals import said
from smtj_gui.look import set_icon
from smtj_gui.number_widgets import Said

#: How long (ms) a message without an error stays.
_STAY = 6000
_WIDTH = 400
_MOST = 4


class Toast(QFrame):
    """One message."""

    def __init__(self, message: str, details: str, serious: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        self.setProperty("toast", True)
        self.setProperty("serious", serious)
        self.setAutoFillBackground(True)
        self._text = Said(self)
        self._text.setText(message)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = self._text.fontMetrics().horizontalAdvance(message)
        self.setFixedWidth(_WIDTH if details else min(max(words + 70, 180), _WIDTH))
        self._close = QToolButton(self)
        self._close.setAccessibleName("Close this message")
        set_icon(self._close, "ph.x")
        self._close.setText("×")
        top = QHBoxLayout()
        top.addWidget(self._text, 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 8, 10)
        layout.addLayout(top)
        layout.addLayout(self._buttons)
        if details:
            self._add_details(details, layout)
        self._close.clicked.connect(self.leave)
        self.setAccessibleName(said(message))

    def _add_details(self, details: str, layout: QVBoxLayout) -> None:
        text = QPlainTextEdit(details, self)
        text.setReadOnly(True)
        text.setFixedHeight(160)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.hide()
        layout.addWidget(text)
        button = self.add_button("Details", lambda: None, leave=False)
        button.setCheckable(True)
        button.toggled.connect(text.setVisible)
        button.toggled.connect(lambda _: self.adjustSize())

    def add_button(self, text: str, call: Callable[[], object], leave: bool = True) -> QPushButton:
        """A button that acts, and closes the message unless told to stay."""
        button = QPushButton(text, self)
        button.clicked.connect(lambda: call())
        if leave:
            button.clicked.connect(self.leave)
        self._buttons.addWidget(button)
        return button

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            self.setAccessibleName(said(self.message))

    def leave(self) -> None:
        """Close the message."""
        self.hide()
        self.deleteLater()


class Toasts(QObject):
    """The messages of a window, stacked at its lower right, newest below."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._toasts: list[Toast] = []
        window.installEventFilter(self)

    @property
    def messages(self) -> list[str]:
        """What is on screen, oldest first."""
        return [toast.message for toast in self._toasts]

    def show(self, message: str, details: str = "", *, serious: bool = False, action: str = "",
             call: Callable[[], object] | None = None) -> Toast:
        """Show a message; one that is on screen already is not said twice. Errors stay until closed."""
        for toast in self._toasts:
            if toast.message == message:
                toast.leave()
        toast = Toast(message, details, serious, self._window)
        if action and call is not None:
            toast.add_button(action, call)
        toast.installEventFilter(self)
        self._toasts.append(toast)
        while len(self._toasts) > _MOST:
            self._toasts[0].leave()
        if not serious:
            timer = QTimer(toast)
            timer.setSingleShot(True)
            timer.timeout.connect(toast.leave)
            timer.start(_STAY)
        toast.adjustSize()
        toast.show()
        toast.raise_()
        self._place()
        return toast

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the stack in its corner."""
        if event.type() == QEvent.Type.Hide and watched in self._toasts:
            self._toasts.remove(watched)  # type: ignore[arg-type]
            self._place()
        elif event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        bottom = self._window.height() - 40
        for toast in reversed(self._toasts):
            toast.move(self._window.width() - toast.width() - 16, bottom - toast.height())
            bottom -= toast.height() + 8
