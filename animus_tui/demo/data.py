"""The data files of the demo."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def data_file(name: str) -> dict[str, Any]:
    """The contents of one of the TOML files of this package, read when somebody first needs it."""
    return tomllib.loads((files("animus_tui.demo") / f"{name}.toml").read_text("utf-8"))
