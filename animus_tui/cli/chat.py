"""The application itself, when no command is named."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from animus_tui.cli.compose import configured, service
from animus_tui.cli.terminal import TerminalQuestion, use_real_size, why_not_shown
from animus_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.cli.arguments import Arguments
    from animus_tui.config.schema import Config

SWITCH_INTERVAL = 0.001
"""Seconds after which a thread that computes lets another one go on, such as the one that writes frames to the screen:
with Python's own 5 ms the first frame was written 5 to 14 ms late."""


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Start the application on the terminal and wait for its end."""
    # How long a key may wait for its frame; Textual reads it when it is imported, and waits twice as long on its own.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    sys.setswitchinterval(SWITCH_INTERVAL)
    return _run_application(configured(arguments, env), env, arguments)


def _run_application(config: Config, env: Mapping[str, str], arguments: Arguments) -> int:
    """The application on this terminal, until the user leaves it; the exit code."""
    if sentence := why_not_shown(env):
        raise UsageError(sentence)
    use_real_size(env)
    with TerminalQuestion(env, config.ui) as question:
        question.ask()
        # Textual and what needs it takes most of the start; a terminal on a slow line answers in that time.
        from animus_tui.cli.application import run_in_loop

        with service(config, force_demo=arguments.demo, at_once=False) as answering, ExitStack() as lasting:
            return asyncio.run(run_in_loop(answering, env, question, lasting, arguments))
