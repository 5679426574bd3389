"""The kept frame: what it depends on, what of it is painted, and where it is."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from animus_tui import first_frame, paths
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.draft import write_draft
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.chat.storage.trash import Trash
from animus_tui.first_frame import Start
from tests.support.planted_secrets import tells_a_secret

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 80, 24
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the XDG folders are Linux's")


class Home:
    """A data directory with a conversation, a configuration and the variables of a terminal."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.config = folder / "config.toml"
        self.config.write_text("")
        self.env = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.store = ConversationStore(self.data)
        for name in ("talk", "other"):
            self.store.create(Conversation(id=name)).close()
        self.store.note_last("talk")
        pictures = self.data / "conversations" / "talk" / "images"
        pictures.mkdir()
        (pictures / "a.png").write_bytes(b"a picture")

    def say(self) -> None:
        stored = self.store.open("talk")
        stored.put(ChatMessage(role="user", content="Hello"))
        stored.close()

    def rename(self) -> None:
        ConversationStore(self.data).change("talk", lambda found: Conversation(id=found.id, title="Another"))

    def rewrite(self) -> None:
        """Other text of the same length, at the time of before."""
        history = self.data / "conversations" / "talk" / "history.json"
        before = history.stat()
        history.write_bytes(b" " * before.st_size)
        os.utime(history, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert history.stat().st_mtime_ns == before.st_mtime_ns

    def key(self, size: tuple[int, int] = SIZE) -> bytes | None:
        found = Start(first_frame.environment_key(self.env), str(self.data), str(self.config))
        return first_frame.key(found, size)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


CHANGES: dict[str, Callable[[Home], object]] = {
    "a message": Home.say,
    "a text of the same length and time": Home.rewrite,
    "a title": Home.rename,
    "a draft": lambda home: write_draft(home.data / "conversations" / "talk", "Hel"),
    "pictures of the draft": lambda home: (home.data / "conversations/talk/draft-pictures.json").write_text(
        "[]"
    ),
    "a picture's file": lambda home: (home.data / "conversations/talk/images/a.png").unlink(),
    "a picture under way": lambda home: (home.data / "conversations/talk/jobs").mkdir(),
    "another conversation": lambda home: home.store.note_last("other"),
    "the configuration": lambda home: home.config.write_text("[ui]\n"),
    "no configuration": lambda home: home.config.unlink(),
    "a theme": lambda home: (home.data / "theme.json").write_text("{}"),
    "a character": lambda home: (home.data / "characters").mkdir(),
    "TERM": lambda home: home.env.update(TERM="xterm"),
    "colours": lambda home: home.env.pop("COLORTERM"),
    "no colours": lambda home: home.env.update(NO_COLOR="1"),
    "the ground": lambda home: home.env.update(COLORFGBG="0;15"),
    "the terminal": lambda home: home.env.update(TERM_PROGRAM="WezTerm"),
    "tmux": lambda home: home.env.update(TMUX="/tmp/tmux-0/default,1,0"),
    "a setting": lambda home: home.env.update(ANIMUS_CHAT_NAME="Ada"),
    "a key": lambda home: home.env.update(ANIMUS_API_KEY="a key"),
    "Textual": lambda home: home.env.update(TEXTUAL_COLOR_SYSTEM="256"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_frame_fits_no_more_after_a_change(home: Home, what: str) -> None:
    before = home.key()
    assert before is not None
    assert before == home.key()
    CHANGES[what](home)
    assert home.key() != before


def test_a_frame_still_fits_after_its_conversation_was_opened(home: Home) -> None:
    home.say()
    before = home.key()
    home.store.open("talk").close()
    assert home.key() == before


def test_a_frame_is_for_its_size_its_folder_and_its_day(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {home.key(), home.key((81, 24)), home.key((80, 25))}
    home.data.rename(tmp_path / "moved")
    home.data = tmp_path / "moved"
    keys.add(home.key())
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        keys.add(home.key())
    finally:
        monkeypatch.undo()
        time.tzset()
    assert len(keys) == 5
    assert None not in keys


@pytest.mark.parametrize(
    "noted", [None, "", "../talk", "a/b", "x" * 101, ".hidden", "ä", "a\x00b", "talk\nother"]
)
def test_without_a_conversation_that_opens_nothing_fits(home: Home, noted: str | None) -> None:
    last = home.data / "last-conversation"
    last.unlink()
    if noted is not None:
        last.write_text(noted)
    assert home.key() is None


def test_the_key_tells_no_secret() -> None:
    told = first_frame.environment_key(
        {
            "ANIMUS_API_KEY": "sk-planted-3f9c1d",
            "ANIMUS_IMAGE_API_KEY": "sk-planted-3f9c1d",
            "ANIMUS_BASE_URL": "https://me:sk-planted-3f9c1d@example.org:1234/sk-planted-3f9c1d?sk-planted-3f9c1d",
            "ANIMUS_TOKEN_PROVIDER_URL": "http://sk-planted-3f9c1d@example.net#sk-planted-3f9c1d",
            "OTHER_KEY": "sk-planted-3f9c1d",
        }
    )
    assert not tells_a_secret(told)
    assert "sk-planted" not in told
    assert "example.org:1234" in told
    assert first_frame.environment_key({"ANIMUS_API_KEY": "a"}) != first_frame.environment_key({})


ROW = b"\x1b[1;1H\x1b[1;38;2;1;2;3;48;5;7mHi \xe2\x96\x84 \xc3\xa4\x1b[0m"
BAD = {
    "a question": b"\x1b[c",
    "a private mode": b"\x1b[?1000h",
    "an erasure": b"\x1b[2J",
    "a title": b"\x1b]0;x\x07",
    "a string of the terminal": b"\x1bPx\x1b\\",
    "a picture": b"\x1b_Ga=T;AAAA\x1b\\",
    "a lone escape": b"\x1b",
    "a line break": b"\n",
    "a bell": b"\x07",
    "C1": "\x9b5n".encode(),
    "no UTF-8": b"\xff",
    "C1 as a byte": b"\x9b5n",
    "endless numbers": b"\x1b[" + b"1" * 1000 + b"m",
}


def test_only_text_colours_and_places_are_painted() -> None:
    assert first_frame.is_harmless(ROW)
    for name, bad in BAD.items():
        assert not first_frame.is_harmless(ROW + bad), name
        assert not first_frame.is_harmless(ROW + bad + ROW), name


def test_a_file_is_taken_apart_as_it_was_put_together() -> None:
    kept = first_frame.joined(b"key", ROW, b"\n1 2\n")
    assert first_frame.parted(kept) == (b"key", ROW, b"\n1 2\n")
    for broken in (
        b"",
        b"key",
        b"key\n",
        kept[:-1],
        kept + b"x",
        b"key\n-1 2\nx",
        b"key\n1 99999999999999999999\nx",
    ):
        assert first_frame.parted(broken) is None


def test_a_file_that_is_not_the_users_alone_is_no_frame(tmp_path: Path) -> None:
    kept = first_frame.joined(b"key", ROW, b"")
    first_frame.keep(str(tmp_path), kept)
    path = tmp_path / first_frame.NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first_frame.read(str(tmp_path)) == kept
    path.chmod(0o644)
    assert first_frame.read(str(tmp_path)) is None
    path.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").chmod(0o600)
    path.symlink_to(tmp_path / "elsewhere")
    assert first_frame.read(str(tmp_path)) is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert first_frame.read(str(tmp_path)) is None
    path.unlink()
    path.mkdir(0o700)
    assert first_frame.read(str(tmp_path)) is None
    path.rmdir()
    with path.open("wb") as huge:
        os.fchmod(huge.fileno(), 0o600)
        huge.truncate(1 << 34)
    assert first_frame.read(str(tmp_path)) is None
    unfinished = tmp_path / f".{first_frame.NAME}.tmp"
    unfinished.write_bytes(b"half a frame")
    first_frame.forget(tmp_path)
    assert not path.exists()
    assert not unfinished.exists()
    first_frame.forget(tmp_path)


def test_the_frame_goes_with_a_deleted_conversation(home: Home) -> None:
    first_frame.keep(str(home.data), b"x")
    Trash(home.data).delete("talk")
    assert not (home.data / first_frame.NAME).exists()


VARIABLES: tuple[dict[str, str | None], ...] = (
    {},
    {"ANIMUS_DATA_DIR": "/srv//data/./x", "ANIMUS_CONFIG": "/etc/my.toml"},
    {"ANIMUS_DATA_DIR": "data", "ANIMUS_CONFIG": "./my.toml"},
    {"ANIMUS_DATA_DIR": "~/data", "ANIMUS_CONFIG": "~/my.toml"},
    {"ANIMUS_DATA_DIR": "~nobody-of-this-name/x", "ANIMUS_CONFIG": "~nobody-of-this-name/x"},
    {"ANIMUS_DATA_DIR": "~root/x"},
    {"ANIMUS_DATA_DIR": "", "ANIMUS_CONFIG": ""},
    {"XDG_DATA_HOME": "/srv/share", "XDG_CONFIG_HOME": "/srv/config"},
    {"XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "~/config"},
    {"XDG_DATA_HOME": "", "XDG_CONFIG_HOME": " /x"},
    {"HOME": "/home/of/nobody/"},
    {"HOME": "/"},
    {"HOME": "relative"},
    {"HOME": ""},
    {"HOME": "", "XDG_DATA_HOME": "/srv/share", "XDG_CONFIG_HOME": "/srv/config"},
)


@LINUX
@pytest.mark.parametrize("variables", [*VARIABLES, {"HOME": None}], ids=str)
def test_it_is_looked_for_where_everything_else_is(
    variables: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in ({"XDG_DATA_HOME": None, "XDG_CONFIG_HOME": None} | variables).items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    data, config = first_frame.data_dir(os.environ), first_frame.config_file(os.environ)
    is_odd = variables.get("HOME") in ("", "relative") and len(variables) == 1
    assert (data is None, config is None) == (is_odd, is_odd)  # where it is odd there is no frame
    if data is not None and config is not None:
        assert Path(data) == paths.data_dir(os.environ)
        assert Path(config) == paths.config_file(os.environ)
