"""What tells the user of a terminal without the focus that something is ready: bytes, made of texts from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.graphics.rendering.kitty import wrapped_for_tmux
from animus_tui.printable import printable

if TYPE_CHECKING:
    from animus_tui.graphics.probe.known_terminals import Notification

BELL = "\a"
MOST_CHARACTERS = 100
"""Of a text in a notification; systems show about two lines."""
MARK = "●"
_END = "\x1b\\"
_ID = "animus-chat"
_PUSH_TITLE, _POP_TITLE = "\x1b[22;2t", "\x1b[23;2t"


def first_words(text: str) -> str:
    """The beginning of a text in one line, without anything that a terminal obeys."""
    line = " ".join(printable(text[: 10 * MOST_CHARACTERS], newlines=False).split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1].rstrip()}…"


def desktop_notification(kind: Notification, who: str, what: str, *, inside_tmux: bool) -> str:
    """The command that shows a notification with a title and a line of text.

    Sources: https://sw.kovidgoyal.net/kitty/desktop-notifications/ (OSC 99),
    https://iterm2.com/documentation-escape-codes.html (OSC 9), foot-ctlseqs(7) (OSC 777).
    """
    title, body = first_words(who), first_words(what)
    match kind:
        case "osc99":  # the next one takes the place of the one before, as both have the same id
            commands = [
                f"\x1b]99;i={_ID}:o=unfocused:d=0;{title}{_END}",
                f"\x1b]99;i={_ID}:o=unfocused:d=1:p=body;{body}{_END}",
            ]
        case "osc9":
            line = f"{title}: {body}".replace(";", ",")
            # A number at the beginning is a command of ConEmu, which others have taken over.
            commands = [f"\x1b]9;{line if not line[0].isdigit() else f'“{line}”'}{_END}"]
        case "osc777":
            commands = [f"\x1b]777;notify;{title.replace(';', ',')};{body.replace(';', ',')}{_END}"]
    return "".join(map(wrapped_for_tmux, commands) if inside_tmux else commands)


def marked_title(who: str) -> str:
    """The command that puts the title of the window aside and shows one with a mark."""
    return f"{_PUSH_TITLE}\x1b]2;{MARK} {first_words(who)}{_END}"


def restored_title(plain: str) -> str:
    """The command that brings the title back; a terminal that cannot put one aside shows `plain`."""
    return f"\x1b]2;{plain}{_END}{_POP_TITLE}"
