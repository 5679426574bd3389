"""Code gets its colours however it came: at rest or streamed, short or long, and before its language was loaded."""

from __future__ import annotations

import pytest

from animus_tui.chat.messages import ChatMessage
from tests.support.pane_app import Stage, said, show, stage

NOW = "2026-01-31T12:00:00+00:00"
FUNCTION = "def first(n):\n    return n + 1\n\n\n"
SHORT, LONG = 40, 400
"""Functions in a block of code that is laid out at once, and in one that a thread lays out."""


def block(functions: int) -> str:
    return f"Look:\n\n```python\n{FUNCTION * functions}```\n\nThat is all."


def is_coloured(on: Stage) -> bool:
    """Whether each keyword in view has a colour of its own, and there are some."""
    size = on.pane.size
    styles = [
        (segment.text.strip(), segment.style.color if segment.style else None)
        for y in range(size.height)
        for segment in on.pane.render_line(y)
    ]
    keywords = {colour for text, colour in styles if text in ("def", "return")}
    names = {colour for text, colour in styles if text.startswith("n ") or text == "n"}
    plain = {colour for text, colour in styles if "def first" in text}
    return bool(keywords) and not plain and not keywords & names


@pytest.mark.parametrize("functions", [SHORT, LONG])
async def test_code_of_the_history_is_coloured(functions: int) -> None:
    async with stage(size=(80, 30)) as on:
        show(
            on, [said(0), ChatMessage(role="assistant", content=block(functions), timestamp=NOW, id="1" * 32)]
        )
        await on.settle()
        on.pane.action_page_up()
        await on.settle()
        assert is_coloured(on)


@pytest.mark.parametrize("functions", [1, LONG])
async def test_code_is_coloured_while_it_streams_in_although_its_language_was_not_loaded(
    functions: int,
) -> None:
    async with stage(size=(80, 30)) as on:
        on.pane.updates.stream("s", NOW, f"Look:\n\n```python\n{FUNCTION * functions}")
        await on.settle()
        assert is_coloured(on)
        on.pane.updates.stream("s", NOW, FUNCTION)
        await on.settle()
        assert is_coloured(on)
        on.pane.action_scroll_home()
        await on.settle()
        assert is_coloured(on)


@pytest.mark.parametrize("functions", [SHORT, LONG])
async def test_code_that_streamed_in_before_its_language_was_loaded_is_coloured_in_the_end(
    functions: int,
) -> None:
    text = block(functions)
    async with stage(size=(80, 30)) as on:
        on.pane.updates.stream("s", NOW, text[:-20])
        await on.settle()
        on.pane.updates.stream("s", NOW, text[-20:])
        await on.settle()
        on.pane.updates.finish_turn("s", NOW, 0, text)
        on.pane.updates.end_replies()
        await on.settle()
        assert "That is all." in on.app.text()
        on.pane.action_page_up()
        await on.settle()
        assert is_coloured(on)
        on.pane.action_scroll_home()
        await on.settle()
        assert is_coloured(on)
