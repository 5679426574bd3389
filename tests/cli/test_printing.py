"""Events on standard output, and what is said when nobody reads them."""

from __future__ import annotations

import os
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING

import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    ImageGenerationError,
    MessageComplete,
    MessageError,
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
