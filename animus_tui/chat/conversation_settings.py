"""The settings of one conversation, which hold whatever the configuration says later.

It stands in `conversation.json` under `character`. A setting holds by the first of these that says it: an option of the
command line, an environment variable, the conversation, the configuration file, the default. The model of a
conversation counts only at the service at which it was chosen: another service has other models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from animus_tui.config.loading import Setting, replace_setting
from animus_tui.config.schema import LOOKS, SAMPLING, AutoTurnConfig, introduction

if TYPE_CHECKING:
    from animus_tui.characters.character import Character
    from animus_tui.config.schema import Config

Place = tuple[str, str]
"""Table and key of a setting."""

OWN_SAMPLING = ("history_size", "history_tokens", "stream", "reasoning", *SAMPLING)
"""Keys of `[chat]` that a conversation keeps as they are."""
CHARACTER = ("name", "system_message", "model", "appearance")
"""Keys of `[chat]` that are fields of their own."""
AUTO_TURN: tuple[str, ...] = AutoTurnConfig.__struct_fields__
"""Keys of `[auto_turn]` that a conversation keeps: all."""
AS_THEY_ARE = ("name", "nickname", "accent", "portrait", "character_id", "greeting", "note", "examples")
"""Texts of a character that a conversation keeps as they are."""
KEPT: frozenset[Place] = frozenset(
    {
        *(("chat", key) for key in (*CHARACTER, *OWN_SAMPLING)),
        *(("auto_turn", key) for key in AUTO_TURN),
        *(("image", key) for key in LOOKS),
    }
)
"""The settings that a conversation keeps."""


class ConversationSettings(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The character of one conversation and the settings that hold in it. An empty value sets nothing."""

    name: str = ""
    """The character's name."""
    nickname: str = ""
    """What `{{char}}` stands for where that is not the name."""
    system_message: str | None = None
    """What the character is told about itself; a blank text is nothing, and None leaves it to the configuration."""
    model: str = ""
    """The model that answers at `service`."""
    service: str = ""
    """Where the model was chosen, as `ApiConfig.service` names it."""
    appearance: str | None = None
    """What the character looks like; blank where that is not said, and None leaves it to the configuration."""
    sampling: dict[str, Any] = field(default_factory=dict)
    """Keys of `[chat]` with their values, None for one that is unset; a key that is missing is left to the file."""
    auto_turn: dict[str, Any] = field(default_factory=dict)
    """Keys of `[auto_turn]`, in the same way."""
    image: dict[str, Any] = field(default_factory=dict)
    """Keys of `[image]` that say how pictures look and when they are made, in the same way."""
    style: dict[str, Any] | None = None
    """The style of the pictures, with its `name`, as it was configured."""
    accent: str = ""
    """The colour of the character, `#rrggbb`."""
    portrait: str = ""
    """Path of the character's picture below the data directory."""
    character_id: str = ""
    """Id of the character at Animus whose face the pictures get."""
    greeting: str = ""
    """What the character says first."""
    greetings: list[str] = field(default_factory=list)
    """Other things that it may say first."""
    note: str = ""
    """What the model is reminded of close to the end of the history."""
    examples: str = ""
    """Examples of how the character talks."""
    lorebook: dict[str, Any] | None = None
    """What the character knows, entry by entry, as its card has it."""
    is_chosen: bool = False
    """Whether somebody chose the character; else it was configured, and goes by the file until something is said."""


def configured_settings(config: Config) -> ConversationSettings:
    """The settings of a new conversation with the configured character."""
    chat = config.chat
    return ConversationSettings(
        name=chat.name,
        system_message=chat.system_message,
        model=chat.model,
        service=config.api.service,
        appearance=chat.appearance or "",
        sampling={key: _storable(getattr(chat, key)) for key in OWN_SAMPLING},
        auto_turn=asdict(config.auto_turn),
        image={key: getattr(config.image, key) for key in LOOKS},
    )


def settings_of(character: Character, config: Config) -> ConversationSettings:
    """The settings of a new conversation with a character of the library; the rest is as configured now.

    Instructions that it has not are those of `[chat]`, which by default go by the name; a look of somebody else is not
    taken over. The style, which the configuration may change, is kept as it is.
    """
    style = config.styles.get(character.style or "")
    said = {} if style is None else {key: value for key, value in asdict(style).items() if value is not None}
    is_other = character.name != config.chat.name
    settings = ConversationSettings(
        **{name: getattr(character, name) or "" for name in AS_THEY_ARE},
        system_message=character.system_message or None,
        model=character.model or config.chat.model,
        service=config.api.service,
        appearance="" if character.appearance is None and is_other else character.appearance,
        sampling=_storable(dict(character.sampling)),
        auto_turn=dict(character.auto_turn),
        image=dict(character.image),
        style={"name": character.style, **said} if character.style else None,
        greetings=list(character.greetings),
        lorebook=None if character.lorebook is None else msgspec.to_builtins(character.lorebook),
        is_chosen=True,
    )
    return completed(settings, config)


def completed(settings: ConversationSettings, config: Config) -> ConversationSettings:
    """The settings, with what they leave out taken from the configuration."""
    own = configured_settings(config)
    name = settings.name or own.name
    instructions = settings.system_message
    if instructions is None:
        is_default = own.system_message == introduction(own.name)
        instructions = introduction(name) if is_default else own.system_message
    model, service = settings.model, settings.service
    if not service:  # earlier versions did not note where a model was chosen
        service = own.service
        model = model if config.api.has_model(model) else own.model
    return replace(
        settings,
        name=name,
        system_message=instructions,
        model=model or own.model,
        service=service,
        appearance=own.appearance if settings.appearance is None else settings.appearance,
        sampling={**own.sampling, **settings.sampling},
        auto_turn={**own.auto_turn, **settings.auto_turn},
        image={**own.image, **settings.image},
    )


def with_setting(
    settings: ConversationSettings, holds: Config, place: Place, value: object
) -> ConversationSettings:
    """The settings with another value of one, or with its default for None. ConfigError: it is not allowed.

    `holds` is the configuration that holds in the conversation. While nothing else is said, the instructions go by the
    name.
    """
    if place not in KEPT:
        return settings
    after = replace_setting(holds, Setting(*place, value, ""))
    table, key = place
    new = _storable(getattr(getattr(after, table), key))
    match table, key:
        case "chat", "name":
            said = after.chat.system_message
            goes_by_name = said != holds.chat.system_message
            return replace(
                settings,
                name=after.chat.name,
                system_message=said if goes_by_name else settings.system_message,
            )
        case "chat", "model":
            return replace(settings, model=after.chat.model, service=holds.api.service)
        case "chat", "appearance":
            return replace(settings, appearance=new or "")
        case "chat", "system_message":
            return replace(settings, system_message=after.chat.system_message)
        case "chat", _:
            return replace(settings, sampling={**settings.sampling, key: new})
        case "auto_turn", _:
            return replace(settings, auto_turn={**settings.auto_turn, key: new})
        case _:
            return replace(settings, image={**settings.image, key: new})


def _storable(value: object) -> Any:  # noqa: ANN401 (whatever JSON has)
    return msgspec.to_builtins(value)
