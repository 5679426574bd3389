"""What the model is told beside what was said: the bytes of requests, as the service gets them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from animus_tui.characters.character import Character
from animus_tui.characters.lorebook import Lorebook, LorebookEntry
from animus_tui.chat.conversation_settings import settings_of
from animus_tui.chat.token_meter import estimated_tokens
from animus_tui.config.schema import ChatConfig, UserConfig
from tests.support.chat_service import reply
from tests.support.talk import StartTalk, Talk

BACKENDS = ("animus", "openai")
SAM = UserConfig(name="Sam", about="I repair old radios.")
LORE = Lorebook(
    entries=(
        LorebookEntry(keys=("gull",), content="{{char}} names the gulls after ministers."),
        LorebookEntry(keys=("boat",), content="The boat leaks.", position="before_char"),
        LorebookEntry(constant=True, content="The house has one room.", insertion_order=200),
    )
)


def sent(talk: Talk, number: int = -1) -> list[tuple[str, Any]]:
    return [(each["role"], each["content"]) for each in talk.service.chat_bodies[number]["messages"]]


async def choose(talk: Talk, character: Character) -> None:
    await talk.session.new(settings_of(character, talk.session.configured))


def with_user(talk: Talk, user: UserConfig = SAM) -> None:
    talk.session.configure(replace(talk.session.configured, user=user))


async def test_without_any_of_it_the_messages_are_what_they_always_were(talk: Talk) -> None:
    talk.service.say(reply("Aye."), reply("Yes."))
    await talk.say("Hello")
    await talk.say("And  now?")
    assert json.dumps(talk.service.chat_bodies[-1]["messages"], separators=(",", ":")) == json.dumps(
        [
            {"role": "system", "content": ChatConfig().system_message},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Aye."},
            {"role": "user", "content": "And  now?"},
        ],
        separators=(",", ":"),
    )


async def test_macros_are_filled_in_at_each_request(talk: Talk) -> None:
    talk.service.say(reply("a"), reply("b"), reply("c"))
    spoken = "Be {{char}}, talk with {{User}}. It is {{date}}. {{unknown}}"
    await choose(talk, Character(name="Mira Vold", nickname="Mira", system_message=spoken))
    today = datetime.now().astimezone()
    day = f"{today:%A}, {today.day} {today:%B} {today.year}"
    await talk.say("Hello {{char}}")
    assert sent(talk)[0] == ("system", f"Be Mira, talk with User. It is {day}. {{{{unknown}}}}")
    assert sent(talk)[-1] == ("user", "Hello {{char}}")
    with_user(talk)
    await talk.say("Hello")
    assert sent(talk)[0][1].startswith("Be Mira, talk with Sam. ")
    await talk.session.complete("Quietly")
    assert sent(talk)[0][1].startswith("Be Mira, talk with Sam. ")


async def test_the_user_the_examples_and_what_was_brought_up_follow_the_instructions(talk: Talk) -> None:
    with_user(talk)
    talk.service.say(*(reply("Aye.") for _ in range(5)))
    character = Character(
        name="Mira", system_message="Be {{char}}.", examples="{{user}}: Hi\n{{char}}: Aye.", lorebook=LORE
    )
    await choose(talk, character)
    always = "Be Mira.\n\nAbout Sam: I repair old radios.\n\nSam: Hi\nMira: Aye."
    await talk.say("Hello")
    assert sent(talk)[0][1] == f"{always}\n\nThe house has one room."
    await talk.say("Is that a gull?")
    gulls = "Mira names the gulls after ministers."
    assert sent(talk)[0][1] == f"{always}\n\n{gulls}\n\nThe house has one room."
    await talk.say("Whose boat is it?")
    assert sent(talk)[0][1] == f"The boat leaks.\n\n{always}\n\n{gulls}\n\nThe house has one room."
    await talk.say("Good.")
    await talk.say("Fine.")  # the gull is by now the fifth message from the end
    assert "gulls" not in sent(talk)[0][1]


async def test_what_a_regenerated_reply_is_told_goes_by_what_was_said_before_it(talk: Talk) -> None:
    talk.service.say(reply("A gull!"), reply("Nothing."))
    await choose(talk, Character(name="Mira", system_message="Be Mira.", lorebook=LORE))
    await talk.say("What do you see?")
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    assert "ministers" not in sent(talk)[0][1]


async def test_a_lorebook_that_cannot_be_read_keeps_nobody_from_talking(talk: Talk) -> None:
    talk.service.say(reply("Aye."))
    settings = settings_of(Character(name="Mira", system_message="Be Mira."), talk.session.configured)
    await talk.session.new(replace(settings, lorebook={"entries": 7}))
    await talk.say("Hello")
    assert sent(talk)[0][1] == "Be Mira."


async def test_the_budget_of_a_lorebook_is_counted_as_the_history_is(talk: Talk) -> None:
    """Chinese takes more tokens than bytes of it would tell."""
    entries = tuple(LorebookEntry(constant=True, content=text * 100) for text in ("灯塔", "海鸥"))
    one = estimated_tokens(entries[0].content)
    book = Lorebook(entries=entries, token_budget=int(1.5 * one))
    talk.service.say(reply("Aye."))
    await choose(talk, Character(name="Mira", system_message="Be Mira.", lorebook=book))
    await talk.say("Hello")
    assert len(sent(talk)[0][1]) == len("Be Mira.\n\n") + 200


async def test_with_a_limit_the_past_gives_way_to_what_the_character_is_told(start_talk: StartTalk) -> None:
    long = "The quick brown fox jumps over the lazy dog. " * 10
    async with start_talk(chat=ChatConfig(history_tokens=350)) as talk:
        talk.service.say(*(reply(long) for _ in range(4)))
        await choose(talk, Character(name="Mira", system_message="Be Mira."))
        await talk.say(long)
        await talk.say("And then?")
        assert len(sent(talk)) == 4
        talk.session.set_character(replace(talk.session.character, examples=long * 2))
        await talk.say("And then?")
        with_examples = len(sent(talk))
        assert with_examples < 6
        talk.session.set_note(long)
        await talk.say("And then?")
        assert len(sent(talk)) <= with_examples
        assert sent(talk)[0][1].endswith("lazy dog.")
        assert sent(talk)[-1][1].endswith(f"[Note: {long.strip()}]")


async def test_of_a_limit_a_lorebook_takes_a_quarter(start_talk: StartTalk) -> None:
    entries = tuple(LorebookEntry(constant=True, content=f"word {n} " * 40) for n in range(20))
    async with start_talk(chat=ChatConfig(history_tokens=1000)) as talk:
        talk.service.say(reply("Aye."))
        book = Lorebook(entries=entries, token_budget=10_000)
        await choose(talk, Character(name="Mira", system_message="Be Mira.", lorebook=book))
        await talk.say("Hello")
        told = sent(talk)[0][1]
        assert 100 < estimated_tokens(told) < 260


# The note


async def test_a_note_stands_behind_the_last_words_of_the_user_and_in_no_history(
    start_talk: StartTalk,
) -> None:
    async with start_talk() as talk:
        talk.service.say(*(reply("Aye.") for _ in range(3)))
        await talk.say("Hello")
        talk.session.set_note("  {{char}} is tired.\nVery. ")
        await talk.say("And now?")
        name = talk.session.config.chat.name
        assert sent(talk)[-1] == ("user", f"And now?\n\n[Note: {name} is tired.\nVery.]")
        assert sent(talk)[1] == ("user", "Hello")
        assert [each["role"] for each in talk.service.chat_bodies[-1]["messages"]].count("system") == 1
        history = (talk.session.conversation.folder / "history.json").read_text()
        assert "tired" not in history
        described = json.loads((talk.session.conversation.folder / "conversation.json").read_bytes())
        assert described["character"]["note"] == "{{char}} is tired.\nVery."
        talk.session.set_note(" ")
        await talk.say("And now?")
        assert sent(talk)[-1] == ("user", "And now?")


async def test_a_wish_stands_behind_the_note_and_a_follow_up_has_it_too(talk: Talk) -> None:
    talk.service.say(reply("Aye.", next=True), reply("And more."), reply("Short."))
    talk.session.set_note("Be brief.")
    await talk.say("Hello")
    assert sent(talk)[1] == ("user", "Hello\n\n[Note: Be brief.]")  # with Animus of the follow-up
    await talk.session.revisions.regenerate("shorter")
    await talk.session.wait()
    assert sent(talk)[-1][1] == "Hello\n\n[Note: Be brief.]\n\n(Please answer like this: shorter)"


async def test_a_note_without_instructions_and_a_character_s_own(start_talk: StartTalk) -> None:
    async with start_talk(chat=ChatConfig(system_message=" ")) as talk:
        talk.service.say(reply("Aye."))
        await choose(talk, Character(name="Mira", note="Call {{user}} captain."))
        await talk.say("Hello")
        assert sent(talk) == [("user", "Hello\n\n[Note: Call User captain.]")]


async def test_a_note_stays_where_nothing_was_said_and_the_configuration_changes(talk: Talk) -> None:
    talk.session.set_note("Be brief.")
    talk.session.configure(replace(talk.session.configured, chat=ChatConfig(name="Max")))
    talk.service.say(reply("Aye."))
    await talk.say("Hello")
    assert sent(talk)[-1][1] == "Hello\n\n[Note: Be brief.]"
    assert talk.session.config.chat.name == "Max"


async def test_what_the_program_asks_aside_has_no_note_and_brings_nothing_up(talk: Talk) -> None:
    talk.service.say(reply("A pier"), reply("Aye."))
    await choose(talk, Character(name="Mira", system_message="Be Mira.", note="Rhyme.", lorebook=LORE))
    await talk.session.complete("Write a prompt with a gull", is_said=False)
    always = "Be Mira.\n\nThe house has one room."
    assert sent(talk) == [("system", always), ("user", "Write a prompt with a gull")]
    await talk.session.complete("A gull?")
    assert "ministers" in sent(talk)[0][1]
    assert sent(talk)[-1][1] == "A gull?\n\n[Note: Rhyme.]"
