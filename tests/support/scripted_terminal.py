"""A real pseudo-terminal that answers questions as a named terminal does, or late, in pieces, or not at all."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
from typing import TYPE_CHECKING

from animus_tui.graphics.probe import terminal_probe
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ATTRIBUTES, VERSION, CELL, GROUND = b"\x1b[c", b"\x1b[>q", b"\x1b[16t", b"\x1b]11;?\x1b\\"
READY = "Write a message"
QUIT = "\x11"
GRAPHICS = terminal_probe.GRAPHICS
COLOUR = b"\x1bP$qm\x1b\\"
REGISTERS, SIXEL_SIZE = terminal_probe.SIXEL_COLOURS, terminal_probe.SIXEL_SIZE
ASKED = re.compile(
    b"|".join(map(re.escape, (ATTRIBUTES, VERSION, CELL, GROUND, GRAPHICS, COLOUR, REGISTERS, SIXEL_SIZE)))
)

BLACK = b"\x1b]11;rgb:0000/0000/0000\x1b\\"
OK = b"\x1b_Gi=31;OK\x1b\\"
TERMINALS: dict[str, dict[bytes, bytes]] = {
    "kitty": {
        VERSION: b"\x1bP>|kitty(0.41.1)\x1b\\",
        GRAPHICS: OK,
        CELL: b"\x1b[6;20;10t",
        GROUND: b"\x1b]11;rgb:1e1e/2020/2828\x1b\\",
        COLOUR: b"\x1bP1$r0;48:2:1:2:3m\x1b\\",
        ATTRIBUTES: b"\x1b[?62;52;c",
    },
    "old kitty": {VERSION: b"\x1bP>|kitty(0.26.5)\x1b\\", GRAPHICS: OK, ATTRIBUTES: b"\x1b[?62;c"},
    "ghostty": {
        VERSION: b"\x1bP>|ghostty 1.2.3\x1b\\",
        GRAPHICS: OK,
        CELL: b"\x1b[6;36;16t",
        GROUND: b"\x1b]11;rgb:28/2c/34\x1b\\",
        ATTRIBUTES: b"\x1b[?62;22c",
    },
    "wezterm": {
        VERSION: b"\x1bP>|WezTerm 20240203-110809-5046fc22\x1b\\",
        GRAPHICS: OK,
        GROUND: BLACK,
        COLOUR: b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
        ATTRIBUTES: b"\x1b[?65;4;6;18;22c",
    },
    "foot": {
        VERSION: b"\x1bP>|foot(1.16.2)\x1b\\",
        CELL: b"\x1b[6;17;8t",
        GROUND: b"\x1b]11;rgb:24/24/24\x1b\\",
        REGISTERS: b"\x1b[?1;0;1024S",
        SIXEL_SIZE: b"\x1b[?2;0;10000;10000S",
        COLOUR: b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
        ATTRIBUTES: b"\x1b[?62;4;22;28c",
    },
    "xterm": {
        VERSION: b"\x1bP>|XTerm(379)\x1b\\",
        CELL: b"\x1b[6;13;6t",
        GROUND: b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
        COLOUR: b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
        REGISTERS: b"\x1b[?1;3S",
        SIXEL_SIZE: b"\x1b[?2;3S",
        ATTRIBUTES: b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    },
    "xterm as vt340": {
        VERSION: b"\x1bP>|XTerm(379)\x1b\\",
        CELL: b"\x1b[6;13;6t",
        REGISTERS: b"\x1b[?1;0;1024S",
        SIXEL_SIZE: b"\x1b[?2;0;600;520S",
        COLOUR: b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
        ATTRIBUTES: b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
    },
    "xterm of 16 colours": {
        VERSION: b"\x1bP>|XTerm(310)\x1b\\",
        CELL: b"\x1b[6;13;6t",
        REGISTERS: b"\x1b[?1;0;16S",
        COLOUR: b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
        ATTRIBUTES: b"\x1b[?63;1;2;4;6;9;15;22c",
    },
    "mlterm": {
        CELL: b"\x1b[6;22;10t",
        REGISTERS: b"\x1b[?1;0;1024S",
        SIXEL_SIZE: b"\x1b[?1;3;0S",
        ATTRIBUTES: b"\x1b[?63;1;2;3;4;6;7;15;18;22;29c",
    },
    "sixels of no known size": {ATTRIBUTES: b"\x1b[?62;4c"},
    "iterm2": {
        VERSION: b"\x1bP>|iTerm2 3.5.10\x1b\\",
        GROUND: BLACK,
        ATTRIBUTES: b"\x1b[?62;4c",
    },
    "vscode": {CELL: b"\x1b[6;17;8t", ATTRIBUTES: b"\x1b[?62;4;9;22c"},
    "vscode without pictures": {ATTRIBUTES: b"\x1b[?1;2c"},
    "xterm.js": {VERSION: b"\x1bP>|xterm.js(6.1.0)\x1b\\", ATTRIBUTES: b"\x1b[?62;4;9;22c"},
    "rio": {VERSION: b"\x1bP>|Rio 0.5.9\x1b\\", ATTRIBUTES: b"\x1b[?62;4;6;22c"},
    "old rio": {
        VERSION: b"\x1bP>|Rio 0.2.12\x1b\\",
        CELL: b"\x1b[6;17;8t",
        ATTRIBUTES: b"\x1b[?62;4;6;22c",
    },
    "mintty": {
        VERSION: b"\x1bP>|mintty 3.7.4\x1b\\",
        CELL: b"\x1b[6;17;8t",
        ATTRIBUTES: b"\x1b[?64;1;2;4;6;9;15;21;22;28;29c",
    },
    "old mintty": {
        VERSION: b"\x1bP>|mintty 3.5.0\x1b\\",
        CELL: b"\x1b[6;17;8t",
        ATTRIBUTES: b"\x1b[?64;1;2;4;6;9;15;21;22;28;29c",
    },
    "contour": {
        VERSION: b"\x1bP>|contour 0.6.3\x1b\\",
        CELL: b"\x1b[6;21;9t",
        REGISTERS: b"\x1b[?1;0;256S",
        ATTRIBUTES: b"\x1b[?64;1;4;9;22c",
    },
    "zellij": {
        VERSION: b"\x1bP>|Zellij(0.43.1)\x1b\\",
        CELL: b"\x1b[6;17;8t",
        COLOUR: b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
        ATTRIBUTES: b"\x1b[?62;4c",
    },
    "tmux": {VERSION: b"\x1bP>|tmux 3.4\x1b\\", COLOUR: b"\x1bP0$r\x1b\\", ATTRIBUTES: b"\x1b[?1;2;4c"},
    "konsole": {
        VERSION: b"\x1bP>|Konsole 23.08.1\x1b\\",
        GRAPHICS: OK,
        CELL: b"\x1b[6;18;9t",
        GROUND: b"\x1b]11;rgb:2323/2626/2727\x1b\\",
        ATTRIBUTES: b"\x1b[?62;1;4c",
    },
    "old konsole": {
        VERSION: b"\x1bP>|Konsole 22.04.3\x1b\\",
        GRAPHICS: OK,
        CELL: b"\x1b[6;18;9t",
        ATTRIBUTES: b"\x1b[?62;1;4c",
    },
    "vte": {
        VERSION: b"\x1bP>|VTE(7600)\x1b\\",
        CELL: b"\x1b[6;19;9t",
        GROUND: b"\x1b]11;rgb:2e2e/3434/3636\x07",
        ATTRIBUTES: b"\x1b[?65;1;9c",
    },
    "windows terminal": {
        CELL: b"\x1b[6;20;10t",
        GROUND: b"\x1b]11;rgb:0c0c/0c0c/0c0c\x1b\\",
        COLOUR: b"\x1bP1$r0;48;2;1;2;3m\x1b\\",
        ATTRIBUTES: b"\x1b[?61;4;6;7;14;21;22;23;24;28;32;42c",
    },
    "vt100": {ATTRIBUTES: b"\x1b[?1;2c"},
    "silent": {},
}
"""By name: what it answers to which question. What is missing is not answered, as it is in the real one."""
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "kitty": {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"},
    "old kitty": {"TERM": "xterm-kitty"},
    "ghostty": {"TERM": "xterm-ghostty"},
    "wezterm": {"TERM": "xterm-256color", "WEZTERM_PANE": "0"},
    "foot": {"TERM": "foot"},
    "xterm": {"TERM": "xterm"},
    "xterm as vt340": {"TERM": "xterm"},
    "xterm of 16 colours": {"TERM": "xterm"},
    "mlterm": {"TERM": "mlterm"},
    "sixels of no known size": {"TERM": "xterm-256color"},
    "iterm2": {"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"},
    "vscode": {"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"},
    "vscode without pictures": {"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"},
    "xterm.js": {"TERM": "xterm-256color"},
    "rio": {"TERM": "rio"},
    "old rio": {"TERM": "rio"},
    "mintty": {"TERM": "xterm"},
    "old mintty": {"TERM": "xterm"},
    "contour": {"TERM": "contour"},
    "zellij": {"TERM": "xterm-256color"},
    "tmux": {"TERM": "tmux-256color"},
    "konsole": {"TERM": "xterm-256color", "KONSOLE_VERSION": "230801"},
    "old konsole": {"TERM": "xterm-256color", "KONSOLE_VERSION": "220403"},
    "vte": {"TERM": "xterm-256color", "VTE_VERSION": "7600"},
    "windows terminal": {"TERM": "xterm-256color", "WT_SESSION": "x"},
    "vt100": {"TERM": "xterm"},
    "silent": {"TERM": "xterm-256color"},
}
"""What each sets for the programs in it; without COLORTERM, as after a login on another machine."""


class ScriptedTerminal(TerminalProgram):
    """Answers each question as it comes; `script` maps a question to the bytes of its answer.

    `piece`: bytes of an answer that are written at once; `typed`: keys between the answers, one after each.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        script: Mapping[bytes, bytes],
        *,
        columns: int = 120,
        rows: int = 40,
        piece: int = 0,
        typed: bytes = b"",
    ) -> None:
        super().__init__(arguments, env, columns=columns, rows=rows)
        self.script = dict(script)
        self._piece = piece
        self._typed = typed
        self.asked: list[bytes] = []
        self._looked_at = 0

    def read(self, seconds: float) -> None:
        """Take in what the program writes for that long, and answer."""
        end = time.monotonic() + seconds
        while True:
            super().read(0)
            self._answer()
            patience = end - time.monotonic()
            if patience <= 0 or not select.select([self.terminal], [], [], patience)[0]:
                return
            before = len(self.raw)
            super().read(0)
            self._answer()
            if len(self.raw) == before:  # the program is gone
                return

    def send(self, data: bytes) -> None:
        """Bytes to the program's standard input."""
        os.write(self.terminal, data)

    def wait_until_asked(self, question: bytes = ATTRIBUTES, *, timeout: float = 60) -> None:
        """Wait until the program put a question."""
        end = time.monotonic() + timeout
        while question not in self.asked:
            assert time.monotonic() < end, f"not asked: {question!r}\n{self.raw!r}"
            self.read(0.02)

    def attributes(self) -> list[object]:
        """The terminal's settings now, as termios tells them."""
        return list(termios.tcgetattr(self.terminal))

    def slave(self) -> int:
        """Open the program's end, so that what was not read can be seen when it is gone."""
        return os.open(f"/proc/{self.pid}/fd/0", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def _answer(self) -> None:
        for match in ASKED.finditer(self.raw, self._looked_at):
            self._looked_at = match.end()
            self.asked.append(match[0])
            answer = self.script.get(match[0], b"")
            for start in range(0, len(answer), self._piece or len(answer) or 1):
                self.send(answer[start : start + (self._piece or len(answer))])
            if self._typed:
                self.send(self._typed[:1])
                self._typed = self._typed[1:]


def chat(
    home: Path,
    script: dict[bytes, bytes],
    env: dict[str, str],
    *arguments: str,
    piece: int = 0,
    typed: bytes = b"",
) -> ScriptedTerminal:
    """animus-chat in a terminal that answers by `script`, with everything it keeps below `home`."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ANIMUS_DATA_DIR": str(home / "data"),
        "ANIMUS_CONFIG": str(home / "config.toml"),
        **env,
    }
    command = [sys.executable, "-m", "animus_tui", *arguments]
    return ScriptedTerminal(command, environment, script, piece=piece, typed=typed)
