"""`doctor`: what was detected, a line each; exit code 1 when something is wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from animus_tui.cli.checks import (
    Check,
    check_environment,
    check_file,
    check_folders,
    check_service,
    check_terminal,
    check_versions,
)
from animus_tui.cli.compose import config_path, configured, service
from animus_tui.cli.output import DONE, FAILED, say
from animus_tui.config.schema import Config
from animus_tui.errors import ConfigError
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from animus_tui.cli.arguments import Arguments

COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Check everything, print it, and tell by the exit code whether all is well."""
    # What a terminal, a service or the environment told stands in these words.
    checks = [
        check._replace(words=printable(check.words, newlines=False)) for check in _checks(arguments, env)
    ]
    if sys.stdout is not None and sys.stdout.isatty():
        _print_table(checks)
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
        yield check_file(config_path(arguments, env), env)
        yield from check_environment(env)
        with service(config, force_demo=arguments.demo) as answering:
            yield from check_service(answering)
    yield from check_folders(config, env)
    yield from check_terminal(config, env)
    yield from check_versions()


def _print_table(checks: list[Check]) -> None:
    # 45 ms, and a pipe needs nothing of it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for check in checks:
        table.add_row(
            Text(check.state, COLOURS[check.state]), Text(check.what), Text(check.words, overflow="fold")
        )
    Console().print(table)
