"""Where one types what to find: one line with the count and the keys that step through the hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input, Static

from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.textual_compat import cursor_column, key_name, scroll_to_first_value
from animus_tui.ui.widgets.key_footer import GAP, Entry
from animus_tui.ui.widgets.key_order import runs_binding
from animus_tui.ui.widgets.line_input import LONGEST, LineInput, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

KEY_STYLE = "bold $foreground"
LEAST_FIELD = 16
"""Cells that the field keeps before the keys give way."""
STEPS = {"enter": 1, "down": 1, "f3": 1, "shift+enter": -1, "up": -1, "shift+f3": -1}
"""Key → how many hits forth. Shift+Enter is Enter in many terminals, Up and Down are themselves everywhere."""
KEYS: Sequence[Entry] = (
    Entry("next", "enter", "next"),
    Entry("previous", "up", "previous"),
    Entry("stay", "tab", "stay"),
    Entry("back", "escape", "back"),
)
"""What is shown of the keys, the most needed one last."""
TOOLTIP = (
    "Enter, ↓ or F3: the next hit.  Shift+Enter, ↑ or Shift+F3: the one before."
    "  Tab: stay at the hit.  Esc: back to where you were."
)


def count_told(current: int | None, total: int) -> str:
    """Where one is among the hits: `3 of 17`, `17 hits`, `no hits`; `current` counts from 1."""
    if total == 0:
        return "no hits"
    if current is not None:
        return f"{current:,} of {total:,}"
    return "1 hit" if total == 1 else f"{total:,} hits"


def fitting_keys(width: int) -> Sequence[Entry]:
    """Of KEYS the last ones that fit in `width` cells, each behind a gap."""
    shown = KEYS
    while shown and sum(GAP + entry.width for entry in shown) > width:
        shown = shown[1:]
    return shown


class FindBar(Horizontal):
    """Not shown until it is opened. What is done with the words and the steps is the screen's."""

    ALLOW_SELECT = False
    SCOPED_CSS = False
    DEFAULT_CSS = """
    FindBar {
        display: none;
        height: 1;
        padding: 0 1;
        background: $panel;
        #find-mark { width: auto; color: $secondary; }
        #find-count { width: auto; color: $text-muted; padding: 0 0 0 2; }
        #find-count.-none { color: $warning; }
        FindField {
            width: 1fr;
            background: $panel;
            &:focus { background-tint: $panel 0%; }
        }
        FindKeys { width: auto; color: $text-muted; }
    }
    """

    class Changed(Message):
        """Other words are sought; blank ones find nothing."""

        def __init__(self, needle: str) -> None:
            super().__init__()
            self.needle = needle

    class Stepped(Message):
        """To the next hit (1) or the one before (-1)."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Closed(Message):
        """Finding is over: back to where one was, or `stay` at the hit."""

        def __init__(self, *, stay: bool = False) -> None:
            super().__init__()
            self.stay = stay

    def compose(self) -> ComposeResult:
        """The mark, the field, the count of hits and the keys."""
        yield Static("Find ❯ ", id="find-mark")
        yield FindField()
        yield Static(id="find-count", markup=False)
        yield FindKeys()

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.display

    @property
    def needle(self) -> str:
        """What is sought."""
        return self.query_one(FindField).value

    def open(self, initial: str = "") -> None:
        """Show it and type here. Without other words those from before are there again, ready to be overwritten."""
        self.display = True
        field = self.query_one(FindField)
        with field.prevent(FindBar.Changed):
            field.value = one_line(initial) or field.value
        field.select_all()
        self.screen.set_focus(field)  # at once: focus() would leave the next letters to the prompt
        self._tell("")
        if field.value:
            self.post_message(self.Changed(field.value))

    def close(self) -> None:
        """Hide it; the screen says where to type then."""
        self.display = False

    def show_count(self, current: int | None, total: int, *, counting: bool = False) -> None:
        """Say where one is among the hits, from 1; `counting` while they are looked for."""
        if counting:
            self._tell("counting…")
        else:
            self._tell(count_told(current, total) if self.needle.strip() else "", is_none=total == 0)

    def _tell(self, count: str, *, is_none: bool = False) -> None:
        told = self.query_one("#find-count", Static)
        told.set_class(is_none, "-none")
        told.update(Content(count))
        told.display = bool(count)
        self._fit(Content(count).cell_length)

    def on_resize(self) -> None:
        """The keys give way where it is narrow, the count stays."""
        self._fit(Content(str(self.query_one("#find-count", Static).content)).cell_length)

    def _fit(self, count_width: int) -> None:
        taken = self.query_one("#find-mark", Static).size.width or len("Find ❯ ")
        room = self.content_size.width - taken - LEAST_FIELD - count_width - GAP
        self.query_one(FindKeys).show(fitting_keys(room))

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(Input.Blurred)
    def _own(self, event: Message) -> None:
        event.stop()  # nobody else's business


class FindField(LineInput):
    """The words to find. Its messages are those of the bar."""

    def __init__(self) -> None:
        super().__init__(compact=True, max_length=LONGEST, select_on_focus=False, tooltip=TOOLTIP)
        scroll_to_first_value(self)  # its end is in sight when it is pasted

    def watch_value(self, value: str) -> None:
        """Told at once, so that it stays before a step that is typed behind it."""
        self.post_message(FindBar.Changed(value))

    def on_resize(self) -> None:
        """Keep the cursor in sight: the count beside takes room when it appears."""
        self.scroll_to_region(Region(cursor_column(self), 0, 1, 1), force=True, animate=False)

    async def on_key(self, event: events.Key) -> None:
        """Step through the hits, leave, or edit. Input's own handler runs after this one unless it is prevented."""
        key = key_name(event.key)
        if key in STEPS or key in ("escape", "tab"):
            self.post_message(_pressed(key))
        elif not await runs_binding(self, key):
            return
        event.stop()
        event.prevent_default()


class FindKeys(Static):
    """What the keys do; a click does the same."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.tooltip = TOOLTIP
        self._entries: Sequence[Entry] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these; a gap before each."""
        if entries != self._entries:
            self._entries = entries
            parts = [(" " * GAP, (key_label(entry.key), KEY_STYLE), f" {entry.label}") for entry in entries]
            self.update(Content.assemble(*(piece for part in parts for piece in part)))

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        offset = event.get_content_offset(self)
        right = 0
        for entry in self._entries if offset is not None else ():
            right += GAP + entry.width
            if offset is not None and right - entry.width <= offset.x < right:
                self.post_message(_pressed(entry.key))


def _pressed(key: str) -> Message:
    """The message for a key of the bar."""
    if key in STEPS:
        return FindBar.Stepped(STEPS[key])
    return FindBar.Closed(stay=key == "tab")
