"""What is private in Textual and used here does in the installed Textual what `textual_compat` says of it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest
from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key, MouseDown, Paste, Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, Static, TextArea

from animus_tui.ui import textual_compat as compat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult


def keys_of(text: str) -> list[str]:
    parser = compat.KeyParser(debug=False)
    return [message.key for message in parser.feed(text) if isinstance(message, Key)]


def test_the_parser_makes_messages_of_what_a_terminal_sends() -> None:
    assert keys_of("a\x1b[A\x1b[1;5C\x7f") == ["a", "up", "ctrl+right", "backspace"]
    assert not list(compat.KeyParser(debug=False).feed(""))
    (pressed,) = compat.KeyParser(debug=False).feed("\x1b[<0;3;2M")
    assert isinstance(pressed, MouseDown)
    assert (pressed.x, pressed.y) == (2, 1)


def test_the_parser_still_reads_after_a_text_that_is_empty() -> None:
    parser = compat.KeyParser(debug=False)
    list(parser.feed(""))
    assert [message.key for message in parser.feed("b") if isinstance(message, Key)] == ["b"]
    assert not list(parser.tick())


def test_alt_with_enter_and_with_digits_are_keys_of_their_own() -> None:
    compat.learn_alt_keys()
    assert keys_of("\x1b\r") == ["alt+enter"]
    assert keys_of("\x1b2\x1b9") == ["alt+2", "alt+9"]


def test_alt_with_a_letter_types_nothing_however_it_is_sent() -> None:
    for sequence in ("\x1bt", "\x1b[116;3u"):
        parser = compat.KeyParser(debug=False)
        came = list(parser.feed(sequence))
        while not came:  # ESC might still be the beginning of something longer
            came += parser.tick()
        assert [(key.key, key.character) for key in came if isinstance(key, Key)] == [("alt+t", None)]


@pytest.mark.parametrize("sequence", ["\u200c", "\x1b[0;;8204u", "\x1b[8204;;8204u"])
def test_a_character_that_python_does_not_print_is_text_however_it_is_sent(sequence: str) -> None:
    (key,) = (key for key in compat.KeyParser(debug=False).feed(sequence) if isinstance(key, Key))
    again = compat.forwarded(key)
    assert isinstance(again, Key)
    assert [(each.character, each.is_printable) for each in (key, again)] == [("\u200c", True)] * 2


@pytest.mark.parametrize("control", ["\x7f", "\t", "\r", "\n", "\x85", "\x9b", "\u2028", "\u202e", "\u2066"])
def test_a_control_or_a_line_break_is_no_text(control: str) -> None:
    keys = [key for key in compat.KeyParser(debug=False).feed(control) if isinstance(key, Key)]
    assert not any(key.is_printable for key in keys)


def test_shift_and_enter_have_one_name_however_they_are_sent() -> None:
    sent = [keys_of(sequence) for sequence in ("\x1b[13;2u", "\x1b[27;2;13~")]
    assert [[compat.key_name(key) for key in keys] for keys in sent] == [["shift+enter"]] * 2
    assert sent[1] == ["shift+\r"]  # why `key_name` is needed at all


def test_a_key_or_paste_that_is_handed_on_is_marked_so() -> None:
    key, paste = Key("x", "x"), Paste("words")
    match compat.forwarded(key), compat.forwarded(paste):
        case Key() as again, Paste() as pasted:
            assert (again.is_forwarded, again.key, again.character) == (True, "x", "x")
            assert (pasted.is_forwarded, pasted.text) == (True, "words")
        case other:
            raise AssertionError(other)
    assert (key.is_forwarded, paste.is_forwarded) == (False, False)


class Fields(App[None]):
    """An application with a field of one line and one of many."""

    def compose(self) -> ComposeResult:
        yield Input(compact=True, id="line")
        yield TextArea(soft_wrap=True, id="text")


async def test_the_bindings_of_a_widget_are_found_by_their_key_whatever_has_the_focus() -> None:
    async with Fields().run_test() as pilot:
        line, text = pilot.app.query_one(Input), pilot.app.query_one(TextArea)
        text.focus()
        await pilot.pause()
        assert [binding.action for binding in compat.bindings_for(line, "enter")] == ["submit"]
        assert [binding.action for binding in compat.bindings_for(text, "ctrl+u")]
        assert not compat.bindings_for(line, "f12")


async def test_a_text_is_measured_at_another_width_as_the_text_area_measures_it_at_its_own() -> None:
    async with Fields().run_test() as pilot:
        text = pilot.app.query_one(TextArea)
        text.text = "Rain on the river, and the lamps come on one by one.\n" * 5 + "\tend"
        rows = [compat.wrapped_rows(text.document, width, text.indent_width) for width in (10, 30, 500)]
        assert rows[0] > rows[1] > rows[2] == text.document.line_count
        assert compat.wrapped_rows(text.document, text.wrap_width, text.indent_width) == (
            text.wrapped_document.height
        )


async def test_the_cursors_column_is_counted_in_cells() -> None:
    async with Fields().run_test() as pilot:
        line = pilot.app.query_one(Input)
        line.value = "日本x"
        for position, column in ((0, 0), (1, 2), (2, 4)):
            line.cursor_position = position
            assert compat.cursor_column(line) == column


@pytest.mark.parametrize("is_following", [True, False])
async def test_a_field_follows_its_cursor_from_the_first_value_only_when_told_to(is_following: bool) -> None:
    """With False it is seen that Textual still has to be told."""
    async with Fields().run_test(size=(20, 10)) as pilot:
        line = pilot.app.query_one(Input)
        if is_following:
            compat.scroll_to_first_value(line)
        line.insert_text_at_cursor("a long text of more than twenty cells")
        await pilot.pause()
        assert (line.scroll_offset.x > 0) == is_following


class Rows(ScrollView, can_focus=True):
    """Notes what it is told of its size, and for which size each frame was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Size | None = None
        self.before: list[Size] = []
        self.told: list[str] = []
        self.painted: set[tuple[Size, Size | None]] = set()
        compat.around_size_update(self, self.sizing)

    def sizing(self, update: Callable[[], bool]) -> bool:
        self.before.append(self.size)
        changed = update()
        self.known = self.size
        self.told.append("sized")
        return changed

    def on_resize(self, _: Resize) -> None:
        self.told.append("resized")

    def render_line(self, y: int) -> Strip:
        self.painted.add((self.size, self.known))
        return Strip.blank(self.size.width)


