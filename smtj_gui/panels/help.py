"""Help inside the program: pages of resources/help, with a page on every parameter made from its declaration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QAction, QColor, QImage, QKeyEvent, QPainter, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QTextEdit, QVBoxLayout, QWidget

from smtj_engine.files import FileError, resources
from smtj_engine.presets import Preset
from smtj_engine.schema import Spec, groups, specs, value_at
from smtj_gui.decimals import said
from smtj_gui.look import Theme
from smtj_gui.panels.editors import written
from smtj_gui.panels.palette import plain

#: Equations were drawn for text of this size (pt).
_DRAWN_FOR = 9.0
#: A symbol's letter, and its subscript: of k_BT only B, of k_xσ_x two, and the square of m_z² stays high.
_SUBSCRIPT = re.compile(r"(?<=[^\W\d_])_(B(?=T)|[^\W_²³]+(?=[^\W_]_)|[^\W_²³]+)")
#: The page that is made from the declarations.
PARAMETERS = "parameters"


def keys_page(actions: Iterable[QAction], of_runs: Iterable[QAction]) -> str:
    """The page of keys: those of the actions, and Space, which buttons and fields may take for themselves; then
    those of the Runs panel, while it has the focus."""
    return "\n".join(["# Keys", "", "| Key | Action |", "|---|---|", *_key_rows(actions),
                      "| Space | Play or pause the precession |", "", "With a run selected in the Runs panel:", "",
                      "| Key | Action |", "|---|---|", *_key_rows(of_runs)])


def _key_rows(actions: Iterable[QAction]) -> list[str]:
    return [f"| {action.shortcut().toString()} | {plain(action).partition(':')[0]} |"
            for action in actions if not action.shortcut().isEmpty()]


def parameters_page(preset: Preset) -> str:
    """The page on all parameters: symbol, unit, range, meaning, and the preset's value with its source."""
    lines = ["# Parameters", "", "Every number has the unit that is named here, in the window, in files, on the "
             f"command line and in scripts. The values are those of the preset {preset.title}.", ""]
    _add_group(lines, preset, preset.setup, "", 2)
    return "\n".join([*lines, "[Back to the first page](index.md)"])


def _add_group(lines: list[str], preset: Preset, owner: Any, prefix: str, level: int) -> None:
    sources = dict(preset.sources)
    for name, spec in specs(owner).items():
        path = f"{prefix}{name}"
        lines += [_paragraph(spec, path, value_at(preset.setup, path), sources.get(path, "")), ""]
    for name, group in groups(owner).items():
        lines += [f"{'#' * min(level, 4)} {name.replace('_', ' ').capitalize()}", ""]
        _add_group(lines, preset, group, f"{prefix}{name}.", level + 1)


def _paragraph(spec: Spec, path: str, value: Any, source: str) -> str:
    """One parameter in words."""
    unit = f" {spec.unit}" if spec.unit else ""
    words = [f"**{_escaped(spec.symbol)}**, {spec.label}" + (f", in {_escaped(spec.unit)}" if unit else "")
             + f" (`{path}`)."]
    if spec.help:
        words.append(_escaped(spec.help.rstrip(".")) + ".")
    if spec.choices:
        words.append(f"One of {', '.join(spec.choices)}.")
    if spec.low is not None and spec.high is not None:
        why = f" ({_escaped(spec.why)})" if spec.why else ""
        words.append(said(f"From {spec.low:g} to {spec.high:g}{_escaped(unit)}{why}.").replace("-", "−"))
    if spec.none_means:
        words.append(f"Left empty: {_escaped(spec.none_means)}.")
    told = written(value) or "left empty"
    if source:      # begins with the unit, where there is one
        words.append(f"Here {_escaped(told)}{' ' if unit else ': '}{_escaped(source.rstrip('.'))}.")
    else:
        words.append(f"Here {_escaped(told)}{_escaped(unit) if value is not None else ''}.")
    return " ".join(words)


