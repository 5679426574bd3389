"""Small values: made once, compared by what they hold, never changed."""

from __future__ import annotations

from msgspec import Struct


class Value(Struct, frozen=True):
    """The base of a value that is not decoded, unlike those of wire and files: its annotations are for the reader.

    A named tuple compiles each of its annotations when its class is made; forty of them took 5 ms of every start.
    """
