"""Every private or undocumented part of Textual that this package uses, each with its reason.

No other module imports a `textual._*` module, reads an underscored name of Textual, or replaces one. pyproject.toml
pins Textual to the minor version with which `tests/ui/test_textual_compat.py` passes; each part has a test there that
fails when Textual changes it.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._context import visible_screen_stack
from textual._xterm_parser import XTermParser
from textual.app import ScreenStackError
from textual.document._wrapped_document import WrappedDocument

# The module is not in Textual's reference. There is no other way to read and write the terminal ourselves: the driver
# owns both ends, and Textual's own one blocks the event loop while a terminal does not read.
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.widget import Widget

from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import Any

    from textual.app import App
    from textual.binding import Binding
    from textual.document._document import DocumentBase
    from textual.driver import Driver
    from textual.events import ScreenResume
    from textual.geometry import Size
    from textual.message import Message
    from textual.screen import Screen
    from textual.scroll_view import ScrollView
    from textual.widgets import Input

__all__ = [
    "KeyParser",
    "LinuxDriver",
    "add_styles_only",
    "around_size_update",
    "bindings_for",
    "cursor_column",
    "driver_of",
    "error_of",
    "forwarded",
    "has_focus",
    "hide_traceback",
    "is_bound",
    "key_name",
    "learn_alt_keys",
    "painted_rows",
    "repaint",
    "resume",
    "scroll_to_first_value",
    "widgets_in_view",
    "wrapped_rows",
]

# Keys


class KeyParser:
    """Textual's parser of keys and mouse reports (`textual._xterm_parser`), which it has for its own drivers only.

    Our driver needs it. Without it the names of all keys in all terminals would have to be repeated here.
    """

    def __init__(self, *, debug: bool) -> None:
        self._parser = XTermParser(debug)

    def feed(self, text: str) -> Iterable[Message]:
        """Messages for what came; the empty text, which would end the parser, is nothing."""
        return map(_as_typed, self._parser.feed(text) if text else ())

    def tick(self) -> Iterable[Message]:
        """Messages for an ESC that nothing came after."""
        return map(_as_typed, self._parser.tick())


class TextKey(Key):
    """A key whose character is text, though `str.isprintable`, by which Textual goes, denies it.

    These are the joiners that Persian, Indic texts and families of emoji need, spaces that do not break, the tags of
    flags, letters for private use.
    """

    @property
    def is_printable(self) -> bool:
        """True: the character is to be inserted where one writes."""
        return True

    def copy(self) -> TextKey:
        """Get a copy of this key event."""
        return TextKey(self.key, self.character)


# What handles a key handles this one: Textual names handlers by the class.
TextKey.handler_name = Key.handler_name


def _as_typed(message: Message) -> Message:
    """A key types what pasting its character would insert, and no controls or line breaks.

    Alt with a letter, which Textual reads from ESC and the letter as a key that types that letter, types nothing.
    """
    if not isinstance(message, Key):
        return message
    if message.key.startswith("alt+"):
        return Key(message.key, None)
    if message.character is None or message.is_printable:
        return message
    text = printable(message.character)
    return TextKey(message.key, text) if text.strip("\t\n") else message


_AltKeys = Enum("_AltKeys", {key: f"alt+{key}" for key in ("enter", *"0123456789")})  # type: ignore[misc]  # made from data
_ALT_SEQUENCES = {"enter": "\x1b\r", **{digit: f"\x1b{digit}" for digit in "0123456789"}}


def learn_alt_keys() -> None:
    """Make ESC CR the key `alt+enter` and ESC with a digit `alt+2` and so on, in Textual's table of sequences.

    A terminal without the Kitty keyboard protocol sends them so. Textual would drop the ESC before Enter, which sends,
    and read the digits as what one terminal on macOS means by them: `™` for 2. The table cannot be extended otherwise.
    """
    sequences = cast("dict[str, tuple[Enum, ...]]", ANSI_SEQUENCES_KEYS)
    for key, sequence in _ALT_SEQUENCES.items():
        sequences[sequence] = (_AltKeys[key],)


def key_name(key: str) -> str:
    """The name of a key that Textual read: xterm's `modifyOtherKeys` form of Shift+Enter arrives as `shift+\\r`."""
    return key.replace("\r", "enter")


def forwarded(event: Key | Paste) -> Key | Paste:
    """The same key or paste for another widget, marked so that the application does not take it for a new one.

    `Widget._forward_event` marks it so, too, and there is no public way.
    """
    again = event.copy() if isinstance(event, Key) else Paste(event.text)
    again._set_forwarded()
    return again


