"""Every folder and file that the application uses outside its own code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "animus-chat"


def config_file(env: Mapping[str, str]) -> Path:
    """The configuration file: `ANIMUS_CONFIG`, else `config.toml` in the user's configuration directory."""
    named = env.get("ANIMUS_CONFIG")
    return expanded(named) if named else Path(platformdirs.user_config_dir(APP)) / "config.toml"


def data_dir(env: Mapping[str, str]) -> Path:
    """The data directory: `ANIMUS_DATA_DIR`, else the user's own (`XDG_DATA_HOME` moves it on Linux)."""
    named = env.get("ANIMUS_DATA_DIR")
    return expanded(named) if named else Path(platformdirs.user_data_dir(APP))


def log_file(env: Mapping[str, str]) -> Path:
    """Where warnings and unexpected errors are written."""
    return data_dir(env) / "animus-chat.log"


def pictures_dir(configured: str | None) -> Path:
    """Where pictures are saved: the configured folder, else the user's pictures folder."""
    return expanded(configured) if configured else Path(platformdirs.user_pictures_dir())


def expanded(text: str) -> Path:
    """The absolute path that a user means: `~` is the home folder, a relative path begins where they are."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:  # `~name` without such a user is a folder's own name
        return Path(text).absolute()
