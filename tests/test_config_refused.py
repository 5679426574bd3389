"""The configuration: which mistakes are refused, in which words, and that no refusal shows a secret."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from animus_tui.config import loading
from animus_tui.config.loading import load_config
from animus_tui.errors import ConfigError
from tests.support.configuration import load

if TYPE_CHECKING:
    from collections.abc import Mapping


def refusal(folder: Path, text: str, env: Mapping[str, str] | None = None) -> str:
    """The sentence of the refusal, without the path that it begins with."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, env)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence.removeprefix(f"{folder / 'config.toml'}: ")


BARE = (
    'an address without "?", "#", user name and password: paths are added to it, and api_key or'
    " token_provider_url sign you in."
)
REFUSED = {
    "[chat]\ntemperature = 3.5": "[chat] temperature = 3.5 is not allowed; it must be a number from 0 to 2.",
    "[chat]\ntemperature = nan": "[chat] temperature = NaN is not allowed; it must be a number from 0 to 2.",
    "[chat]\nlength_penalty = inf": "[chat] length_penalty = Infinity is not allowed; it must be a number.",
    "[chat]\nstream = 1": "[chat] stream = 1 is not allowed; it must be true or false.",
    "[chat]\nmodel = ' '": '[chat] model = " " is not allowed; it must be a text that is not blank.',
    "[chat]\nstop = 'x'": '[chat] stop = "x" is not allowed; it must be a list, each of it a text.',
    "[chat]\nmax_tokens = 0": "[chat] max_tokens = 0 is not allowed; it must be a whole number of at least 1.",
    "[auto_turn]\nbase_typing_speed = 0": (
        "[auto_turn] base_typing_speed = 0 is not allowed; it must be a number above 0."
    ),
    "[image]\nwidth = '1024'": '[image] width = "1024" is not allowed; it must be a whole number from 64 to 4096.',
    "[ui]\ngraphics = 'regis'": (
        '[ui] graphics = "regis" is not allowed; it must be "auto", "block", "iterm2", "kitty", "mosaic", "none" or'
        ' "sixel".'
    ),
    "[chat]\nmax_tokens = 99999999999999999999": (
        "[chat] max_tokens = 99999999999999999999 is not allowed; it must be a whole number of at least 1,"
        " at most 9007199254740991."
    ),
    "[chat]\nmax_tokens = 0x1" + "0" * 5000: (
        "[chat] max_tokens = a number of thousands of digits is not allowed; it must be a whole number of"
        " at least 1, at most 9007199254740991."
    ),
    '[image]\nsave_dir = "a\\u0000b"': (
        '[image] save_dir = "a\\u0000b" is not allowed; it must be a text that names a folder.'
    ),
    "[image]\nsave_dir = ' '": '[image] save_dir = " " is not allowed; it must be a text that names a folder.',
    "[chat]\nstop = " + "[" * 5000: "this cannot be read as TOML: it is nested too deeply.",
    "[chat]\nmax_tokens = " + "1" * 5000: (
        "this cannot be read as TOML: exceeds the limit (4300 digits) for integer string conversion: value has"
        " 5000 digits."
    ),
    "[ui.theme]\nname = 'x'": "[ui] theme = a table is not allowed; it must be a text that is not blank.",
    "[chat]\ntemprature = 1": '[chat] has no key "temprature"; did you mean "temperature"?',
    "[chat]\nwidth = 512": '[chat] has no key "width"; "width" belongs in [image].',
    "[ui]\nxyz = 1": (
        '[ui] has no key "xyz"; its keys are theme, density, layout, show_time, time_format, graphics, glyphs, plain,'
        " reduced_motion, notify, image_rows."
    ),
    "model = 'x'": '"model" stands outside of every table; "model" belongs in [chat] or [image].',
    "[chatt]\nmodel = 'x'": "there is no table [chatt]; did you mean [chat]?",
    "[zzz]\nmodel = 'x'": (
        "there is no table [zzz]; the tables are [api], [chat], [auto_turn], [image], [ui], [user], [keys], "
        "[characters.NAME], [styles.NAME]."
    ),
    "chat = 3": "[chat] must be a table.",
    "[chat]\nmodel = \n": "this is not TOML: invalid value (at line 2, column 9).",
    "[auto_turn]\nmin_delay = 4000": (
        "[auto_turn] min_delay = 4000 is not allowed; it must be at most max_delay, which is 3000."
    ),
    "[auto_turn]\nmax_delay = 100": (
        "[auto_turn] max_delay = 100 is not allowed; it must be at least min_delay, which is 500."
    ),
    "[api]\nbase_url = 'api.example'": (
        '[api] base_url = "api.example" is not allowed; it must be an address that begins with "https://" or'
        ' "http://" and a host.'
    ),
    "[api]\nbase_url = 'https://api.example/v3?key=planted-1'": (
        '[api] base_url = "https://api.example/v3?…" is not allowed; it must be ' + BARE
    ),
    "[api]\ngeneration_url = 'https://api.example/v2#planted-2'": (
        '[api] generation_url = "https://api.example/v2?…" is not allowed; it must be ' + BARE
    ),
    "[api]\nbase_url = 'https://me:planted-3@api.example/v3'": (
        '[api] base_url = "https://api.example/v3" is not allowed; it must be ' + BARE
    ),
    "[api]\nbase_url = 'https://api.example/v3?'": (
        '[api] base_url = "https://api.example/v3" is not allowed; it must be ' + BARE
    ),
    "[keys]\nsaev = 'f5'": '[keys] has no key "saev"; did you mean "save"?',
    "[keys]\nsave = 'ctrl+r'": (
        '[keys] save = "ctrl+r" is not allowed; it must be a key that is free, and "ctrl+r" belongs to'
        ' "regenerate".'
    ),
    "[keys]\nsave = 'f5'\nnew = 'f5'": (
        '[keys] new = "f5" is not allowed; it must be a key that is free, and "f5" belongs to "save".'
    ),
    "[keys]\nsave = 'ctrl+m'": (
        '[keys] save = "ctrl+m" is not allowed; it must be a key that is free, and "ctrl+m" belongs to "send".'
    ),
    "[keys]\nsave = ' , '": '[keys] save = " , " is not allowed; it must be a key, such as "ctrl+s".',
    "[keys]\nsave = 's'": (
        '[keys] save = "s" is not allowed; it must be a key that types nothing, such as "alt+x", and "s" does.'
    ),
    "[keys]\nsave = 'Ctrl S'": (
        '[keys] save = "Ctrl S" is not allowed; it must be a key like "ctrl+r" or "f5", and "Ctrl S" is none.'
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_mistake_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text) == REFUSED[text]


def test_the_address_of_a_token_provider_may_have_a_query_and_a_name(tmp_path: Path) -> None:
    url = "https://me:word@tokens.example/hand-out?tenant=7"
    assert load(tmp_path, f"[api]\ntoken_provider_url = '{url}'").api.token_provider_url == url


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="temperature") as caught:
        load(tmp_path, "[chat]\ntemperature = 9")
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}: ")


