"""Kills writers of long messages and counts what is invalid, lost or mixed: `python -m tests.support.kill_growing`.

`--kills` writers are killed from outside at random moments. `--cuts` writers end themselves at a chosen step: before or
after one call that changes files, or within one write, of which a number of whole pages has then been written. After
each the history is read by the standard library's JSON reader as the kill left it, and by the store.
The exit code is 1 when anything was invalid, lost or mixed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore

SMALLEST, LARGEST = 60_000, 4_000_000
"""Bytes of a growing message."""
MOST_IN_A_HISTORY = 5_000_000
"""Bytes, so that reading it does not take longer than all the rest."""
PAGE = 4096
STEPS = ("pwrite", "write", "fsync", "ftruncate", "link", "replace", "unlink", "rename", "open")
"""The calls of `os` that a writer can be ended at."""
LAST_STEP = 45
"""Several changes take so many of them."""

WRONG = ("invalid", "lost", "mixed", "recovered", "leftovers")
"""What is counted and must not be: the history is no JSON, a message is gone or older than acknowledged, or made of two
versions, or the store had to repair something, or left files behind."""

Versions = dict[str, int]
"""Message id → number of its version."""

report = os.write
"""As it is before any call is replaced."""


def text_of(version: int, size: int) -> str:
    """A text that shows which version it is at every place."""
    return f"{version}:" + chr(ord("a") + version % 26) * size + f":{version}"


def version_of(text: str) -> int | None:
    """Which version a text is; None for a mixture of several."""
    first, letters, last = text.split(":") if text.count(":") == 2 else ("", "", "")
    if not first.isdecimal() or first != last:
        return None
    return int(first) if letters.count(chr(ord("a") + int(first) % 26)) == len(letters) else None


def write_until_killed(root: Path, seed: int, end: Callable[[], None]) -> None:
    """Grow messages and tell on standard output `begin ID VERSION` and `done ID VERSION`.

    `end` is called when the conversation is open, or before, for one in eight.
    """
    rng = random.Random(seed)
    if seed % 8 == 0:
        end()
    stored = ConversationStore(root).open("c")
    if seed % 8:
        end()
    report(1, b"open\n")
    version = seed * 1000
    while True:
        for message, size in one_message(stored, rng):
            version += 1
            named = f"{message.id} {version}\n".encode()
            report(1, b"begin " + named)
            write(stored, ChatMessage(id=message.id, role="assistant", content=text_of(version, size)))
            report(1, b"done " + named)


def write(stored: StoredConversation, message: ChatMessage) -> None:
    """Bring a message to the disk in the way that is made for its place in the history."""
    if not stored.stage(message):
        stored.put(message)
        return
    copy = stored.copy_with_staged()
    if copy is not None:
        copy.make()
    stored.finish_staged(copy)


def one_message(stored: StoredConversation, rng: random.Random) -> list[tuple[ChatMessage, int]]:
    """The sizes that one message has in turn: it grows, and at times it shrinks in the end, or it is a short one.

    It is a new message, the last one or any other one.
    """
    message = ChatMessage(role="assistant")
    if rng.random() < 0.4 and stored.messages:
        message = stored.messages[-1 if rng.random() < 0.7 else rng.randrange(len(stored.messages))]
    if rng.random() < 0.2:
        return [(message, rng.randrange(6000))]
    size = int(SMALLEST * (LARGEST / SMALLEST) ** rng.random())
    sizes = [size]
    while size < LARGEST and len(sizes) < 6:
        size = min(LARGEST, int(size * rng.uniform(1.05, 1.7)))
        sizes.append(size)
    if rng.random() < 0.3:
        sizes.append(rng.randrange(3000))
    return [(message, each) for each in sizes]


def end_at(step: int, way: str, rng: random.Random) -> None:
    """From now on the process ends at the `step`-th call: `before` it, `after` it, or `within` a write of pages."""
    left = [step]

    def replaced(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            left[0] -= 1
            can_be_cut = name in ("pwrite", "write")
            if left[0] > 0 or (way == "within" and not can_be_cut):
                return call(*args, **more)
            if way == "after":
                call(*args, **more)
            if way == "within":
                fd, data, *offset = args
                pages = rng.randrange(len(data) // PAGE + 1)
                # Cut where a page of the file ends, and where one of the data does.
                size = pages * PAGE - (offset[0] % PAGE if offset and rng.random() < 0.7 else 0)
                call(fd, data[: max(0, size)], *offset)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("unreachable")

        return counted

    for name in STEPS:
        setattr(os, name, replaced(name, getattr(os, name)))


class Harness:
    """One conversation after the other, and what was found in them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.found: Counter[str] = Counter()
        self._folder = folder
        self._rng = random.Random(seed)
        self._number = 0
        self._begin_anew()

    def kill(self) -> None:
        """One writer that is killed from outside."""
        pid, output = self._start(lambda: None)
        reports = [output.readline() for _ in range(self._rng.randrange(1, 6))]
        time.sleep(self._rng.uniform(0, 0.012))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self._check(reports + output.readlines())
        output.close()

    def cut(self) -> None:
        """One writer that ends itself."""
        rng = self._rng
        way = rng.choice(("before", "after", "within", "within"))
        step = rng.randrange(1, LAST_STEP)
        pid, output = self._start(lambda: end_at(step, way, rng))
        os.waitpid(pid, 0)
        self._check(output.readlines())
        output.close()

    def _begin_anew(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._known: Versions = {}
        self._history = self._folder / "conversations" / "c" / "history.json"
        ConversationStore(self._folder).create(Conversation(id="c")).close()

    def _start(self, end: Callable[[], None]) -> tuple[int, Any]:
        if self._history.stat().st_size > MOST_IN_A_HISTORY:
            self._begin_anew()
        self._number += 1
        out, into = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.dup2(into, 1)
                os.close(out)
                os.close(into)
                write_until_killed(self._folder, self._number, end)
            finally:
                os._exit(9)  # only an error leads here; it is on standard error
        os.close(into)
        return pid, open(out, "rb")  # noqa: PTH123 (a pipe; whoever asked closes it)

    def _check(self, reports: list[bytes]) -> None:
        begun: Versions = {}
        for line in reports:
            word, *named = line.decode().split()
            if word == "begin":
                begun = {named[0]: int(named[1])}
            elif word == "done":
                self._known[named[0]] = int(named[1])
                begun = {}
        self.found["ended"] += 1
        self.found["acknowledged"] += sum(line.startswith(b"done") for line in reports)
        left = self._read("as it was left")
        with_store = ConversationStore(self._folder).open("c")
        said = [(message.id, message.content or "") for message in with_store.messages]
        self.found["recovered"] += with_store.recovered is not None
        with_store.close()
        self._count(said, begun, "opened")
        if left is not None:
            self._count(left, begun, "as it was left")
        self._read("closed")
        self.found["leftovers"] += len(list(self._history.parent.glob(".*")))
        self._known = {name: version_of(text) or 0 for name, text in said}

    def _read(self, when: str) -> list[tuple[str, str]] | None:
        try:
            with self._history.open("rb") as file:
                return [(entry["id"], entry["content"]) for entry in json.load(file)]
        except (ValueError, OSError) as error:
            self.found["invalid"] += 1
            sys.stderr.write(f"{self._number} {when}: {error}\n")
            return None

    def _count(self, said: list[tuple[str, str]], begun: Versions, when: str) -> None:
        texts = dict(said)
        for name, version in self._known.items():
            found = version_of(texts[name]) if name in texts else -1
            if found is None:
                self.found["mixed"] += 1
            elif found not in (version, begun.get(name)):
                self.found["lost"] += 1
                sys.stderr.write(f"{self._number} {when}: {name} is {found}, not {version}\n")
        unknown = set(texts) - set(self._known)
        self.found["mixed"] += sum(version_of(texts[name]) != begun.get(name) for name in unknown)


def main() -> int:
    """Do as the arguments say and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to write; default: the folder for temporary files")
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        harness = Harness(Path(folder) / "data", arguments.seed)
        for deed, count in ((harness.kill, arguments.kills), (harness.cut, arguments.cuts)):
            for _ in range(count):
                deed()
            found = harness.found
            wrong += any(found[word] for word in WRONG)
            told = ", ".join(f"{found[word]:,} {word}" for word in ("acknowledged", *WRONG))
            sys.stdout.write(f"{deed.__name__}: {found['ended']:,} writers ended, {told}\n")
            sys.stdout.flush()
            found.clear()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
