"""Events on standard output, and what is said when nobody reads them."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING

import msgspec
import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    ImageGenerationComplete,
    ImageGenerationError,
    MessageComplete,
    MessageError,
    MessageTokens,
)
from animus_tui.cli.printing import EventPrinter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.events import SessionEvent

TURN = MessageComplete(
    conversation_id="c",
    message_id="m",
    message_type="regular",
    content="Hello",
    turn_index=0,
    total_turns=1,
)
WHAT_FOLLOWS: list[SessionEvent] = [
    ImageGenerationError(
        conversation_id="c",
        image_id="i",
        prompt="a boat",
        title="Stopped",
        error="Not waited for.",
        retryable=True,
    ),
    MessageError(
        conversation_id="c",
        message_type="regular",
        title="No connection",
        error="It is gone.",
        retryable=True,
    ),
    ExchangeComplete(conversation_id="c", outcome="cancelled"),
]


@contextmanager
def nobody_reads() -> Iterator[None]:
    """Standard output is a pipe whose reader has left."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    try:
        with redirect_stdout(stream):
            yield
    finally:
        with suppress(BrokenPipeError):
            stream.close()


@pytest.mark.parametrize("as_json", [False, True])
def test_after_the_reader_has_left_nothing_more_is_said(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    printer = EventPrinter(as_json=as_json, verbose=True)
    with nobody_reads():
        with pytest.raises(BrokenPipeError):
            printer(TURN)
        for event in WHAT_FOLLOWS:
            printer(event)
    assert capsys.readouterr() == ("", "")


HOSTILE = "a\x1b]0;t\x07\x9b2J\x7f\u202eb\x00\x85c\u2066"


def tokens(content: str, message_id: str = "m") -> MessageTokens:
    return MessageTokens(conversation_id="c", message_id=message_id, content=content)


def test_a_sequence_that_is_cut_between_two_pieces_of_a_stream_goes_as_a_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)  # only a terminal gets the pieces as they come
    printer = EventPrinter(as_json=False, verbose=False)
    for piece in ("Hel", "lo \x1b", "[3", "1mre", "d\x1b]0;ti", "tle\x1b", "\\!\r", "\nBye\x1b["):
        printer(tokens(piece))
    printer(msgspec.structs.replace(TURN, content="…"))
    assert capsys.readouterr() == ("Hello red!\nBye[\n", "")


def test_every_text_of_an_event_is_text_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    printer = EventPrinter(as_json=False, verbose=True)
    call = {"function": {"name": HOSTILE}}
    printer(msgspec.structs.replace(TURN, content=HOSTILE, tool_calls=[call]))
    printer(
        ImageGenerationComplete(
            conversation_id="c",
            image_id="i",
            message_id="m",
            prompt=HOSTILE,
            image_url="u",
            path=f"/tmp/{HOSTILE}.png",
        )
    )
    printer(
        MessageError(
            conversation_id="c", message_type="regular", title=HOSTILE, error=HOSTILE, retryable=True
        )
    )
    assert capsys.readouterr() == (
        "ab\nc\n\n[tool call: ab c]\n\n[picture: ab c → /tmp/ab c.png]\n",
        "animus-chat: ab c: ab c\n",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "iso-8859-1"])
def test_json_is_the_same_value_in_every_encoding(encoding: str) -> None:
    told = MessageTokens(conversation_id="c", message_id="m", content=HOSTILE + "é 🌙 \u2028")
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    with redirect_stdout(stream):
        EventPrinter(as_json=True, verbose=False)(told)
    line = stream.buffer.getvalue().decode(encoding)
    assert json.loads(line)["content"] == told.content
    assert not any(ord(sign) in {*range(32), *range(0x7F, 0xA0), 0x202E, 0x2066} for sign in line[:-1])
