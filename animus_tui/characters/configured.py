"""Characters and styles from the configuration, and those that come with the application."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

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
    portrait = section.portrait
    if portrait is not None:
        try:
            portrait = str(expanded(portrait))
        except UsageError:  # it is relative to a folder that was deleted
            portrait = None
    return Character(
        name=" ".join((section.name or name).split()),
        description=" ".join((section.description or "").split()),
        system_message=section.system_message or "",
        greeting=section.greeting or None,
        greetings=tuple(greeting for greeting in section.greetings or () if greeting.strip()),
        note=section.note or None,
        model=section.model,
        sampling=dict(section.sampling),
        auto_turn=dict(section.auto_turn),
        image=dict(section.image),
        appearance=section.appearance or None,
        style=section.style,
        accent=section.accent,
        portrait=portrait,
        character_id=section.character_id,
    )


def _style(name: str, section: StyleConfig) -> Style:
    width, height = (int(side) for side in section.size.split("x")) if section.size else (None, None)
    return Style(
        name=name,
        prefix=section.prefix or "",
        suffix=section.suffix or "",
        negative=section.negative or "",
        width=width,
        height=height,
        steps=section.steps,
        guidance=section.guidance,
    )
