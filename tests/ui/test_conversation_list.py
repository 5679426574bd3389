"""The list of conversations: opened with a key, filtered by words, and what its keys do to a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from textual.events import Key

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.storage.description import read_description
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.chat.storage.trash import Trash
from animus_tui.ui.controllers.controller import Reporter
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.conversation_list import ConversationListScreen
from animus_tui.ui.widgets.conversation_rows import ConversationRows
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import Chat, open_chat
from tests.support.many_conversations import write_conversations
from tests.support.screen import strips_of
from tests.support.stored_history import descriptions
from tests.support.talk import StartTalk

HOSTILE = "[red]not red[/] \x1b[31mno escape\x07 [@click=app.quit]x[/]"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def keep(root: Path, name: str, title: str, *said: str, day: int = 1) -> Path:
    stored = ConversationStore(root).create(Conversation(id=name, title=title, name="Vivian"))
    for minute, words in enumerate(said):
        when = f"2024-05-{day:02}T10:{minute:02}:00.000Z"
        stored.put(
            ChatMessage(role="user" if minute % 2 == 0 else "assistant", content=words, timestamp=when)
        )
    stored.close()
    return stored.folder


async def until(chat: Chat, holds: Callable[[], bool]) -> None:
    """Until something holds and is painted; pytest-timeout ends a wait in vain."""
    while not holds():
        await chat.pilot.pause(0.02)


class Listed:
    """The list on the screen."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat

    @property
    def screen(self) -> ConversationListScreen:
        screen = self.chat.app.screen
        assert isinstance(screen, ConversationListScreen)
        return screen

    @property
    def rows(self) -> ConversationRows:
        return self.screen.query_one(ConversationRows)

    async def press(self, *keys: str) -> None:
        await self.chat.pilot.press(*keys)

    async def until_shown(self, *titles: str, gone: str = "\0") -> None:
        """Until these stand on the screen, from top to bottom, and something else does not."""

        def is_shown() -> bool:
            text = self.chat.text()
            places = [text.find(title) for title in titles]
            return -1 not in places and places == sorted(places) and gone not in text

        await until(self.chat, is_shown)

    async def until_chosen(self, name: str) -> None:
        await until(self.chat, lambda: self.rows.chosen is not None and self.rows.chosen.id == name)


@asynccontextmanager
async def open_list(start_talk: StartTalk, *, size: tuple[int, int] = (100, 40)) -> AsyncIterator[Listed]:
    async with open_chat(start_talk(), size=size) as chat:
        await chat.pilot.press("ctrl+l")
        await until(chat, lambda: isinstance(chat.app.screen, ConversationListScreen))
        yield Listed(chat)


def titles(root: Path) -> dict[str, str]:
    return {each.id: each.title for each in descriptions(ConversationStore(root))}


