"""`config.example.toml`, the defaults and the tree say the same."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import msgspec

from animus_tui.config.actions import KEY_ACTIONS
from animus_tui.config.loading import load_config
from animus_tui.config.schema import SECTIONS, ChatConfig, Config, schema
from animus_tui.config.template import settings_text

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SETTING = re.compile(r"#?(\w+) = .*")


def tables() -> dict[str, list[str]]:
    """Table → its lines."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            lines = found.setdefault(heading[1], [])
        else:
            lines.append(line)
    return found


def test_the_example_is_what_the_tree_documents() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == settings_text(Config(), show_defaults=True)


def test_the_example_loads_as_the_defaults() -> None:
    assert load_config(EXAMPLE, {}, explicit=True) == Config()


def test_each_whole_configuration_in_it_can_be_used(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    names = ["Animus", "Ollama", "OpenAI", "OpenRouter", "llama.cpp"]
    found = re.findall(r"^# (\S+?),?(?: .*)?\n((?:#   .*\n)+)", text, re.MULTILINE)
    assert [name for name, _ in found] == names
    path = tmp_path / "config.toml"
    services = []
    for _, lines in found:
        path.write_text(re.sub(r"^#   ", "", lines, flags=re.MULTILINE), encoding="utf-8")
        config = load_config(path, {}, explicit=True)
        assert config.api.is_set_up
        services.append((config.api.backend, config.image.backend))
    others = [("openai", name) for name in ("automatic1111", "openai", "none", "comfyui")]
    assert services == [("animus", None), *others]


def test_the_example_holds_every_setting_once() -> None:
    settings = {
        table: [m[1] for m in map(SETTING.fullmatch, lines) if m] for table, lines in tables().items()
    }
    assert {table: Counter(keys) for table, keys in settings.items()} == {
        table: Counter(list(keys)) for table, keys in schema().items()
    }


def test_every_setting_has_a_comment_above_it() -> None:
    for table, lines in tables().items():
        for above, line in zip(["", *lines], lines, strict=False):
            if SETTING.fullmatch(line):
                assert re.fullmatch(r"# [A-Z0-9\"].*\.", above), (table, line, above)


def test_every_default_stands_there_as_a_line_of_its_own() -> None:
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    for table, section in SECTIONS.items():
        set_by_default = {k: v for k, v in msgspec.to_builtins(section()).items() if v is not None}
        assert example[table] == set_by_default


def test_a_setting_that_is_commented_out_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    found = [(table, line) for table, lines in tables().items() for line in lines]
    commented = [(table, line) for table, line in found if re.match(r"#\w+ = ", line)]
    assert len(commented) > 20
    for table, line in commented:
        path.write_text(f"[{table}]\n{line.removeprefix('#')}\n", encoding="utf-8")
        config = load_config(path, {})
        if table == "keys":
            action = next(action for action in KEY_ACTIONS if line.startswith(f"#{action.id} ="))
            assert config.keys[action.id] == action.keys
        else:
            assert config != Config(), line


def test_a_configuration_survives_being_written(tmp_path: Path) -> None:
    config = Config(
        chat=ChatConfig(name='Lu"na\\ 🌙', stop=("a\nb", "]"), temperature=0.1, system_message="é\t#"),
        keys={"save": "f5"},
    )
    path = tmp_path / "config.toml"
    for show_defaults in (True, False):
        path.write_text(settings_text(config, show_defaults=show_defaults), encoding="utf-8")
        assert load_config(path, {}) == config
