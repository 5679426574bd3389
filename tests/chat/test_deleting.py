"""What a session does with conversations of the list that are in use."""

from __future__ import annotations

import asyncio

import pytest

from animus_tui.errors import UserError
from tests.support.chat_service import Answer, reply
from tests.support.talk import Talk

BACKENDS = ("animus", "openai")


async def test_the_open_conversation_is_deleted_only_when_nothing_is_under_way_in_it(talk: Talk) -> None:
    session = talk.session
    talk.service.say(reply("Hello"))
    await talk.say("first")
    one = session.conversation.conversation.id
    await session.new()
    two = session.conversation.conversation.id
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await session.send("second")
    await talk.service.asked.wait()
    with pytest.raises(UserError, match="An answer is under way"):
        await session.delete_conversation(two, then=one)
    await session.cancel()
    talk.service.show(gate=asyncio.Event())
    session.start_image("a boat")
    await session.open(one)  # the picture is still being made
    with pytest.raises(UserError, match="A picture is being made"):
        await session.delete_conversation(two)
    await session.cancel()
    await session.wait()
    listed = session.all_conversations
    assert {each.id for each in await listed.read()} == {one, two}
    await session.delete_conversation(one, then=two)
    assert session.conversation.conversation.id == two
    assert session.conversation.messages[0].content == "second"
    await session.delete_conversation(two)  # nothing is left: a new one
    assert not session.conversation.messages
    with pytest.raises(UserError, match="nothing to delete"):
        await session.delete_conversation(session.conversation.conversation.id)
    await listed.restore(one)
    await listed.rename(one, "  Another\n\x1b[31mtitle ")
    (restored,) = [each for each in await listed.read() if each.id == one]
    assert (restored.title, restored.summary and restored.summary.messages) == ("Another title", 2)
