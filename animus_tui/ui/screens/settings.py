"""The settings (F6): a list to filter, in which each value is changed in its row and kept in the configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.reactive import Reactive
from textual.widgets import Input, OptionList, Static, TextArea

from animus_tui.chat.conversation_settings import KEPT
from animus_tui.config.loading import Setting, default_of, typed
from animus_tui.config.schema import allowed
from animus_tui.config.template import literal
from animus_tui.errors import ConfigError, UserError
from animus_tui.printable import printable, short_line
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_SETTINGS
from animus_tui.ui.controllers.settings import AT_START
from animus_tui.ui.screens.box_screen import BoxScreen
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.setting_rows import FILE, SettingRow, has_words, rows_of_schema, title_of, words_of
from animus_tui.ui.terminal.editor import edit_file, editor_command, while_suspended
from animus_tui.ui.widgets.key_order import KeyOrder, follows_focus
from animus_tui.ui.widgets.line_input import LineInput
from animus_tui.ui.widgets.line_input import literal as shown
from animus_tui.ui.widgets.section_list import FilterInput, SectionList

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.app import ComposeResult

    from animus_tui.chat.abilities import Abilities
    from animus_tui.ui.controllers.settings import Place, SettingsController


NEW_LINE = ("shift+enter", "alt+enter", "ctrl+j")


class ValueInput(KeyOrder, LineInput):
    """A number or a text while it is edited, in the row of its setting."""

    async def on_key(self, event: events.Key) -> None:
        """Enter accepts at once: the keys behind it are for the list."""
        if follows_focus(self, event):
            event.stop()
            event.prevent_default()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            await self.screen.run_action("accept")


class ValueText(KeyOrder, TextArea):
    """A text of several lines while it is edited, below the list."""

    cursor_blink: Reactive[bool] = Reactive(False, init=False)

    async def on_key(self, event: events.Key) -> None:
        """Enter accepts at once: the keys behind it are for the list."""
        if not follows_focus(self, event):
            if event.key == "enter":
                await self.screen.run_action("accept")
            elif event.key in NEW_LINE:
                self.insert("\n")
            else:
                return
        event.stop()
        event.prevent_default()


HINT = "Type to filter · ↑ ↓ Select · Enter Change · ← → Step · Del Default · Esc Close"
SHORT_HINT = "↑ ↓ · Enter Change · Del Default · Esc"
HINT_OF_FIELD = "Enter Accept · Esc Cancel"
HINT_OF_TEXT = "Enter Accept · ^J New line · Esc Cancel"
KEYS_OF_LIST = {
    "down": "move(1)",
    "up": "move(-1)",
    "pagedown": "move(10)",
    "pageup": "move(-10)",
    "right": "step(1)",
    "left": "step(-1)",
    "enter": "change",
    "space": "change",
    "delete": "reset",
}
"""Key → what the screen does, while the filter has the focus."""
SHOWN_LENGTH = 40
"""Characters of a refused value that the sentence shows."""
SEVERAL_LINES = {("chat", "system_message")}
"""Texts that may have several lines."""
TEXT_ROWS = 7
"""Rows that such a text takes while it is edited, with the blank one above it."""
KEPT_HERE = "Each conversation keeps its own: a change is for this one and for new ones."
NONE_FITS = "No setting has these words."
WIDE, NARROW = 28, 18
"""Cells for the names of settings."""
ROOMY = 70
"""Cells of the screen from which there is room for wide names."""
AROUND = 13
"""Rows of the box besides the list, which takes the others."""
MOST_ROWS = 22
"""Rows of the list at most."""


class SettingsScreen(BoxScreen[None]):
    """Each change counts at once and is written; Esc leaves."""

    CSS_PATH = "settings.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ROOMY, "-wide")]
    BINDINGS = [
        *bindings_of("help"),
        Binding("escape", "leave", "Close", priority=True),
        Binding("f6", "leave", show=False, priority=True),
    ]

    def __init__(self, settings: SettingsController, *, themes: Sequence[str], abilities: Abilities) -> None:
        """`themes` are all names that can be chosen; `abilities` is what the services can do."""
        super().__init__()
        self._settings = settings
        self._rows = rows_of_schema(themes, abilities)
        self._stated: set[Place] = set()
        self._editing: SettingRow | None = None
        self._error = ""
        self._sought = ""
        """What is shown fits that."""

    def compose(self) -> ComposeResult:
        """A line to filter, the settings, and what there is to say about the one that is selected."""
        with Container(id="box"):
            yield Static(self._title(), classes="title", markup=False)
            yield FilterInput(KEYS_OF_LIST)
            with Container(id="list"):
                yield SectionList[SettingRow]()
                yield ValueInput(compact=True, id="value")
            yield ValueText(compact=True, id="text")
            yield Static(id="about", markup=False)
            yield Static(HINT, classes="hint", markup=False)

    def _title(self) -> Content:
        path = self._settings.path
        try:
            home = str(Path.home())
        except RuntimeError:  # nobody's
            home = path
        return shown(f"Settings · {path.replace(home, '~', 1)}" if path else "Settings")

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(help_of_place(self, IN_SETTINGS))

    def on_mount(self) -> None:
        """Show what is chosen, then what of it stands in the file."""
        self._field.display = self._text.display = False
        self.query_one("#filter").focus()
        self.call_after_refresh(self._show)
        self.run_worker(self._look())

    async def _look(self) -> None:
        """Read which settings stand in the file."""
        try:
            self._stated = await self._settings.stated()
        except ConfigError as error:
            self._say(str(error))
        self._show()

    def on_resize(self) -> None:
        """The lines are as wide as the list, which is as high as there is room."""
        self._make_room()
        self.call_after_refresh(self._show)

    def _make_room(self) -> None:
        self._list.fit(AROUND + (TEXT_ROWS if self._text.display else 0), MOST_ROWS)

    # What is shown

    @property
    def _list(self) -> SectionList[SettingRow]:
        return self.query_one(SectionList)

    @property
    def _filter(self) -> Input:
        return self.query_one("#filter", Input)

    @property
    def _field(self) -> Input:
        return self.query_one("#value", Input)

    @property
    def _text(self) -> ValueText:
        return self.query_one(ValueText)

    @property
    def row(self) -> SettingRow | None:
        """The selected setting."""
        return self._list.selected

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Table and key of each setting that can be changed here."""
        return [row.place for row in self._rows]

    def value(self, row: SettingRow) -> object:
        """The present value of a setting."""
        if row is FILE:
            return "open in the editor"
        return self._settings.value(row.place)

    def _show(self, *, keep_row: bool = True) -> None:
        if not self.is_attached:
            return
        self._sought = self._filter.value
        selected, words = self.row if keep_row else None, self._sought.casefold().split()
        every = (*self._rows, FILE) if self._settings.path else self._rows
        fitting = [row for row in every if has_words(words, _text_of(row))]
        named = next((row for row in fitting if has_words(words, f"{row.label} {row.key}")), None)
        lines = [(title_of(row.table), row) for row in fitting]
        self._list.show(lines, self._line, selected if selected in fitting else named)
        self._tell()

    def _line(self, row: SettingRow) -> Content:
        room = self._room_of_names
        overruled = self._settings.overruled_by(row.place)
        value, note = words_of(self.value(row)), f"  {overruled}" if overruled else ""
        is_own = row.place in self._stated
        style = "$text-muted" if overruled else "$foreground bold" if is_own else "$foreground"
        name = row.label if len(row.label) < room else row.label[: room - 2] + "…"
        return Content.assemble(f"  {name:<{room}}", (value, style), (note, "$text-muted"))

    @property
    def _room_of_names(self) -> int:
        return WIDE if self.app.size.width >= ROOMY else NARROW

    def _tell(self) -> None:
        """What the selected setting means, what it may be and where it comes from; or what was wrong."""
        row = self.row
        about = NONE_FITS if row is None else " ".join(self._sentences(row))
        self._say(self._error or about, is_error=bool(self._error))
        hint = HINT if self.app.size.width >= ROOMY else SHORT_HINT
        hint_of_value = HINT_OF_TEXT if self._text.display else HINT_OF_FIELD
        self.query_one(".hint", Static).update(hint if self._editing is None else hint_of_value)

    def _say(self, sentence: str, *, is_error: bool = False) -> None:
        told = self.query_one("#about", Static)
        told.update(shown(sentence))
        told.set_class(is_error, "-wrong")

    def _sentences(self, row: SettingRow) -> Iterator[str]:
        yield row.help
        if row is FILE:
            return
        words = allowed(row.kind)
        if not row.choices and not words.startswith("a text"):
            yield words[0].upper() + words[1:] + "."
        if name := self._settings.overruled_by(row.place):
            yield f"{name} says it, which goes before the file: it cannot be changed here."
            return
        if row.place in KEPT:
            yield KEPT_HERE
            if (of_new := self._settings.of_new(row.place)) != self.value(row):
                yield f"New ones have: {words_of(of_new)}."
        if row.place in AT_START:
            yield "It works from the next start on."
        if row.place in self._stated:
            default = default_of(self._settings.config, row.table, row.key)
            yield f"The default is: {words_of(default)}." if row.key != "system_message" else ""

    # What is done

    def action_move(self, step: int) -> None:
        """Select the setting below (1) or above (-1); from the last one it goes to the first."""
        self._follow_filter()
        self._list.move(step)
        self._error = ""
        self._tell()

    def action_change(self) -> None:
        """Take the next choice, or edit a number or a text."""
        self._follow_filter()
        if (row := self.row) is None or self._is_refused(row):
            return
        value = self.value(row)
        if row is FILE:
            self.run_worker(self._open_file())
        elif row.choices:
            self.action_step(1)
        elif isinstance(value, str) and (row.place in SEVERAL_LINES or "\n" in value):
            self._edit_text(row, value)
        else:
            self._edit(row)

    async def _open_file(self) -> None:
        """Let the user's editor have the file, and work by what it says then."""
        try:
            command = editor_command()
            path = await self._settings.made_file()
            await while_suspended(self.app, lambda: edit_file(path, command))
            await self._settings.reload()
            self._error = ""
            self._stated = await self._settings.stated()
        except UserError as error:
            self._error = str(error)
        self._show()

    def action_step(self, step: int) -> None:
        """Take the choice before (-1) or the next one (1)."""
        self._follow_filter()
        row = self.row
        if row is None or not row.choices or self._is_refused(row):
            return
        value = self.value(row)
        at = row.choices.index(value) if value in row.choices else -max(step, 0)
        self._set(row, row.choices[(at + step) % len(row.choices)])

    def action_reset(self) -> None:
        """Give the selected setting its default."""
        self._follow_filter()
        if (row := self.row) is not None and row is not FILE and not self._is_refused(row):
            self._set(row, None)

    def _is_refused(self, row: SettingRow) -> bool:
        """Whether it cannot be changed here; then that is said."""
        if name := self._settings.overruled_by(row.place):
            self._error = f"{name} says it and goes before the file: change it there."
        else:
            return False
        self._tell()
        return True

    def _set(self, row: SettingRow, value: object) -> bool:
        """Use and keep a value; whether it is allowed."""
        try:
            self._settings.change(row.place, value)
        except ConfigError as error:
            self._refuse(words_of(value), error)
            return False
        self._error = ""
        if value is None:
            self._stated.discard(row.place)
        else:
            self._stated.add(row.place)
        self._show()
        return True

    def _refuse(self, said: str, error: ConfigError) -> None:
        """Tell that a value is not allowed and what is."""
        said = short_line(said, SHOWN_LENGTH)
        self._error = f"“{said}” is not allowed; it takes {error.must_be}." if error.must_be else str(error)
        self._tell()

    # Editing a number or a text

    def _edit(self, row: SettingRow) -> None:
        """Put a field into the row."""
        at = self._list.highlighted or 0
        value = self.value(row)
        text = "" if value is None else value if isinstance(value, str) else literal(value)
        self._editing, field = row, self._field
        field.value = printable(text, newlines=False)
        width, room = self._list.scrollable_content_region.width, self._room_of_names + 2
        if len(field.value) >= width - room:
            room = 2  # a long text takes the whole row
        field.styles.offset = (room, at - round(self._list.scroll_y))
        field.styles.width = max(1, width - room)
        field.display = True
        self.set_focus(field)  # at once: the keys behind are for it
        field.cursor_position = len(field.value)
        self._tell()

    def _edit_text(self, row: SettingRow, text: str) -> None:
        """Show a field of several lines below the list."""
        self._editing, field = row, self._text
        field.text = printable(text)
        field.move_cursor(field.document.end)
        field.display = True
        self._make_room()
        self.set_focus(field)
        self._tell()

    def action_accept(self) -> None:
        """Use what was typed, if it is allowed."""
        row, typed_text = self._editing, self._text.text if self._text.display else self._field.value
        text = typed_text.strip()
        if row is None:
            return
        if text or (row.kind is str and row.key == "system_message"):
            try:
                value = typed(Setting(row.table, row.key, text, "", is_text=True), row.kind).value
            except ConfigError as error:
                self._refuse(text, error)
                return
        else:
            value = None
        if self._set(row, value):
            self._end_edit()

    @on(Input.Changed, "#value")
    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._error = ""
        self._tell()

    def _end_edit(self) -> None:
        self._editing, self._error = None, ""
        self._field.display = self._text.display = False
        self._make_room()
        self.set_focus(self._filter)
        self._tell()

    # The filter and the mouse

    @on(Input.Changed, "#filter")
    def _follow_filter(self) -> None:
        """Show what fits what is sought, unless that is shown."""
        if self._filter.value != self._sought:
            self._error = ""
            self._show(keep_row=False)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._editing is None:
            self.action_change()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._tell()

    def action_leave(self) -> None:
        """Stop editing the value, else close the settings."""
        if self._editing is not None:
            self._end_edit()
        else:
            self.dismiss()

    def on_click(self, event: events.Click) -> None:
        """A click beside the box leaves."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss()


def _text_of(row: SettingRow) -> str:
    """What the words of the filter are looked for in."""
    return f"{title_of(row.table)} {row.label} {row.key} {row.help}"
