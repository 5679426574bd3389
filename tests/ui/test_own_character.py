"""The character of the conversation on the screen, which is another one as soon as that or the character changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.characters.character import Character
from animus_tui.chat.conversation_settings import settings_of
from animus_tui.config.loading import load_config
from animus_tui.config.schema import ChatConfig
from animus_tui.config.settings_file import SettingsFile
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.talk import StartTalk

ADA = ChatConfig(name="Ada", model="vivian-8b")
MAX = ChatConfig(name="Max", model="vivian-70b")


def head(chat: Chat) -> str:
    """The status line."""
    return chat.text().splitlines()[0]


async def test_a_character_that_is_changed_shows_at_once_above_and_beside_its_messages(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk(chat=ADA, backend="openai")) as chat:
        assert "Say hello to Ada" in chat.text()
        session = chat.talk.session
        session.set_character(settings_of(Character(name="Mira", model="vivian-9b"), session.configured))
        await chat.settle()
        assert "Say hello to Mira" in chat.text()
        chat.talk.service.say(reply("Ahoy there"))
        await chat.type("Hello")
        await chat.settle()
        assert "Mira ·" in head(chat)
        assert "vivian-9b" in head(chat)
        assert "Mira " in chat.text().partition("Hello")[2]


async def test_another_conversation_shows_its_own_name_and_model(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(chat=ADA, backend="openai")) as chat:
        session = chat.talk.session
        chat.talk.service.say(reply("Aye aye"))
        await chat.type("Hello")
        await chat.settle()
        first = session.conversation.conversation.id
        await session.new(settings_of(Character(name="Mira", model="vivian-9b"), session.configured))
        await chat.settle()
        assert "Mira ·" in head(chat)
        assert "vivian-9b" in head(chat)
        await session.open(first)
        await chat.settle()
        assert "Ada ·" in head(chat)
        assert "vivian-8b" in head(chat)
        assert "Mira" not in chat.text()


async def test_what_is_chosen_where_a_conversation_can_only_be_read_is_for_new_ones(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    file = SettingsFile(tmp_path / "config.toml", {})
    async with start_talk(chat=ADA) as writing:
        writing.service.say(reply("Aye"))
        await writing.say("Hello")
        async with open_chat(start_talk(chat=ADA, backend="openai"), settings_file=file) as chat:
            assert "read-only" in head(chat)
            await chat.type("/model luna")
            await chat.settle()
            assert any("for new conversations" in note for note in chat.notes())
            assert "vivian-8b" in head(chat)
            assert chat.talk.session.configured.chat.model == "luna"
    assert load_config(tmp_path / "config.toml", {}).chat.model == "luna"
