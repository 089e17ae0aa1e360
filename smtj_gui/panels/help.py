"""Help inside the program: pages of resources/help, opened on the view that is on top."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from smtj_engine.files import FileError, resources
from smtj_gui.panels.palette import plain


def keys_page(actions: Iterable[QAction]) -> str:
    """The page of keys: those of the actions, and Space, which buttons and fields may take for themselves."""
    rows = [f"| {action.shortcut().toString()} | {plain(action).partition(':')[0]} |"
            for action in actions if not action.shortcut().isEmpty()]
    return "\n".join(["# Keys", "", "| Key | Action |", "|---|---|", *rows,
                      "| Space | Play or pause the precession |"])


class HelpWindow(QDialog):
    """One page at a time, with links between pages; stays open beside the work."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help — SMTJ")
        self.resize(620, 640)
        self._text = QTextBrowser(self)
        self._text.setOpenLinks(False)
        self._text.setAccessibleName("Help")
        self._text.anchorClicked.connect(self._follow)
        self._text.document().setDocumentMargin(16)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._text)

    def show_page(self, name: str) -> None:
        """Show resources/help/<name>.md, or the first page where there is none."""
        for page in (name, "index"):
            try:
                self.show_text(resources.text(f"help/{page}.md"))
                return
            except FileError:
                continue
        self.show_text("There is no help on this yet.")

    def show_text(self, markdown: str) -> None:
        """Show a page that is given as text."""
        self._text.setMarkdown(markdown)
        self.show()
        self.raise_()
        self.activateWindow()

    def text(self) -> str:
        """What is on screen, as plain text."""
        return self._text.toPlainText()

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            from PySide6.QtGui import QDesktopServices

            QDesktopServices.openUrl(url)
        else:
            self.show_page(url.path(QUrl.ComponentFormattingOption.PrettyDecoded).removesuffix(".md"))

    def keyPressEvent(self, event: object) -> None:
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Escape):  # type: ignore[attr-defined]
            self.hide()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]