def is_bound(screen: Screen[Any], key: str) -> bool:
    """Whether a key is bound where the focus is, by default or by the user, also to what does not work now.

    `Screen.active_bindings` leaves out what does not work.
    """
    return any(key in bindings.key_to_bindings for _, bindings in screen._modal_binding_chain)


def bindings_for(widget: Widget, key: str) -> Sequence[Binding]:
    """The bindings of a widget for a key, its classes' and the user's.

    `Screen.active_bindings` has one binding for a key and is only right for the widget that has the focus.
    """
    return widget._bindings.key_to_bindings.get(key, ())


# The application


def driver_of(app: App[None]) -> Driver | None:
    """The driver of a running application, which Textual gives no other access to."""
    return app._driver


def error_of(app: App[Any]) -> Exception | None:
    """The error that ended the application. Textual raises it only for its own test harness."""
    return app._exception


def hide_traceback(app: App[Any]) -> None:
    """Have an unexpected error end the application without a traceback on the terminal.

    Textual prints one with the values of all variables, which may be secrets. There is no setting for it.
    """
    app._fatal_error = app._close_messages_no_wait  # type: ignore[method-assign]  # on purpose


def has_focus(app: App[Any]) -> bool:
    """Whether some widget has the focus. There is no screen yet at the very beginning, which raises."""
    try:
        return app.focused is not None
    except ScreenStackError:
        return False


def add_styles_only(app: App[Any]) -> None:
    """Have the style sheet of a screen that is shown for the first time added to those that were read.

    Textual parses the sheets of all widgets once more for it, and applies all to every widget there is, which takes
    longer than to make the screen. A sheet that it finds added it leaves alone; the new widgets are styled by it when
    they come. There is no setting for it.
    """
    load = app._load_screen_css

    def added(screen: Screen[Any]) -> None:
        for path in screen.css_path:
            if not app.stylesheet.has_source(str(path), ""):
                app.stylesheet.read(path)
        load(screen)

    app._load_screen_css = added  # type: ignore[method-assign]  # on purpose


def repaint(app: App[Any]) -> None:
    """Have the whole screen written to the terminal once more, from what is known of it.

    Textual writes only what differs from the last frame; that a refresh of the screen itself writes all of it is not
    documented.
    """
    try:
        app.screen.refresh()
    except ScreenStackError:
        return


def resume(screen: Screen[Any], event: ScreenResume) -> None:
    """Do now what Textual does when a screen comes to the front; its own handler of the event is not public."""
    screen._on_screen_resume(event)


def forget_refreshes(screen: Screen[Any]) -> None:
    """Let no widget of a screen that was just laid out and painted ask for that again: what was marked is done.

    There is no public way to the marks of a widget, which it sends to its screen when it is idle, nor to the widgets
    that are not displayed and to scrollbars, which no query finds.
    """
    for node in screen.app._registry:
        if isinstance(node, Widget) and screen in node.ancestors_with_self:
            node._layout_required = node._repaint_required = False


def painted_rows(screen: Screen[Any]) -> list[str]:
    """What the screen shows now, with the sequences for its colours, a text for each row; nothing is written.

    Links, which terminals would keep, are left out. There is no public way to a whole frame as the terminal gets it.
    """
    visible_screen_stack.set([])
    console = screen.app.console
    return [_LINK.sub("", strip.render(console)) for strip in screen._compositor.render_strips()]


_LINK = late_pattern("\x1b\\]8;[^\x1b]*\x1b\\\\")


def widgets_in_view(screen: Screen[Any]) -> Collection[Widget]:
    """The widgets of which something is on the screen, which is public for one place at a time only."""
    return screen._compositor.visible_widgets.keys()


# Widgets


def around_size_update(widget: ScrollView, around: Callable[[Callable[[], bool]], bool]) -> None:
    """Call `around(update)` whenever a layout of the screen gives the widget its size.

    `update()` is Textual's part, whose result `around` returns: whether a Resize event follows. That event comes only
    after the frame was painted, with rows that were made for the size before; here the same frame has the new ones.
    """
    update = widget._size_updated

    def updated(size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        return around(partial(update, size, virtual_size, container_size, layout))

    widget._size_updated = updated  # type: ignore[method-assign]  # on purpose


def wrapped_rows(document: DocumentBase, width: int, tab_width: int) -> int:
    """How many rows a document of a TextArea has when it wraps at `width` cells.

    A TextArea knows it for its present width only, and its height is asked for at the next one.
    """
    return WrappedDocument(document, width, tab_width).height


def cursor_column(field: Input) -> int:
    """The cell of the cursor within the value of a field; public is only where it is on the screen."""
    return field._cursor_offset


def scroll_to_first_value(field: Input) -> None:
    """Have a field without a value follow its cursor from the first value on; Input does from the second."""
    field._initial_value = False
