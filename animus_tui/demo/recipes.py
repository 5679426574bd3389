"""How a picture came to be, as a value: enough to paint the same picture again. Pure."""

import base64
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct

Side = Annotated[int, Meta(ge=64, le=2048)]
"""Pixels."""
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Steps = Annotated[int, Meta(ge=1)]
Guidance = Annotated[float, Meta(ge=0)]
LONGEST_RECIPE = 4000
"""Characters; a picture with a longer one cannot be painted again."""


class Handling(Struct, frozen=True, omit_defaults=True):
    """What a request may say beyond words, size and seed. None leaves it to the painter."""

    negative: str | None = None
    """Words for what must not be in the picture."""
    strength: Share | None = None
    """How much of an edit is seen; the rest is the picture that it starts from."""
    steps: Steps | None = None
    guidance: Guidance | None = None
    likeness: str | None = None
    """The words of a character's face, which is the same in all its pictures."""


class Recipe(Struct, frozen=True, array_like=True):
    """All that a picture depends on."""

    prompt: str
    width: Side
    height: Side
    seed: Seed
    source: "Recipe | None" = None
    handling: Handling = Handling()

    def written(self) -> str | None:
        """As part of an address; None when it is too long."""
        text = base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")
        return text if len(text) <= LONGEST_RECIPE else None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The recipe in an address; None for anything else."""
        try:
            padded = text + "=" * (-len(text) % 4)
            return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=cls)
        except (ValueError, RecursionError):
            return None

    def steps(self) -> list["Recipe"]:
        """The recipe and those that it starts from, in the order of painting."""
        return [*(self.source.steps() if self.source is not None else []), self]
