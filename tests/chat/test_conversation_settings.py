"""What a conversation keeps of its own, and what holds in it, whatever the configuration says later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.characters.character import Character
from animus_tui.chat.conversation_settings import (
    KEPT,
    ConversationSettings,
    completed,
    configured_settings,
    settings_of,
    with_setting,
)
from animus_tui.chat.effective_settings import effective, kept_settings, with_settings
from animus_tui.chat.events import CharacterChanged
from animus_tui.chat.messages import Conversation
from animus_tui.config.loading import load_config
from animus_tui.config.schema import (
    AUTO_MODEL,
    ApiConfig,
    AutoTurnConfig,
    ChatConfig,
    Config,
    ImageConfig,
    StyleConfig,
    introduction,
    schema,
)
from animus_tui.errors import ConfigError, UserError
from tests.support.chat_service import Answer, reply
from tests.support.talk import StartTalk, Talk

ADA = ChatConfig(name="Ada", system_message="You are Ada.", temperature=0.4, model="vivian-8b", stop=("END",))
MAX = ChatConfig(name="Max", system_message="You are Max.", temperature=1.5, model="vivian-70b")
OWN = Config(
    chat=ADA, auto_turn=AutoTurnConfig(max_turns=2), image=ImageConfig(width=512, seed=7, when="ask")
)
LATER = Config(chat=MAX, auto_turn=AutoTurnConfig(max_turns=9), image=ImageConfig(width=768))
OLLAMA = ApiConfig(backend="openai", base_url="http://127.0.0.1:11434/v1")
LM_STUDIO = ApiConfig(backend="openai", base_url="http://127.0.0.1:1234/v1")


def begun(config: Config) -> Conversation:
    """A conversation that was begun while this was configured, as it is read from the disk."""
    made = with_settings(Conversation(id="one"), configured_settings(config))
    return msgspec.json.decode(msgspec.json.encode(made), type=Conversation)


def test_everything_that_a_conversation_keeps_holds_whatever_is_configured_later() -> None:
    holds = effective(LATER, begun(OWN))
    for table, key in KEPT:
        own = getattr(getattr(OWN, table), key)
        assert getattr(getattr(holds, table), key) == own, (table, key)
    assert (holds.chat, holds.auto_turn, holds.image) == (OWN.chat, OWN.auto_turn, OWN.image)


def test_what_is_of_the_service_or_of_the_screen_is_as_it_is_configured() -> None:
    of_service = {"check_image_generation", "promises", "compliance"}
    assert {key for key in schema()["chat"] if ("chat", key) not in KEPT} == of_service
    later = replace(LATER, chat=replace(MAX, promises="ask", compliance=False))
    holds = effective(later, begun(OWN))
    assert (holds.chat.promises, holds.chat.compliance) == ("ask", False)
    assert (holds.api, holds.ui, holds.keys) == (later.api, later.ui, later.keys)


@pytest.mark.parametrize(
    ("chosen_at", "now", "model"),
    [
        (ApiConfig(), ApiConfig(), "vivian-8b"),
        (
            ApiConfig(base_url="http://127.0.0.1:4001/v3"),
            ApiConfig(base_url="http://127.0.0.1:4002/v3"),
            "vivian-8b",
        ),
        (ApiConfig(), OLLAMA, "vivian-70b"),
        (OLLAMA, OLLAMA, "vivian-8b"),
        (OLLAMA, LM_STUDIO, "vivian-70b"),
    ],
    ids=["Animus", "the demo at another port", "another kind", "the same of others", "another one of a kind"],
)
def test_a_model_holds_only_at_the_service_where_it_was_chosen(
    chosen_at: ApiConfig, now: ApiConfig, model: str
) -> None:
    holds = effective(replace(LATER, api=now), begun(replace(OWN, api=chosen_at)))
    assert holds.chat.model == model
    assert holds.chat.name == "Ada"


def test_the_service_is_named_without_what_signs_in() -> None:
    api = ApiConfig(backend="openai", base_url="https://api.example/v1", api_key="sk-planted")
    assert api.service == "openai api.example"


def test_a_model_that_is_named_later_answers_where_none_was_named() -> None:
    unnamed = Config(api=OLLAMA, chat=ChatConfig(model=AUTO_MODEL))
    named = replace(unnamed, chat=ChatConfig(model="llama3.2:3b"))
    assert effective(unnamed, begun(unnamed)).chat.model == AUTO_MODEL
    assert effective(named, begun(unnamed)).chat.model == "llama3.2:3b"


def test_options_and_variables_go_before_what_a_conversation_keeps(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[chat]\nname = "Max"\ntemperature = 1.5\n')
    env = {
        "ANIMUS_CHAT_MODEL": "from-the-environment",
        "ANIMUS_CHAT_TEMPERATURE": "0.1",
        "ANIMUS_CHAT_NAME": " ",
    }
    config = load_config(file, env)
    assert {("chat", "model"), ("chat", "temperature")} == config.fixed
    holds = effective(config, begun(OWN)).chat
    assert (holds.model, holds.temperature) == ("from-the-environment", 0.1)
    assert (holds.name, holds.system_message, holds.stop) == ("Ada", "You are Ada.", ("END",))


def test_the_default_instructions_go_by_the_name_that_the_environment_says() -> None:
    config = load_config(None, {"ANIMUS_CHAT_NAME": "Max"})
    assert effective(config, begun(Config())).chat.system_message == introduction("Max")
    assert effective(config, begun(OWN)).chat.system_message == "You are Ada."


@pytest.mark.parametrize(
    ("former", "name", "instructions"),
    [
        (Conversation(id="one"), "Max", "You are Max."),
        (Conversation(id="one", name="Ada", model="m", system_message="You are Ada."), "Ada", "You are Ada."),
        (Conversation(id="one", name="Ada", model="m"), "Ada", ""),
        (Conversation(id="one", name="Aria"), "Aria", "You are Max."),
    ],
    ids=["foreign", "with all", "without instructions", "imported with a name"],
)
def test_a_conversation_of_an_earlier_version_has_what_it_has_and_for_the_rest_what_is_configured(
    former: Conversation, name: str, instructions: str
) -> None:
    holds = effective(LATER, former)
    assert (holds.chat.name, holds.chat.system_message) == (name, instructions)
    assert (holds.chat.temperature, holds.auto_turn, holds.image) == (1.5, LATER.auto_turn, LATER.image)
    settled = with_settings(former, completed(kept_settings(former), LATER))
    assert effective(OWN, settled).chat == replace(holds.chat, model="vivian-70b")


def test_an_imported_character_without_instructions_gets_the_default_ones_with_its_name() -> None:
    assert effective(Config(), Conversation(id="one", name="Aria")).chat.system_message == introduction(
        "Aria"
    )


@pytest.mark.parametrize(
    ("model", "api", "used"),
    [
        ("vivian-8b", ApiConfig(), "vivian-8b"),
        ("llama3.2:3b", ApiConfig(), "vivian-70b"),
        ("vivian-8b", OLLAMA, "vivian-70b"),
        ("llama3.2:3b", OLLAMA, "vivian-70b"),
    ],
)
def test_a_model_of_which_nobody_noted_the_service_is_used_only_where_it_is_one_of_animus(
    model: str, api: ApiConfig, used: str
) -> None:
    former = Conversation(id="one", name="Ada", model=model)
    assert effective(replace(LATER, api=api), former).chat.model == used


@pytest.mark.parametrize(
    "character",
    [
        {"sampling": {"temperature": "hot", "max_tokens": -3, "top_p": 0.5, "of_a_later_version": 1}},
        {"name": "Ada", "sampling": [], "auto_turn": 3, "greetings": "x", "image": {"width": 1}},
        {"name": 3, "system_message": {}, "lorebook": []},
        {"name": "  ", "auto_turn": {"min_delay": 900, "max_delay": 10}},
        [],
        "Ada",
    ],
)
def test_what_does_not_fit_is_left_to_the_configuration(tmp_path: Path, character: object) -> None:
    from animus_tui.chat.storage.description import read_description

    (tmp_path / "conversation.json").write_text(json.dumps({"title": "Kept", "character": character}))
    found = read_description(tmp_path)
    assert found.title == "Kept"
    holds = effective(LATER, found)
    assert (holds.chat.temperature, holds.chat.system_message) == (1.5, "You are Max.")
    assert holds.image.width == 768
    assert holds.auto_turn.min_delay <= holds.auto_turn.max_delay
    assert holds.chat.name in ("Ada", "Max")


def test_a_name_is_one_printable_line() -> None:
    named = ConversationSettings(name="A\x1b]0;d\x07\nda")
    assert effective(LATER, with_settings(Conversation(id="one"), named)).chat.name.isprintable()


def test_a_setting_is_changed_alone() -> None:
    own, holds = configured_settings(OWN), OWN
    for place, value in {
        ("chat", "temperature"): 0.9,
        ("chat", "stop"): ("A", "B"),
        ("auto_turn", "max_turns"): 5,
        ("image", "height"): 640,
        ("chat", "appearance"): "tall",
        ("chat", "system_message"): "",
    }.items():
        changed = with_setting(own, holds, place, value)
        after = effective(LATER, with_settings(Conversation(id="one"), changed))
        table, key = place
        assert getattr(getattr(after, table), key) == value
        expected = replace(getattr(OWN, table), **{key: value})
        assert replace(OWN, **{table: expected}) == replace(
            OWN, chat=after.chat, auto_turn=after.auto_turn, image=after.image
        )
    with pytest.raises(ConfigError):
        with_setting(own, holds, ("chat", "temperature"), 9)
    assert with_setting(own, holds, ("ui", "density"), "compact") is own


def test_the_default_instructions_follow_a_name_that_is_changed_and_own_ones_do_not() -> None:
    default = with_setting(configured_settings(Config()), Config(), ("chat", "name"), "Mira")
    assert (default.name, default.system_message) == ("Mira", introduction("Mira"))
    own = with_setting(configured_settings(OWN), OWN, ("chat", "name"), "Mira")
    assert (own.name, own.system_message) == ("Mira", "You are Ada.")


def test_a_character_of_the_users_becomes_what_a_conversation_keeps() -> None:
    mira = Character(
        name="Mira",
        system_message="You are {{char}}.",
        greeting="Ahoy",
        greetings=("Hm?",),
        model="vivian-9b",
        sampling={"temperature": 0.7, "stop": ("X",)},
        image={"width": 640, "when": "off"},
        auto_turn={"enabled": False},
        style="watercolour",
        accent="#e0803a",
        character_id="face-1",
    )
    config = replace(OWN, styles={"watercolour": StyleConfig(prefix="a watercolour of", steps=30)})
    settings = settings_of(mira, config)
    assert settings.style == {"name": "watercolour", "prefix": "a watercolour of", "steps": 30}
    assert (settings.greeting, settings.greetings, settings.accent) == ("Ahoy", ["Hm?"], "#e0803a")
    made = with_settings(Conversation(id="one"), settings)
    assert (made.pictures.character, made.character_name, made.name) == ("face-1", "Mira", "Mira")
    holds = effective(LATER, msgspec.json.decode(msgspec.json.encode(made), type=Conversation))
    assert (holds.chat.name, holds.chat.system_message, holds.chat.model) == (
        "Mira",
        "You are {{char}}.",
        "vivian-9b",
    )
    assert (holds.chat.temperature, holds.chat.stop) == (0.7, ("X",))
    assert (holds.image.width, holds.image.when, holds.image.seed) == (640, "off", 7)
    assert (holds.auto_turn.enabled, holds.auto_turn.max_turns) == (False, 2)
    assert holds.chat.appearance is None


# In a session


def body(talk: Talk, number: int = -1) -> dict[str, Any]:
    sent: dict[str, Any] = talk.service.chat_bodies[number]
    return sent


def instructions(talk: Talk, number: int = -1) -> str:
    told: str = body(talk, number)["messages"][0]["content"]
    return told


async def test_an_old_conversation_is_answered_as_it_was_begun_and_a_new_one_as_it_is_configured(
    start_talk: StartTalk,
) -> None:
    async with start_talk(chat=ADA) as talk:
        talk.service.say(reply("Aye."))
        await talk.say("Hello")
        old = talk.session.conversation.conversation.id
    async with start_talk(chat=MAX) as talk:
        talk.service.say(reply("Aye."), reply("Yes."), reply("Aye."))
        await talk.say("Still there?")
        assert (instructions(talk), body(talk)["model"]) == ("You are Ada.", "vivian-8b")
        assert (body(talk)["temperature"], body(talk)["stop"]) == (0.4, ["END"])
        assert talk.session.config.chat.name == "Ada"
        await talk.session.new()
        assert talk.session.config.chat.name == "Max"
        await talk.say("Who are you?")
        assert (instructions(talk), body(talk)["temperature"]) == ("You are Max.", 1.5)
        await talk.session.open(old)
        assert (await talk.session.complete("Quietly")).content == "Aye."
        assert instructions(talk) == "You are Ada."


async def test_another_configuration_while_it_runs_is_for_new_conversations(talk: Talk) -> None:
    talk.service.say(reply("a"), reply("b"))
    await talk.say("Hello")
    talk.session.configure(replace(talk.session.configured, chat=MAX))
    await talk.say("Again")
    assert instructions(talk) == ChatConfig().system_message
    assert (talk.session.config.chat.name, talk.session.configured.chat.name) == ("Vivian", "Max")


async def test_a_conversation_in_which_nothing_was_said_goes_by_the_configuration_of_now(
    start_talk: StartTalk,
) -> None:
    async with start_talk(chat=ADA) as talk:
        empty = talk.session.conversation.conversation.id
    async with start_talk(chat=MAX) as talk:
        assert talk.session.conversation.conversation.id == empty
        assert talk.session.config.chat.name == "Max"
        talk.session.configure(replace(talk.session.configured, chat=ADA))
        talk.service.say(reply("Aye."))
        await talk.say("Hello")
        assert instructions(talk) == "You are Ada."


async def test_a_character_that_was_chosen_stays_although_nothing_was_said(start_talk: StartTalk) -> None:
    async with start_talk(chat=ADA) as talk:
        await talk.session.new(settings_of(Character(name="Mira", system_message="Be Mira."), OWN))
        chosen = talk.session.conversation.conversation.id
    async with start_talk(chat=MAX) as talk:
        assert talk.session.conversation.conversation.id == chosen
        talk.service.say(reply("Aye."))
        assert talk.session.config.chat.name == "Mira"
        await talk.session.new()
        assert talk.session.conversation.conversation.id == chosen
        assert talk.session.config.chat.name == "Max"


async def test_a_character_is_changed_in_one_conversation_written_at_once_and_told(talk: Talk) -> None:
    talk.service.say(reply("a"), reply("b"), reply("c"))
    await talk.say("Hello")
    mira = settings_of(Character(name="Mira", system_message="Be Mira."), talk.session.configured)
    talk.session.set_character(mira)
    assert [event.name for event in talk.of(CharacterChanged)] == ["Mira"]
    written = json.loads((talk.session.conversation.folder / "conversation.json").read_bytes())
    assert (written["character"]["name"], written["name"]) == ("Mira", "Mira")
    await talk.say("And now?")
    assert [instructions(talk, at) for at in (0, 1)] == [ChatConfig().system_message, "Be Mira."]
    await talk.session.new()
    await talk.say("Hello")
    assert instructions(talk) == ChatConfig().system_message


async def test_a_setting_is_changed_in_the_open_conversation_alone(start_talk: StartTalk) -> None:
    async with start_talk(chat=ADA) as talk:
        talk.service.say(*(reply(str(n)) for n in range(4)))
        await talk.say("Hello")
        first = talk.session.conversation.conversation.id
        await talk.session.new()
        await talk.say("Hello")
        talk.session.change_setting(("chat", "temperature"), 0.9)
        await talk.say("Again")
        assert (body(talk)["temperature"], instructions(talk)) == (0.9, "You are Ada.")
        await talk.session.open(first)
        await talk.say("Again")
        assert body(talk)["temperature"] == 0.4
        with pytest.raises(ConfigError):
            talk.session.change_setting(("chat", "temperature"), 7)


async def test_a_temporary_conversation_keeps_its_own_too_and_writes_nothing_elsewhere(
    start_talk: StartTalk,
) -> None:
    async with start_talk(chat=ADA) as talk:
        await talk.session.temporary()
        talk.service.say(reply("a"))
        talk.session.change_setting(("chat", "temperature"), 0.9)
        talk.session.configure(replace(talk.session.configured, chat=MAX))
        talk.session.change_setting(("chat", "name"), "Bea")
        await talk.say("Hello")
        assert (body(talk)["temperature"], talk.session.config.chat.name) == (1.5, "Bea")
        assert not talk.session.conversation.folder.is_relative_to(talk.root)


async def test_a_conversation_that_is_open_elsewhere_can_only_be_read(start_talk: StartTalk) -> None:
    async with start_talk(chat=ADA) as talk:
        talk.service.say(reply("a"))
        await talk.say("Hello")
        async with start_talk(chat=MAX) as other:
            assert other.session.conversation.read_only
            assert other.session.config.chat.name == "Ada"
            with pytest.raises(UserError):
                other.session.change_setting(("chat", "name"), "Bea")


async def test_a_follow_up_in_another_conversation_is_not_touched_by_what_is_under_way(talk: Talk) -> None:
    """What is changed while an answer is under way is for the next request."""
    answer = Answer(reply("a"))
    talk.service.chat.append(answer)
    talk.service.say(reply("b"))
    await talk.session.send("Hello")
    talk.session.change_setting(("chat", "temperature"), 0.9)
    await talk.session.wait()
    await talk.say("Again")
    assert body(talk)["temperature"] == 0.9


async def test_keys_of_a_later_version_stay(talk: Talk) -> None:
    talk.service.say(reply("a"), reply("b"))
    await talk.say("Hello")
    path = talk.session.conversation.folder / "conversation.json"
    written = json.loads(path.read_bytes())
    written["character"] |= {"voice": "low", "sampling": written["character"]["sampling"] | {"magic": 3}}
    written["later"] = True
    path.write_text(json.dumps(written))
    talk.session.images.remember(talk.session.images.remembered)
    await talk.session.new()
    await talk.session.open(written["id"])
    talk.session.change_setting(("chat", "temperature"), 0.9)
    character = json.loads(path.read_bytes())["character"]
    assert (character["voice"], character["sampling"]["magic"]) == ("low", 3)
    assert character["sampling"]["temperature"] == 0.9
    assert json.loads(path.read_bytes())["later"] is True
