"""Help: on what is under the cursor, every parameter, equations that match their sources, whole links."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QCursor, QTextBlock, QTextCharFormat, QTextDocument, QTextFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from smtj_engine import presets
from smtj_engine.files import resources
from smtj_engine.parameters import Setup
from smtj_engine.schema import walk
from smtj_gui.context_help import place_of
from smtj_gui.look import DARK, LIGHT
from smtj_gui.panels.help import HelpWindow, parameters_page

PAGES = resources.names("help", ".md")
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def front(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    QApplication.restoreOverrideCursor()


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    """The script that draws the equations."""
    spec = importlib.util.spec_from_file_location("draw", resources.path("help/equations/draw.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_equation_was_drawn_from_its_source(drawing) -> None:
    folder = resources.path("help/equations")
    wanted = {f"{name}{ending}.svg": (tex, ink) for name, tex in drawing.sources().items()
              for ending, ink in drawing.INKS.items()}
    assert {path.name for path in folder.glob("*.svg")} == set(wanted)
    for name, source in wanted.items():
        text = (folder / name).read_text(encoding="utf-8")
        assert drawing.mark(*source) in text, f"{name}: run resources/help/equations/draw.py"
        assert source[1] in text


def test_one_equation_is_drawn_as_it_lies_there(drawing) -> None:
    tex, ink = drawing.sources()["alpha_of_bias"], drawing.INKS[""]
    size = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt"')
    drawn = [float(part) for part in size.search(drawing.svg(tex, ink)).groups()]
    stored = size.search(resources.text("help/equations/alpha_of_bias.svg")).groups()
    assert drawn == pytest.approx([float(part) for part in stored], rel=0.1)    # matplotlibs differ a little


def test_every_equation_is_on_a_page_and_every_link_leads_somewhere(drawing) -> None:
    shown = set()
    for page in PAGES:
        text = resources.text(f"help/{page}.md")
        shown |= set(re.findall(r"!\[.+\]\(equations/(\w+)\.svg\)", text))
        for link in re.findall(r"\]\((\w+)\.md\)", text):
            assert link in (*PAGES, "parameters"), f"{page} leads to {link}"
    assert shown == set(drawing.sources())
    linked = re.findall(r"\]\((\w+)\.md\)", resources.text("help/index.md"))
    assert set(PAGES) - {"index"} <= set(linked), "a page that nothing leads to"


def test_every_parameter_has_its_paragraph() -> None:
    page = parameters_page(presets.load("fe_mgo"))
    for path, spec, _ in walk(Setup()):
        paragraph = next(line for line in page.splitlines() if f"(`{path}`)" in line)
        assert spec.label in paragraph and "Here " in paragraph
    alpha = next(line for line in page.splitlines() if "`junction.rashba`" in line)
    assert "in eV·Å²" in alpha and "From −100 to 100" in alpha and "Here 4 eV·Å²; from the Letter" in alpha


def test_equations_are_drawn_in_the_themes_ink_and_as_large_as_the_text(window, qtbot) -> None:
    text = HelpWindow(window, presets.load("fe_mgo"), LIGHT)
    qtbot.addWidget(text)
    browser = text._text

    def darkest(theme) -> tuple[int, int]:
        text.set_theme(theme)
        kind = QTextDocument.ResourceType.ImageResource.value
        image = browser.loadResource(kind, QUrl("equations/llg.svg"))
        inks = [image.pixelColor(x, y) for x in range(image.width()) for y in range(0, image.height(), 3)]
        return max((ink.alpha(), ink.lightness()) for ink in inks)[1], image.width()

    (light, width), (dark, _) = darkest(LIGHT), darkest(DARK)
    assert light < 90 and dark > 180
    font = browser.font()
    font.setPointSizeF(2 * font.pointSizeF())
    browser.setFont(font)
    assert darkest(LIGHT)[1] == pytest.approx(2 * width, abs=2)


def test_the_list_of_keys_has_those_of_the_runs_panel(window) -> None:
    window.actions_["keys"].trigger()
    said = window.assistance.help_window.text()
    for key in ("Ctrl+K", "Space", "F2", "Del", "Alt+Up"):
        assert key in said.split()


def test_subscripts_are_low_and_names_in_code_are_whole(window, qtbot) -> None:
    text = HelpWindow(window, presets.load("fe_mgo"), LIGHT)
    qtbot.addWidget(text)
    low = QTextCharFormat.VerticalAlignment.AlignSubScript
    for page in PAGES:
        text.show_page(page)
        for block in blocks(text._text.document()):
            for fragment in fragments(block):
                said, code = fragment.text(), bool(fragment.charFormat().fontFamilies())
                assert code or "_" not in said, said
                assert not (code and fragment.charFormat().verticalAlignment() == low)
    text.show_page("bias")
    assert "Ki" in text.text() and "K_i" not in text.text()
    text.show_text("noise k_BT against `fe_mgo`, k_xσ_x, m_z²\n\n    smtj --drive.h_x 1")
    assert text.text() == "noise kBT against fe_mgo, kxσx, mz²\nsmtj --drive.h_x 1"
    low_ones = [fragment.text() for block in blocks(text._text.document()) for fragment in fragments(block)
                if fragment.charFormat().verticalAlignment() == low]
    assert low_ones == ["B", "x", "x", "z"]


def blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    """All paragraphs."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    """All pieces of a paragraph that look the same."""
    inside = block.begin()
    while not inside.atEnd():
        yield inside.fragment()
        inside += 1


def test_f1_opens_the_paragraph_on_the_field_with_the_focus(front, qtbot) -> None:
    row = front.setup_panel.forms[0].rows["junction.barrier_height"]
    row.field.setFocus()
    QTest.keyClick(row.field, Qt.Key.Key_F1)
    help_window = front.assistance.help_window
    assert help_window.isVisible() and "junction.barrier_height" in help_window.marked()
    qtbot.waitUntil(help_window.isActiveWindow)
    QTest.keyClick(help_window._text, Qt.Key.Key_F1)
    assert not help_window.isVisible()


def test_f1_follows_the_mouse_when_it_was_moved_since(front, qtbot) -> None:
    rows = front.setup_panel.forms[0].rows
    rows["junction.barrier_height"].field.setFocus()
    slider = rows["junction.rashba"].slider
    QCursor.setPos(slider.mapToGlobal(slider.rect().center()))
    qtbot.waitUntil(lambda: QApplication.widgetAt(QCursor.pos()) is slider)
    front.actions_["help"].trigger()
    assert "junction.rashba" in front.assistance.help_window.marked()


def test_a_click_after_shift_f1_explains_and_does_nothing_else(front, qtbot, session) -> None:
    QTest.keyClick(front, Qt.Key.Key_F1, SHIFT)
    assert QApplication.overrideCursor().shape() == Qt.CursorShape.WhatsThisCursor
    slider = front.setup_panel.forms[0].rows["junction.bias"].slider
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(3, slider.height() // 2))
    assert "junction.bias" in front.assistance.help_window.marked()
    assert not session.changed and QApplication.overrideCursor() is None
    QTest.keyClick(front, Qt.Key.Key_F1, SHIFT)
    QTest.keyClick(front, Qt.Key.Key_Escape)
    assert QApplication.overrideCursor() is None


def test_panels_and_dialogs_have_their_place(front) -> None:
    front.assistance.preferences()
    for widget, place in ((front.runs_panel.table, "index#keeps the present curves"),
                          (front.setup_panel.chooser, "index#How to work with it"),
                          (front.assistance._preferences.rest, "index#Preferences"), (QLabel(), "")):
        assert place_of(widget) == place
        page, _, words = place.partition("#")
        if place:
            front.assistance._help().show_page(page, words)
            assert words in front.assistance.help_window.marked()
