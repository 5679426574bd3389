"""A form for a picture: its words, and every setting with where it comes from and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Container, Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Button, Input, Label, Static, TextArea

from animus_tui.chat.images.option_parser import read_option
from animus_tui.chat.images.options import NO_OPTIONS
from animus_tui.chat.images.prompt_advice import advice
from animus_tui.errors import UsageError, UserError
from animus_tui.printable import printable, short_line
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_FORM
from animus_tui.ui.form_plan import Draft, Filled, read_fields, text_of
from animus_tui.ui.screens.box_screen import BoxScreen
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.widgets.key_order import KeyOrder
from animus_tui.ui.widgets.line_input import LineInput, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from animus_tui.chat.images.joined_prompt import Addition, PromptAdditions
    from animus_tui.ui.form_plan import Field, FormPlan


SHOWN = 500
"""Characters of the words that are shown, which one row cuts off anyway."""


class JoinedWords(NamedTuple):
    """What is joined, and where it comes from."""

    addition: Addition
    origin: str
    words: tuple[str, ...]
    """Those before and those behind the user's, as far as there are any."""


def joined_words(additions: PromptAdditions) -> list[JoinedWords]:
    """What the lines of a form tell: the appearance and the style that are joined to the prompt."""
    lines = []
    if additions.appearance:
        lines.append(
            JoinedWords("appearance", f"appearance ({additions.character})", (additions.appearance,))
        )
    if additions.style and (additions.prefix or additions.suffix):
        around = tuple(filter(None, (additions.prefix, additions.suffix)))
        lines.append(JoinedWords("style", f"style {additions.style}", around))
    return lines


class JoinedLine(Static, can_focus=True):
    """`+ appearance (Ada): a woman of 30 …`; Space, Enter or a click leaves it out, and takes it in again."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    JoinedLine {
        height: 1;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &:focus { color: $foreground; background: $foreground 12%; }
        &.-left-out { text-style: strike; }
    }
    """
    BINDINGS = [
        Binding("space,enter", "switch", "Leave out", show=False),
        Binding("up", "screen.focus_previous", show=False),
        Binding("down", "screen.focus_next", show=False),
    ]

    class Switched(Message):
        """The words of this line are left out now, or joined again."""

    def __init__(self, joined: JoinedWords, *, is_left_out: bool) -> None:
        super().__init__(markup=False)
        self.joined = joined
        self.is_left_out = is_left_out

    def on_mount(self) -> None:
        """Show the words."""
        self._show()

    def action_switch(self) -> None:
        """Leave it out, or take it in again."""
        self.is_left_out = not self.is_left_out
        self._show()
        self.post_message(self.Switched())

    def on_click(self) -> None:
        """Leave it out, or take it in again, by a click."""
        self.action_switch()

    def _show(self) -> None:
        origin, words = short_line(self.joined.origin), short_line(" … ".join(self.joined.words))[:SHOWN]
        told = f"− {origin} left out: {words}" if self.is_left_out else f"+ {origin}: {words}"
        self.set_class(self.is_left_out, "-left-out")
        self.update(Content(told))


TITLES = {"new": "New image", "again": "Regenerate with changes"}
HINT = "^Enter or ^O Generate · Esc Cancel"
HINT_OF_JOINED = "Space Leave out, or take in again · ^O Generate"
LONGEST_VALUE = 10_000
"""Characters that a field holds; a line that is edited as a whole gets slow with more."""


class FormInput(KeyOrder, LineInput):
    """The value of a setting. Enter goes on: to generate costs, so it is asked for on the button."""

    async def on_key(self, event: events.Key) -> None:
        """Enter goes to the next field."""
        if event.key == "enter" and self.has_focus:
            self.screen.focus_next()  # at once, as Tab does
            event.stop()
            event.prevent_default()


class FormWords(KeyOrder, TextArea):
    """The prompt of the picture."""

    cursor_blink: Reactive[bool] = Reactive(False, init=False)


