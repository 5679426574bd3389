"""Pictures as values: the words and figures that one is painted from, its bytes, and a bounded store of them."""

import base64
import secrets
from collections import OrderedDict
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
    """All that a picture depends on: enough to paint the same picture again."""

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


class Picture(Struct, frozen=True, kw_only=True):
    """The bytes of an image or a video, and how they are sent."""

    data: bytes
    media_type: str = "image/png"
    status: int = 200
    limit: int | None = None
    """Bytes after which the connection breaks; None sends all."""
    hang: bool = False
    """At the limit the connection goes silent instead of breaking."""
    recipe: str | None = None
    """How it can be painted again, as part of its address."""


class PictureStore:
    """Pictures by id, least recently used first out, at most `limit` bytes (but always the newest)."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._pictures: OrderedDict[str, Picture] = OrderedDict()

    def add(self, picture: Picture, key: str | None = None) -> str:
        """Keep a picture under its old id or a new one, which cannot be guessed; returns the id."""
        key = key or secrets.token_hex(16)
        self.remove(key)
        self._pictures[key] = picture
        self._size += len(picture.data)
        while self._size > self._limit and len(self._pictures) > 1:
            self.remove(next(iter(self._pictures)))
        return key

    def get(self, key: str) -> Picture | None:
        """The picture with this id, while it is kept."""
        if key in self._pictures:
            self._pictures.move_to_end(key)
        return self._pictures.get(key)

    def remove(self, key: str) -> None:
        """Drop the picture with this id, if it is kept."""
        picture = self._pictures.pop(key, None)
        self._size -= len(picture.data) if picture is not None else 0
