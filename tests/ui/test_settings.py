"""The settings screen: what is changed there shows at once, and stands in the file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from textual.events import Key
from textual.widgets import Input

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.loading import load_config
from animus_tui.config.schema import ChatConfig, UiConfig, schema
from animus_tui.config.settings_file import SettingsFile
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.screens.settings import SettingsScreen, ValueText
from animus_tui.ui.themes import DARK, LIGHT
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply
from tests.support.pane_app import until
from tests.support.stored_history import import_history
from tests.support.talk import StartTalk

MINE = "# mine\n[ui]\n#density = 'compact' # later\n\n[chat]\n# her name\nname = \"Vivian\" # V\n"


class Settings:
    """The application with its settings open, and the file behind them."""

    def __init__(self, chat: Chat, path: Path) -> None:
        self.chat = chat
        self.path = path

    @property
    def pane(self) -> ConversationPane:
        return self.chat.app.screen_stack[0].query_one(ConversationPane)

    async def open(self) -> None:
        await self.chat.pilot.press("f6")
        await until(lambda: isinstance(self.chat.app.screen, SettingsScreen))
        await self.chat.pilot.pause()

    async def select(self, words: str) -> None:
        """Filter, as typing does."""
        field = self.chat.app.screen.query_one("#filter", Input)
        field.value = words
        await self.chat.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.chat.pilot.press(*keys)
        await self.chat.pilot.pause()

    async def written(self, table: str, key: str, value: object) -> None:
        """Until the file says so."""

        def is_written() -> bool:
            found: object = getattr(getattr(load_config(self.path, {}), table), key)
            return found == value

        await until(is_written)

    def is_moving(self) -> bool:
        """Whether a spinner turns in the pane."""
        return self.pane.animation.is_moving

    def waits_for_age(self) -> bool:
        """Whether a relative time in view is going to change."""
        return self.pane.relative_times.is_waiting

    def rows(self) -> str:
        """What the pane shows."""
        height = self.pane.size.height
        return "\n".join(self.pane.render_line(y).text.rstrip() for y in range(height))


@asynccontextmanager
async def open_settings(
    start_talk: StartTalk,
    tmp_path: Path,
    *,
    env: dict[str, str] | None = None,
    ui: UiConfig | None = None,
    size: tuple[int, int] = (100, 40),
    text: str = MINE,
    said: int = 0,
) -> AsyncIterator[Settings]:
    path = tmp_path / "config.toml"
    path.write_text(text)
    file = SettingsFile(path, env or {})
    async with open_chat(start_talk(ui=ui or UiConfig()), settings_file=file, size=size) as chat:
        for number in range(said):
            chat.talk.service.say(reply(f"answer {number}"))
            await chat.talk.say(f"message {number}")
        await chat.settle()
        settings = Settings(chat, path)
        await settings.open()
        yield settings


async def test_density_layout_and_time_change_what_is_on_the_screen(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path, said=2) as settings:
        comfortable = settings.rows()
        rows = settings.pane.entries.rows
        await settings.select("density")
        await settings.press("enter")
        assert "Density" in settings.chat.text()
        compact = settings.rows()
        assert settings.pane.entries.rows == rows - len(settings.pane.entries)
        assert [line for line in compact.split("\n") if line] == [
            line for line in comfortable.split("\n") if line
        ]
        await settings.select("layout")
        await settings.press("right")
        plain = settings.rows()
        assert " You " in plain
        assert " You " not in compact
        assert next(line for line in plain.split("\n") if "message 1" in line).strip() == "message 1"
        await settings.select("")
        assert isinstance(settings.chat.app.screen, SettingsScreen)
        while (row := settings.chat.app.screen.row) is None or row.key != "time_format":
            await settings.press("down")
        await settings.press("space")
        assert any(line.endswith(("am", "pm")) for line in settings.rows().split("\n"))
        await settings.select("show time")
        await settings.press("left")
        assert not any(line.endswith(("am", "pm")) for line in settings.rows().split("\n"))
        await settings.written("ui", "show_time", False)
    loaded = load_config(settings.path, {}).ui
    assert (loaded.density, loaded.layout, loaded.time_format) == ("compact", "plain", "12h")
    assert settings.path.read_text() == MINE.replace(
        "#density = 'compact' # later\n",
        'density = "compact" # later\nlayout = "plain"\ntime_format = "12h"\nshow_time = false\n',
    )


async def test_the_reader_stays_where_they_are(start_talk: StartTalk, tmp_path: Path) -> None:
    async with open_settings(start_talk, tmp_path, said=12, size=(100, 24)) as settings:
        pane = settings.pane
        place = next(i for i in range(len(pane.entries)) if pane.entries[i].source() == "message 4")
        pane.viewport.go_to(place)
        pane.viewport.scroll(pane.entries.top(place) - pane.viewport.y)
        for words in ("density", "layout", "density", "layout"):
            await settings.select(words)
            await settings.press("enter")
            top = pane.entries[pane.viewport.reading.place.entry]
            assert top.source() == "message 4"
            assert not pane.viewport.following


async def test_picture_rows_and_motion_change_a_picture_on_the_screen(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path) as settings:
        await settings.press("escape")
        chat = settings.chat
        chat.talk.service.show()
        await chat.type("/image a lake")
        await until(lambda: bool(chat.entries(PictureEntry)))
        await chat.settle()
        (picture,) = chat.entries(PictureEntry)
        before = chat.height(picture)
        await settings.open()
        await settings.select("picture rows")
        await settings.press("enter", "3", "enter")
        assert "from 4 to 60" in chat.text()
        await settings.press("backspace", "6", "enter")
        assert "Picture rows" in chat.text()
        index = settings.pane.entries.index(picture)
        assert index is not None
        assert len(settings.pane.entries.layout(index)) < before
        await settings.written("ui", "image_rows", 6)
        await settings.press("delete")
        assert len(settings.pane.entries.layout(index)) == before
        await settings.written("ui", "image_rows", None)
        await settings.press("escape")
        gate = asyncio.Event()
        chat.talk.service.show(gate=gate)
        await chat.type("/image a boat")
        await until(lambda: bool(chat.waiting()))
        await settings.open()
        await settings.select("motion")
        assert settings.is_moving()
        await settings.press("enter")
        assert not settings.is_moving()
        assert str(chat.app.animation_level) == "none"
        await settings.press("enter")
        assert settings.is_moving()
        assert str(chat.app.animation_level) == "full"
        gate.set()


async def test_the_theme_changes_with_each_step_and_is_written(start_talk: StartTalk, tmp_path: Path) -> None:
    async with open_settings(start_talk, tmp_path) as settings:
        await settings.select("theme")
        await settings.press("right")
        assert settings.chat.app.theme == DARK.name
        await settings.press("right")
        assert settings.chat.app.theme == LIGHT.name
        await settings.written("ui", "theme", LIGHT.name)
        await settings.press("delete")
        assert settings.chat.app.theme == DARK.name
        await settings.written("ui", "theme", "auto")


async def test_what_a_character_is_called_counts_at_once_and_for_the_next_message(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path, said=1) as settings:
        await settings.select("character's name")
        await settings.press("enter", *["backspace"] * 6, *"Ann", "enter")
        assert "Ann " in settings.rows()
        await settings.written("chat", "name", "Ann")
        await settings.press("escape")
        session = settings.chat.talk.session
        assert session.config.chat == ChatConfig(
            name="Ann", system_message=ChatConfig().system_message.replace("Vivian", "Ann")
        )
        settings.chat.talk.service.say(reply("hi"))
        await settings.chat.talk.say("hello")
        request = settings.chat.talk.service.chat_bodies[-1]
        assert request["messages"][0]["content"].startswith("You are Ann")
    assert settings.path.read_text() == MINE.replace('"Vivian"', '"Ann"')


async def test_keys_that_come_in_a_burst_are_taken_in_their_order(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path) as settings:
        app = settings.chat.app
        for key in (*"picture", "space", *"rows", "enter", "8", "enter", "backspace"):
            app.post_message(Key(key, {"space": " "}.get(key, key if len(key) == 1 else None)))
        await settings.written("ui", "image_rows", 8)
        assert not app.screen.query_one("#filter", Input).value  # it is marked, to be replaced
        assert load_config(settings.path, {}).ui == UiConfig(image_rows=8)


async def test_a_value_that_is_not_allowed_is_refused_in_a_sentence_that_names_it(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path) as settings:
        await settings.select("min delay")
        await settings.press("enter", "9", "9", "9", "9", "enter")
        assert "at most max_delay" in settings.chat.text()
        await settings.press("escape")
        await settings.select("temperature")
        await settings.press("enter", *"banana", "enter")
        assert "“banana” is not allowed; it takes a number from 0 to 2." in settings.chat.text()
        await settings.press("escape", "escape")
        assert not isinstance(settings.chat.app.screen, SettingsScreen)
    assert settings.path.read_text() == MINE


async def test_what_a_variable_says_is_shown_and_cannot_be_changed(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path, env={"ANIMUS_UI_DENSITY": "comfortable"}) as settings:
        await settings.select("density")
        assert "ANIMUS_UI_DENSITY" in settings.chat.text()
        await settings.press("enter", "delete")
        assert "change it there" in settings.chat.text()
        assert settings.chat.talk.session.config.ui.density == "comfortable"
    assert settings.path.read_text() == MINE


async def test_what_counts_at_the_next_start_is_written_and_says_so(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path) as settings:
        await settings.select("screen reader")
        assert "next start" in settings.chat.text()
        await settings.press("enter")
        await settings.written("ui", "plain", True)
        assert not settings.chat.talk.session.config.ui.plain


async def test_a_file_that_cannot_be_used_is_told_and_the_choice_holds(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_settings(start_talk, tmp_path) as settings:
        settings.path.write_text("[ui\n")
        await settings.select("density")
        await settings.press("enter")
        await until(lambda: any("is not TOML" in note for note in settings.chat.notes()))
        assert settings.chat.talk.session.config.ui.density == "compact"
        assert settings.path.read_text() == "[ui\n"


async def test_relative_times_are_drawn_anew_when_one_changes_and_not_before(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    now = datetime.now().astimezone()
    ages = {"just now": 10, "1 min ago": 113, "59 min ago": 3594, "1 h ago": 3700, "23 h ago": 85_000}
    entries = [
        ChatMessage(
            role="user", content=f"said {words}", timestamp=(now - timedelta(seconds=age)).isoformat()
        )
        for words, age in reversed(ages.items())
    ]
    store = ConversationStore(tmp_path)
    import_history(store, msgspec.json.encode(entries), Conversation(id="old")).close()
    store.note_last("old")
    async with open_settings(start_talk, tmp_path) as settings:
        assert not settings.waits_for_age()
        await settings.select("time format")
        await settings.press("right", "right")
        shown = settings.rows()
        assert [f"said {words}  {words}" in shown for words in ages] == [True] * len(ages), shown
        assert settings.waits_for_age()
        await until(lambda: "said 59 min ago  1 h ago" in settings.rows())  # nobody pressed a key
        await until(lambda: "said 1 min ago  2 min ago" in settings.rows())
        assert settings.waits_for_age()
        await settings.press("right")
        assert "ago  2 min ago" not in settings.rows()
        assert not settings.waits_for_age()
        await settings.written("ui", "time_format", "24h")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 24)])
async def test_a_text_of_several_lines_is_edited_as_such_and_stays_one_line_of_the_file(
    start_talk: StartTalk, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with open_settings(start_talk, tmp_path, size=size) as settings:
        await settings.select("system message")
        await settings.press("enter")
        field = settings.chat.app.screen.query_one(ValueText)
        assert field.text.startswith("You are Vivian")
        await settings.press("ctrl+a", "ctrl+k", "ctrl+shift+k")
        field.text = ""
        await settings.press(*"one", "shift+enter", *"two", "alt+enter", "ctrl+j", *"four")
        assert all(word in settings.chat.text() for word in ("one", "two", "four", "Accept"))
        await settings.press("escape")  # the text, and not the settings
        assert (field.display, settings.path.read_text()) == (False, MINE)
        await settings.press("enter")
        field.text = 'one "1"\n\ntwo'
        await settings.press("enter")
        await settings.written("chat", "system_message", 'one "1"\n\ntwo')
        assert not field.display
        await settings.press("enter")
        assert field.text == 'one "1"\n\ntwo'
        await settings.press("escape", "delete")
        await settings.written("chat", "system_message", ChatConfig().system_message)
    assert [line for line in settings.path.read_text().splitlines() if not line.startswith("#system")] == (
        MINE.splitlines()
    )


@pytest.mark.parametrize(("size", "plain"), [((120, 40), False), ((80, 24), True), ((40, 24), False)])
async def test_every_setting_can_be_reached_and_no_secret_is_among_them(
    start_talk: StartTalk, tmp_path: Path, size: tuple[int, int], plain: bool
) -> None:
    async with open_settings(start_talk, tmp_path, size=size, ui=UiConfig(plain=plain)) as settings:
        seen = set()
        screen = settings.chat.app.screen
        assert isinstance(screen, SettingsScreen)
        for _ in range(60):
            row = screen.row
            assert row is not None
            assert row.label[:12] in settings.chat.text()
            seen.add(row.place)
            await settings.chat.pilot.press("down")
        wanted = {
            (table, key) for table in schema() if table not in ("api", "keys") for key in schema()[table]
        }
        wanted |= {("file", "")}
        wanted -= {("image", key) for key in ("backend", "base_url", "api_key", "workflow", "edit_workflow")}
        assert seen == wanted