async def test_it_shows_each_conversation_and_opens_the_one_that_is_chosen(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    keep(tmp_path, "sea", "About the sea", "Tell me", "It is **deep**", day=2)
    keep(tmp_path, "hostile", HOSTILE, HOSTILE, day=3)
    ConversationStore(tmp_path).note_last("sea")
    async with open_list(start_talk) as on:
        await on.until_shown(
            "2024",
            "[red]not red[/] no escape [@click=app.quit]x[/]",
            "You: [red]not red[/]",
            "1 message",
            "● About the sea",
            "2 May 2024",
            "Vivian: It is deep",
            "2 messages",
        )
        await on.until_chosen("sea")
        await on.press("up", "enter")
        await until(on.chat, lambda: on.chat.talk.session.conversation.conversation.id == "hostile")
        assert isinstance(on.chat.app.screen, ChatScreen)
        await on.chat.settle()
        assert isinstance(on.chat.app.focused, Prompt)
        assert "no escape" in on.chat.text()


async def test_typing_filters_and_escape_shows_all_then_leaves(start_talk: StartTalk, tmp_path: Path) -> None:
    keep(tmp_path, "sea", "About the sea", "Hello", "A deep answer", day=2)
    keep(tmp_path, "moon", "Moon", "Hello", "Far away", day=3)
    ConversationStore(tmp_path).note_last("moon")
    async with open_list(start_talk) as on:
        await on.until_shown("Moon", "About the sea")
        await on.press(*"deep sea")
        await on.until_shown("1 of 2", "About the sea", gone="Moon")
        await on.until_chosen("sea")
        await on.press(*"xyz")
        await on.until_shown("No conversation has these words")
        await on.press("escape")
        await on.until_shown("Moon", "About the sea")
        await on.press("escape")
        assert isinstance(on.chat.app.screen, ChatScreen)
        assert on.chat.talk.session.conversation.conversation.id == "moon"


async def test_rename_pin_archive_and_duplicate(start_talk: StartTalk, tmp_path: Path) -> None:
    for day, name in enumerate(("one", "two", "three"), 1):
        keep(tmp_path, name, f"Title {name}", "Hello", day=day)
    ConversationStore(tmp_path).note_last("three")
    async with open_list(start_talk) as on:
        await on.until_shown("Title three", "Title two", "Title one")
        await on.press("down", "down", "ctrl+r", "ctrl+u", *"[b]New[/b]", "enter")
        await on.until_shown("Title three", "Title two", "[b]New[/b]")
        assert titles(tmp_path)["one"] == "[b]New[/b]"
        await on.press("ctrl+t")
        await on.until_shown("Pinned", "[b]New[/b]", "Title three", "Title two")
        await on.until_chosen("one")
        await on.press("ctrl+t")
        await on.until_shown("Title three", "Title two", "[b]New[/b]", gone="Pinned")
        await on.press("ctrl+a")
        await on.until_shown("Title three", "Title two", gone="[b]New[/b]")
        await on.press("ctrl+o")
        await on.until_shown("[b]New[/b]", gone="Title two")
        await on.press("ctrl+a", "escape")
        await on.until_shown("Title three", "Title two", "[b]New[/b]")
        # The open conversation, which this process writes.
        await on.press("ctrl+home", "ctrl+r", *"!", "enter")
        await on.until_shown("● Title three!")
        await on.press("ctrl+y")
        await on.until_shown("● Title three!")
        await on.until_shown("Title three! (copy)", "Title two")
        assert sorted(titles(tmp_path).values()) == [
            *("Title three!", "Title three! (copy)", "Title two", "[b]New[/b]")
        ]
        await on.press("escape")
        assert "Title three!" in on.chat.text().splitlines()[0]
        await on.chat.type("/rename Said here")
        await until(on.chat, lambda: "Said here" in on.chat.text().splitlines()[0])


async def test_delete_undo_and_the_trash(start_talk: StartTalk, tmp_path: Path) -> None:
    for day, name in enumerate(("one", "two", "three"), 1):
        keep(tmp_path, name, f"Title {name}", "Hello", day=day)
    elsewhere = ConversationStore(tmp_path).open("two")
    ConversationStore(tmp_path).note_last("three")
    async with open_list(start_talk) as on:
        await on.until_shown("Title three", "Title two", "Title one")
        await on.press("down", "ctrl+d")
        await on.until_shown("Title two", "open in another window", "Enter Open")
        elsewhere.close()
        await on.press("up", "ctrl+d")  # the open conversation: the next one is opened
        await on.until_shown("● Title two", "Deleted “Title three”")
        on.chat.app.notify("Something else was said")
        # It does not cover what can be undone, nor the keys.
        await on.until_shown("Something else was said", "Deleted “Title three”", "Enter Open")
        assert "^U Undo" in on.chat.text()
        await on.chat.pilot.resize_terminal(28, 20)
        await on.until_shown("Deleted “Title… · ^U Undo")
        await on.chat.pilot.resize_terminal(100, 40)
        assert on.chat.talk.session.conversation.conversation.id == "two"
        await on.press("ctrl+u")
        await on.until_shown("Title three", "● Title two", gone="Undo")
        await on.until_chosen("three")
        await on.press("ctrl+d")
        await on.until_shown("Deleted “Title three”")
        await on.press("ctrl+o", "ctrl+o")
        await on.until_shown("Title three", "Restore", gone="Title two")
        await on.press("enter")
        await on.until_shown("The trash is empty")
        await on.press("escape")
        await on.until_shown("Title three", "Title two", "Title one")
    assert set(titles(tmp_path)) == {"one", "two", "three"}


async def test_what_was_imported_again_since_is_restored_beside_that(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    for day, name in enumerate(("one", "two", "three"), 1):
        keep(tmp_path, name, f"Title {name}", "Hello", day=day)
    ConversationStore(tmp_path).note_last("three")
    async with open_list(start_talk) as on:
        await on.until_chosen("three")
        await on.press("down", "ctrl+d")
        await on.until_shown("Deleted “Title two”")
        keep(tmp_path, "two", "Title two", "Imported again", day=2)
        await on.press("ctrl+u")
        await on.until_shown("Restored as “Title two (restored)”, because a conversation of the same id")
        await until(on.chat, lambda: on.rows.chosen is not None and "restored" in on.rows.chosen.title)
        await on.press("down", "down")
        await on.until_chosen("one")
        await on.press("ctrl+d")
        await on.until_shown("Deleted “Title one”")
        keep(tmp_path, "one", "Title one", "Imported again")
        await on.press("ctrl+o", "ctrl+o")
        await on.until_shown("Title one", "Restore", gone="Title three")
        await on.press("enter")
        await on.until_shown("The trash is empty", "Restored as “Title one (restored)”")
    restored = ["Title one (restored)", "Title two (restored)"]
    assert sorted(titles(tmp_path).values()) == sorted(["Title one", "Title three", "Title two", *restored])


async def test_what_another_program_does_is_noticed(start_talk: StartTalk, tmp_path: Path) -> None:
    keep(tmp_path, "one", "Title one", "Hello")
    gone = keep(tmp_path, "gone", "Title gone", "Hello", day=2)
    ConversationStore(tmp_path).note_last("one")
    trash = Trash(tmp_path)
    async with open_list(start_talk) as on:
        await on.until_shown("Title gone", "Title one")
        stored = ConversationStore(tmp_path).open("gone")
        stored.put(ChatMessage(role="assistant", content="From the other window"))
        stored.close()
        await on.until_shown("Title gone", "From the other window", "2 messages")
        trash.delete("gone")
        await on.until_shown("Title one", gone="Title gone")
        keep(tmp_path, "new", "Title new", "Hello", day=4)
        await on.until_shown("Title new", "Title one")
        # Another program renames the conversation that is open here; the next message of this one keeps that.
        ConversationStore(tmp_path).change("one", lambda found: replace(found, title="By the other"))
        await on.press("escape")
        await on.chat.type("Hello again")
        await on.chat.settle()
        await until(on.chat, lambda: "By the other" in on.chat.text().splitlines()[0])
        assert read_description(tmp_path / "conversations/one").title == "By the other"
    assert not gone.exists()


async def test_small_pictures_are_drawn_and_a_click_opens(start_talk: StartTalk, tmp_path: Path) -> None:
    stored = ConversationStore(tmp_path).create(Conversation(id="picture", title="With a picture"))
    Image.new("RGB", (64, 64), "#ff0000").save(tmp_path / "red.png")
    file = stored.write_image((tmp_path / "red.png").read_bytes(), "png")
    stored.put(image_message(ImageRecord(prompt="Red", file=file, width=64, height=64)))
    stored.close()
    keep(tmp_path, "other", "Other", "Hello")
    ConversationStore(tmp_path).note_last("other")
    async with open_list(start_talk) as on:
        await on.until_shown("With a picture", "Picture: Red", "Other")

        def is_red() -> bool:
            styles = [segment.style for strip in strips_of(on.chat.app) for segment in strip]
            colours = [each.bgcolor or each.color for each in styles if each is not None]
            triplets = [each.triplet for each in colours if each is not None]
            return any(each is not None and each.red > 240 and each.green < 20 for each in triplets)

        await until(on.chat, is_red)
        row = next(y for y, line in enumerate(on.chat.text().splitlines()) if "With a picture" in line)
        await on.chat.pilot.click(offset=(30, row))
        await until(on.chat, lambda: on.chat.talk.session.conversation.conversation.id == "picture")


async def frames_of_opening(chat: Chat) -> list[str]:
    """What stood on the screen behind each layout of the list that is opened, until it is there."""
    frames: list[str] = []
    reporter = Reporter(chat.app.screen)

    async def begin_new(_: Callable[[], object]) -> None:
        """Nobody asks for it."""

    screen = ConversationListScreen(
        chat.talk.session, chat.pane.images.renderer, reporter, begin_new=begin_new
    )
    shown = chat.app.push_screen(screen)
    screen.screen_layout_refresh_signal.subscribe(
        chat.app, lambda _: frames.append(chat.text()), immediate=True
    )
    await shown
    await until(chat, lambda: len(frames) > 0 and len(screen.rows.in_view) > 5)
    return frames


async def test_each_first_frame_has_conversations(start_talk: StartTalk, tmp_path: Path) -> None:
    names = write_conversations(tmp_path, 100, 200)
    ConversationStore(tmp_path).note_last(names[0])
    async with open_chat(start_talk()) as chat:
        for _ in ("read", "remembered"):
            frames = await frames_of_opening(chat)
            assert "Conversations  Archived" in frames[0]
            assert "❯ ●" in frames[0]
            assert "Enter Open" in frames[0]
            await chat.pilot.press("escape")


async def test_keys_typed_behind_the_one_that_opens_it_are_for_the_list(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    keep(tmp_path, "sea", "About the sea", "Hello", day=2)
    keep(tmp_path, "moon", "Moon", "Hello", day=3)
    ConversationStore(tmp_path).note_last("moon")
    async with open_chat(start_talk()) as chat:
        for key in (
            "ctrl+l",
            "down",
            "ctrl+t",
            "escape",
        ):  # from the moon to the sea, before all have been read
            chat.app.post_message(Key(key, None))
        store = ConversationStore(tmp_path)
        await until(chat, lambda: any(each.pinned for each in descriptions(store)))
        assert [each.id for each in descriptions(store) if each.pinned] == ["sea"]
        for key in ("ctrl+l", *"sea", "enter"):  # as a terminal tells them that come in one piece
            chat.app.post_message(Key(key, key if len(key) == 1 else None))
        await until(chat, lambda: chat.talk.session.conversation.conversation.id == "sea")


async def test_keys_typed_behind_the_one_that_searches_everything_are_for_the_search(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    keep(tmp_path, "sea", "About the sea", "Hello", day=2)
    async with open_chat(start_talk()) as chat:
        # What stands in the filter is brought along and selected, so that what is typed takes its place.
        for opens in (("ctrl+l", "tab"), ("ctrl+f", "ctrl+f"), ("ctrl+l", "s", "tab")):
            for key in (*opens, *"ea"):
                chat.app.post_message(Key(key, key if len(key) == 1 else None))
            await until(chat, lambda: chat.text().startswith(" Search ❯ ea\n"))
            while len(chat.app.screen_stack) > 1:
                await chat.pilot.press("escape")
            await chat.pilot.press("escape")


@pytest.mark.parametrize("size", [(40, 15), (80, 24), (200, 60)])
async def test_thousands_are_one_widget_and_fit_every_terminal(
    start_talk: StartTalk, tmp_path: Path, size: tuple[int, int]
) -> None:
    names = write_conversations(tmp_path, 1_000, 2_000, with_summaries=size[0] != 80)
    ConversationStore(tmp_path).note_last(names[0])
    async with open_list(start_talk, size=size) as on:
        await on.until_shown("1,000", "Today", "❯ ●")
        assert len(list(on.screen.walk_children())) < 10
        listed, field, *rows = on.chat.text().splitlines()
        (chosen,) = (row for row in rows if "❯ ●" in row)
        assert listed.index("Conversations") == field.index("❯ ") == chosen.index("❯ ●")
        assert len(listed) == len(chosen.rstrip(" ▄▁▂▃▅▆▇█"))
        await on.press("ctrl+end")
        await on.until_chosen(names[-1])
        await on.until_shown("messages" if size[0] > 60 else "2", "Back")
        assert all(len(line) <= size[0] for line in on.chat.text().splitlines())


async def test_the_ways_to_the_other_lists_are_named_where_not_all_keys_fit(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    keep(tmp_path, "a", "Harbour", "hello")
    async with open_list(start_talk, size=(80, 24)) as on:
        await on.until_shown(
            "Harbour", "Enter Open", "^D Delete", "^O Archived", "Tab Search", "F1 Help", "Esc Back"
        )
        await on.press("ctrl+o")
        await on.until_shown("^O Trash", "Tab Search", "F1 Help", "Esc Back", gone="^D Delete")