class FormField(Container):
    """A setting: its name, its value, and beside it where that comes from or what is wrong with it."""

    class Changed(Message):
        """Another value was typed."""

    def __init__(
        self, field: Field, plan: FormPlan, left_out: frozenset[Addition], value: str | None = None
    ) -> None:
        """`value` is what was typed before, in place of the plan's own."""
        super().__init__()
        self._left_out = left_out
        self._field = field
        self._plan = plan
        self._value = text_of(field.name, plan.own) if value is None else value

    def compose(self) -> ComposeResult:
        """Beside each other, or on a narrow screen below."""
        field, plan = self._field, self._plan
        held = plan.held(field.name, self._left_out) or field.unset
        value = printable(self._value, newlines=False)[:LONGEST_VALUE]
        yield Label(field.label, markup=False)
        yield FormInput(value, placeholder=short_line(held), compact=True, id=f"field-{field.name}")
        yield Static(classes="note", markup=False)

    def on_mount(self) -> None:
        """Say where the value comes from."""
        self.check()

    @property
    def name_of_option(self) -> str:
        """The name of the option that is typed here."""
        return self._field.name

    @property
    def text(self) -> str:
        """The value that is typed, without white space around it."""
        return self.query_one(Input).value.strip()

    def leave_out(self, left_out: frozenset[Addition]) -> None:
        """Show what holds when this is not joined."""
        self._left_out = left_out
        held = self._plan.held(self._field.name, left_out) or self._field.unset
        self.query_one(Input).placeholder = short_line(held)
        self.check()

    def check(self) -> str | None:
        """Say what is wrong, or else where the value comes from; returns what is wrong."""
        error: str | None = None
        if self.text:
            try:
                read_option(self._field.name, self.text)
            except UsageError as refused:
                error = str(refused).removeprefix(f"--{self._field.name}: ")
        source = self._plan.source(self._field.name, self.text, self._left_out)
        note = error or f"{source} · {self._field.help}"
        self.query_one(".note", Static).update(literal(note))
        self.set_class(error is not None, "-wrong")
        return error

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.check()
        self.post_message(self.Changed())


