"""Connecting a service: one question after the other in a box; nothing is changed before the last one is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from textual import on
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static

from animus_tui.config.connect_questions import (
    Back,
    Choice,
    ChoicePage,
    Connector,
    ConnectQuestions,
    Field,
    FormPage,
)
from animus_tui.errors import UserError
from animus_tui.printable import printable
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_CONNECTING
from animus_tui.ui.screens.box_screen import BoxScreen
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.widgets.key_order import KeyOrder, follows_focus, runs_binding
from animus_tui.ui.widgets.line_input import LineInput, literal
from animus_tui.ui.widgets.section_list import FilterInput, SectionList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.app import ComposeResult

    from animus_tui.config.schema import Config
    from animus_tui.config.services import FoundService

ROOMY = 70
"""Cells of the screen from which there is room for notes beside the names."""
AROUND = 11
"""Rows of the box besides the list, which takes the others."""
MOST_ROWS = 16
"""Rows of the list at most."""
HINT_OF_LIST = "Type to filter · ↑ ↓ Select · Enter Next · Alt+← Back · Esc Cancel"
HINT_OF_FORM = "Tab Next field · Enter Next · Alt+← Back · Esc Cancel"
SHORT_HINT = "Enter Next · Alt+← Back · Esc Cancel"
UNCHANGED = "Nothing is changed before all is answered and tried."
KEYS_OF_LIST = {
    "down": "move(1)",
    "up": "move(-1)",
    "pagedown": "move(10)",
    "pageup": "move(-10)",
    "enter": "take",
}
"""Key → what the screen does, while the filter has the focus."""


class SessionConnector(Connector, Protocol):
    """Connects the running session."""

    @property
    def words(self) -> str:
        """A few words about where the answers come from now."""

    title: str
    """The name of the service that was connected last."""

    @property
    def is_fallback(self) -> bool:
        """Whether the demo answers for want of anything else."""

    async def configured_here(self) -> Config:
        """What is configured so far. UserError: no other service can be connected."""

    async def look_around(self) -> list[FoundService]:
        """The services that listen on this machine."""


class FieldInput(KeyOrder, LineInput):
    """A line to type. Enter goes to the next one, and from the last one to the next question."""

    async def on_key(self, event: events.Key) -> None:
        """Enter, and what deletes or moves, is done at once: the keys behind it are for what comes then."""
        if follows_focus(self, event):
            is_done = True
        elif is_done := event.key == "enter":
            await self.screen.run_action("take")
        else:
            is_done = await runs_binding(self, event.key)
        if is_done:
            event.stop()
            event.prevent_default()


class ConnectScreen(BoxScreen[bool]):
    """Asks the questions. It is dismissed with whether a service was connected; Esc leaves everything as it was."""

    CSS_PATH = "connect.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ROOMY, "-wide")]
    AUTO_FOCUS = "#filter"
    BINDINGS = [
        *bindings_of("help"),
        Binding("escape", "leave", "Cancel", priority=True),
        Binding("f2", "leave", show=False, priority=True),
        Binding("alt+left", "back", "Back", priority=True),
    ]

    def __init__(self, connector: SessionConnector) -> None:
        super().__init__()
        self._connector = connector
        self._page: ChoicePage | FormPage | None = None
        self._answer: asyncio.Future[dict[str, str]] | None = None
        """What the page that is shown is answered with; None while something is waited for."""
        self._wrong = ""
        self._is_taken_early = False
        """Whether Enter came before the first list was there."""
        self._typed_before: list[str] = []
        """What stood in the lines when the question was asked."""
        self._can_leave = True

    def compose(self) -> ComposeResult:
        """The question, then a list with a filter or lines to type, and what there is to say about it."""
        with Container(id="box"):
            yield Static("Connect a service", classes="title", markup=False)
            yield FilterInput(KEYS_OF_LIST)
            yield SectionList[Choice]()
            yield VerticalScroll(id="fields", can_focus=False)
            yield Static(UNCHANGED, id="about", markup=False)
            yield Static(HINT_OF_LIST, classes="hint", markup=False)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(help_of_place(self, IN_CONNECTING))

    def on_mount(self) -> None:
        """Hide the fields and ask the first question."""
        self.query_one("#fields").display = False
        self.run_worker(self._ask(), exit_on_error=True)

    async def _ask(self) -> None:
        try:
            config = await self._connector.configured_here()
        except UserError as error:
            self._filter.display = self._list.display = False
            self.refuse(str(error))
            return
        await ConnectQuestions(self, self._connector, config).ask()
        self.dismiss(True)

    # What the questions need

    async def choose(self, page: ChoicePage) -> str:
        """The id of a choice, or what was typed in its place. Raises Back."""
        is_first, self._page = self._page is None, page
        if not is_first:  # what was typed before the first list was there is for it
            self._filter.value = ""
        self._filter.placeholder = "Filter, or another name" if page.takes_other else "Filter"
        was_hidden = not self._list.display
        self._show_page(is_list=True)
        self._show_choices("" if self._filter.value else page.selected)
        if was_hidden:  # its width is known with the next layout
            self.call_after_refresh(lambda: self._show_choices(self._selected))
        self.set_focus(self._filter)
        if self._is_taken_early and is_first:
            self.call_later(self.action_take)
        return (await self._answered())["choice"]

    async def fill(self, page: FormPage) -> dict[str, str]:
        """What was typed, by the ids of the fields. Raises Back."""
        self._page = page
        shown = [(each.id, each.value) for each in self._fields]
        is_new = shown != [(each.id, each.value) for each in page.fields]
        if is_new:
            box = self.query_one("#fields", VerticalScroll)
            await box.remove_children()
            await box.mount_all(widget for field in page.fields for widget in _widgets(field))
        self._show_page(is_list=False)
        if is_new or self.focused not in self._fields:
            self.set_focus(self._fields[0])
        return await self._answered()

    def tell(self, sentence: str, *, can_leave: bool = True) -> None:
        """Say what is being waited for; `can_leave`: the box can be closed meanwhile."""
        self._wrong, self._can_leave = "", can_leave
        self._say(sentence)

    def refuse(self, sentence: str) -> None:
        """Say what was wrong; the sentence stays until something is typed."""
        self._wrong, self._can_leave = sentence, True
        self._say(sentence, is_wrong=True)

    async def _answered(self) -> dict[str, str]:
        self._answer = asyncio.get_running_loop().create_future()
        self._typed_before = self._values()
        self._can_leave = True
        try:
            return await self._answer
        finally:
            self._answer = None

    # What is shown

    @property
    def _filter(self) -> Input:
        return self.query_one("#filter", Input)

    @property
    def _list(self) -> SectionList[Choice]:
        return self.query_one(SectionList)

    @property
    def _fields(self) -> list[FieldInput]:
        return [*self.query(FieldInput)]

    def _show_page(self, *, is_list: bool) -> None:
        if self._page is None:
            return
        self.query_one(".title", Static).update(literal(self._page.title))
        self._filter.display = self._list.display = is_list
        self.query_one("#fields").display = not is_list
        hint = HINT_OF_LIST if is_list else HINT_OF_FORM
        self.query_one(".hint", Static).update(hint if self.app.size.width >= ROOMY else SHORT_HINT)
        self._say(self._wrong or UNCHANGED, is_wrong=bool(self._wrong))

    def _show_choices(self, selected: str = "") -> None:
        """Show the choices that fit what is sought, and select the one with this id."""
        if not isinstance(self._page, ChoicePage):
            return
        words = self._filter.value.casefold().split()
        fitting = [each for each in self._page.choices if _has(words, each)]
        self._list.fit(AROUND, MOST_ROWS)
        same = next((each for each in fitting if each.id == selected), None)
        self._list.show([(each.section, each) for each in fitting], _line, same)
        if not fitting:
            taken = "Enter takes what you typed." if self._page.takes_other else "Nothing has these words."
            self._say(taken)

    def _say(self, sentence: str, *, is_wrong: bool = False) -> None:
        about = self.query_one("#about", Static)
        about.update(literal(sentence))
        about.set_class(is_wrong, "-wrong")

    def on_resize(self) -> None:
        """The list is as wide and as high as there is room."""
        self._show_page(is_list=isinstance(self._page, ChoicePage))
        self.call_after_refresh(self._show_choices, self._selected)

    @property
    def _selected(self) -> str:
        choice = self._list.selected
        return choice.id if choice is not None else ""

    # What is done

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self._wrong and self._answer is not None and self._values() != self._typed_before:
            self._wrong = ""
            self._say(UNCHANGED)
        if event.input is self._filter:
            self._show_choices("" if event.value else self._selected)

    def _values(self) -> list[str]:
        return [each.value for each in self.query(Input)]

    def action_move(self, step: int) -> None:
        """Select the answer below (1) or above (-1); from the last one it goes to the first."""
        self._list.move(step)

    def action_take(self) -> None:
        """Take what is selected or typed; from a line that is not the last one, to the next line."""
        if self._answer is None or self._answer.done():
            self._is_taken_early = self._page is None
            return
        if isinstance(self._page, ChoicePage):
            self._show_choices_sought()
            answer = self._selected or (self._filter.value.strip() if self._page.takes_other else "")
            if answer:
                self._answer.set_result({"choice": answer})
        elif isinstance(self._page, FormPage):
            self._take_fields(self._page, self._answer)

    def _show_choices_sought(self) -> None:
        """A key that came right behind a letter counts for what the letter leaves."""
        words = self._filter.value.casefold().split()
        if any(not _has(words, choice) for choice in self._list.listed):
            self._show_choices()

    def _take_fields(self, page: FormPage, answer: asyncio.Future[dict[str, str]]) -> None:
        inputs = self._fields
        if self.focused in inputs[:-1]:
            self.set_focus(inputs[inputs.index(self.focused) + 1])
            return
        values = {each.id or "": each.value.strip() for each in inputs}
        missing = next((each for each in page.fields if each.is_needed and not values[each.id]), None)
        if missing is not None:
            self.refuse(f"{missing.label} is needed.")
            self.set_focus(next(each for each in inputs if each.id == missing.id))
        else:
            answer.set_result(values)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_take()

    def action_back(self) -> None:
        """Go back to the question before."""
        if self._answer is not None and not self._answer.done():
            self._wrong = ""
            self._answer.set_exception(Back())

    def action_leave(self) -> None:
        """Leave everything as it was; what is written already is done to its end."""
        if self._can_leave:
            self.dismiss(False)


def _has(words: list[str], choice: Choice) -> bool:
    text = f"{choice.label} {choice.note} {choice.section}".casefold()
    return all(word in text for word in words)


def _line(choice: Choice) -> Content:
    note = f"  {choice.note}" if choice.note else ""
    indent = "  " if choice.section else ""
    return Content.assemble(f"{indent}{printable(choice.label, newlines=False)}", (note, "$text-muted"))


def _widgets(field: Field) -> Iterator[Label | Static | FieldInput]:
    yield Label(literal(field.label))
    yield FieldInput(
        printable(field.value, newlines=False), password=field.is_secret, compact=True, id=field.id
    )
    yield Static(literal(field.hint), classes="note", markup=False)
