"""The terminal is asked once: early, so that it answers while the application is imported, and read late."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from animus_tui.cli.output import is_terminal
from animus_tui.graphics.probe.capabilities import (
    detect_terminal,
    is_dumb,
    is_served,
    tells_deep_colours,
)
from animus_tui.graphics.probe.terminal_probe import TerminalProbe, questions
from animus_tui.graphics.probe.tmux import TmuxProbe, is_pane

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from animus_tui.config.schema import UiConfig
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.graphics.probe.tmux import TmuxEnvironment


def can_show(env: Mapping[str, str]) -> bool:
    """Whether there is a screen: a terminal on both standard streams, or a browser behind them."""
    return is_served(env) or (is_terminal(sys.stdin) and is_terminal(sys.stdout))


def why_not_shown(env: Mapping[str, str]) -> str | None:
    """Why the application cannot be shown here and what works instead, one sentence; None where it can."""
    if not can_show(env):
        return 'The application needs a terminal; "animus-chat send" works without one.'
    if is_dumb(env) and not is_served(env):
        term = env.get("TERM", "").strip()
        return (
            f'This terminal cannot show the application, for it can only print lines (TERM is "{term}"); '
            '"animus-chat send" works here.'
        )
    return None


def use_real_size(env: Mapping[str, str]) -> None:
    """Let the terminal's own size count, and every later one: COLUMNS and LINES are dropped from the environment.

    Both Rich and Textual prefer the variables, which would freeze the size. They stay where the terminal has no size,
    and for a browser, which has no other way to tell its own.
    """
    if is_served(env):
        return
    for stream in (sys.stdout, sys.stdin):
        try:
            size = os.get_terminal_size(stream.fileno()) if stream is not None else None
        except (OSError, ValueError):
            continue
        if size is not None and size.columns and size.lines:
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)
            return


class TerminalQuestion:
    """`with TerminalQuestion(…) as question:` and `question.ask()`; on leaving the terminal is as it was before."""

    def __init__(self, env: Mapping[str, str], ui: UiConfig) -> None:
        """`ui` says what is not worth asking: a text card needs to know nothing."""
        self._env = env
        self._ui = ui
        self._probe: TerminalProbe | None = None
        self._tmux: TmuxProbe | None = None
        self._leaving = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def ask(self) -> None:
        """Ask everything and wait for nothing."""
        if is_served(self._env) or not can_show(self._env) or self._ui.graphics == "none":
            return
        keyboard, screen = sys.stdin.fileno(), sys.stdout.fileno()
        asked = questions(self._env, colours_known=tells_deep_colours(self._env))
        self._probe = self._leaving.enter_context(TerminalProbe(keyboard, screen, asked))
        self._probe.ask()
        if self._env.get("TMUX"):
            self._tmux = self._leaving.enter_context(TmuxProbe(self._env))

    def terminal(self) -> Terminal:
        """What the terminal can do, by what it answered until now; waits as long as it may still answer in time."""
        setting, glyphs = self._ui.graphics, self._ui.glyphs
        if self._probe is None:
            return detect_terminal(self._env, sys.stdout, setting=setting, glyphs=glyphs)
        answers = self._probe.answers()
        return detect_terminal(
            self._env, sys.stdout, setting=setting, glyphs=glyphs, answers=answers, outer=self._outer()
        )

    @property
    def asked(self) -> TerminalProbe | None:
        """What the terminal was asked, where it could be: it holds the keys typed meanwhile and knows late answers."""
        has_asked = self._probe is not None and self._probe.attributes_before is not None
        return self._probe if has_asked else None

    def restore(self) -> None:
        """The terminal's settings as before; nothing is written to it."""
        if self._probe is not None:
            self._probe.restore()

    def _outer(self) -> TmuxEnvironment | None:
        if self._tmux is None:
            return None
        outer = self._tmux.outer()
        return outer if outer is not None and is_pane(outer, sys.stdout.fileno()) else None


def promise_colours(terminal: Terminal) -> None:
    """Tell Textual, which goes by the environment, that 24-bit colours arrive; before its application is made."""
    if terminal.colours == "truecolor":
        os.environ["COLORTERM"] = "truecolor"
