"""The history when the application dies at a random moment, and when somebody reads while it is written."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.store import ConversationStore

CONVERSATIONS = 4
KILLS_EACH = 15


class Nursery:
    """Starts writers one after the other and reads what they report."""

    def __init__(self) -> None:
        script = Path(__file__).parents[1] / "support" / "busy_writer.py"
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, root: Path, conversation_id: str, seed: int) -> int:
        """Returns the writer's process id, once it has opened the conversation."""
        assert self._process.stdin is not None
        print(root, conversation_id, seed, file=self._process.stdin, flush=True)
        return int(self._words()[1])

    def kill(self, pid: int, *, after: int = 0, pause: float = 0) -> list[list[str]]:
        """Kill the writer without warning, a pause after so many reports; returns what it had reported by then."""
        reports = [self._words() for _ in range(after)]
        time.sleep(pause)
        os.kill(pid, signal.SIGKILL)
        return reports + list(iter(self._words, ["ended"]))

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _words(self) -> list[str]:
        assert self._process.stdout is not None
        return self._process.stdout.readline().split()


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def follow(reports: list[list[str]], known: dict[str, int]) -> set[str]:
    """Bring `known` (id → length of the text) up to what was acknowledged; returns the ids of the change under way."""
    begun: set[str] = set()
    for word, message_id, *length in reports:
        if word == "begin":
            begun.add(message_id)
            continue
        begun.clear()
        if length == ["-1"]:
            del known[message_id]
        else:
            known[message_id] = int(length[0])
    return begun


def is_array(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return isinstance(json.load(file), list)
    except ValueError:
        return False


def test_killed_60_times_at_random_moments_every_history_loads_and_nothing_acknowledged_is_missing(
    tmp_path: Path, nursery: Nursery
) -> None:
    rng = random.Random(4)
    store = ConversationStore(tmp_path)
    changes = 0
    for name in map(str, range(CONVERSATIONS)):
        store.create(Conversation(id=name)).close()
        known: dict[str, int] = {}
        for kill in range(KILLS_EACH):
            pid = nursery.start(tmp_path, name, kill)
            reports = nursery.kill(pid, after=rng.randrange(8), pause=rng.uniform(0, 0.006))
            under_way = follow(reports, known)
            changes += len(reports) // 2
            assert is_array(tmp_path / "conversations" / name / "history.json")
            stored = store.open(name)
            found = {message.id: len(message.content or "") for message in stored.messages}
            stored.close()
            assert {i: n for i, n in found.items() if i not in under_way} == {
                i: n for i, n in known.items() if i not in under_way
            }
            known = found
    assert changes > CONVERSATIONS * KILLS_EACH


def pause(pid: int) -> None:
    """Stop a writer: between two system calls, as only its death could end one in the middle."""
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < until
        time.sleep(0.0005)


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells here that a process has stopped"
)
def test_who_reads_between_two_system_calls_of_another_process_always_finds_valid_json(
    tmp_path: Path, nursery: Nursery
) -> None:
    rng = random.Random(5)
    ConversationStore(tmp_path).create(Conversation(id="c")).close()
    path = tmp_path / "conversations" / "c" / "history.json"
    seen: set[bytes] = set()
    # Each writer lives for a few changes only: nobody reads its reports meanwhile.
    for seed in count():
        if seed >= 15 and len(seen) > 20:
            break
        pid = nursery.start(tmp_path, "c", seed)
        for _ in range(10):
            time.sleep(rng.uniform(0, 0.004))
            pause(pid)
            data = path.read_bytes()
            seen.add(data)
            assert isinstance(json.loads(data), list)
            os.kill(pid, signal.SIGCONT)
        pause(pid)
        nursery.kill(pid)
