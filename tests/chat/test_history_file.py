from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from animus_tui.chat.storage.history_file import HistoryFile
from animus_tui.chat.storage.history_format import layout, parse

LINES = [
    b'{"id":"a","content":"one"}',
    '{"id":"b","content":"zwölf, [x]\\n"}'.encode(),
    b'{"id":"c","image":{"n":[1,{}]}}',
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.json"


@pytest.fixture
def opened() -> Iterator[Callable[[Path], HistoryFile]]:
    files: list[HistoryFile] = []

    def open_file(path: Path) -> HistoryFile:
        file = HistoryFile(path)
        file.load(list)
        files.append(file)
        return file

    yield open_file
    for file in files:
        file.close()


Opener = Callable[[Path], HistoryFile]


def on_disk(path: Path) -> list[Any]:
    entries = json.loads(path.read_bytes())
    assert isinstance(entries, list)
    return entries


def values(lines: list[bytes]) -> list[Any]:
    return [json.loads(line) for line in lines]


@contextmanager
def watched_at_every_system_call(path: Path) -> Iterator[list[bytes]]:
    """Read the file after every call into the operating system; yields the states that it was seen in."""
    states: list[bytes] = []

    def look(_frame: FrameType, event: str, function: Any) -> None:
        if event == "c_return" and getattr(function, "__module__", None) == "posix":
            with open(path, "rb") as file:  # noqa: PTH123 (no call of pathlib's own in between)
                data = file.read()
            if not states or states[-1] != data:
                states.append(data)

    sys.setprofile(look)
    try:
        yield states
    finally:
        sys.setprofile(None)


def test_one_message_a_line_in_a_json_array(path: Path, opened: Opener) -> None:
    file = opened(path)
    file.rewrite(LINES[:1])
    file.write_tail(1, LINES[1:])
    assert path.read_bytes() == b"[\n" + b",\n".join(LINES) + b"\n]\n"
    assert opened(path).lines() == LINES


def test_an_empty_history_is_an_array_too_and_can_be_appended_to_in_place(path: Path, opened: Opener) -> None:
    path.write_bytes(layout([]))
    file = opened(path)
    assert (on_disk(path), file.needs_rewrite, len(file)) == ([], False, 0)
    file.write_tail(0, LINES[:1])
    assert on_disk(path) == values(LINES[:1])


@pytest.mark.parametrize("length", [0, 1, 3, 50, 5000])
@pytest.mark.parametrize("first", [1, 2])
def test_appending_and_replacing_in_place_leave_a_valid_array_after_every_system_call(
    path: Path, opened: Opener, first: int, length: int
) -> None:
    path.write_bytes(layout([*LINES[:1], b'{"id":"old","content":"' + b"o" * 30 + b'"}']))
    inode = path.stat().st_ino
    file = opened(path)
    new = json.dumps({"id": "new", "content": "é" * length}).encode()
    with watched_at_every_system_call(path) as states:
        file.write_tail(first, [new])
    assert len(states) >= 2
    for state in states:
        assert len(json.loads(state)) in (2, first + 1), state
    assert on_disk(path)[first:] == values([new])
    assert path.read_bytes() == layout(file.lines())
    assert (path.stat().st_ino == inode) is (length < 5000)  # what spans memory pages is written elsewhere


def calls_of(action: Callable[[], None]) -> list[str]:
    """The names of the calls into the operating system that `action` makes."""
    names: list[str] = []

    def note(_frame: FrameType, event: str, function: Any) -> None:
        if event == "c_return" and getattr(function, "__module__", None) == "posix":
            names.append(function.__name__)

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return [name for name in names if name in {"pwrite", "fsync", "replace"}]


def test_a_write_in_place_waits_for_the_disk_and_a_new_file_also_for_its_name(
    path: Path, opened: Opener
) -> None:
    path.write_bytes(layout(LINES[:1]))
    file = opened(path)
    assert calls_of(lambda: file.write_tail(1, LINES[1:])) == ["pwrite", "pwrite", "fsync"]
    assert calls_of(lambda: file.rewrite(LINES)) == ["pwrite", "fsync", "replace", "fsync"]


def spans_pages(name: str, size: int = 9000) -> bytes:
    return json.dumps({"id": name, "content": name * size}).encode()


def test_a_change_that_spans_memory_pages_is_whole_and_flushed_before_it_gets_the_name_of_the_history(
    path: Path, opened: Opener
) -> None:
    path.write_bytes(layout(LINES))
    file = opened(path)
    with watched_at_every_system_call(path) as states:
        file.write_tail(3, [spans_pages("d")])
    assert states == [layout(LINES), layout([*LINES, spans_pages("d")])]
    calls = calls_of(lambda: file.write_tail(3, [spans_pages("e")]))
    assert calls == ["pwrite", "pwrite", "fsync", "replace", "replace", "fsync"]
    assert path.read_bytes() == layout([*LINES, spans_pages("e")])


def test_long_and_short_changes_in_any_order_leave_what_was_written_last(path: Path, opened: Opener) -> None:
    path.write_bytes(layout(LINES))
    file = opened(path)
    expected = list(LINES)
    for number, size in enumerate([1, 9000, 3, 20_000, 20, 3000, 5, 5, 9000, 1, 1, 4100, 70_000, 2]):
        for first in (len(expected), len(expected) - 1):
            expected[first:] = [spans_pages(f"{number}", size + first)]
            file.write_tail(first, expected[first:])
            assert path.read_bytes() == layout(expected)
            assert file.lines() == expected
    file.close()
    assert list(path.parent.iterdir()) == [path]


def test_a_copy_of_the_entries_reads_all_but_the_last_whatever_is_written_afterwards(
    path: Path, opened: Opener
) -> None:
    path.write_bytes(layout([spans_pages(name) for name in "abc"]))
    file = opened(path)
    for size in (9000, 30_000, 10, 9000):
        file.write_tail(len(file), [spans_pages("x", size)])
        entries, known = file.contents.copy(), file.lines()
        for again in (50_000, 5, 9000):
            file.write_tail(len(file) - 1, [spans_pages("y", again)])
        file.write_tail(len(file), [spans_pages("z")])
        assert entries.read(0, len(known) - 1) == known[:-1]


def test_where_a_file_has_no_second_name_a_long_change_copies_the_file(
    path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path.write_bytes(layout(LINES))
    file = opened(path)
    for name in "def":
        file.write_tail(len(file), [spans_pages(name)])
    assert path.read_bytes() == layout([*LINES, *map(spans_pages, "def")])
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("meanwhile", ["nothing", "short", "long", "rewrite", "closed"])
def test_a_copy_that_is_made_ahead_fits_whatever_is_written_meanwhile(
    path: Path, opened: Opener, meanwhile: str
) -> None:
    lines = [spans_pages("x", 1_200_000), *LINES]
    path.write_bytes(layout(lines))
    file = opened(path)
    ahead = file.copy_ahead()
    assert ahead is not None
    assert file.copy_ahead() is None  # one is being made
    ahead.make()
    if meanwhile == "short":
        lines[3:] = [b'{"id":"s"}', b'{"id":"t"}']
        file.write_tail(3, lines[3:])
    elif meanwhile == "long":
        lines.append(spans_pages("l"))
        file.write_tail(4, lines[4:])
    elif meanwhile == "rewrite":
        lines[0] = spans_pages("r", 1_300_000)
        file.rewrite(lines)
    elif meanwhile == "closed":
        file.close()
    ahead.use()
    if meanwhile != "closed":
        for name in "yz":
            lines.append(spans_pages(name))
            file.write_tail(len(file), lines[-1:])
        assert file.lines() == lines
    assert path.read_bytes() == layout(lines)
    assert file.copy_ahead() is None
    file.close()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("meanwhile", ["nothing", "short", "long", "rewrite", "elsewhere", "closed"])
@pytest.mark.parametrize("size", [5, 70_000])
def test_lines_that_are_replaced_in_another_thread_join_whatever_is_written_meanwhile(
    path: Path, opened: Opener, meanwhile: str, size: int
) -> None:
    lines = [spans_pages("x", 1_200_000), *LINES, spans_pages("l")]
    path.write_bytes(layout(lines))
    file = opened(path)
    file.write_tail(len(lines) - 1, [spans_pages("m")])  # so that there is a second copy
    lines[-1] = spans_pages("m")
    entries, known = file.contents.copy(), file.lines()
    changed = {0: spans_pages("r", size), 2: spans_pages("s", size)}
    copy = file.replace_ahead(changed)
    assert copy is not None
    copy.make()
    if meanwhile == "short":
        lines[-1:] = [b'{"id":"s"}', b'{"id":"t"}']
        file.write_tail(len(known) - 1, lines[-2:])
    elif meanwhile == "long":
        lines[-1:] = [spans_pages("n"), spans_pages("o")]
        file.write_tail(len(known) - 1, lines[-2:])
    elif meanwhile == "rewrite":
        file.rewrite(lines)
    elif meanwhile == "elsewhere":
        path.write_bytes(layout(lines[:2]))
    elif meanwhile == "closed":
        file.close()
    is_used = copy.use()
    assert is_used == (meanwhile in ("nothing", "short", "long"))
    if is_used:
        lines[0], lines[2] = changed[0], changed[2]
        assert file.lines() == lines
        for name in "yz":
            lines.append(spans_pages(name))
            file.write_tail(len(file), lines[-1:])
        assert file.lines() == lines
    assert path.read_bytes() == layout(lines[:2] if meanwhile == "elsewhere" else lines)
    if meanwhile not in ("elsewhere", "closed"):
        assert entries.read(0, len(known) - 1) == known[:-1]
    file.close()
    assert list(path.parent.iterdir()) == [path]


def test_only_lines_far_up_in_a_long_file_are_replaced_in_another_thread(path: Path, opened: Opener) -> None:
    path.write_bytes(layout([spans_pages("x", 1_200_000), *LINES]))
    file = opened(path)
    assert file.replace_ahead({len(LINES): b"{}"}) is None
    file.rewrite(LINES)
    assert file.replace_ahead({0: b"{}"}) is None


def test_a_copy_that_nobody_wants_any_more_is_deleted_when_it_is_made(path: Path, opened: Opener) -> None:
    path.write_bytes(layout([spans_pages("x", 1_200_000)]))
    file = opened(path)
    ahead = file.copy_ahead()
    assert ahead is not None
    file.close()
    ahead.make()
    ahead.use()
    assert list(path.parent.iterdir()) == [path]


def test_a_second_copy_that_somebody_deletes_is_made_again(path: Path, opened: Opener) -> None:
    path.write_bytes(layout(LINES))
    file = opened(path)
    for name in "def":
        file.write_tail(len(file), [spans_pages(name)])
        for copy in path.parent.glob(".*"):
            copy.unlink()
    assert path.read_bytes() == layout([*LINES, *map(spans_pages, "def")])


def test_what_is_written_while_another_one_reads_is_not_mixed_with_what_was_there(
    path: Path, opened: Opener
) -> None:
    def long(letter: str) -> bytes:
        return b'{"id":"%b"}' % (letter.encode() * 300_000)

    path.write_bytes(layout([*LINES, long("x")]))
    writer, reader = opened(path), HistoryFile(path)
    versions = iter("yz")

    def read(runs: Iterable[Sequence[bytes]]) -> list[bytes]:
        lines: list[bytes] = []
        for run in runs:
            lines += run
            for letter in versions:  # the second one is written into the file that is being read
                writer.write_tail(3, [long(letter)])
        return lines

    assert reader.load(read, writable=False) == [*LINES, long("z")]
    assert reader.lines() == [*LINES, long("z")]
    assert not reader.is_damaged


def test_a_rewrite_leaves_a_valid_array_after_every_system_call(path: Path, opened: Opener) -> None:
    path.write_bytes(layout(LINES))
    file = opened(path)
    with watched_at_every_system_call(path) as states:
        file.rewrite(LINES[1:])
    assert states == [layout(LINES), layout(LINES[1:])]


def test_white_space_that_a_crash_left_at_the_end_is_used_up(path: Path, opened: Opener) -> None:
    path.write_bytes(layout(LINES) + b" " * 300)
    file = opened(path)
    assert not file.needs_rewrite
    file.write_tail(3, LINES[:1])
    assert path.read_bytes() == layout([*LINES, LINES[0]])


def test_a_file_that_was_cut_at_any_byte_keeps_every_line_that_is_whole() -> None:
    rows: list[bytes] = [b"", b"\0" * 40, b"  \n", b"\xff\xfe\x80", b'"}\n]\n', b"}{", b"garbage\n]\n"]
    for tail in rows:
        data = layout(LINES)
        for cut in range(len(data)):
            whole = [line for line in LINES if cut >= data.index(line) + len(line)]
            parsed = parse(data[:cut] + tail)
            assert parsed.lines[: len(whole)] == whole, cut
            if not tail:
                assert (parsed.lines, parsed.is_damaged) == (whole, cut < len(data) - 1), cut


def test_damage_in_the_middle_costs_only_the_line_that_it_is_in() -> None:
    for cut in range(1, len(LINES[1])):
        parsed = parse(layout([LINES[0], LINES[1][:cut], LINES[2]]))
        assert (parsed.lines, parsed.is_damaged) == ([LINES[0], LINES[2]], True), cut


def test_a_line_with_bytes_that_are_no_utf_8_is_damaged(path: Path, opened: Opener) -> None:
    path.write_bytes(layout([LINES[0], b'{"id":"x","content":"\xff"}']))
    assert opened(path).is_damaged
    assert values(opened(path).lines()) == [*values(LINES[:1]), {"id": "x", "content": "\ufffd"}]


def test_what_is_no_history_at_all_is_damaged_and_gives_no_entries() -> None:
    rows: list[bytes] = [b"", b"\0\0\0", b"{", b"[", b"null", b'"text"', b"[" * 5000, b"\xff\xfe[\0"]
    for data in rows:
        assert parse(data) == ([], False, True)


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(values(LINES)).encode(),
        json.dumps(values(LINES), indent=2).encode(),
        json.dumps(values(LINES), indent=0).encode(),
        b"\xef\xbb\xbf" + layout(LINES),
        layout(LINES).replace(b"\n", b"\r\n"),
        b" " + layout(LINES),
        b",\r\n".join(LINES).join([b"[", b"]"]),
    ],
)
def test_an_array_that_somebody_else_laid_out_is_read_and_only_the_first_write_changes_it(
    path: Path, opened: Opener, data: bytes
) -> None:
    path.write_bytes(data)
    file = opened(path)
    assert (values(file.lines()), file.is_damaged, file.needs_rewrite) == (values(LINES), False, True)
    assert path.read_bytes() == data
    file.rewrite([*file.lines(), b"{}"])
    assert (on_disk(path), file.needs_rewrite) == ([*values(LINES), {}], False)
    assert path.read_bytes().count(b"\n") == 6
    assert list(path.parent.iterdir()) == [path]


