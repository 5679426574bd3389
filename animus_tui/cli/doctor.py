"""`doctor`: what was detected, a line each; exit code 1 when something is wrong, and no line holds a secret."""

from __future__ import annotations

import difflib
import stat
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from animus_tui import __version__, paths
from animus_tui.cli.compose import config_path, configured, service
from animus_tui.cli.output import DONE, FAILED, is_terminal, say
from animus_tui.cli.service_checks import Check, check_services
from animus_tui.cli.terminal import TerminalQuestion
from animus_tui.config.loading import load_config
from animus_tui.config.schema import Config, UiConfig, schema, variable
from animus_tui.errors import ConfigError
from animus_tui.graphics.full_quality.inline_images import term_image_version
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from animus_tui.cli.arguments import Arguments
    from animus_tui.cli.service_checks import State
    from animus_tui.graphics.probe.capabilities import Terminal

LIBRARIES = (
    "textual",
    "rich",
    "markdown-it-py",
    "pygments",
    "anyio",
    "httpx",
    "httpcore",
    "httpx-sse",
    "term-image",
    "pillow",
    "numpy",
    "platformdirs",
    "tomli-w",
    "tomlkit",
    "msgspec",
    "pyjwt",
    "shtab",
    "starlette",
    "websockets",
    "uvicorn",
)
OPTIONAL = "term-image"
"""There is none for Python 3.14 and newer; what it does is then done without it."""
OTHER_VARIABLES = ("ANIMUS_CONFIG", "ANIMUS_DATA_DIR", "ANIMUS_DEMO_KEY", "ANIMUS_DEMO_CREDITS")
"""Variables beside those of the settings."""
AROUND = {"tmux": "TMUX", "screen": "STY", "ssh": "SSH_TTY"}
"""What a terminal may be inside of, and the variable that says so."""
NARROW, SHORT = 40, 12
"""Columns and rows below which the screen is no joy."""
COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Check everything, print it, and tell by the exit code whether all is well."""
    # What a terminal, a service or the environment told stands in these words.
    checks = [
        check._replace(words=printable(check.words, newlines=False)) for check in _checks(arguments, env)
    ]
    if is_terminal(sys.stdout):
        from animus_tui.cli.rich_output import print_table  # rich takes 45 ms, and a pipe needs nothing of it

        print_table((COLOURS[check.state], (check.state, check.what, check.words)) for check in checks)
    else:
        for check in checks:
            say(f"{check.state:8} {check.what:14} {check.words}")
    return FAILED if any(check.state == "problem" for check in checks) else DONE


def _checks(arguments: Arguments, env: Mapping[str, str]) -> Iterator[Check]:
    try:
        config = configured(arguments, env)
    except ConfigError as error:
        yield Check("configuration", "problem", str(error))
        config = Config()
    else:
        yield _check_file(config_path(arguments, env), env)
        yield from _check_environment(env)
        yield from _check_theme(config.ui.theme)
        with service(config, force_demo=arguments.demo) as answering:
            yield from check_services(answering, env)
    yield from _check_folders(config, env)
    yield from _check_terminal(config, env)
    yield from _check_versions()


def _check_file(path: Path, env: Mapping[str, str]) -> Check:
    """The configuration file, which has been read by now."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        state: State = "warning" if env.get("ANIMUS_CONFIG") else "ok"
        return Check("configuration", state, f"{path} does not exist; using defaults")
    if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO) and _holds_key(load_config(path, {})):
        return Check("configuration", "warning", f"others can read the key: chmod 600 {path}")
    return Check("configuration", "ok", f"{path} was read")


def _holds_key(config: Config) -> bool:
    return config.api.api_key is not None or config.image.api_key is not None


def _check_environment(env: Mapping[str, str]) -> Iterator[Check]:
    """The variables that have a say, and those that look as if they had; the values may be secret."""
    names = sorted(name for name in env if name.startswith("ANIMUS_") and env[name].strip())
    known = {variable(table, key) for table, keys in schema().items() for key in keys}.union(OTHER_VARIABLES)
    found = [name for name in names if name in known]
    yield Check("environment", "ok", ", ".join(found) or "no ANIMUS_ variable is set")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            yield Check(
                "environment",
                "warning",
                f"{name} means nothing" + "".join(f"; did you mean {n}?" for n in near),
            )


def _check_theme(wanted: str) -> Iterator[Check]:
    """A warning for a theme of which there is none: the application would start with another one."""
    if wanted == UiConfig().theme:
        return
    from textual.theme import BUILTIN_THEMES  # Textual is loaded for this check alone

    from animus_tui.ui.themes import FOLLOW, THEMES

    if wanted not in {FOLLOW, *BUILTIN_THEMES, *(theme.name for theme in THEMES)}:
        yield Check("theme", "warning", f"there is no theme “{wanted}”, which [ui] theme names")


def _check_folders(config: Config, env: Mapping[str, str]) -> Iterator[Check]:
    """Where things are kept, and whether they can be."""
    yield _folder("conversations", paths.data_dir(env))
    yield _folder("pictures", paths.pictures_dir(config.image.save_dir))
    log = paths.log_file(env)
    try:
        words = f"{log} has {log.stat().st_size} bytes"
    except OSError:
        words = f"{log}, nothing yet"
    yield Check("log", "ok", words)


def _folder(what: str, folder: Path) -> Check:
    if (obstacle := paths.obstacle(folder)) is not None:
        return Check(what, "problem", obstacle)
    return Check(what, "ok", str(folder) if folder.exists() else f"{folder} will be made")


def _check_terminal(config: Config, env: Mapping[str, str]) -> Iterator[Check]:
    """What the terminal can show, and how pictures would be drawn on it."""
    with TerminalQuestion(env, config.ui) as question:
        question.ask()
        terminal = question.terminal()
    words = f"{terminal.name}, " if terminal.name else ""
    words += f"{terminal.columns}×{terminal.rows}, TERM={env.get('TERM', '')}, COLORTERM={env.get('COLORTERM', '')}"
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
    colours = f", {terminal.sixel_colours} colours" if terminal.style == "sixel" else ""
    yield Check("graphics", "ok", f"{terminal.style}{colours}: {terminal.reason}")
    if terminal.style != "none":
        yield Check("cells", "ok", "; ".join(_cells(terminal)))


def _cells(terminal: Terminal) -> Iterator[str]:
    """What pictures are made of, where that is known."""
    if terminal.cell_size is not None:
        width, height = terminal.cell_size
        yield f"{width}×{height} pixels"
    else:
        yield "the terminal does not tell their size"
    yield f"a mosaic is made of {terminal.glyphs}"
    if terminal.background is not None:
        yield "background #{:02x}{:02x}{:02x}".format(*terminal.background)
    yield f"a picture in full quality: {terminal.viewer or 'not offered, for it would be no finer'}"


def _check_versions() -> Iterator[Check]:
    """The program, Python and the libraries it stands on."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    found, missing = [], []
    for library in LIBRARIES:
        try:
            found.append(f"{library} {metadata.version(library)}")
        except metadata.PackageNotFoundError:
            if library != OPTIONAL:
                missing.append(library)
    yield Check("versions", "ok", ", ".join([f"animus-chat {__version__}", f"Python {python}", *found]))
    drawn_by = term_image_version()
    words = f"term-image {drawn_by}" if drawn_by else "animus-chat itself, term-image 0.7 is not installed"
    yield Check("drawing", "ok", f"full quality by {words}")
    if missing:
        yield Check("libraries", "problem", f"not installed: {', '.join(missing)}")
