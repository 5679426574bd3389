"""The account's characters, to choose whose face the pictures get."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on, work
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from animus_tui.errors import UserError
from animus_tui.printable import short_line
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_FACES
from animus_tui.ui.screens.box_screen import BoxScreen
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.widgets.line_input import LineInput, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from animus_tui.chat.account import Account, CharacterChoice

HINT = "Type to filter · ↑ ↓ Select · Enter Choose · Esc Cancel"
NONE = "none"
NONE_FITS = "No character of the account has these words."
NO_CHARACTER = "The account has no character yet."


class Chosen(NamedTuple):
    """The choice with which the list was closed."""

    character: CharacterChoice | None
    """None: nobody's face."""


def fitting(characters: Sequence[CharacterChoice], words: str) -> list[CharacterChoice]:
    """Those that have every word in their name, their description or their state of training."""
    wanted = words.casefold().split()
    told = ((each, f"{each.name} {each.description} {each.training}".casefold()) for each in characters)
    return [each for each, text in told if all(word in text for word in wanted)]


class FaceList(BoxScreen[Chosen | None]):
    """Ends with what was chosen, or None when nothing was."""

    CSS_PATH = "face_list.tcss"
    BINDINGS = [
        *bindings_of("help"),
        Binding("escape", "leave", "Cancel"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("ctrl+t", "ask_again", "Try again", show=False),
    ]

    def __init__(self, account: Account, *, current: str | None, words: str = "") -> None:
        """`current` is the id of the character whose face the pictures get now."""
        super().__init__()
        self._account = account
        self._current = current
        self._words = words
        self._characters: list[CharacterChoice] = []
        self._shown: list[CharacterChoice | None] = []
        self._is_complete = False
        """Whether all of them are there."""

    def compose(self) -> ComposeResult:
        """A line to filter, the characters, and what there is to say."""
        with Container(id="box"):
            yield Static("Face in the pictures", classes="title")
            yield LineInput(short_line(self._words), placeholder="Filter", compact=True)
            yield OptionList(compact=True, markup=False)
            yield Static(HINT, classes="hint", markup=False)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(help_of_place(self, IN_FACES))

    def on_mount(self) -> None:
        """Show the characters as the service sends them."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._show()
        self._ask()

    @work(exclusive=True)
    async def _ask(self) -> None:
        self._characters, self._is_complete = [], False
        self._say("asking the account…")
        try:
            async for character in self._account.characters():
                self._characters.append(character)
                self._show()
        except UserError as error:
            self._say(f"{error} ^T Retry")
            return
        self._is_complete = True
        self._say_what_fits()

    def _say(self, sentence: str) -> None:
        self.query_one(".hint", Static).update(literal(sentence))

    def _say_what_fits(self) -> None:
        if self._is_complete:
            nobody = NO_CHARACTER if not self._characters else NONE_FITS
            self._say(HINT if self._characters and self._shown else nobody)

    @on(Input.Changed)
    def _filter(self) -> None:
        self._show()
        self._say_what_fits()

    def _show(self) -> None:
        words = self.query_one(Input).value
        listed = self.query_one(OptionList)
        marked = self._marked()
        nobody: list[CharacterChoice | None] = [] if words.strip() else [None]
        self._shown = [*nobody, *fitting(self._characters, words)]
        listed.set_options([Option(self._line(each)) for each in self._shown])
        if self._shown:
            known = [None if each is None else each.id for each in self._shown]
            wanted = self._current if marked is None else marked.character and marked.character.id
            listed.highlighted = known.index(wanted) if wanted in known else 0

    def _line(self, character: CharacterChoice | None) -> Content:
        if character is None:
            mark = "● " if self._current is None else "  "
            return Content.assemble(mark, (NONE, "bold"), ("  as the prompt says", "$text-muted"))
        name = short_line(character.name)
        about = short_line(character.description)
        mark = "● " if character.id == self._current else "  "
        state = f"  {short_line(character.training)}"
        style = "$success" if character.is_ready else "$warning"
        more = (f" · {about}", "$text-muted") if about else ("", "$text-muted")
        return Content.assemble(mark, (name, "bold"), (state, style), more)

    def _marked(self) -> Chosen | None:
        at = self.query_one(OptionList).highlighted
        return Chosen(self._shown[at]) if at is not None and at < len(self._shown) else None

    # Keys and mouse

    def action_move(self, step: int) -> None:
        """Select the character above (-1) or below (1)."""
        listed = self.query_one(OptionList)
        if step > 0:
            listed.action_cursor_down()
        else:
            listed.action_cursor_up()

    def action_ask_again(self) -> None:
        """Ask for the characters again."""
        self._ask()

    @on(Input.Submitted)
    def _entered(self) -> None:
        if (marked := self._marked()) is not None:
            self.dismiss(marked)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.is_active:  # a double click selects twice
            self.dismiss(Chosen(self._shown[event.option_index]))
