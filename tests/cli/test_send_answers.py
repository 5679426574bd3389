"""`animus-chat send` with services that answer in ways of their own."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tests.support.scripted_server import Step, chunk, events, scripted, stream_head
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from tests.support.program import Program


def of_service(program: Program, url: str) -> Program:
    """The program, signed in to a scripted service, with answers that are streamed."""
    program.env |= {
        "ANIMUS_API_KEY": "key-key-key",
        "ANIMUS_BASE_URL": url,
        "ANIMUS_GENERATION_URL": url,
        "ANIMUS_AUTO_TURN_ENABLED": "false",
    }
    return program


THOUGHT: list[Step] = [
    stream_head(),
    events(chunk("The user "), chunk("says hi.\n</think>"), chunk("\n\nHello!"), "[DONE]"),
]


async def test_a_pipe_gets_the_answer_without_reasoning_that_was_never_opened(program: Program) -> None:
    async with scripted(THOUGHT) as server:
        done = await asyncio.to_thread(of_service(program, server.url), "send", "hi")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Hello!\n", "")


async def test_on_a_terminal_words_come_as_they_are_written(program: Program) -> None:
    seen = asyncio.Event()
    script: list[Step] = [stream_head(), events(chunk("First ")), seen, events(chunk("and last."), "[DONE]")]
    async with scripted(script) as server:
        environment = {**of_service(program, server.url).environment, "TERM": "xterm"}
        with TerminalProgram([sys.executable, "-m", "animus_tui", "send", "hi"], environment) as screen:
            await asyncio.to_thread(screen.wait_for, "First")
            seen.set()
            await asyncio.to_thread(screen.wait_for, "First and last.")
            assert await asyncio.to_thread(screen.wait_for_exit) == 0


async def test_an_answer_that_was_cut_off_is_told_beside_it(program: Program) -> None:
    last = '{"choices": [{"delta": {}, "finish_reason": "length"}]}'
    async with scripted([stream_head(), events(chunk("Once upon a"), last, "[DONE]")]) as server:
        done = await asyncio.to_thread(of_service(program, server.url), "send", "hi")
    assert (done.returncode, done.stdout) == (0, "Once upon a\n")
    assert done.stderr == "animus-chat: Cut off: the length limit was reached.\n"


async def test_the_text_of_an_answer_that_its_service_broke_off_is_printed_before_the_error(
    program: Program,
) -> None:
    failed = '{"choices": [{"delta": {"content": " far"}, "error": {"message": "model fell over"}}]}'
    for auto_turn in ("false", "true"):
        async with scripted([stream_head(), events(chunk("So"), failed)]) as server:
            of_service(program, server.url).env["ANIMUS_AUTO_TURN_ENABLED"] = auto_turn
            done = await asyncio.to_thread(program, "send", "hi")
        assert (done.returncode, done.stdout) == (1, "So far\n")
        assert "model fell over." in done.stderr
