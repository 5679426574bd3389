"""The settings of a conversation with a character of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from animus_tui.characters.library import Library
from animus_tui.chat.conversation_settings import configured_settings, settings_of
from animus_tui.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.characters.character import Style
    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.config.schema import Config


def settings_named(data_dir: Path, config: Config, name: str) -> ConversationSettings:
    """The settings of a conversation with the character of this name. UsageError: there is none; reads the disk.

    The one of `[chat]` has a name, too.
    """
    library = Library(data_dir, config)
    try:
        character = library.find(name, others=[config.chat.name])
    except UsageError:
        if " ".join(name.split()).casefold() == config.chat.name.casefold():
            return configured_settings(config)
        raise
    settings = settings_of(character, config)
    if character.style is None or character.style in config.styles:
        return settings
    style = library.style(character.style)
    return settings if style is None else replace(settings, style=_stored(style))


def _stored(style: Style) -> dict[str, Any]:
    """A style as the configuration has it: with one size in place of two sides."""
    fields = {key: value for key, value in msgspec.structs.asdict(style).items() if value not in (None, "")}
    width, height = fields.pop("width", None), fields.pop("height", None)
    return fields | ({"size": f"{width}x{height}"} if width and height else {})
