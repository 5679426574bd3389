"""Where the user writes: grows with the text, recalls what was sent, completes commands."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.widgets import TextArea

from animus_tui.chat.abilities import EVERYTHING
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable
from animus_tui.ui.textual_compat import key_name, learn_alt_keys, wrapped_rows
from animus_tui.ui.widgets.key_order import follows_focus, moves_focus, runs_binding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from textual import events
    from textual.geometry import Size

    from animus_tui.chat.abilities import Abilities
    from animus_tui.ui.commands.completion import NameKind, Offer
    from animus_tui.ui.widgets.completion_list import CompletionList
    from animus_tui.ui.widgets.prompt_offers import PromptOffers, SentSearch

MOST_ROWS = 8
"""Rows that the prompt grows to before it scrolls."""
WIDEST = 4
"""Cells of a character at most: a tab."""
MOST_WRITTEN = 100_000
"""Characters to which a paste may fill the prompt: with more of them each key takes long, since the text wraps anew."""
LEAST_ASIDE = 1_000
"""Characters of a paste that always stands in the prompt itself."""
_LABEL = late_pattern(r"\[long text \d+: [\d,]+ characters\]")
PLACEHOLDER = "Write a message, or / for commands"


def most_rows(screen: Size) -> int:
    """Rows that the prompt may have on a screen: eight, and on a low one a third of it."""
    return max(1, min(MOST_ROWS, screen.height // 3))


class Dropped(Message):
    """Paths of pictures or cards were pasted, as terminals do it for dropped files; `text` is what was pasted."""

    def __init__(self, text: str, paths: Sequence[Path]) -> None:
        super().__init__()
        self.text, self.paths = text, paths


class Prompt(TextArea):
    """The text being written. Enter sends; Up on its first row and Down on its last recall what was sent."""

    BINDINGS = [
        Binding("ctrl+underscore", "undo", show=False)
    ]  # Ctrl+Z may be needed to suspend the application

    class Submitted(Message):
        """The user sends a text that is not blank."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self, *, send_keys: Sequence[str], newline_keys: Sequence[str], offers: Callable[[], CompletionList]
    ) -> None:
        """`offers` gives the list of offers above the prompt."""
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder=PLACEHOLDER,
        )
        self.cursor_blink = False  # a blinking cursor would write to an idle terminal for ever
        self.match_cursor_bracket = False
        self._list_above = offers
        self._send_keys = frozenset(send_keys)
        self._newline_keys = frozenset(newline_keys)
        self._sent: list[str] = []
        self._at = 0
        self._written: dict[int, str] = {}
        self.abilities: Abilities = EVERYTHING
        """What the services can do: no command that needs more is offered."""
        self.read_names: Callable[[NameKind], Awaitable[Sequence[str]]] | None = None
        """Gives the names that a service lists, to be offered behind their command or option."""
        self.read_others: Callable[[], Awaitable[Sequence[str]]] | None = None
        """Reads what was sent in other conversations, oldest first; asked with the first Up."""
        self._are_others_read = False
        self.sends_blank = False
        """Whether a blank text is sent, too: pictures go with it."""
        self._aside: list[str] = []
        """Long texts that are written and stand in the prompt as a label."""
        self._held: str | None = None
        """The draft, while another text is edited in its place."""
        self._search: SentSearch | None = None
        """While what was sent is searched for the words that stand in the prompt."""

    def on_mount(self) -> None:
        """Tell Alt+Enter from Enter, and Alt with a digit from a letter."""
        learn_alt_keys()

    @property
    def commands(self) -> CompletionList:
        """The list of offers above the prompt."""
        return self._list_above()

    # What was sent

    def remember(self, sent: Sequence[str]) -> None:
        """What Up brings back, oldest first; equal neighbours count once.

        While somebody looks through what was sent, the rest of it stands between that and what was being written.
        """
        texts = [
            text for index, text in enumerate(sent) if text.strip() and text not in sent[index - 1 : index]
        ]
        if self._at == len(self._sent):
            self._sent = texts
            self._are_others_read = False
            self._begin_anew()
        else:
            draft = self._written.pop(len(self._sent))
            self._sent += [text for text in texts if text not in self._sent]
            self._written[len(self._sent)] = draft

    async def _read_others(self) -> None:
        """Put what was sent in other conversations before what was sent in this one."""
        self._are_others_read = True
        if self.read_others is None:
            return
        others = await self.read_others()
        known = set(self._sent)
        others = [text for text in others if text not in known]
        self._sent[:0] = others
        self._at += len(others)
        self._written = {at + len(others): text for at, text in self._written.items()}

    @property
    def draft(self) -> str:
        """What is being written: not what was sent and is only looked at, nor words that are looked for."""
        if self._held is not None:
            return self._held
        if self._search is not None:
            return self._search.begun
        text = self.whole_text
        if self._at < len(self._sent) and text == printable(self._sent[self._at]):
            return self._expanded(self._written.get(len(self._sent), ""))
        return text

    def begin_edit(self, text: str) -> None:
        """Have a text edited in place of the draft, which waits for `end_edit`."""
        if self._held is None:
            self.end_search()
            self._held = self.draft
        self.restore(text)

    def end_edit(self) -> None:
        """Put the draft back."""
        held, self._held = self._held, None
        if held is not None:
            self.restore(held)

    def begin(self, text: str) -> None:
        """Hold another draft, that of another conversation."""
        self._held = None
        self._search = None
        self._aside.clear()
        self.load_text("")
        self._begin_anew()
        if text:
            self.restore(text)

    def restore(self, text: str) -> None:
        """Put a text back, such as one that could not be sent; Ctrl+_ undoes it."""
        text = printable(text)
        if len(text) > MOST_WRITTEN:
            text = self._put_aside(text)
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def recall(self, step: int) -> bool:
        """One sent message back (-1) or forth; what was being written waits and comes back. False at either end."""
        target = self._at + step
        if not 0 <= target <= len(self._sent):
            return False
        self._written[self._at] = self.text
        self._at = target
        text = self._written[target] if target in self._written else self._sent[target]
        self.restore(text)
        return True

    def submit(self) -> None:
        """Send what is written; blank text stays where it is."""
        text = self.whole_text.strip("\n").rstrip()
        if not text.strip() and (not self.sends_blank or self._held is not None):
            return
        self._aside.clear()
        if text.strip() and self._sent[-1:] != [text]:
            self._sent.append(text)
        self.load_text("")
        self._begin_anew()
        self.post_message(self.Submitted(text))

    def _begin_anew(self) -> None:
        self._written.clear()
        self._at = len(self._sent)

    async def search_sent(self) -> None:
        """Look for words in what was sent; once more: the next older text that has them."""
        self.focus()
        if not self._are_others_read:
            await self._read_others()
        if self._search is None:
            self._search = self._offers.search(self._sent, begun=self.whole_text)
        else:
            self._search.step(1)
        self._offer()

    def _search_key(self, search: SentSearch, key: str) -> bool:
        """What a key does while what was sent is searched; False when it is for the words."""
        match key:
            case "up" | "down":
                search.step(1 if key == "down" else -1)
                self._offer()
            case "enter" | "tab":
                if search.chosen is not None:
                    self.end_search(search.chosen)
            case "escape":
                self.end_search()
            case _:
                return key in self._newline_keys or key in self._send_keys
        return True

    def end_search(self, text: str | None = None) -> None:
        """Leave what was sent, with one of the texts or with what was being written."""
        if self._search is not None:
            begun, self._search = self._search.begun, None
            self.restore(begun if text is None else text)
            self.commands.close()
            self._offer()

    # Keys

    async def on_key(self, event: events.Key) -> None:
        """Do what a key does here. TextArea's own handler runs after this one unless it is prevented."""
        key = key_name(event.key)
        if follows_focus(self, event) or await self._take_key(key):
            event.stop()
            event.prevent_default()

    async def _take_key(self, key: str) -> bool:
        """Do what a key does in the prompt; False when it is for the text area."""
        if key == "up" and not self._are_others_read:
            await self._read_others()
        if key == "tab" and self._search is None and not await self._has_read_offers():
            return True
        return self._act(key) or await runs_binding(self, key) or await moves_focus(self, key)

    async def _has_read_offers(self) -> bool:
        """Whether what completes the present text is there; what a thread reads is waited for a moment."""
        if not self._is_offered:
            self._offer()
        return await self._offers.has_read()

    def _act(self, key: str) -> bool:
        """Do what a key does here; False when it is for the text area."""
        if not self._is_offered:  # in a burst of keys the message of the change comes later
            self._offer()
        if self._search is not None:
            return self._search_key(self._search, key)
        if key in self._newline_keys:
            self._break_line()
        elif self.commands.is_open and self._choose(key):
            pass
        elif key in self._send_keys:
            self.submit()
        elif key == "ctrl+d" and not self.text:  # the end of input, elsewhere
            self.app.action_help_quit()
        elif key == "up" and self.navigator.is_first_wrapped_line(self.cursor_location):
            return self.recall(-1)
        elif key == "down" and self.navigator.is_last_wrapped_line(self.cursor_location):
            return self.recall(1)
        else:
            return False
        return True

    def _break_line(self) -> None:
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    def on_paste(self, event: events.Paste) -> None:
        """Take dropped pictures; of other text paste what fits, or its label: TextArea's own handler does that."""
        event.text = printable(event.text)
        if self.take_dropped(event.text):
            event.prevent_default()
        event.text = self.fitting(event.text)

    def take_dropped(self, text: str) -> bool:
        """Whether a text is paths of pictures or cards, and a message is written; then `Dropped` tells of them."""
        is_message = self._held is None and self._search is None and not self.text.startswith("/")
        paths = self._offers.dropped(text) if is_message else []
        if paths:
            self.post_message(Dropped(text, paths))
        return bool(paths)

    # Long texts

    def fitting(self, text: str) -> str:
        """A text that is to be put in: itself, or where it is too long for that its label."""
        is_long = len(text) > LEAST_ASIDE and len(self.text) + len(text) > MOST_WRITTEN
        return self._put_aside(text) if is_long else text

    @property
    def whole_text(self) -> str:
        """What is written, with each long text in place of its label."""
        return self._expanded(self.text)

    def _expanded(self, written: str) -> str:
        texts = {_label(number, text): text for number, text in enumerate(self._aside, 1)}
        return _LABEL.sub(lambda found: texts.get(found[0], found[0]), written) if texts else written

    def _put_aside(self, text: str) -> str:
        """Keep a long text; the label that stands for it."""
        if text not in self._aside:
            self._aside.append(text)
        return _label(self._aside.index(text) + 1, text)

    # Completion

    @cached_property
    def _offers(self) -> PromptOffers:
        from animus_tui.ui.widgets.prompt_offers import PromptOffers  # for who writes something

        return PromptOffers(
            self,
            commands=self._list_above,
            abilities=lambda: self.abilities,
            read_names=lambda: self.read_names,
        )

    @property
    def _is_offered(self) -> bool:
        """Whether the list shows what completes the present text; there is nothing while none was written."""
        return self._offers.is_for(self.text) if self.text or "_offers" in self.__dict__ else True

    def _choose(self, key: str) -> bool:
        """What a key does in the open list; False when it is for the text."""
        commands = self.commands
        match key:
            case "up" | "down":
                commands.move(1 if key == "down" else -1)
            case "tab":
                self.take(commands.chosen or commands.offers[0])
            case "enter" if commands.chosen is not None:
                self.take(commands.chosen, send=commands.chosen.is_whole)
            case "escape":
                commands.close()
            case _:
                return False
        return True

    def explain(self, sentence: str) -> None:
        """A quiet sentence above what is written, until that changes."""
        self._offers.explain(sentence)

    def take(self, offer: Offer, *, send: bool = False) -> None:
        """Put an offer in place of what was typed; `send` sends it."""
        if self._search is not None:
            self.end_search(offer.text)
            return
        self.restore(offer.text)
        if send:
            self.submit()

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._mark_long()
        if not self._is_offered:
            self._offer()

    def _offer(self) -> None:
        if self._search is not None:
            self._offers.offer_found(self._search)
        else:
            self._offers.offer(is_recalled=self._at < len(self._sent))

    # Size

    def on_resize(self) -> None:
        """The text wraps anew, and the cursor stays in view: a long paste makes the prompt grow below it."""
        self._mark_long()
        self.call_after_refresh(self.scroll_cursor_visible)

    def _mark_long(self) -> None:
        self.set_class(self.wrapped_document.height > most_rows(self.screen.size), "-long")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows of the text as it wraps at this width."""
        # One cell for the cursor behind the last letter.
        wrap_width = max(1, width - self.scrollbar_size_vertical - 1)
        if self.document.line_count == 1 and len(self.document[0]) * WIDEST <= wrap_width:
            return 1  # nothing wraps; to ask Textual for the present width has it lay out the whole screen
        if wrap_width == self.wrap_width:
            rows = self.wrapped_document.height
        else:
            rows = wrapped_rows(self.document, wrap_width, self.indent_width)
        return max(1, min(rows, most_rows(viewport)))


def _label(number: int, text: str) -> str:
    """What stands in the prompt for a long text."""
    return f"[long text {number}: {len(text):,} characters]"
