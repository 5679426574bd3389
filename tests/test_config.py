"""The configuration: what is read, what goes before what, and what the tree is like."""

from __future__ import annotations

import subprocess
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.config.loading import Setting, load_config
from animus_tui.config.schema import SECTIONS, ApiConfig, AutoTurnConfig, ChatConfig, Config, schema, variable
from animus_tui.errors import ConfigError
from tests.support.configuration import load

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_configured_is_the_default_tree(tmp_path: Path) -> None:
    assert load_config(None, {}) == Config()
    assert load_config(tmp_path / "none.toml", {}) == Config()
    assert load(tmp_path, "") == Config()


def test_every_table_of_a_file_is_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [api]
        api_key = "sk-planted"
        [chat]
        model = "luna"
        stop = ["END", "STOP"]
        temperature = 1
        [auto_turn]
        enabled = false
        [image]
        endpoint = "generation/create"
        seed = 7
        [ui]
        graphics = "kitty"
        [keys]
        regenerate = "f9, ctrl+e"
        """,
    )
    assert config.api.api_key == "sk-planted"
    assert config.chat.model == "luna"
    assert config.chat.stop == ("END", "STOP")
    assert config.chat.temperature == 1.0
    assert not config.auto_turn.enabled
    assert (config.image.endpoint, config.image.seed) == ("generation/create", 7)
    assert config.ui.graphics == "kitty"
    assert config.keys == {"regenerate": "f9, ctrl+e"}
    assert config.auto_turn.max_turns == AutoTurnConfig().max_turns


def test_options_go_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    text = '[ui]\ngraphics = "kitty"\ntheme = "file"\nimage_rows = 9'
    env = {"ANIMUS_GRAPHICS": "mosaic", "ANIMUS_UI_THEME": "env"}
    config = load(tmp_path, text, env, {"ui": {"graphics": "block"}})
    assert (config.ui.graphics, config.ui.theme, config.ui.image_rows) == ("block", "env", 9)
    assert config.ui.show_time


def test_environment_values_are_typed_by_the_tree() -> None:
    env = {
        "ANIMUS_CHAT_TEMPERATURE": "0.5",
        "ANIMUS_CHAT_STREAM": "false",
        "ANIMUS_CHAT_STOP": '["a", "b"]',
        "ANIMUS_CHAT_MODEL": "12",
        "ANIMUS_AUTO_TURN_MAX_TURNS": "5",
        "ANIMUS_KEYS_SAVE": "f2",
        "ANIMUS_NOT_A_SETTING": "x",
        "ANIMUS_IMAGE_SEED": "  ",
    }
    config = load_config(None, env)
    assert config.chat == ChatConfig(temperature=0.5, stream=False, stop=("a", "b"), model="12")
    assert config.auto_turn.max_turns == 5
    assert config.keys == {"save": "f2"}
    assert config.image.seed is None


def test_the_documented_variables_reach_their_settings() -> None:
    env = {
        "ANIMUS_TOKEN_PROVIDER_URL": "https://id.example/token",
        "ANIMUS_BASE_URL": "https://a.example/v3",
        "ANIMUS_GENERATION_URL": "https://b.example/v2",
        "ANIMUS_GRAPHICS": "none",
    }
    config = load_config(None, env)
    assert config.api == ApiConfig(
        token_provider_url="https://id.example/token",
        base_url="https://a.example/v3",
        generation_url="https://b.example/v2",
    )
    assert config.ui.graphics == "none"


def test_every_setting_has_a_variable_of_its_own() -> None:
    names = [variable(table, key) for table, keys in schema().items() for key in keys]
    assert len(names) == len(set(names))
    assert not {"ANIMUS_CONFIG", "ANIMUS_DATA_DIR"} & set(names)


def test_one_way_to_sign_in_is_left_and_the_nearest_source_says_which(tmp_path: Path) -> None:
    provider = 'token_provider_url = "https://id.example/token"'
    assert load(tmp_path, f'[api]\n{provider}\napi_key = "key"').api == ApiConfig(
        token_provider_url="https://id.example/token"
    )
    assert load(tmp_path, f"[api]\n{provider}", {"ANIMUS_API_KEY": "key"}).api == ApiConfig(api_key="key")


def test_a_blank_way_to_sign_in_is_none(tmp_path: Path) -> None:
    api = load(tmp_path, '[api]\napi_key = "  "\ntoken_provider_url = ""', {"ANIMUS_API_KEY": ""}).api
    assert api == ApiConfig()
    assert not api.signs_in


def test_the_default_system_message_speaks_of_the_character_by_name(tmp_path: Path) -> None:
    assert load(tmp_path, '[chat]\nname = "Luna"').chat.system_message.startswith("You are Luna,")
    own = load(tmp_path, '[chat]\nname = "Luna"\nsystem_message = "You are Vivian."').chat
    assert own.system_message == "You are Vivian."


@pytest.mark.parametrize("value", ["null", "None", "NULL"])
def test_a_word_for_nothing_in_a_variable_is_a_word(value: str) -> None:
    env = {"ANIMUS_API_KEY": value, "ANIMUS_CHAT_NAME": value, "ANIMUS_IMAGE_SAVE_DIR": value}
    config = load_config(None, env)
    assert (config.api.api_key, config.chat.name, config.image.save_dir) == (value, value, value)
    with pytest.raises(ConfigError, match="must be a whole number of at least 0"):
        load_config(None, {"ANIMUS_IMAGE_SEED": value})


def test_a_variable_that_looks_like_a_list_is_one_only_where_a_list_belongs() -> None:
    chat = load_config(None, {"ANIMUS_CHAT_SYSTEM_MESSAGE": '["a"]', "ANIMUS_CHAT_STOP": '["a"]'}).chat
    assert (chat.system_message, chat.stop) == ('["a"]', ("a",))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'\xef\xbb\xbf[chat]\nname = "Luna"')
    assert load_config(path, {}).chat.name == "Luna"


def test_lines_may_end_as_on_any_system(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'[chat]\r\nname = "Luna"\r\n[ui]\r\nimage_rows = 9\r\n')
    config = load_config(path, {})
    assert (config.chat.name, config.ui.image_rows) == ("Luna", 9)


def test_the_tree_shows_no_secret(tmp_path: Path) -> None:
    from rich.pretty import pretty_repr

    for text in (
        "[api]\napi_key = 'planted'",
        "[api]\ntoken_provider_url = 'https://me:planted@id.example/token?key=planted#planted'",
    ):
        config = load(tmp_path, text)
        assert "planted" in msgspec.json.encode(config.api).decode()
        assert "planted" not in f"{config!r} {config} {config.api!r} {pretty_repr(config)}"
        assert "id.example" in repr(config) or "(hidden)" in repr(config)


def test_a_setting_shows_no_secret_before_it_is_part_of_the_tree() -> None:
    for key, value, shown in (
        ("api_key", "planted", "(hidden)"),
        ("token_provider_url", "https://id.example/token?key=planted", '"https://id.example/token?…"'),
    ):
        setting = Setting("api", key, value, "config.toml")
        assert repr(setting) == str(setting) == f"Setting(config.toml: [api] {key} = {shown})"


def test_the_tree_is_immutable(tmp_path: Path) -> None:
    config: Any = load(tmp_path, "[keys]\nsave = 'f5'\n[chat]\nstop = ['a']")
    for section, field in [(config, "chat"), *((getattr(config, name), "x") for name in SECTIONS)]:
        with pytest.raises(AttributeError):
            setattr(section, field, None)
    assert isinstance(config.keys, MappingProxyType)
    assert isinstance(config.chat.stop, tuple)


@settings(deadline=None)
@given(st.text(max_size=50), st.integers() | st.floats() | st.text() | st.booleans() | st.lists(st.text()))
def test_whatever_stands_there_is_a_setting_of_its_type_or_a_sentence(text: str, value: object) -> None:
    for key in schema()["chat"]:
        for env, flags in (({variable("chat", key): text}, {}), ({}, {"chat": {key: value}})):
            try:
                chat = load_config(None, env, flags=flags).chat
            except ConfigError:
                continue
            assert msgspec.convert(msgspec.to_builtins(chat), ChatConfig) == chat


def test_the_import_is_light() -> None:
    code = (
        "import sys, animus_tui.config.loading, animus_tui.paths\n"
        "heavy = {'textual', 'rich', 'httpx', 'numpy', 'PIL', 'asyncio', 'starlette'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
