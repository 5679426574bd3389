"""A conversation that another program writes: it is followed, and taken over when that has ended."""

from __future__ import annotations

import pytest

from animus_tui.chat.events import ConversationOpened
from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import UserError
from tests.support.chat_service import reply
from tests.support.stored_history import contents, say
from tests.support.talk import StartTalk, Talk


def is_elsewhere(talk: Talk) -> bool:
    stored = talk.session.conversation
    assert stored.read_only == stored.is_open_elsewhere
    return stored.read_only


async def test_what_the_first_one_writes_is_followed_and_taken_over_when_it_has_ended(
    start_talk: StartTalk,
) -> None:
    async with start_talk() as second:
        async with start_talk() as first:
            first.service.say(reply("Hi"), reply("Ho"))
            await first.say("hello")
            await second.session.open(first.session.conversation.conversation.id)
            assert is_elsewhere(second)
            assert not await second.session.follow()
            await first.say("again " + "x" * 300_000)
            assert await second.session.follow()
            assert second.messages == first.messages
            assert is_elsewhere(second)
            assert not await second.session.follow()
            with pytest.raises(UserError, match="open in another window"):
                await second.session.send("mine")
        opened = len(second.of(ConversationOpened))
        assert await second.session.follow()
        assert len(second.of(ConversationOpened)) == opened + 1
        assert not is_elsewhere(second)
        assert not await second.session.follow()
        second.service.say(reply("Welcome"))
        await second.say("mine")
        assert [m.content for m in second.messages[-2:]] == ["mine", "Welcome"]


async def test_who_writes_into_a_conversation_that_is_free_again_takes_it_over(start_talk: StartTalk) -> None:
    async with start_talk() as second:
        async with start_talk() as first:
            first.service.say(reply("Hi"))
            await first.say("hello")
            await second.session.open(first.session.conversation.conversation.id)
        second.service.say(reply("Welcome"))
        await second.say("mine")
        assert [m.content for m in second.messages] == ["hello", "Hi", "mine", "Welcome"]
        assert len(second.on_disk()) == 4


def test_a_conversation_that_is_closed_or_written_here_is_never_outdated(store: ConversationStore) -> None:
    first = store.create(Conversation(id="one"))
    second = store.open("one")
    first.put(say("a"))
    assert (first.is_outdated(), second.is_outdated()) == (False, True)
    second.close()
    first.close()
    assert (first.is_outdated(), second.is_outdated()) == (False, False)
    third = store.open("one")
    assert (contents(third), third.is_outdated()) == (["a"], False)
    third.close()