def test_numbers_keys_and_escapes_are_kept_as_they_were_written() -> None:
    line = b'{"a": 1.50, "b" : 123456789012345678901234567890, "a": "\\u00e9\\/"}'
    assert parse(b"[" + line + b"]").lines == [line]
    assert parse(b"[\n\n" + line.replace(b" ", b"\n") + b"]").lines == [line.replace(b" ", b"")]


def test_half_a_surrogate_pair_that_javascript_wrote_is_no_damage() -> None:
    parsed = parse(b'[{"content":"\\ud83d"},{"content":"x"}]')
    assert not parsed.is_damaged
    assert values(parsed.lines) == [{"content": "\ud83d"}, {"content": "x"}]


def test_a_constant_that_is_not_json_is_damage_and_costs_only_its_own_value() -> None:
    assert parse(b'[\n{"a":NaN},\n{"a":1}\n]\n') == ([b'{"a": null}', b'{"a":1}'], False, True)
    on_one_line = b'[{"role":"user","a":1.50,"b":[-Infinity]},{"role":"user","a":1.50}]'
    assert parse(on_one_line).lines == [
        b'{"role": "user", "a": 1.5, "b": [null]}',
        b'{"role":"user","a":1.50}',
    ]


def test_damage_in_a_history_on_one_line_costs_only_the_message_that_it_is_in() -> None:
    message = b'{"role":"user","content":"x","calls":[{"id":1},{"id":2}]}'
    for cut in range(1, len(message) - 1):
        data = b"[" + message + b", " + message[:cut] + b"\x01" + message[cut:] + b"," + message + b"]"
        assert parse(data) == ([message, message], False, True), data