def _escaped(text: str) -> str:
    """Text as Markdown that looks the same."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)


def _lower_subscripts(document: QTextDocument) -> None:
    """Markdown has no subscripts: K_i is printed as a physicist writes it, but not the names in code."""
    cursor = QTextCursor(document)
    lowered = QTextCharFormat()
    lowered.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSubScript)
    block = document.begin()
    while block.isValid():
        for found in reversed(list(_SUBSCRIPT.finditer(block.text()))):
            cursor.setPosition(block.position() + found.start())
            cursor.setPosition(block.position() + found.end(), QTextCursor.MoveMode.KeepAnchor)
            if not cursor.charFormat().fontFamilies():      # only code has letters of its own
                cursor.mergeCharFormat(lowered)
                cursor.setPosition(block.position() + found.start())
                cursor.deleteChar()
        block = block.next()


class _Browser(QTextBrowser):
    """Draws equations as sharp as the screen is, in the theme's colour and the size of the text."""

    dark = False

    def loadResource(self, kind: int, name: QUrl) -> Any:
        path = name.path()
        if kind != QTextDocument.ResourceType.ImageResource.value or not path.endswith(".svg"):
            return super().loadResource(kind, name)
        try:
            file = resources.path(f"help/{path.removesuffix('.svg')}{'-dark' if self.dark else ''}.svg")
        except FileError:
            return None
        return self._drawn(str(file))

    def _drawn(self, file: str) -> QImage:
        from PySide6.QtSvg import QSvgRenderer

        renderer, sharpness = QSvgRenderer(file), self.devicePixelRatioF()
        size = renderer.defaultSize().toSizeF() * (4 / 3 * self.font().pointSizeF() / _DRAWN_FOR)
        pixels = (size * sharpness).toSize().expandedTo(QSize(1, 1))
        image = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.setDevicePixelRatio(sharpness)
        return image


class HelpWindow(QDialog):
    """One page at a time, with links between pages; stays open beside the work."""

    def __init__(self, parent: QWidget, preset: Preset, theme: Theme) -> None:
        super().__init__(parent)
        self.preset = preset
        self._page, self._place = "index", ""
        self.setWindowTitle("Help — SMTJ")
        self.resize(700, 680)
        self._text = _Browser(self)
        self._text.setOpenLinks(False)
        self._text.setAccessibleName("Help")
        self._text.anchorClicked.connect(self._follow)
        self._text.document().setDocumentMargin(16)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._text)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Equations and marks in this theme's colours, links in its accent."""
        self._theme = theme
        self._text.dark = theme.dark
        self._text.document().setDefaultStyleSheet(f"a {{ color: {theme.accent}; }}")
        if self.isVisible() and self._page:
            self._fill()

    def show_page(self, name: str, place: str = "") -> None:
        """Show resources/help/<name>.md, or the first page if there is none, at the paragraph with these words."""
        self._page, self._place = name, place
        self._open()
        self._fill()

    def _fill(self) -> None:
        self._text.document().clear()   # forgets the drawings of another theme
        self._text.setMarkdown(self._markdown())
        _lower_subscripts(self._text.document())
        self._text.setExtraSelections([])
        if self._place:
            self._go_to(self._place)

    def _markdown(self) -> str:
        if self._page == PARAMETERS:
            return parameters_page(self.preset)
        for page in (self._page, "index"):
            try:
                return resources.text(f"help/{page}.md")
            except FileError:
                continue
        return "There is no help on this yet."

    def _go_to(self, place: str) -> None:
        """Bring the first paragraph with these words to the top, and mark it."""
        block = self._text.document().begin()
        exact = re.compile(rf"(?<![\w.]){re.escape(place)}(?![\w.]*\w)")
        while block.isValid() and not exact.search(block.text()):
            block = block.next()
        if not block.isValid():
            return
        top = self._text.document().documentLayout().blockBoundingRect(block).top()
        self._text.verticalScrollBar().setValue(round(top) - 8)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(block)
        mark.cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        colour = QColor(self._theme.accent)
        colour.setAlphaF(0.18)
        mark.format.setBackground(colour)
        self._text.setExtraSelections([mark])

    def show_text(self, markdown: str) -> None:
        """Show a page that is given as text."""
        self._page = ""
        self._open()
        self._text.setExtraSelections([])
        self._text.setMarkdown(markdown)
        _lower_subscripts(self._text.document())

    def _open(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    def text(self) -> str:
        """What is on screen, as plain text."""
        return self._text.toPlainText()

    def marked(self) -> str:
        """The paragraph that is marked, empty if there is none."""
        return "".join(mark.cursor.selectedText().strip() for mark in self._text.extraSelections())

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            from PySide6.QtGui import QDesktopServices

            QDesktopServices.openUrl(url)
        else:
            path = url.path(QUrl.ComponentFormattingOption.PrettyDecoded)
            self.show_page(path.removesuffix(".md"), url.fragment(QUrl.ComponentFormattingOption.PrettyDecoded))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Escape):
            self.hide()
        else:
            super().keyPressEvent(event)
