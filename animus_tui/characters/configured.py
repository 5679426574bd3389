"""Characters and styles from the configuration, and those that come with the application."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec.structs import asdict

from animus_tui.characters.character import Character, Style
from animus_tui.errors import UsageError
from animus_tui.paths import expanded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.config.schema import CharacterConfig, Config, StyleConfig

EXAMPLES = Path(__file__).parent / "examples"


class Example(NamedTuple):
    """A character that comes with the application."""

    character: Character
    style: Style


def configured_characters(config: Config) -> Iterator[tuple[str, Character]]:
    """NAME of the table, and the character, in the order of the file."""
    for name, section in config.characters.items():
        yield name, _character(name, section)


def configured_styles(config: Config) -> list[Style]:
    """The styles of the configuration, in the order of the file."""
    return [_style(name, section) for name, section in config.styles.items()]


@cache
def examples() -> tuple[Example, ...]:
    """The characters that come with the application."""
    found = []
    for path in sorted(EXAMPLES.glob("*.toml")):
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        style = msgspec.convert(fields.pop("looks"), Style)
        texts = {key: value.strip() if isinstance(value, str) else value for key, value in fields.items()}
        character = msgspec.convert({**texts, "portrait": str(path.with_suffix(".png"))}, Character)
        found.append(Example(character, style))
    return tuple(found)


def _character(name: str, section: CharacterConfig) -> Character:
    stated = _stated(section)
    stated |= {table: dict(stated[table]) for table in ("sampling", "auto_turn", "image")}
    stated["name"] = " ".join((section.name or name).split())
    stated["description"] = " ".join((section.description or "").split())
    stated["greetings"] = tuple(greeting for greeting in section.greetings or () if greeting.strip())
    try:
        stated["portrait"] = str(expanded(section.portrait)) if section.portrait else None
    except UsageError:  # it is relative to a folder that was deleted
        stated["portrait"] = None
    return Character(**stated)


def _style(name: str, section: StyleConfig) -> Style:
    stated = _stated(section)
    if size := stated.pop("size", None):
        stated["width"], stated["height"] = map(int, size.split("x"))
    return Style(name=name, **stated)


def _stated(section: CharacterConfig | StyleConfig) -> dict[str, Any]:
    return {key: value for key, value in asdict(section).items() if value not in (None, "")}
