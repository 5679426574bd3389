"""All characters: begin a conversation with one, or have it answer in the open one; import, export and delete them."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual import on, work
from textual.binding import Binding
from textual.screen import Screen

from animus_tui.attachments import named_file
from animus_tui.characters.library import slug_of
from animus_tui.errors import NoHomeError, UserError
from animus_tui.graphics.decoding.thumbnails import ThumbnailFolder
from animus_tui.paths import expanded, thumbnails_dir
from animus_tui.printable import short_line
from animus_tui.ui.controllers.reporter import Reporter
from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader
from animus_tui.ui.listed_characters import ListedCharacter, fitting
from animus_tui.ui.widgets.character_rows import CharacterRows
from animus_tui.ui.widgets.conversation_bar import ConversationBar, ListedKeys, TitleField, UndoLine
from animus_tui.ui.widgets.key_footer import Entry

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.ui.controllers.character_changes import CharacterChanges
    from animus_tui.ui.images.renderer import ImageRenderer

Purpose = Literal["begin", "change"]
"""What Enter does with a character: begin a conversation, or have it answer in the open one."""
ENTER = {"begin": "Begin", "change": "Choose"}
NAMES = {"begin": ("New conversation",), "change": ("Character",)}
SOON = 0.1
"""Seconds for which the first frame waits at most for the characters."""
NO_MATCH = "No character has these words in its name, its description or its greeting."
IMPORT, EXPORT = "Card ❯ ", "Export to ❯ "
LEAVING = ("back",)
"""What is done at once, however long the disk takes."""


class Chosen(NamedTuple):
    """What was chosen."""

    settings: ConversationSettings | None
    """None: the character of `[chat]`."""


class CharactersScreen(Screen[Chosen | None]):
    """Dismissed with what was chosen, or None."""

    CSS_PATH = "characters.tcss"
    AUTO_FOCUS = "TitleField"
    # Done behind the letters that were typed before them: keys that come in one piece are a filter, then an action.
    BINDINGS = [
        Binding("escape", "in_order('back')", "Back", show=False, priority=True),
        Binding("enter", "in_order('enter')", "Choose", show=False, priority=True),
        Binding("down", "in_order('move', 1)", show=False, priority=True),
        Binding("up", "in_order('move', -1)", show=False, priority=True),
        Binding("pagedown", "in_order('page', 1)", show=False, priority=True),
        Binding("pageup", "in_order('page', -1)", show=False, priority=True),
        Binding("ctrl+home", "in_order('end', -1)", show=False, priority=True),
        Binding("ctrl+end", "in_order('end', 1)", show=False, priority=True),
        Binding("ctrl+o", "in_order('import')", "Import", show=False, priority=True),
        Binding("ctrl+s", "in_order('export')", "Export", show=False, priority=True),
        Binding("ctrl+d", "in_order('delete')", "Delete", show=False, priority=True),
        Binding("ctrl+u", "in_order('undo')", "Undo", show=False, priority=True),
        Binding("ctrl+c", "app.help_quit", show=False, system=True),
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
        super().__init__()
        self._changes = changes
        self._renderer = renderer
        self._purpose: Purpose = purpose
        self._current = current
        self._reporter = Reporter(self)
        self._listed: list[ListedCharacter] = []
        self._wanted: str | None = choose if choose is not None else current
        """The name of the character that is to be chosen once the list has been read."""
        self._said = said
        self._has_read = asyncio.Event()
        """Whether all have been read."""
        self._asked: Literal["", "import", "export"] = ""
        """For which path the field asks."""
        self._words = ""
        """What was typed to filter, while a path is asked for."""
        self._shown_words = ""
        """What the rows on the screen are filtered by."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield ConversationBar(NAMES[self._purpose])
        yield CharacterRows(self._thumbnails())
        yield UndoLine()
        yield ListedKeys()

    def _thumbnails(self) -> ThumbnailLoader | None:
        if self._renderer.decoder is None:
            return None
        try:
            folder = ThumbnailFolder(thumbnails_dir())
        except NoHomeError:
            folder = None
        return ThumbnailLoader(self._renderer, folder)

    async def on_mount(self) -> None:
        """Read what there is; the first frame has it unless the disk is slow."""
        self._read()
        if self._said:
            self._reporter.say(self._said)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._has_read.wait(), SOON)

    # What there is

    @property
    def rows(self) -> CharacterRows:
        """The characters."""
        return self.query_one(CharacterRows)

    @property
    def _bar(self) -> ConversationBar:
        return self.query_one(ConversationBar)

    @property
    def _field(self) -> TitleField:
        return self._bar.field

    def _has_parts(self) -> bool:
        """Whether its parts are there: a thread may be done only when the screen has been left.

        Its parts go one after the other then, so that one which is there says nothing of the others.
        """
        return self.is_attached and self in self.app.screen_stack and bool(self.query(ConversationBar))

    @work(exclusive=True, group="reading")
    async def _read(self) -> None:
        """Read the list in a thread and show it; a reading under way is begun anew."""
        listed, notices = await self._changes.read()
        if self._has_parts():
            self._listed = listed
            wanted, self._wanted = self._wanted, None
            self._has_read.set()
            self._show(wanted)
            for notice in notices[:1]:
                more = f" {len(notices) - 1:,} more were left out, too." if len(notices) > 1 else ""
                self._reporter.say(f"{notice}{more}", severity="warning")

    def _show(self, choose: str | None = None) -> None:
        words = self._words if self._asked else self._field.value
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
        self._show_keys()

    @property
    def _current_name(self) -> str | None:
        return self._current if self._current is not None or not self._listed else self._listed[0].name

    # The keys

    def _show_keys(self) -> None:
        """Show the keys that work now."""
        if not self._has_parts():
            return
        chosen, keys = self.rows.chosen, self.query_one(ListedKeys)
        if self._asked:
            label = "Import" if self._asked == "import" else "Export"
            keys.show([Entry("enter", "enter", label), Entry("back", "escape", "Cancel")])
            return
        entries = [] if chosen is None else [Entry("enter", "enter", ENTER[self._purpose])]
        entries.append(Entry("import", "ctrl+o", "Import"))
        if chosen is not None and not chosen.is_configured_in_chat:
            entries.append(Entry("export", "ctrl+s", "Export"))
        if chosen is not None and chosen.origin == "imported":
            entries.append(Entry("delete", "ctrl+d", "Delete"))
        keys.show([*entries, Entry("back", "escape", "Back")])
        deleted = self._changes.last_deleted
        undo = "" if deleted is None else f"Deleted {short_line(deleted)}"
        self.query_one(UndoLine).show(undo, Entry("undo", "ctrl+u", "Undo") if undo else None)

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

    @on(TitleField.Changed)
    def _typed(self) -> None:
        if not self._asked and self._has_read.is_set() and self._field.value != self._shown_words:
            self._show()

    def action_in_order(self, action: str, *arguments: int) -> None:
        """Do what a key says once the field has taken the letters before it."""
        self._field.call_later(self._do_in_order, action, arguments)

    async def _do_in_order(self, action: str, arguments: tuple[int, ...]) -> None:
        if action not in LEAVING:
            await self._has_read.wait()
        if not self.is_current or not self.check_action(action, arguments):
            return  # a key before it changed that
        self._typed()
        done = getattr(self, f"action_{action}")(*arguments)
        if inspect.isawaitable(done):
            await done

    def action_move(self, step: int) -> None:
        """To the character below (1) or above (-1)."""
        self.rows.move(step)
        self._show_keys()

    def action_page(self, step: int) -> None:
        """A page down (1) or up (-1)."""
        self.rows.page(step)
        self._show_keys()

    def action_end(self, end: int) -> None:
        """To the first character (-1) or the last one (1)."""
        self.rows.end(end)
        self._show_keys()

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
        self._asked, self._words = asked, self._field.value
        self._bar.ask_title(value, mark)
        self._show_keys()

    def _stop_asking(self) -> None:
        self._asked = ""
        self._bar.ask_words(self._words)
        self._show_keys()

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
