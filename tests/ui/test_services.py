"""What services can do is offered on the screen, and nothing else; the model that answers can be chosen."""

from __future__ import annotations

from pathlib import Path

from msgspec import convert
from msgspec.structs import fields, replace
from textual.command import CommandList as PaletteList

from animus_tui.backends.base.protocols import IMAGE_OPTIONS, ChatCapabilities, ImageCapabilities
from animus_tui.chat.abilities import EVERYTHING, abilities_of
from animus_tui.config.loading import load_config
from animus_tui.config.settings_file import SettingsFile
from animus_tui.ui.commands.completion import NameBegun, command_offers, name_begun, name_offers
from animus_tui.ui.screens.help import HelpTable
from animus_tui.ui.screens.picture_form import FormField, PictureForm
from animus_tui.ui.screens.settings import SettingsScreen
from animus_tui.ui.widgets.completion_list import CompletionList
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import open_chat
from tests.support.chat_service import Service, reply
from tests.support.talk import StartTalk

PLAIN = abilities_of(ChatCapabilities(), ImageCapabilities(options=frozenset({"size", "seed", "model"})))
"""Those of a service that makes one picture of a prompt, and no more."""
OF_PICTURES = {
    "image",
    "edit",
    "batch",
    "video",
    "again",
    "regenerate",
    "form",
    "face",
    "style",
    "accept",
    "reword",
    "pictures",
}


def test_everything_is_what_a_service_that_can_do_everything_can_do() -> None:
    chat = ChatCapabilities(**dict.fromkeys(ChatCapabilities.__struct_fields__, True))
    flags = [field.name for field in fields(ImageCapabilities) if field.type is bool]
    images = convert(dict.fromkeys(flags, True), ImageCapabilities)
    assert abilities_of(chat, replace(images, only_jobs=False, options=IMAGE_OPTIONS)) == EVERYTHING
    assert (
        abilities_of(ChatCapabilities(), ImageCapabilities(generates=False, options=IMAGE_OPTIONS))
        == frozenset()
    )


def test_commands_and_options_are_offered_that_the_services_know() -> None:
    def offered(text: str, abilities: frozenset[str]) -> set[str]:
        return {offer.label.split()[0].strip("/-") for offer in command_offers(text, abilities)}

    assert offered("/", EVERYTHING) - offered("/", PLAIN) == {"edit", "video", "face", "attach"}
    assert offered("/", EVERYTHING) - offered("/", frozenset()) == {*OF_PICTURES, "attach"}
    assert offered("/image a fox --", PLAIN) == {"size", "model", "seed", "plain"}
    assert offered("/image a fox --", frozenset()) == set()


def test_models_are_offered_by_what_was_typed() -> None:
    models = ["qwen3:8b", "llama3.2:3b", "tinyllama"]
    begun = NameBegun("model", "/model ", "llama")
    assert [offer.text for offer in name_offers(begun, models)] == [
        "/model llama3.2:3b",
        "/model tinyllama",
    ]
    assert [offer.label for offer in name_offers(NameBegun("model", "/model ", ""), models)] == models
    assert name_offers(NameBegun("model", "/model ", "tinyllama"), models) == []


def test_names_of_a_service_are_offered_behind_their_option() -> None:
    samplers = ["Euler", "DPM++ 2M Karras", "LMS"]
    begun = name_begun("/image a fox --sampler ", EVERYTHING)
    assert begun is not None
    assert [offer.text for offer in name_offers(begun, samplers)][1] == (
        '/image a fox --sampler "DPM++ 2M Karras"'
    )
    rows = {
        "/model ll": "model",
        "/image a fox --model ph": "image_model",
        "/edit at night --sampler E": "sampler",
        "/image a fox --seed 1": None,
        "a fox --model ph": None,
    }
    told = {text: name_begun(text, EVERYTHING) for text in rows}
    assert {text: begun and begun.kind for text, begun in told.items()} == rows
    assert name_begun("/image a fox --sampler E", PLAIN) is None