def test_a_damaged_file_is_kept_when_it_is_written_anew_each_time_under_a_new_name(
    path: Path, opened: Opener
) -> None:
    copies = []
    for content in (b"[\n{", b"[\n{}"):
        path.write_bytes(content)
        file = opened(path)
        file.rewrite(LINES)
        assert file.copy is not None
        copies.append(file.copy)
    assert [copy.read_bytes() for copy in copies] == [b"[\n{", b"[\n{}"]
    assert all(copy.name.startswith("history.json.damaged-2") for copy in copies)
    assert on_disk(path) == values(LINES)


def test_a_damaged_file_is_copied_where_the_file_system_knows_no_second_names(
    path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path.write_bytes(b"[\n{")
    file = opened(path)
    file.rewrite(LINES)
    assert file.copy is not None
    assert file.copy.read_bytes() == b"[\n{"
    assert file.copy.stat().st_mode & 0o777 == 0o600


def test_a_file_that_another_program_changed_is_noticed_and_kept(path: Path, opened: Opener) -> None:
    path.write_bytes(layout(LINES))
    file = opened(path)
    assert not file.changed_elsewhere()
    path.write_bytes(layout(LINES[:1]))
    assert file.changed_elsewhere()
    file.rewrite(LINES)
    assert not file.changed_elsewhere()
    assert file.copy is not None
    assert file.copy.name.startswith("history.json.changed-2")
    assert file.copy.read_bytes() == layout(LINES[:1])


def test_a_file_that_another_program_removed_is_written_again(path: Path, opened: Opener) -> None:
    path.write_bytes(layout(LINES))
    file = opened(path)
    path.unlink()
    assert file.changed_elsewhere()
    file.rewrite(LINES)
    assert on_disk(path) == values(LINES)


def test_what_the_disk_reported_as_not_flushed_is_written_to_a_new_file(
    path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_fd: int) -> None:
        raise OSError(5, "Input/output error")

    path.write_bytes(layout(LINES[:1]))
    file = opened(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output"):
            file.write_tail(1, LINES[1:2])
    assert file.needs_rewrite
    file.rewrite(file.lines())
    assert (on_disk(path), file.needs_rewrite) == (values(LINES[:2]), False)


def test_a_symbolic_link_is_not_followed(path: Path) -> None:
    target = path.with_name("elsewhere")
    target.write_bytes(layout(LINES))
    path.symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        HistoryFile(path).load(list)