class RowsApp(App[None]):
    """One widget that fills the screen."""

    def compose(self) -> ComposeResult:
        yield Rows()


async def test_a_size_is_told_before_the_frame_that_has_it_is_painted_and_before_the_resize_event() -> None:
    async with RowsApp().run_test(size=(40, 10)) as pilot:
        rows = pilot.app.query_one(Rows)
        assert rows.told.index("sized") < rows.told.index("resized")
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert rows.known == Size(60, 20)
        assert Size(40, 10) in rows.before
        assert {size for size, _ in rows.painted} == {Size(40, 10), Size(60, 20)}
        assert all(size == known for size, known in rows.painted)


class Failing(App[None]):
    """Fails once it is running."""

    def __init__(self, *, hides: bool) -> None:
        super().__init__()
        if hides:
            compat.hide_traceback(self)

    def on_mount(self) -> None:
        secret = "planted-secret"
        raise RuntimeError(f"at {len(secret)}")


@pytest.mark.parametrize("hides", [True, False])
async def test_an_unexpected_error_is_there_for_the_owner_and_not_on_the_terminal(
    hides: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """With False it is seen that Textual still prints it unless it is hidden."""
    app = Failing(hides=hides)
    assert compat.error_of(app) is None
    await app.run_async(headless=True)
    assert isinstance(compat.error_of(app), RuntimeError)
    told = capsys.readouterr()
    assert ("RuntimeError" in told.err + told.out) != hides
    assert app.return_code == 1


async def test_the_driver_is_that_of_the_running_application() -> None:
    app = Fields()
    assert compat.driver_of(app) is None
    async with app.run_test():
        assert isinstance(compat.driver_of(app), Driver)


async def test_whether_something_has_the_focus_can_be_asked_at_any_time() -> None:
    app = Fields()
    assert not compat.has_focus(app)
    async with app.run_test() as pilot:
        pilot.app.set_focus(None)
        assert not compat.has_focus(app)
        pilot.app.query_one(Input).focus()
        await pilot.pause()
        assert compat.has_focus(app)


class WritingDriver(HeadlessDriver):
    """Keeps what would be written to a terminal."""

    is_headless = False

    def __init__(self, app: App[None], *, size: tuple[int, int] | None) -> None:
        super().__init__(app, size=size)
        self.kept: list[str] = []

    def write(self, data: str) -> None:
        self.kept.append(data)


class WritingApp(RowsApp):
    """Keeps what it writes."""

    def _build_driver(
        self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None
    ) -> Driver:
        self._driver = self.driver = WritingDriver(self, size=size)
        return self.driver

    def written(self) -> str:
        """What was written since the last call."""
        text = "".join(self.driver.kept)
        self.driver.kept.clear()
        return text


async def test_repainting_paints_every_row_once_more() -> None:
    compat.repaint(RowsApp())  # without a screen it does nothing
    app = WritingApp()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert app.written()
        app.screen.query_one(Rows).render_line(0)
        await pilot.pause()
        assert not app.written()
        compat.repaint(app)
        await pilot.pause(0.1)
        assert app.written().count(" " * 40) == 10


class LinkApp(App[None]):
    """A link on the screen, and a widget that is not."""

    def compose(self) -> ComposeResult:
        yield Static(Text.assemble(("here", "bold link https://example.org")))
        hidden = Static("nothing", id="hidden")
        hidden.display = False
        yield hidden


async def test_all_rows_can_be_had_as_they_are_painted_and_what_is_to_be_painted_still_is() -> None:
    app = LinkApp()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        app.query_one(Static).update(Text.assemble(("there", "bold link https://example.org")))
        rows = compat.painted_rows(app.screen)
        assert len(rows) == 3
        assert "\x1b[1;" in rows[0]
        assert "example.org" not in "".join(rows)
        assert [re.sub("\x1b\\[[0-9;]*m", "", row) for row in rows[1:]] == [" " * 20] * 2
        await pilot.pause()
        assert "there" in compat.painted_rows(app.screen)[0]


async def test_the_widgets_that_are_to_be_seen_can_be_told() -> None:
    app = LinkApp()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        shown = compat.widgets_in_view(app.screen)
        assert app.query(Static).first() in shown
        assert app.query_one("#hidden") not in shown


class Styled(Static):
    """Counts how often it is told of other styles."""

    styled = 0

    def notify_style_update(self) -> None:
        self.styled += 1
        super().notify_style_update()


class StyledApp(App[None]):
    """One widget behind a screen with a style sheet."""

    def compose(self) -> ComposeResult:
        yield Styled("behind")


@pytest.mark.parametrize("adds_only", [True, False])
async def test_the_styles_of_a_new_screen_are_applied_to_its_widgets_only(
    tmp_path: Path, adds_only: bool
) -> None:
    (tmp_path / "sheet.tcss").write_text("Boxed Styled { height: 7; }", "utf-8")

    class Boxed(Screen[None]):
        CSS_PATH = tmp_path / "sheet.tcss"

        def compose(self) -> ComposeResult:
            yield Styled("in front")

    app = StyledApp()
    if adds_only:
        compat.add_styles_only(app)
    async with app.run_test(size=(40, 10)) as pilot:
        behind = app.query_one(Styled)
        before = behind.styled
        await app.push_screen(Boxed())
        await pilot.pause()
        assert app.screen.query_one(Styled).size.height == 7
        assert (behind.styled == before) == adds_only


def test_the_terminals_driver_has_the_methods_that_ours_replaces_or_calls() -> None:
    """That Textual calls them is seen by the tests with a terminal."""
    rows: list[tuple[str, list[str]]] = [
        ("start_application_mode", []),
        ("stop_application_mode", []),
        ("suspend_application_mode", []),
        ("resume_application_mode", []),
        ("run_input_thread", []),
        ("close", []),
        ("write", ["data"]),
        ("open_url", ["url", "new_tab"]),
        ("process_message", ["message"]),
    ]
    for method, parameters in rows:
        signature = inspect.signature(getattr(compat.LinuxDriver, method))
        assert list(signature.parameters) == ["self", *parameters]


async def test_the_terminals_driver_has_the_attributes_that_ours_uses() -> None:
    driver = compat.LinuxDriver(App[None](), debug=False, mouse=True, size=(80, 24))
    assert isinstance(driver.fileno, int)
    assert driver.attrs_before is None
    assert not driver.exit_event.is_set()


async def test_a_key_is_bound_by_default_or_by_the_user_also_to_what_does_not_work_now() -> None:
    class Bound(App[None]):
        BINDINGS = [Binding("alt+a", "nothing", id="own"), Binding("alt+b", "never")]

        def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
            return action != "never"

    app = Bound()
    app.set_keymap({"own": "alt+c"})
    async with app.run_test():
        assert [key for key in ("alt+a", "alt+b", "alt+c") if compat.is_bound(app.screen, key)] == [
            "alt+b",
            "alt+c",
        ]
