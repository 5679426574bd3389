"""What a character is, and the style of its pictures: plain values that know neither file nor screen."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from animus_tui.characters.lorebook import Lorebook


class Style(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How pictures look: words around each prompt, and numbers for the service that makes them."""

    name: str
    prefix: str = ""
    """Stands before the words of each prompt."""
    suffix: str = ""
    """Stands behind them."""
    negative: str = ""
    """What to leave out."""
    width: int | None = None
    """Pixels; None is the one that is configured, as of the values below."""
    height: int | None = None
    """Pixels."""
    steps: int | None = None
    guidance: float | None = None


class Character(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody to talk with.

    Its texts may hold macros such as `{{user}}`, which `animus_tui.characters.macros.filled` fills in where they are
    shown or sent. A text of an imported card may be long, and is not yet made printable.
    """

    name: str
    """As it is shown, in one line."""
    nickname: str | None = None
    """What `{{char}}` stands for where that is not the name."""
    description: str = ""
    """One line for a list; empty where nothing was said."""
    system_message: str = ""
    """What it is told about itself; empty where nothing was said."""
    greeting: str | None = None
    """What it says first in a new conversation."""
    greetings: tuple[str, ...] = ()
    """Other things that it may say first."""
    note: str | None = None
    """A text that is sent behind the history, where it counts most: a card's `post_history_instructions`."""
    examples: str | None = None
    """How it talks, ready to stand at the end of the system message: a card's `mes_example`."""
    lorebook: Lorebook | None = None
    """What is told only where the conversation comes to speak of it."""
    model: str | None = None
    """The model that answers; None is the one that is configured."""
    sampling: dict[str, Any] = {}
    """Settings of `[chat]` that go before the configured ones: `temperature`, `max_tokens` and so on."""
    auto_turn: dict[str, Any] = {}
    """The same of `[auto_turn]`."""
    image: dict[str, Any] = {}
    """The same of `[image]`: `width`, `height`, `guidance_scale`, `num_inference_steps`, `seed`, `when`."""
    appearance: str | None = None
    """What it looks like: added to the words of its pictures."""
    style: str | None = None
    """Name of the style of its pictures."""
    accent: str | None = None
    """The colour of its name, as `#rrggbb`."""
    portrait: str | None = None
    """Path of a picture's file, which nobody vouches for: only the decoding process may decode it."""
    character_id: str | None = None
    """Animus' own character, whose face the pictures get."""
    card: dict[str, Any] | None = None
    """The whole card that it was imported from, with what is not used, so that nothing is lost in an export."""

    @property
    def called(self) -> str:
        """What `{{char}}` stands for."""
        return self.nickname or self.name

    @property
    def all_greetings(self) -> tuple[str, ...]:
        """Everything that it may say first; its own greeting comes first."""
        return self.greetings if self.greeting is None else (self.greeting, *self.greetings)
