"""The application itself, when no command is named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from animus_tui.cli.compose import configured, run_application

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.cli.arguments import Arguments


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Start the application on the terminal and wait for its end."""
    # How long a key may wait for its frame; Textual reads it when it is imported, and waits twice as long on its own.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    return run_application(
        configured(arguments, env),
        env,
        conversation=arguments.conversation,
        last=arguments.last,
        new=arguments.new,
        demo=arguments.demo,
    )
