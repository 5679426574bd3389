"""The configuration of a conversation: its own settings, overridden by options and the environment."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import asdict, replace

from animus_tui.chat.conversation_settings import OWN_SAMPLING, ConversationSettings, completed
from animus_tui.config.schema import AUTO_MODEL, LOOKS, Section, introduction
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.chat.conversation_settings import Place
    from animus_tui.chat.messages import Conversation
    from animus_tui.config.schema import Config

log = logging.getLogger(__name__)

S = TypeVar("S", bound=Section)


def kept_settings(conversation: Conversation) -> ConversationSettings:
    """The settings in a description; one of an earlier version has name, instructions and model."""
    if conversation.character is not None:
        return conversation.character
    # What the application has made always has a model; what was imported need not have instructions.
    has_instructions = conversation.system_message or conversation.model
    return ConversationSettings(
        name=conversation.name,
        system_message=conversation.system_message if has_instructions else None,
        model=conversation.model,
    )


def with_settings(conversation: Conversation, settings: ConversationSettings) -> Conversation:
    """The description with these settings; earlier versions and lists find the most of them where they always were.

    The face of the pictures follows the character, unless another one was chosen for the conversation.
    """
    former = conversation.character.character_id if conversation.character else ""
    pictures, face = conversation.pictures, conversation.character_name
    if former != settings.character_id and (pictures.character or "") == former:
        pictures = replace(pictures, character=settings.character_id or None)
        face = settings.name if settings.character_id else ""
    return replace(
        conversation,
        character=settings,
        name=settings.name,
        system_message=settings.system_message or "",
        model=settings.model,
        pictures=pictures,
        character_name=face,
    )


def effective(config: Config, conversation: Conversation) -> Config:
    """The configuration that holds in a conversation: its settings, overridden by options and the environment."""
    settings = completed(kept_settings(conversation), config)
    chat = {
        **{key: settings.sampling[key] for key in OWN_SAMPLING},
        "name": short_line(settings.name) or config.chat.name,
        "system_message": settings.system_message,
        "appearance": settings.appearance or None,
    }
    # Where nobody named a model, a name that was configured later holds.
    if settings.service == config.api.service and settings.model != AUTO_MODEL:
        chat["model"] = settings.model
    fixed = config.fixed
    if ("chat", "name") in fixed and settings.system_message == introduction(settings.name):
        chat["system_message"] = introduction(config.chat.name)
    image = {key: settings.image[key] for key in LOOKS}
    auto_turn = _with(config.auto_turn, "auto_turn", settings.auto_turn, fixed)
    if auto_turn.min_delay > auto_turn.max_delay:  # one of the two is said by the environment
        auto_turn = replace(auto_turn, max_delay=auto_turn.min_delay)
    return replace(
        config,
        chat=_with(config.chat, "chat", chat, fixed),
        auto_turn=auto_turn,
        image=_with(config.image, "image", image, fixed),
    )


def _with(section: S, table: str, values: Mapping[str, Any], fixed: frozenset[Place]) -> S:
    """The section with these values, but for invalid ones and those that are `fixed`."""
    known, kind = section.__struct_fields__, type(section)
    own = {key: value for key, value in values.items() if key in known and (table, key) not in fixed}
    if all(getattr(section, key) == value for key, value in own.items()):
        return section  # as in most conversations, and what follows reads the types of the whole section
    try:
        return msgspec.convert({**asdict(section), **own}, kind)
    except msgspec.ValidationError:
        pass
    for key, value in own.items():
        try:
            section = msgspec.convert({**asdict(section), key: value}, kind)
        except msgspec.ValidationError:
            log.warning("a conversation's own [%s] %s cannot be used", table, key)
    return section