def test_a_refused_variable_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, "", {"ANIMUS_CHAT_TEMPERATURE": "hot"}) == (
        'ANIMUS_CHAT_TEMPERATURE: [chat] temperature = "hot" is not allowed; it must be a number from 0 to 2.'
    )


@pytest.mark.parametrize("value", ['["a"', "[" * 5000, "[1]", "END"])
def test_a_list_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="it must be a list, each of it a text"):
        load_config(None, {"ANIMUS_CHAT_STOP": value})


def test_bytes_that_are_no_text_in_a_variable_are_refused() -> None:
    bytes_as_python_reads_them = b"caf\xe9".decode("utf-8", "surrogateescape")
    for name in ("ANIMUS_CHAT_NAME", "ANIMUS_CHAT_SYSTEM_MESSAGE", "ANIMUS_CHAT_STOP"):
        with pytest.raises(ConfigError, match=f"^{name}: .* it must be UTF-8 text"):
            load_config(None, {name: bytes_as_python_reads_them})


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(path, {}, explicit=True)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})
    path = tmp_path / "config.toml"
    path.write_bytes(b'[chat]\nname = "\xff"')
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(at byte 15\)"):
        load_config(path, {})


def test_what_has_no_end_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="longer than 1 MiB"):
        load_config(Path("/dev/zero"), {})
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    monkeypatch.setattr(loading, "PATIENCE", 0.1)
    with pytest.raises(ConfigError, match=r"cannot be read: nothing came out of it for 0\.1 s\.$"):
        load_config(path, {})


def test_what_a_shell_hands_on_through_a_pipe_is_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=('[chat]\r\nname = "Ada"',))
    writer.start()
    assert load_config(path, {}).chat.name == "Ada"
    writer.join()


@pytest.mark.parametrize(
    "text",
    [
        "[api]\napi_key = 'planted secret'",
        "[api]\napi_key = ['planted']",
        "[api]\napi_key = 'planted\u00e9'",
        "[api]\napi_key = planted",
        "[api]\napi_key = 'planted",
        "[api]\napi_key = 'planted'\napi_key = 'planted'",
        "[api]\ntoken_provider_url = ['https://me:planted@id.example']",
        "[api.token_provider_url]\nkey = 'planted'",
        "[api]\ntoken_provider_url = 'ftp://me:planted@id.example/token?key=planted'",
        "[api]\ntoken_provider_url = 'http://me:planted@id.example/token?key=planted#planted'",
        "[api]\napi_kye = 'planted'",
        "api_key = 'planted'",
        "api = 'planted'",
    ],
)
def test_no_refusal_shows_a_secret(tmp_path: Path, text: str) -> None:
    assert "planted" not in refusal(tmp_path, text)


@pytest.mark.parametrize("host", ["animus.example.com", "8.8.8.8", "[2001:4860:4860::8888]"])
def test_a_secret_does_not_travel_unprotected(tmp_path: Path, host: str) -> None:
    for text in (
        f"[api]\napi_key = 'k'\nbase_url = 'http://{host}/v3'",
        f"[api]\napi_key = 'k'\ngeneration_url = 'http://{host}/v3'",
        f"[api]\ntoken_provider_url = 'http://{host}/token'",
    ):
        assert 'an "https://" address' in refusal(tmp_path, text)
    assert load(tmp_path, f"[api]\nbase_url = 'http://{host}/v3'").api.base_url == f"http://{host}/v3"


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1:1", "[::1]:1", "192.168.1.5", "api", "box.local"]
)
def test_plain_http_will_do_at_home(tmp_path: Path, host: str) -> None:
    config = load(tmp_path, f"[api]\napi_key = 'k'\nbase_url = 'http://{host}/v3'")
    assert config.api.base_url == f"http://{host}/v3"


@pytest.mark.parametrize(
    "url", ["https://", "https://a b.example", "https://x.example:port/", "file:///etc/passwd"]
)
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    assert "it must be an address" in refusal(tmp_path, f"[api]\nbase_url = '{url}'")
