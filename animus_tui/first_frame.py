"""The frame that a start paints before anything else is loaded: what the application painted last, if it still fits.

It fits when all that the first screen shows is as it was when the frame was kept: version, size, terminal, environment,
configuration, the conversation that will open, the day. Times such as `3 min ago` are those of then, until the
application stands a moment later. The file has the text of a conversation: it is private, is removed with it, and is
painted only if it is nothing but text, colours and places. Whatever is wrong with it, the start goes on without.
Only `os`, `sys` and what is part of the interpreter, as `time` is, are imported before it is painted.
"""

import os
import stat
import sys
import time

from animus_tui import __version__
from animus_tui.taken_terminal import TERMINAL, is_one_terminal

TYPE_CHECKING = False  # as of typing, which takes longer to load than all that is done here
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "first-frame"
"""The file in the data directory."""
FORMAT = 1
MOST_BYTES = 1 << 20
"""Of the file; a screen of 300×80 cells full of mosaic has some 800 kB."""
MOST_KEY = 16 << 10
"""Bytes of a key."""
APP = "animus-chat"
LAST = "last-conversation"
MOST_ID = 100
"""Characters of a conversation's id."""
SHOWN = ("", "history.json", "conversation.json", "draft", "draft-pictures.json", "images", "jobs", "begun")
"""What the first screen shows of a conversation's folder; the folder itself is another with each new file."""
_SAME = (
    *("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "COLORFGBG", "TERM_PROGRAM", "TERM_PROGRAM_VERSION"),
    *("VTE_VERSION", "KONSOLE_VERSION", "LANG", "LC_ALL", "LC_CTYPE", "LC_TIME", "TZ"),
)
"""Variables by whose values the screen may look otherwise."""
_SET = (
    *("TMUX", "STY", "KITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "WEZTERM_PANE", "WT_SESSION"),
    *("ITERM_SESSION_ID", "INSIDE_EMACS", "SSH_TTY"),
)
"""The same, by whether they are set."""
_OURS = ("ANIMUS_", "TEXTUAL_")
_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD")
"""Ends of the names of variables whose values stand nowhere."""
_FORBIDDEN = bytes([*range(0x1B), *range(0x1C, 0x20), 0x7F])
"""Control characters but for ESC."""
_DIGITS = b"0123456789;:"
_FINAL = (b"m", b"H")
"""What ends a control sequence that only sets colours, or a place."""
_ID = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-")


class Start:
    """What a start without arguments found, for whoever keeps the next frame."""

    def __init__(self, environment: str, data: str, config: str) -> None:
        self.environment = environment
        """What `environment_key` made of the variables, before the application changed any."""
        self.data = data
        """The data directory."""
        self.config = config
        """The configuration file."""
        self.configured = _state(config)
        """The state of that file before the application read it."""
        self.pictures = b""
        """What was kept beside the frame that stands."""


_started: list[Start] = []


def start() -> Start | None:
    """What this start found; None when it has arguments or no terminal, so that frames are none of its business."""
    return _started[0] if _started else None


def begin() -> None:
    """Take the terminal, if this is one and a start without arguments, and paint the kept frame if it fits."""
    try:
        if is_one_terminal(0, 1):
            TERMINAL.take()
            _paint(os.environ)
    except Exception:  # noqa: BLE001 (as without a frame)
        return


def _paint(env: "Mapping[str, str]") -> None:
    data, config = data_dir(env), config_file(env)
    if data is None or config is None:
        return
    found = Start(environment_key(env), data, config)
    _started.append(found)
    kept = read(data)
    if kept is None:
        return
    size = os.get_terminal_size(1)
    wanted = key(found, (size.columns, size.lines))
    parts = parted(kept)
    if wanted is None or parts is None or parts[0] != wanted or not is_harmless(parts[1]):
        return
    found.pictures = parts[2]
    TERMINAL.paint(parts[1])


# Where things are: the same as `animus_tui.paths` says, which takes 10 ms to load


def data_dir(env: "Mapping[str, str]") -> str | None:
    """The data directory; None where that is not easily told."""
    named = env.get("ANIMUS_DATA_DIR")
    return _absolute(named) if named else _users(env, "XDG_DATA_HOME", "~/.local/share")


def config_file(env: "Mapping[str, str]") -> str | None:
    """The configuration file; None where that is not easily told."""
    named = env.get("ANIMUS_CONFIG")
    if named:
        return _absolute(named)
    folder = _users(env, "XDG_CONFIG_HOME", "~/.config")
    return None if folder is None else f"{folder}/config.toml"


def _absolute(path: str) -> str:
    return os.path.join(os.getcwd(), os.path.expanduser(path))  # noqa: PTH109, PTH111, PTH118 (pathlib takes 10 ms)


def _users(env: "Mapping[str, str]", variable: str, usual: str) -> str | None:
    if sys.platform in ("android", "ios") or "ANDROID_ROOT" in env:
        return None
    folder = env.get(variable, "")
    if not folder.startswith("/"):
        if not env.get("HOME", "/").startswith("/"):
            return None
        usual = "~/Library/Application Support" if sys.platform == "darwin" else usual
        folder = os.path.expanduser(usual)  # noqa: PTH111 (as above)
    return f"{folder}/{APP}" if folder.startswith("/") else None


# The key


def environment_key(env: "Mapping[str, str]") -> str:
    """What of the environment the first screen depends on, without any secret."""
    ours = sorted(name for name in env if name.startswith(_OURS))
    said = [(name, env.get(name)) for name in _SAME]
    is_set = [bool(env.get(name)) for name in _SET]
    return ascii((said, is_set, [(name, _without_secret(name, env[name])) for name in ours]))


def _without_secret(name: str, value: str) -> str:
    """The value, of an address its host, and of a secret only whether there is one."""
    if name.endswith(_SECRET):
        return "set" if value else ""
    if "://" in value:
        host = value.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
        return host.rpartition("@")[2]
    return value


def key(found: Start, size: tuple[int, int]) -> bytes | None:
    """All that the first screen of `size` (columns, rows) depends on, in one line; None where nothing will fit.

    Nothing does once the configuration is another than this start read: the next one will look otherwise.
    """
    conversation, configured = last_conversation(found.data), _state(found.config)
    if conversation is None or not all(size) or configured != found.configured:
        return None
    now = time.localtime()
    folder = f"{found.data}/conversations/{conversation}"
    parts = (
        *(FORMAT, __version__, size, found.environment, found.data),
        *(configured, _state(f"{found.data}/theme.json"), _state(f"{found.data}/characters")),
        *(conversation, [_state(f"{folder}/{name}") for name in SHOWN]),
        *(now.tm_year, now.tm_yday, now.tm_gmtoff),
    )
    made = ascii(parts).encode("ascii")
    return made if len(made) <= MOST_KEY else None


def _state(path: str) -> tuple[int, int, int] | None:
    """What is another with each change of a file; None while there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (as above)
    except OSError:
        return None
    if stat.S_ISFIFO(found.st_mode):  # changes with each reading
        return 0, 0, found.st_ino
    # Not when it was written: copying, unpacking and synchronizing programs set that back. The size of a folder is no
    # change of it.
    return found.st_ctime_ns, 0 if stat.S_ISDIR(found.st_mode) else found.st_size, found.st_ino


def last_conversation(data: str) -> str | None:
    """The id of the conversation that the application used last, as noted in the data directory."""
    noted = _read_regular(f"{data}/{LAST}", 2 * MOST_ID)
    name = "" if noted is None else noted.decode("ascii", "replace").strip()
    is_id = 0 < len(name) <= MOST_ID and _ID.issuperset(name) and name[0].isalnum()
    return name if is_id else None


# The file: a line with the key, one with the number of bytes of what follows, the frame, the pictures in it


def read(data: str) -> bytes | None:
    """The kept file as it is; None where there is none that is ours alone."""
    return _read_regular(f"{data}/{NAME}", MOST_BYTES, is_private=True)


def _read_regular(path: str, most: int, *, is_private: bool = False) -> bytes | None:
    """A regular file of at most `most` bytes, with `is_private` the user's own that nobody else may read; else None."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            return None
        if is_private and (found.st_mode & 0o077 or found.st_uid != os.geteuid()):
            return None
        return os.read(descriptor, found.st_size)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def joined(made_key: bytes, frame: bytes, pictures: bytes) -> bytes:
    """The file of a frame and of what is kept beside it."""
    return b"%b\n%d %d\n%b%b" % (made_key, len(frame), len(pictures), frame, pictures)


def parted(kept: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Key, frame and pictures of a file; None when it is none, or not whole."""
    made_key, _, rest = kept.partition(b"\n")
    numbers, _, rest = rest.partition(b"\n")
    frame, _, pictures = numbers.partition(b" ")
    if not (frame.isdigit() and pictures.isdigit() and len(numbers) < 20):
        return None
    if int(frame) + int(pictures) != len(rest):
        return None
    return made_key, rest[: int(frame)], rest[int(frame) :]


def is_harmless(frame: bytes) -> bool:
    """Whether it is nothing but text in UTF-8, colours and places: no question, and nothing that stays."""
    try:
        text = frame.decode()
    except ValueError:
        return False
    if len(frame.translate(None, _FORBIDDEN)) != len(frame) or any(map(text.__contains__, _C1)):
        return False
    return all(
        piece.startswith(b"[") and piece[1:80].lstrip(_DIGITS).startswith(_FINAL)
        for piece in frame.split(b"\x1b")[1:]
    )


_C1 = [chr(code) for code in range(0x80, 0xA0)]
"""Control characters that some terminals obey."""


def keep(data: str, kept: bytes) -> None:
    """Write the file, through one that becomes it. OSError."""
    from pathlib import Path

    from animus_tui.atomic import write_atomically

    if len(kept) <= MOST_BYTES:
        write_atomically(Path(data, NAME), kept, is_durable=False)


def forget(data: "Path | str") -> None:
    """Remove the file: what it shows is to be shown no more. A disk that refuses keeps it."""
    for name in (NAME, f".{NAME}.tmp"):  # the latter is left by a kill while it was written
        try:
            os.unlink(os.path.join(data, name))  # noqa: PTH108, PTH118 (as above)
        except OSError:
            continue