async def test_without_an_image_service_nothing_of_pictures_is_offered_and_what_is_typed_gets_a_sentence(
    start_talk: StartTalk, service: Service
) -> None:
    async with open_chat(start_talk(backend="openai", makes_pictures=False)) as chat:
        assert "New image" not in chat.footer()
        for text in ("/image a fox at night", "/form", "/video"):
            await chat.type(text)
            await chat.settle()
            assert chat.app.screen.query_one(Prompt).text == text
        await chat.pilot.press("ctrl+g")
        await chat.settle()
        sentence = "No service makes pictures; /connect connects one."
        assert chat.notes() == [sentence, sentence, "This image service makes no clips.", sentence]
        chat.app.screen.query_one(Prompt).clear()
        await chat.pilot.press("ctrl+p")
        await chat.pilot.press(*"picture")
        await chat.pilot.pause()
        found = " ".join(str(option.prompt) for option in chat.app.screen.query_one(PaletteList).options)
        assert "Generate a picture" not in found
        await chat.pilot.press("escape", "f1")
        await chat.pilot.pause()
        help_text = " ".join(str(widget.render()) for widget in chat.app.screen.query("Static"))
        assert "Commands" in help_text
        assert "another prompt" not in " ".join(
            str(line) for table in chat.app.screen.query(HelpTable) for line in table.lines
        )
        assert "/image" not in chat.text()
    assert (service.image_bodies, service.chat_bodies) == ([], [])


async def test_settings_and_form_have_what_means_something_to_the_services(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(backend="openai", makes_pictures=False)) as chat:
        await chat.pilot.press("f6")
        await chat.pilot.pause()
        assert isinstance(chat.app.screen, SettingsScreen)
        shown = chat.app.screen.rows
        assert ("chat", "model") in shown
        assert not {
            ("chat", "compliance"),
            ("chat", "promises"),
            ("auto_turn", "follow_up_delay"),
            ("image", "width"),
            ("image", "endpoint"),
        } & set(shown)
    async with open_chat(start_talk(backend="openai")) as chat:
        await chat.pilot.press("ctrl+g")
        await chat.pilot.pause()
        assert isinstance(chat.app.screen, PictureForm)
        assert {field.name_of_option for field in chat.app.screen.query(FormField)} >= {"size", "seed"}


async def test_the_model_is_chosen_from_those_of_the_service_and_kept(
    start_talk: StartTalk, service: Service, tmp_path: Path
) -> None:
    service.models = ["qwen3:8b", "llama3.2:3b"]
    file = SettingsFile(tmp_path / "config.toml", {})
    async with open_chat(start_talk(backend="openai"), settings_file=file) as chat:
        assert "vivian-llama3.1-70b-1.0-fp8 · a test" in chat.text().splitlines()[0]
        await chat.type("/model")
        await chat.settle()
        offers = chat.app.screen.query_one(CompletionList).offers
        assert [offer.label for offer in offers] == service.models
        await chat.pilot.press("down", "enter")
        await chat.settle()
        assert chat.notes()[-1] == "llama3.2:3b answers from now on"
        assert "llama3.2:3b · a test" in chat.text().splitlines()[0]
        service.say(reply("Hello"))
        await chat.type("Hi")
        await chat.settle()
        assert service.chat_bodies[-1]["model"] == "llama3.2:3b"
        await chat.type("/model qwen")
        await chat.settle()
        assert chat.notes()[-1] == "qwen3:8b answers from now on"
        await chat.type("/model qwen3:4b")
        await chat.settle()
        assert "does not list qwen3:4b" in chat.notes()[-1]
        assert "Did you mean qwen3:8b?" in chat.notes()[-1]
    assert load_config(tmp_path / "config.toml", {}).chat.model == "qwen3:4b"


async def test_a_service_that_lists_no_models_is_asked_for_the_one_that_is_named(
    start_talk: StartTalk, service: Service
) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.type("/model")
        await chat.settle()
        assert "does not list its models: /model NAME chooses one" in chat.notes()[-1]
        await chat.type("/model luna")
        await chat.settle()
        service.say(reply("Hello"))
        await chat.type("Hi")
        await chat.settle()
    assert service.chat_bodies[-1]["model"] == "luna"
