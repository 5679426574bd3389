"""What `doctor` looks at: each check gives lines with a state, and no line holds a secret."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from animus_tui import __version__, paths
from animus_tui.addresses import without_secrets
from animus_tui.api.client import AnimusClient
from animus_tui.api.errors import AnimusError, ServiceError, SignedOut
from animus_tui.api.retry import RetryPolicy
from animus_tui.api.timeouts import Timeouts
from animus_tui.graphics.terminal import probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from animus_tui.cli.compose import Service
    from animus_tui.config import ApiConfig, Config

State = Literal["ok", "warning", "problem"]
LIBRARIES = (
    "textual",
    "rich",
    "httpx",
    "httpx-sse",
    "msgspec",
    "pillow",
    "term-image",
    "starlette",
    "uvicorn",
)
PATIENCE = Timeouts(connect=5, reply=10, token=10)
NO_JOB = "doctor"
"""Asking for a job that does not exist shows whether the service answers and knows the user, and costs nothing."""
AROUND = {"tmux": "TMUX", "screen": "STY", "ssh": "SSH_TTY"}
"""What a terminal may be inside of, and the variable that says so."""
NARROW, SHORT = 40, 12
"""Columns and rows below which the screen is no joy."""
SERVER_ERROR = 500


class Check(NamedTuple):
    """One line of the report."""

    what: str
    state: State
    words: str


def check_file(path: Path) -> Check:
    """The configuration file, which has been read by now."""
    if not path.exists():
        return Check("configuration", "ok", f"{path} does not exist; the defaults count")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and "api_key" in path.read_text(
        "utf-8", "replace"
    ):
        return Check("configuration", "warning", f"others can read the key: chmod 600 {path}")
    return Check("configuration", "ok", f"{path} was read")


def check_environment(env: Mapping[str, str]) -> Check:
    """The variables that have a say; their values may be secret."""
    names = sorted(name for name in env if name.startswith("ANIMUS_") and env[name].strip())
    return Check("environment", "ok", ", ".join(names) or "no ANIMUS_ variable is set")


def check_service(service: Service) -> Iterator[Check]:
    """How the user signs in, and whether the services answer and accept that."""
    api = service.config.api
    if service.is_demo:
        yield Check("sign-in", "ok", service.notice or "the embedded demo was asked for")
    elif api.token_provider_url:
        yield Check("sign-in", "ok", f"token provider {without_secrets(api.token_provider_url)}")
    else:
        yield Check("sign-in", "ok", "API key (set, not shown)")
    yield asyncio.run(_ask("chat service", api.base_url, replace(api, generation_url=api.base_url)))
    if api.generation_url != api.base_url:
        yield asyncio.run(_ask("picture jobs", api.generation_url, api))


async def _ask(what: str, url: str, api: ApiConfig) -> Check:
    async with AnimusClient(api, timeouts=PATIENCE, retry=RetryPolicy(tries=1)) as client:
        try:
            await client.generation_status(NO_JOB)
        except SignedOut as error:
            return Check(what, "problem", str(error))
        except ServiceError as error:
            if error.status >= SERVER_ERROR:
                return Check(what, "problem", str(error))
        except AnimusError as error:
            return Check(what, "problem", str(error))
    return Check(what, "ok", f"{without_secrets(url)} answers")


def check_folders(config: Config, env: Mapping[str, str]) -> Iterator[Check]:
    """Where things are kept, and whether they can be."""
    yield _folder("conversations", paths.data_dir(env))
    yield _folder("pictures", paths.pictures_dir(config.image.save_dir))
    log = paths.log_file(env)
    yield Check(
        "log", "ok", f"{log} has {log.stat().st_size} bytes" if log.exists() else f"{log}, nothing yet"
    )


def _folder(what: str, folder: Path) -> Check:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        return Check(what, "problem", f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Check(what, "problem", f"{nearest} cannot be written to")
    return Check(what, "ok", str(folder) if nearest == folder else f"{folder} will be made")


def check_terminal(config: Config, env: Mapping[str, str]) -> Iterator[Check]:
    """What the terminal can show, and how pictures would be drawn on it."""
    terminal = probe(env, sys.stdout, setting=config.ui.graphics)
    words = f"{terminal.columns}×{terminal.rows}, TERM={env.get('TERM', '')}, COLORTERM={env.get('COLORTERM', '')}"
    words += "".join(f", inside {name}" for name, variable in AROUND.items() if env.get(variable))
    if not terminal.is_tty:
        yield Check("terminal", "ok", f"standard output is none; {words}")
    elif terminal.dumb:
        yield Check("terminal", "problem", f"it can only print lines; {words}")
    elif terminal.columns < NARROW or terminal.rows < SHORT:
        yield Check("terminal", "warning", f"less than {NARROW}×{SHORT} is too small; {words}")
    else:
        yield Check("terminal", "ok", words)
    encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
    if encoding.lower().replace("-", "") == "utf8":
        yield Check("unicode", "ok", "UTF-8")
    else:
        yield Check("unicode", "warning", f"{encoding} in place of UTF-8: set LANG, for example to C.UTF-8")
    yield Check("graphics", "ok", f"{terminal.style}: {terminal.reason}")


def check_versions() -> Iterator[Check]:
    """The program, Python and the libraries it stands on."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    found, missing = [], []
    for library in LIBRARIES:
        try:
            found.append(f"{library} {metadata.version(library)}")
        except metadata.PackageNotFoundError:
            missing.append(library)
    yield Check("versions", "ok", ", ".join([f"animus-chat {__version__}", f"Python {python}", *found]))
    if missing:
        yield Check("libraries", "problem", f"not installed: {', '.join(missing)}")
