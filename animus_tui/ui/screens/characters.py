"""All characters: begin a conversation with one, or have it answer in the open one; import, export and delete them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual import on, work
from textual.binding import Binding

from animus_tui.characters.library import slug_of
from animus_tui.errors import UserError
from animus_tui.paths import expanded
from animus_tui.picture_files import named_file
from animus_tui.printable import short_line
from animus_tui.ui.commands.places import IN_CHARACTERS
from animus_tui.ui.listed_characters import ListedCharacter, fitting
from animus_tui.ui.screens.list_screen import ListScreen
from animus_tui.ui.widgets.character_rows import CharacterRows
from animus_tui.ui.widgets.conversation_bar import ConversationBar
from animus_tui.ui.widgets.key_footer import Entry
from animus_tui.ui.widgets.thumbnail_drawing import thumbnail_loader

if TYPE_CHECKING:
    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.ui.controllers.character_changes import CharacterChanges
    from animus_tui.ui.images.renderer import ImageRenderer

Purpose = Literal["begin", "change"]
"""What Enter does with a character: begin a conversation, or have it answer in the open one."""
ENTER = {"begin": "Begin", "change": "Choose"}
NAMES = {"begin": ("New conversation",), "change": ("Character",)}
NO_MATCH = "No character has these words in its name, its description or its greeting."
IMPORT, EXPORT = "Card ❯ ", "Export to ❯ "


class Chosen(NamedTuple):
    """What was chosen."""

    settings: ConversationSettings | None
    """None: the character of `[chat]`."""


class CharactersScreen(ListScreen[Chosen | None]):
    """Dismissed with what was chosen, or None."""

    BINDINGS = [
        Binding("enter", "in_order('enter')", "Choose", show=False, priority=True),
        Binding("ctrl+o", "in_order('import')", "Import", show=False, priority=True),
        Binding("ctrl+d", "in_order('delete')", "Delete", show=False, priority=True),
        Binding("ctrl+s", "in_order('export')", "Export", show=False, priority=True),
    ]

    def __init__(
        self,
        changes: CharacterChanges,
        renderer: ImageRenderer,
        purpose: Purpose,
        *,
        current: str | None,
        choose: str | None = None,
        said: str = "",
    ) -> None:
        """`current` is the name of the character of the open conversation, None for that of `[chat]`.

        `renderer` draws the portraits; `choose` is the name of the character that is chosen first, `said` a sentence.
        """
        self.rows = CharacterRows(thumbnail_loader(renderer))
        """The characters."""
        super().__init__(ConversationBar(NAMES[purpose]), self.rows, IN_CHARACTERS)
        self._changes = changes
        self._purpose: Purpose = purpose
        self._current = current
        self._listed: list[ListedCharacter] = []
        self._wanted: str | None = choose if choose is not None else current
        """The name of the character that is to be chosen once the list has been read."""
        self._said = said
        self._asked: Literal["", "import", "export"] = ""
        """For which path the field asks."""

    async def on_mount(self) -> None:
        """Read what there is; the first frame has it unless the disk is slow."""
        self._read()
        if self._said:
            self._reporter.say(self._said)
        await self.show_first()

    # What there is

    @work(exclusive=True, group="reading")
    async def _read(self) -> None:
        """Read the list in a thread and show it; a reading under way is begun anew."""
        listed, notices = await self._changes.read()
        if self._has_parts():
            self._listed = listed
            wanted, self._wanted = self._wanted, None
            self._is_read = True
            self.show_filtered(wanted)
            self._has_read.set()
            self._has_shown.set()
            for notice in notices[:1]:
                more = f" {len(notices) - 1:,} more were left out, too." if len(notices) > 1 else ""
                self._reporter.say(f"{notice}{more}", severity="warning")

    def show_filtered(self, choose: str | None = None) -> None:
        """Show the characters that have the words of the filter, and have the one with this name chosen."""
        words = self.filter_words
        has_other_words, self._shown_words = words != self._shown_words, words
        shown = fitting(self._listed, words)
        self.rows.show(
            shown,
            current=self._current_name,
            sentence=NO_MATCH if self._listed else "",
            choose=choose,
            first=has_other_words and bool(words.strip()),
        )
        self._bar.tell(0, len(shown), len(self._listed), is_filtered=bool(words.strip()))
        self.show_keys()

    @property
    def _current_name(self) -> str | None:
        return self._current if self._current is not None or not self._listed else self._listed[0].name

    # The keys

    def show_keys(self) -> None:
        """Show the keys that work now."""
        if not self._has_parts():
            return
        chosen, deleted = self.rows.chosen, self._changes.last_deleted
        told = None if deleted is None else short_line(deleted)
        if self._asked:
            label = "Import" if self._asked == "import" else "Export"
            self.show_entries([Entry("enter", "enter", label), Entry("back", "escape", "Cancel")], told)
            return
        entries = [] if chosen is None else [Entry("enter", "enter", ENTER[self._purpose])]
        entries.append(Entry("import", "ctrl+o", "Import"))
        if chosen is not None and not chosen.is_configured_in_chat:
            entries.append(Entry("export", "ctrl+s", "Export"))
        if chosen is not None and chosen.origin == "imported":
            entries.append(Entry("delete", "ctrl+d", "Delete"))
        self.show_entries([*entries, Entry("back", "escape", "Back")], told)

    @property
    def is_asking(self) -> bool:
        """Whether the field is for a path."""
        return bool(self._asked)

    def waits_for_list(self, action: str) -> bool:
        """Whether an action is only done once all characters have been read."""
        return action != "back"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the keys work now; the others are the field's."""
        match action:
            case "in_order":
                return self.check_action(str(parameters[0]), parameters[1:])
            case "undo":
                return not self._asked and self._changes.last_deleted is not None
            case "move" | "page" | "end" | "import" | "export" | "delete":
                return not self._asked
            case _:
                return True

    @on(CharacterRows.Opened)
    async def action_enter(self) -> None:
        """Take the chosen character, or the path that was typed."""
        chosen, asked, typed = self.rows.chosen, self._asked, self._field.value
        if asked:
            self._stop_asking()
            if asked == "import":
                self._reporter.run(self._import(typed))
            elif chosen is not None:
                self._reporter.run(self._export(chosen, typed))
        elif chosen is not None and self.is_current:
            await self._take(chosen)

    async def _take(self, chosen: ListedCharacter) -> None:
        try:
            settings = (
                None if chosen.is_configured_in_chat else await self._changes.settings_named(chosen.name)
            )
        except UserError as error:  # its files went meanwhile
            self._reporter.tell(error)
            self._read()
            return
        if self.is_current:
            self.dismiss(Chosen(settings))

    def action_back(self) -> None:
        """Stop asking for a path; else show all again; else leave."""
        if self._asked:
            self._stop_asking()
        elif self._field.value:
            self._field.value = ""
        elif self.is_current:
            self.dismiss(None)

    # What is done with the chosen one

    def action_import(self) -> None:
        """Ask for the path of a card."""
        self._ask("import", IMPORT, "")

    def action_export(self) -> None:
        """Ask where the chosen character is to be exported to."""
        chosen = self.rows.chosen
        if chosen is not None and not chosen.is_configured_in_chat:
            self._ask("export", EXPORT, f"{slug_of(chosen.name)}.png")

    def _ask(self, asked: Literal["import", "export"], mark: str, value: str) -> None:
        self._asked = asked
        self.ask(value, mark)

    def _stop_asking(self) -> None:
        self._asked = ""
        self.stop_asking()

    async def _import(self, typed: str) -> str:
        if not typed.strip():
            raise UserError("Nothing was imported: the path is blank.")
        path = await asyncio.to_thread(named_file, typed)
        name, sentence = await self._changes.import_card(path)
        self._field.value = ""
        self._wanted = name
        self._read()
        return sentence

    async def _export(self, chosen: ListedCharacter, typed: str) -> str:
        if not typed.strip():
            raise UserError("Nothing was exported: the path is blank.")
        target = expanded(typed.strip())
        await self._changes.export_card(chosen.name, target)
        return f"Exported to {target}"

    def action_delete(self) -> None:
        """Delete the chosen character, if it was imported."""
        chosen = self.rows.chosen
        if chosen is not None and not chosen.is_configured_in_chat:
            self._reporter.run(self._delete(chosen.name, self.rows.following))

    async def _delete(self, name: str, following: ListedCharacter | None) -> None:
        try:
            await self._changes.delete(name)
            self._wanted = following.name if following is not None else None
        finally:
            self._read()

    def action_undo(self) -> None:
        """Bring back the character that was deleted last."""
        self._reporter.run(self._undo())

    async def _undo(self) -> None:
        try:
            self._wanted = await self._changes.undo()
        finally:
            self._read()
