"""What a character says first: in the history as any reply, and yet nothing was said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.characters.character import Character
from animus_tui.chat.all_conversations import AllConversations
from animus_tui.chat.conversation_settings import settings_of
from animus_tui.chat.events import HistoryChanged
from animus_tui.config.schema import ChatConfig, UserConfig
from animus_tui.errors import UserError
from tests.support.chat_service import Answer, reply
from tests.support.talk import StartTalk, Talk

BACKENDS = ("animus", "openai")
HENRIK = Character(
    name="Henrik Vold",
    nickname="Henrik",
    system_message="You are {{char}}.",
    greeting="*nods* Sit down, {{user}}.\n\nThe kettle is on.",
    greetings=("You are late, {{user}}.", "{{char}} here.", "You are late, {{user}}.", " "),
)
FIRST = "*nods* Sit down, User.\n\nThe kettle is on."
PLAIN = Character(name="Plain", system_message="Be plain.")


async def begin(talk: Talk, character: Character = HENRIK) -> None:
    await talk.session.new(settings_of(character, talk.session.configured))


def texts(talk: Talk) -> list[str | None]:
    return [message.content for message in talk.messages]


def sent(talk: Talk, number: int = -1) -> list[tuple[str, Any]]:
    return [(each["role"], each["content"]) for each in talk.service.chat_bodies[number]["messages"]]


def folders(root: Path) -> list[Path]:
    return list((root / "conversations").iterdir())


async def listed(everything: AllConversations) -> list[str]:
    return [each.title for each in await everything.read()]


async def test_a_conversation_opens_with_it_and_the_model_gets_it_as_a_reply(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        await begin(talk)
        assert texts(talk) == [FIRST]
        talk.service.say(reply("Aye."))
        await talk.say("Hello")
        assert sent(talk) == [("system", "You are Henrik."), ("assistant", FIRST), ("user", "Hello")]
        entry = talk.on_disk()[0]
        assert (entry["role"], entry["content"], entry["greeting"]) == ("assistant", FIRST, True)
        assert talk.session.conversation.conversation.title == "Hello"


async def test_its_alternatives_are_versions_which_stay_chosen(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        await begin(talk)
        assert talk.messages[0].branch_count == 3
        shown = talk.messages[0].id
        found = []
        for index in (1, 2, 0, 2):
            shown = await talk.session.revisions.show_branch(shown, index)
            found += texts(talk)
        assert found == ["You are late, User.", "Henrik here.", FIRST, "Henrik here."]
        opened = talk.session.conversation.conversation.id
    async with start_talk() as talk:
        assert talk.session.conversation.conversation.id == opened
        assert texts(talk) == ["Henrik here."]
        talk.service.say(reply("Aye."))
        await talk.say("Hello")
        assert sent(talk)[1] == ("assistant", "Henrik here.")


async def test_a_greeting_alone_is_no_use_of_a_conversation(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        await begin(talk)
        first = talk.session.conversation.conversation.id
        await begin(talk)
        await begin(talk, PLAIN)
        assert texts(talk) == []
        await talk.session.new()
        assert texts(talk) == []
        await begin(talk)
        await talk.session.revisions.show_branch(talk.messages[0].id, 1)
        await begin(talk)
        assert texts(talk) == [FIRST]
        assert [folder.name for folder in folders(talk.root)] == [first]
    async with start_talk() as talk:  # also at the next start
        await begin(talk)
        assert [folder.name for folder in folders(talk.root)] == [first]
        talk.service.say(reply("Aye."))
        await talk.say("Hello")
        await begin(talk)
        assert len(folders(talk.root)) == 2
        await talk.session.open(first)
        assert await listed(talk.session.all_conversations) == ["Hello"]
        await talk.session.temporary(settings_of(HENRIK, talk.session.configured))
        assert texts(talk) == [FIRST]
        await begin(talk)
        assert len(folders(talk.root)) <= 3


async def test_what_was_said_in_another_version_counts(talk: Talk) -> None:
    await begin(talk)
    talk.service.say(reply("Aye."))
    await talk.say("Hello")
    await talk.session.revisions.show_branch(talk.messages[0].id, 1)
    assert texts(talk) == ["You are late, User."]
    kept = talk.session.conversation.conversation.id
    await begin(talk)
    assert talk.session.conversation.conversation.id != kept
    await talk.session.open(kept)
    await talk.session.revisions.show_branch(talk.messages[0].id, 0)
    assert texts(talk) == [FIRST, "Hello", "Aye."]


async def test_one_that_was_corrected_by_hand_is_not_lost(talk: Talk) -> None:
    await begin(talk)
    await talk.session.revisions.correct(talk.messages[0].id, "Sit.")
    kept = talk.session.conversation.conversation.id
    await begin(talk)
    assert talk.session.conversation.conversation.id != kept
    await talk.session.open(kept)
    assert texts(talk) == ["Sit."]


async def test_another_character_replaces_it_as_long_as_nothing_was_said(talk: Talk) -> None:
    await begin(talk)
    other = Character(name="Safiya", greeting="Mind the step.")
    talk.session.set_character(settings_of(other, talk.session.configured))
    assert texts(talk) == ["Mind the step."]
    assert talk.of(HistoryChanged)
    talk.session.set_character(settings_of(PLAIN, talk.session.configured))
    assert texts(talk) == []
    assert talk.on_disk() == []
    talk.session.set_character(settings_of(HENRIK, talk.session.configured))
    assert texts(talk) == [FIRST]
    talk.service.say(reply("Aye."))
    await talk.say("Hello")
    talk.session.set_character(settings_of(other, talk.session.configured))
    assert texts(talk) == [FIRST, "Hello", "Aye."]


async def test_a_setting_or_a_note_changes_nothing_of_a_chosen_version(talk: Talk) -> None:
    await begin(talk)
    await talk.session.revisions.show_branch(talk.messages[0].id, 2)
    talk.session.change_setting(("chat", "temperature"), 0.9)
    talk.session.set_note("Be brief.")
    assert texts(talk) == ["Henrik here."]
    assert not talk.of(HistoryChanged)[1:]
    talk.session.set_character(replace(talk.session.character, nickname="Hen"))
    assert texts(talk) == ["Hen here."]
    assert talk.messages[0].branch == 2


async def test_there_is_nothing_to_retry_to_continue_or_to_regenerate(talk: Talk) -> None:
    await begin(talk)
    assert not talk.session.can_retry
    with pytest.raises(UserError):
        await talk.session.revisions.continue_reply()
    with pytest.raises(UserError):
        await talk.session.revisions.regenerate()
    assert texts(talk) == [FIRST]


async def test_a_fork_begins_with_it(talk: Talk) -> None:
    await begin(talk)
    talk.service.say(reply("Aye."))
    await talk.say("Hello")
    await talk.session.revisions.fork(talk.messages[1].id)
    assert texts(talk) == [FIRST, "Hello"]
    assert talk.messages[0].branch_count == 3


async def test_the_user_is_called_by_name_and_what_the_model_writes_stays(talk: Talk) -> None:
    talk.session.configure(replace(talk.session.configured, user=UserConfig(name="Sam")))
    await begin(talk)
    talk.service.say(reply("{{user}}, well."))
    await talk.say("Hello {{char}}")
    assert texts(talk) == [FIRST.replace("User", "Sam"), "Hello {{char}}", "{{user}}, well."]


async def test_the_user_s_name_is_that_of_now_until_something_is_said(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        await begin(talk)
        await talk.session.revisions.show_branch(talk.messages[0].id, 1)
        talk.session.configure(replace(talk.session.configured, user=UserConfig(name="Sam")))
        assert texts(talk) == ["You are late, Sam."]
        assert (talk.messages[0].branch, talk.messages[0].branch_count) == (1, 3)
        assert talk.of(HistoryChanged)[-1].message_id is None
    async with start_talk() as talk:  # where no name is said again
        assert texts(talk) == ["You are late, User."]
        talk.service.say(reply("Aye."))
        await talk.say("Hello")
        talk.session.configure(replace(talk.session.configured, user=UserConfig(name="Sam")))
        assert texts(talk)[0] == "You are late, User."
    async with start_talk() as talk:
        await begin(talk)
        await talk.session.revisions.delete(talk.messages[0].id)
        assert talk.messages[0].branch_count == 2
        talk.session.configure(replace(talk.session.configured, user=UserConfig(name="Sam")))
        assert talk.messages[0].branch_count == 2


async def test_a_service_that_wants_the_user_to_begin_gets_it_so(start_talk: StartTalk) -> None:
    """As the templates of Gemma and Mistral have it, which also take no second system message."""

    def answer(body: dict[str, Any]) -> Answer:
        roles = [message["role"] for message in body["messages"]]
        turns = ["user", "assistant"] * len(roles)
        if roles[1:] == turns[: len(roles) - 1]:
            return Answer(reply("Aye."))
        return Answer({"error": {"message": "Conversation roles must alternate user/assistant"}}, 400)

    async with start_talk(backend="openai") as talk:
        talk.service.answer_chat = answer
        await begin(talk)
        talk.session.set_note("Be brief.")
        await talk.say("Hello")
        assert texts(talk) == [FIRST, "Hello", "Aye."]
        assert sent(talk) == [
            ("system", "You are Henrik."),
            ("user", "…"),
            ("assistant", FIRST),
            ("user", "Hello\n\n[Note: Be brief.]"),
        ]


async def test_the_window_counts_it_as_a_message(start_talk: StartTalk) -> None:
    async with start_talk(chat=ChatConfig(history_size=2)) as talk:
        await begin(talk)
        talk.service.say(reply("Aye."), reply("Aye."))
        await talk.say("Hello")
        assert sent(talk)[1] == ("assistant", FIRST)
        await talk.say("And now?")
        assert [role for role, _ in sent(talk)] == ["system", "user", "assistant", "user"]


async def test_a_card_with_thousands_of_greetings_stays_small(talk: Talk) -> None:
    await begin(talk, replace(HENRIK, greetings=tuple(f"Hello {n}" for n in range(5000))))
    assert talk.messages[0].branch_count == 50
    assert json.dumps(talk.on_disk()).count("Hello") == 49
