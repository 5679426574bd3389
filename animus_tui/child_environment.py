"""The environment of every process that the application starts. Imports the standard library only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

OWN = "ANIMUS_"
"""How the names of our own variables begin; the key and the address of a token provider are among them."""


def child_environment(
    env: Mapping[str, str] | None = None, *, only: Collection[str] | None = None
) -> dict[str, str]:
    """What a child may know of `env`, this process's own by default: nothing that is set for the application.

    `only`: names of the variables that are passed on, for a child that needs few.
    """
    known = os.environ if env is None else env
    return {
        name: value
        for name, value in known.items()
        if not name.upper().startswith(OWN) and (only is None or name in only)
    }
