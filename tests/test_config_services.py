"""The configuration: which services it names, and that a key is only for the service that it was stated for."""

from __future__ import annotations

from pathlib import Path

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.cli.backends import animus_for_images, images_like_chat, open_backends
from animus_tui.config.schema import DEFAULT_BASE_URL, Config, ImageConfig
from animus_tui.errors import ConfigError
from tests.support.configuration import load

LOCAL = '[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:8080/v1"\n'


def test_a_service_of_ones_own_needs_an_address_and_no_key(tmp_path: Path) -> None:
    config = load(tmp_path, LOCAL)
    assert config.chat.model == "auto"
    config = load(tmp_path, LOCAL + '[chat]\nmodel = "smollm2"')
    assert config.chat.model == "smollm2"
    assert (config.api.is_set_up, config.api.signs_in) == (True, False)
    assert config.image_service == "none"
    assert (config.chat.promises, Config().api.is_set_up) == ("auto", False)


REFUSED = {
    '[api]\nbackend = "openai"': "base_url does not say where the service is",
    '[api]\nbackend = "opena"': 'it must be "animus" or "openai"',
    '[image]\nbackend = "openai"': r"\[image\] base_url does not say where it is",
    '[image]\nbackend = "comfyui"': "workflow does not name the file",
    '[image]\nbackend = "dall-e"': 'it must be "animus", "automatic1111", "comfyui", "none" or "openai"',
    LOCAL + '[image]\nbackend = "animus"': "nothing signs in to Animus",
    '[image]\nbackend = "automatic1111"\nbase_url = "127.0.0.1:7860"': "it must be an address",
    '[image]\nbackend = "automatic1111"\nbase_url = "http://me:planted@box.local"': "api_key signs you in",
    '[image]\nbackend = "automatic1111"\nbase_url = "http://x.example"\napi_key = "planted"': "https://",
    '[image]\napi_key = "planted planted"': "one word of plain ASCII",
    '[image]\nworkflow = " "': "a text that names a file",
    '[chat]\npromises = "yes"': '"ask", "auto", "never", "service" or "tool"',
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_service_that_cannot_be_asked_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=REFUSED[text]) as caught:
        load(tmp_path, text)
    assert "planted" not in str(caught.value)


KEYS = [
    (LOCAL, {"ANIMUS_API_KEY": "other"}, None),
    (LOCAL, {"ANIMUS_API_KEY": "own", "ANIMUS_BACKEND": "openai"}, "own"),
    (LOCAL + 'api_key = "own"', {"ANIMUS_API_KEY": "other"}, "own"),
    (LOCAL + 'api_key = "own"', {"ANIMUS_API_KEY": "new", "ANIMUS_BACKEND": "openai"}, "new"),
    (LOCAL + 'api_key = "own"', {"ANIMUS_BACKEND": "animus"}, None),
    ('[api]\napi_key = "own"', {"ANIMUS_BACKEND": "openai", "ANIMUS_BASE_URL": "http://box.local/v1"}, None),
    ('[api]\napi_key = "own"', {"ANIMUS_API_KEY": "new"}, "new"),
]


@pytest.mark.parametrize(("file", "env", "used"), KEYS)
def test_a_key_is_for_the_service_that_is_named_where_the_key_is(
    tmp_path: Path, file: str, env: dict[str, str], used: str | None
) -> None:
    assert load(tmp_path, file, env).api.api_key == used


def test_a_key_for_pictures_goes_with_the_service_that_was_named_with_it(tmp_path: Path) -> None:
    text = '[image]\nbackend = "openai"\nbase_url = "https://x.example/v1"\napi_key = "own"'
    assert load(tmp_path, text).image.api_key == "own"
    assert load(tmp_path, text, {"ANIMUS_IMAGE_BACKEND": "automatic1111"}).image.api_key is None
    assert load(tmp_path, text, {"ANIMUS_IMAGE_API_KEY": "new"}).image.api_key == "new"


def test_pictures_have_the_key_of_the_chat_only_from_the_same_service_at_the_same_address(
    tmp_path: Path,
) -> None:
    local = LOCAL + 'api_key = "chat"\n'
    same = load(tmp_path, local + '[image]\nbackend = "openai"')
    assert (images_like_chat(same).base_url, images_like_chat(same).api_key) == (same.api.base_url, "chat")
    named = load(tmp_path, local + f'[image]\nbackend = "openai"\nbase_url = "{same.api.base_url}/"')
    assert images_like_chat(named).api_key == "chat"
    other = load(tmp_path, local + '[image]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9/v1"')
    assert (images_like_chat(other).base_url, images_like_chat(other).api_key) == (
        "http://127.0.0.1:9/v1",
        None,
    )
    animus = animus_for_images(load(tmp_path, local + '[image]\nbackend = "animus"\napi_key = "picture"'))
    assert (animus.base_url, animus.api_key) == (DEFAULT_BASE_URL, "picture")
    elsewhere = load(tmp_path, '[api]\napi_key = "chat"\n[image]\nbase_url = "http://127.0.0.1:9/v3"')
    assert animus_for_images(elsewhere).api_key is None


async def test_animus_is_one_client_for_both_and_where_nobody_makes_pictures_that_is_said(
    tmp_path: Path,
) -> None:
    config = load(tmp_path, '[api]\napi_key = "own"')
    async with open_backends(config) as (chat, images):
        assert isinstance(chat, AnimusClient)
        assert chat is images
    none = load(tmp_path, '[api]\napi_key = "own"\n[image]\nbackend = "none"')
    async with open_backends(none) as (_, images):
        assert not images.image_capabilities.generates
        with pytest.raises(BackendError, match="No service makes pictures"):
            await images.generate(ImageRequest(prompt="a lake"))


def test_the_key_for_pictures_is_never_shown() -> None:
    image = ImageConfig(api_key="planted", base_url="http://me:planted@box.local")
    assert "planted" not in f"{image!r} {image} {Config(image=image)!r}"
