"""How long one long message holds the event loop: `python -m tests.bench.bench_long_messages [--size N] [--only TEXT]`.

For each kind of text the program is started with a conversation whose last message is that text, and leafed through;
then it is sent the same text as a reply, in pieces. Printed is the longest time that the loop was away from its
selector after the first frame, in milliseconds by the clock and of processor time. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from tests.bench.pane.homes import CONFIG, CONVERSATION, environment
from tests.bench.pane.messages import reply_tokens
from tests.bench.pane.terminal import PATIENCE, MeasuredProgram
from tests.support.markdown_samples import HOSTILE
from tests.support.stored_history import import_history

PIECE = 4_000
"""Characters of each event of a reply that streams in."""
FIRST_FRAME = 1_500
"""Bytes that the first full frame has at least."""
QUIET = 1.5
"""Seconds without output after which a reply that was sent is shown: its spinner moves more often."""
PAGE_UP, PAGE_DOWN, HOME, END_KEY = "\x1b[5~", "\x1b[6~", "\x1b[1;5H", "\x1b[1;5F"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def usual(size: int) -> str:
    """Markdown as models write it."""
    some = "".join(reply_tokens(2_000, last_word="done")) + "\n\n"
    return some * (size // len(some))


def table(size: int) -> str:
    """One table with many rows."""
    row = "| name of a thing | 12.50 | a few words about it |\n"
    return "| what | how much | why |\n| --- | --- | --- |\n" + row * (size // len(row))


def prose(size: int) -> str:
    """Paragraphs without a mark."""
    return ("Some words that say nothing in particular, again and again. " * 8 + "\n\n") * (size // 482)


KINDS: dict[str, Callable[[int], str]] = {
    "usual Markdown": usual, "a table": table, "prose": prose, **HOSTILE
}  # fmt: skip


class Server:
    """Answers each chat request with the text that `text` is at that moment, in pieces; in a thread."""

    def __init__(self) -> None:
        self.text = ""
        self.is_sent = threading.Event()
        """Set when a whole answer has been written."""
        self._loop = asyncio.new_event_loop()
        server = self._loop.run_until_complete(asyncio.start_server(self._answer, "127.0.0.1", 0))
        host, port = server.sockets[0].getsockname()
        self.address = f"http://{host}:{port}"
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(HEAD)
            for start in range(0, len(self.text), PIECE):
                self._write(writer, self.text[start : start + PIECE])
                await writer.drain()
            writer.write(b"data: [DONE]\n\n")
            await writer.drain()
            self.is_sent.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the program was ended in the middle of a reply
        finally:
            writer.close()

    def _write(self, writer: asyncio.StreamWriter, text: str) -> None:
        chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
        writer.write(f"data: {json.dumps(chunk)}\n\n".encode())


def home_with(folder: Path, text: str, address: str) -> Path:
    """A home whose last conversation ends with `text`; without a text it is new."""
    home = Path(tempfile.mkdtemp(dir=folder))
    (home / "config.toml").write_text(CONFIG.format(address=address), "utf-8")
    if text:
        messages = [
            ChatMessage(id="1" * 32, role="user", content="Hello", timestamp="2026-01-01T00:00:00Z"),
            ChatMessage(id="2" * 32, role="assistant", content=text, timestamp="2026-01-01T00:00:01Z"),
        ]
        stored = import_history(
            ConversationStore(home / "data"),
            msgspec.json.encode(messages),
            Conversation(id=CONVERSATION, title="A long message"),
        )
        stored.put(messages[-1])
        stored.close()
    return home


def opened(home: Path) -> MeasuredProgram:
    """The program with a watch on its loop, in a terminal."""
    log = home / "loop.log"
    arguments = [sys.executable, "-m", "tests.bench.pane.watched_app", str(log)]
    return MeasuredProgram(arguments, environment(home), log)


def worst(program: MeasuredProgram, begin: float) -> str:
    """The longest absence since `begin`."""
    away = program.busy(begin, time.monotonic()) or [(0.0, 0.0)]
    return f"{max(wall for wall, _ in away) * 1000:7.0f} {max(cpu for _, cpu in away) * 1000:7.0f}"


def at_rest(folder: Path, text: str, address: str) -> str:
    """Open it and leaf through it."""
    with opened(home_with(folder, text, address)) as program:
        begin = program.frame(0, least=FIRST_FRAME)
        program.still(0, quiet=1.0)
        for keys in (PAGE_UP, PAGE_UP, HOME, PAGE_DOWN, END_KEY):
            program.type(keys)
            program.still(program.now, quiet=0.5, timeout=5)
        return worst(program, begin)


def streamed(folder: Path, server: Server, text: str) -> str:
    """Have it sent as a reply."""
    server.text = text
    server.is_sent.clear()
    with opened(home_with(folder, "", server.address)) as program:
        program.frame(0, least=FIRST_FRAME)
        program.still(0, quiet=0.5)
        begin, since = time.monotonic(), program.now
        program.type("Go on\r")
        while not server.is_sent.is_set():
            program.read(0.1)
        program.still(since, quiet=QUIET, timeout=PATIENCE)
        return worst(program, begin)


def cut_to(text: str, size: int) -> str:
    """The beginning of a text that takes at most `size` bytes in UTF-8."""
    return text.encode()[:size].decode(errors="ignore")


def tell(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="bytes of a message, in UTF-8")
    parser.add_argument("--only", default="", help="kinds whose name has this text")
    options = parser.parse_args()
    server = Server()
    tell(f"{options.size:,} bytes; the longest time away, ms{'at rest':>15}{'streamed':>24}")
    tell(f"{'':42}{'clock     cpu':>16}{'clock     cpu':>24}")
    with tempfile.TemporaryDirectory() as folder:
        for name, make in KINDS.items():
            if options.only in name:
                text = cut_to(make(options.size), options.size)
                rest = at_rest(Path(folder), text, server.address)
                tell(f"{name:42}{rest:>16}{streamed(Path(folder), server, text):>24}")


if __name__ == "__main__":
    main()
