"""What was sent is kept for all conversations, whatever else stands in the file."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from animus_tui.chat.storage.sent_prompts import LONGEST, MOST_BYTES, NAME, SentPrompts


def test_texts_come_back_oldest_first_and_each_once(tmp_path: Path) -> None:
    kept = SentPrompts(tmp_path)
    assert kept.read() == []
    for text in ("one", "two\nlines", "three", "one", " ", "x" * (LONGEST + 1)):
        kept.add(text)
    assert SentPrompts(tmp_path).read() == ["two\nlines", "three", "one"]
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_lines_that_are_none_are_left_out(tmp_path: Path) -> None:
    kept = SentPrompts(tmp_path)
    kept.add("before")
    with (tmp_path / NAME).open("ab") as file:
        file.write(
            b'{"text": 3}\n[[[\n\xff\xfe\n\n{"text": "\\u001b[31mred"}\n'
            + b"[" * 5_000
            + b"\n"
            + b'{"text": "to'
        )
    kept.add("after")
    assert kept.read() == ["before", "red", "after"]


def test_the_file_stays_small_and_the_newest_stay(tmp_path: Path) -> None:
    kept = SentPrompts(tmp_path)
    texts = [f"{number} " + "x" * 4_000 for number in range(200)]
    for text in texts:
        kept.add(text)
    assert (tmp_path / NAME).stat().st_size <= 2 * MOST_BYTES + 8_000
    read = kept.read()
    assert len(read) > 50
    assert read == texts[-len(read) :]


def test_what_several_write_at_once_is_all_there(tmp_path: Path) -> None:
    def write(name: int) -> None:
        for number in range(100):
            SentPrompts(tmp_path).add(f"{name} {number}")

    writers = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(SentPrompts(tmp_path).read()) == sorted(
        f"{name} {at}" for name in range(4) for at in range(100)
    )


def test_something_else_in_its_place_disturbs_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    kept = SentPrompts(tmp_path)
    kept.add("one")
    assert kept.read() == []
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).mkdir()
    kept.add("one")
    assert kept.read() == []
