"""The terminal is asked once: early, so that it answers while the application is imported, and read late."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from animus_tui.graphics.inquiry import Inquiry
from animus_tui.graphics.queries import questions
from animus_tui.graphics.terminal import is_served, knows_pixels, probe, tells_deep_colours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self, TextIO

    from animus_tui.config import UiConfig
    from animus_tui.graphics.terminal import Terminal
    from animus_tui.graphics.tmux import Outer, TmuxQuestion
    from animus_tui.ui.app import AnimusApp


def can_show(env: Mapping[str, str]) -> bool:
    """Whether there is a screen: a terminal on both standard streams, or a browser behind them."""
    return is_served(env) or (_is_terminal(sys.stdin) and _is_terminal(sys.stdout))


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


class TerminalQuestion:
    """`with TerminalQuestion(…) as question:` and `question.ask()`; on leaving the terminal is as it was before."""

    def __init__(self, env: Mapping[str, str], ui: UiConfig) -> None:
        """`ui` says what is not worth asking: a text card needs to know nothing."""
        self._env = env
        self._ui = ui
        self._inquiry: Inquiry | None = None
        self._tmux: TmuxQuestion | None = None
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
        asked = questions(
            self._env, pixels_known=knows_pixels(screen), colours_known=tells_deep_colours(self._env)
        )
        self._inquiry = self._leaving.enter_context(Inquiry(keyboard, screen, asked))
        self._inquiry.ask()
        if self._env.get("TMUX"):
            from animus_tui.graphics.tmux import TmuxQuestion

            self._tmux = self._leaving.enter_context(TmuxQuestion(self._env))

    def terminal(self) -> Terminal:
        """What the terminal can do, by what it answered until now; waits as long as it may still answer in time."""
        setting, glyphs = self._ui.graphics, self._ui.glyphs
        if self._inquiry is None:
            return probe(self._env, sys.stdout, setting=setting, glyphs=glyphs)
        answers = self._inquiry.answers()
        return probe(
            self._env, sys.stdout, setting=setting, glyphs=glyphs, answers=answers, outer=self._outer()
        )

    def prepare(self, app: AnimusApp) -> None:
        """Let the application go on where this ends: with the keys typed meanwhile, and no late answer among them."""
        if self._inquiry is not None and self._inquiry.attributes_before is not None:
            from animus_tui.ui.asked_driver import driver_after

            app.driver_class = driver_after(self._inquiry, app.driver_class)

    def _outer(self) -> Outer | None:
        if self._tmux is None:
            return None
        from animus_tui.graphics.tmux import is_pane

        outer = self._tmux.outer()
        return outer if outer is not None and is_pane(outer, sys.stdout.fileno()) else None


def promise_colours(terminal: Terminal) -> None:
    """Tell Textual, which goes by the environment, that 24-bit colours arrive; before its application is made."""
    if terminal.colours == "truecolor":
        os.environ["COLORTERM"] = "truecolor"