class PictureForm(BoxScreen[None]):
    """Ctrl+Enter, Ctrl+O or Enter on the button has the picture made; Esc leaves everything as it was."""

    CSS_PATH = "picture_form.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-wide")]
    BINDINGS = [
        *bindings_of("help"),
        Binding("ctrl+enter,ctrl+o", "generate", "Generate", priority=True),
        Binding("escape", "leave", "Cancel"),
    ]

    def __init__(
        self,
        plan: FormPlan,
        *,
        first: str = "prompt",
        draft: Draft | None = None,
        keep: Callable[[Draft | None], None] | None = None,
        character: Callable[[], str] | None = None,
        choose_character: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """`first` names the field that has the focus.

        `draft` is what was typed when the form was left before. `keep` is told what stands in it when it is left, None
        where that is nothing of the user's or the picture was asked for.

        `character` tells whose face the picture gets, `choose_character` has another one chosen and calls back.
        """
        super().__init__()
        self._plan = plan
        self._first = first
        self._draft = draft
        self._keep = keep
        self._character = character
        self._choose_character = choose_character
        self._advised = ""

    def compose(self) -> ComposeResult:
        """The words, the settings, the button; all of it scrolls, but for the last line."""
        with VerticalScroll(id="box", can_focus=False):
            yield Static(TITLES[self._plan.purpose], classes="title", markup=False)
            yield FormWords(
                printable(self._draft.prompt if self._draft else self._plan.prompt),
                id="words",
                soft_wrap=True,
                tab_behavior="focus",
                compact=True,
                placeholder="Describe the image",
            )
            left_out = self._draft.left_out if self._draft else self._plan.left_out
            for joined in joined_words(self._plan.additions):
                yield JoinedLine(joined, is_left_out=joined.addition in left_out)
            yield Static(id="told", markup=False)
            for field in self._plan.fields:
                typed = self._draft and self._draft.values.get(field.name)
                yield FormField(field, self._plan, left_out, typed)
            if self._character is not None:
                with Horizontal(id="character"):
                    yield Label("Character")
                    yield Button(literal(self._character()), id="choose-character", compact=True)
            with Horizontal(id="buttons"):
                yield Button("Generate", id="generate", variant="primary", compact=True)
            yield Static(HINT, classes="hint", markup=False)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(help_of_place(self, IN_FORM))

    def on_mount(self) -> None:
        """Begin where the user wants to change something."""
        words = self.query_one(TextArea)
        words.move_cursor(words.document.end)
        if self._first == "prompt":
            words.focus()
            if self._plan.purpose == "again" and self._draft is None:
                words.select_all()
        else:
            field = self.query_one(f"#field-{self._first}", Input)
            field.focus()

    # What is told

    @on(TextArea.Changed)
    def _written(self) -> None:
        self._tell("")

    @on(FormField.Changed)
    def _set(self) -> None:
        self._tell("")

    @on(JoinedLine.Switched)
    def _switched(self) -> None:
        for field in self.query(FormField):
            field.leave_out(self._left_out)
        self._tell("")

    @property
    def _left_out(self) -> frozenset[Addition]:
        return frozenset(line.joined.addition for line in self.query(JoinedLine) if line.is_left_out)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say below what the keys do."""
        hint = HINT_OF_JOINED if isinstance(event.widget, JoinedLine) else HINT
        self.query_one(".hint", Static).update(literal(hint))

    def _tell(self, sentence: str) -> None:
        self.query_one("#told", Static).update(literal(sentence))

    # What is done

    @on(Button.Pressed, "#generate")
    def _pressed(self) -> None:
        self.action_generate()

    @on(Button.Pressed, "#choose-character")
    def _character_wanted(self) -> None:
        if self._choose_character is not None:
            self._choose_character(self._show_character)

    def _show_character(self) -> None:
        if self._character is not None and self.is_attached:
            self.query_one("#choose-character", Button).label = literal(self._character())

    def action_generate(self) -> None:
        """Have it made and leave; what is wrong gets the focus."""
        fields = list(self.query(FormField))
        for field in fields:
            if field.check():
                field.query_one(Input).focus()
                return
        words = self.query_one(TextArea)
        prompt = words.text
        if not prompt.strip():
            self._tell("The prompt is blank: describe the image.")
            words.focus()
            return
        if advice := self._advice(prompt):
            self._tell(advice)
            return
        try:
            options = read_fields({field.name_of_option: field.text for field in fields})
            self._plan.start(Filled(prompt, options or NO_OPTIONS, self._left_out))
        except UserError as error:
            self._tell(str(error))
            words.focus()
            return
        self._keep_draft(None)
        self.dismiss()

    def _advice(self, prompt: str) -> str | None:
        """What the words leave open, once: who asks again means it."""
        is_kept = self._plan.purpose == "again" and prompt == self._plan.prompt
        if is_kept or prompt == self._advised:
            return None
        self._advised = prompt
        return advice(prompt, is_edit=self._plan.is_edit)

    def action_leave(self) -> None:
        """Back to the conversation; what was typed is there the next time."""
        self._keep_draft(self._typed())
        self.dismiss()

    def _typed(self) -> Draft | None:
        """What stands in the form, where it is not what it began with."""
        prompt = self.query_one(TextArea).text
        values = {field.name_of_option: field.text for field in self.query(FormField)}
        own = {name: printable(text_of(name, self._plan.own), newlines=False) for name in values}
        is_typed = (
            prompt != printable(self._plan.prompt) or values != own or self._left_out != self._plan.left_out
        )
        return Draft(self._plan.prompt, prompt, values, self._left_out) if is_typed else None

    def _keep_draft(self, draft: Draft | None) -> None:
        if self._keep is not None:
            self._keep(draft)
