"""Every folder and file that the application uses outside its own code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from animus_tui.errors import NoHomeError, UsageError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

APP = "animus-chat"


def config_file(env: Mapping[str, str]) -> Path:
    """The configuration file: `ANIMUS_CONFIG`, else `config.toml` in the user's configuration directory.

    NoHomeError, as of the functions below: nothing names it and there is no home folder.
    """
    named = env.get("ANIMUS_CONFIG")
    return expanded(named) if named else _users(platformdirs.user_config_dir) / "config.toml"


def data_dir(env: Mapping[str, str]) -> Path:
    """The data directory: `ANIMUS_DATA_DIR`, else the user's own (`XDG_DATA_HOME` moves it on Linux)."""
    named = env.get("ANIMUS_DATA_DIR")
    return expanded(named) if named else _users(platformdirs.user_data_dir)


def theme_file(env: Mapping[str, str]) -> Path:
    """Where earlier versions kept the theme that was chosen in the application."""
    return data_dir(env) / "theme.json"


def log_file(env: Mapping[str, str]) -> Path:
    """Where warnings and unexpected errors are written."""
    return data_dir(env) / "animus-chat.log"


def pictures_dir(configured: str | None) -> Path:
    """Where pictures are saved: the configured folder, else the user's pictures folder."""
    return expanded(configured) if configured else _users(lambda _: platformdirs.user_pictures_dir())


def thumbnails_dir() -> Path:
    """Where small copies of pictures are kept; deleting it costs nothing but the time to make them anew."""
    return _users(platformdirs.user_cache_dir) / "thumbnails"


def gallery_dir() -> Path:
    """Where it is kept which pictures all conversations have; deleting it costs only the time to look again."""
    return _users(platformdirs.user_cache_dir) / "gallery"


def fetched_dir() -> Path:
    """Where pictures of the account are kept for a while that somebody looked at."""
    return _users(platformdirs.user_cache_dir) / "account"


def obstacle(folder: Path) -> str | None:
    """What stands in the way of writing into a folder, which may be yet to be made; None when nothing does."""
    # os.path answers also where even asking is forbidden; Path.exists raises there before Python 3.12.
    nearest = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not os.path.isdir(nearest):  # noqa: PTH112
        return f"{nearest} is not a folder"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written to"
    return None


def path_inside(folder: Path, relative: str) -> Path:
    """Where a file of a conversation is. UserError when that is not inside its folder."""
    refusal = UserError(f"{relative!r} is not a file of this conversation.")
    try:
        inside = folder.resolve()
        path = (inside / relative).resolve()
    except (OSError, RuntimeError, ValueError):  # a name that no file can have, links in a circle
        raise refusal from None
    if inside not in path.parents:
        raise refusal
    return path


def expanded(text: str) -> Path:
    """The absolute path that a user means: `~` is the home folder, a relative path begins where they are.

    UsageError: the folder that they are in was deleted.
    """
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # `~name` without such a user is a folder's own name
        path = Path(text)
    try:
        return path.absolute()
    except FileNotFoundError:
        raise UsageError(
            f"{path} is relative to the folder you are in, and that was deleted. Go to another one or give a full path."
        ) from None


def _users(folder: Callable[[str], str]) -> Path:
    """The folder that the platform gives the application. NoHomeError."""
    try:
        path = Path(folder(APP))
    except RuntimeError:
        path = Path()
    if not path.is_absolute():  # `~` of nobody
        raise NoHomeError("There is no home folder: set HOME to one.")
    return path
