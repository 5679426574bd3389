"""tmux, asked by its own program: which terminals are around it, and whether it lets through what is meant for them.

The program is started early and read late, so that its few milliseconds pass beside other work.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.child_processes import child_environment
from animus_tui.graphics.probe.known_terminals import has_placeholders, name_of_term
from animus_tui.graphics.probe.terminal_probe import named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

PATIENCE = 0.2
"""Seconds that the tmux program may take, from its start."""
_PANE = "#{pane_tty}|#{allow-passthrough}|#{version}"
_CLIENT = (
    "#{client_termname}|#{client_termfeatures}|#{client_cell_width}|#{client_cell_height}|#{client_termtype}"
)
_MOST_BYTES = 10_000


class Client(Struct, frozen=True):
    """A terminal that shows the tmux session."""

    term: str
    """The terminal's TERM."""
    name: str
    """The terminal's own name in lower case; where it tells none, the one that its TERM belongs to."""
    version: str
    has_direct_colour: bool
    """Whether tmux passes 24-bit colours on to the terminal unchanged."""
    cell_size: tuple[int, int] | None
    """Width and height of a cell in pixels; None in a tmux before 3.4."""


class TmuxEnvironment(Struct, frozen=True):
    """What is around the pane that the application runs in."""

    terminal: str
    """Path of the pane's terminal."""
    lets_through: bool
    """Whether tmux passes wrapped commands on to the terminal outside (`allow-passthrough`)."""
    clients: tuple[Client, ...]

    @property
    def has_placeholders(self) -> bool:
        """Whether every terminal outside draws pictures in place of placeholders."""
        return bool(self.clients) and all(
            client.has_direct_colour and has_placeholders(client.name, client.version)
            for client in self.clients
        )


class TmuxProbe:
    """`with TmuxProbe(env) as question:` the program runs; it is ended on leaving."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """`env` as tmux set it up for the pane; without TMUX nothing is asked."""
        self._pane = env.get("TMUX_PANE", "") if env.get("TMUX") else ""
        self._program: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0

    def __enter__(self) -> Self:
        if self._pane:
            arguments = ["display-message", "-p", "-t", self._pane, _PANE, ";"]
            arguments += ["list-clients", "-t", self._pane, "-F", _CLIENT]
            with suppress(OSError):
                self._program = subprocess.Popen(  # noqa: S603 - the user's own tmux
                    ["tmux", *arguments],  # noqa: S607 - where the user's PATH has it
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=child_environment(),
                )
            self._deadline = time.monotonic() + PATIENCE
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        program, self._program = self._program, None
        if program is not None:
            program.kill()
            program.wait()
            if program.stdout is not None:
                program.stdout.close()

    def outer(self) -> TmuxEnvironment | None:
        """What is around the pane; None when there is no tmux, or it does not answer in time."""
        if self._program is None:
            return None
        try:
            told, _ = self._program.communicate(timeout=max(0.001, self._deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, OSError):
            return None
        return _read(told[:_MOST_BYTES].decode("utf-8", "replace"))


def is_pane(outer: TmuxEnvironment, descriptor: int) -> bool:
    """Whether `descriptor` is the pane itself. A terminal within it, or one that inherited TMUX, is not."""
    try:
        return os.ttyname(descriptor) == outer.terminal
    except OSError:
        return False


def _read(told: str) -> TmuxEnvironment | None:
    pane, *clients = told.splitlines() or [""]
    match pane.split("|"):
        case [terminal, passthrough, _version]:
            # A tmux before 3.3 does not know the option; what it does with what is wrapped was not tried.
            return TmuxEnvironment(terminal, passthrough in ("1", "on", "all"), tuple(map(_client, clients)))
        case _:
            return None


def _client(line: str) -> Client:
    term, features, width, height, kind, *_ = [*line.split("|", 4), "", "", "", ""]
    name, version = named(kind.encode())
    by_term = name_of_term(term)
    size = (int(width), int(height)) if width.isdecimal() and height.isdecimal() else (0, 0)
    return Client(
        term,
        name or by_term,
        version,
        # What the terminal's own entry in terminfo says of 24-bit colours is not among the features.
        "RGB" in features.split(",") or bool(by_term),
        size if all(size) else None,
    )
