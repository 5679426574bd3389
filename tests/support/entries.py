"""A flow of entries over a canvas, without a widget."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.style import Style

from animus_tui.chat.messages import ChatMessage
from animus_tui.config.schema import UiConfig
from animus_tui.ui.conversation.content import History
from animus_tui.ui.conversation.entries.render_context import DisplayOptions, Palette, RenderContext
from animus_tui.ui.conversation.virtual_list import VirtualList
from tests.support.markdown_samples import STYLES
from tests.support.pane_app import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.entries.layout import Layout

STYLE = Style.parse("white on black")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = "2026-01-01T10:00:00.000Z"
OPTIONS = DisplayOptions(UiConfig(), "Vivian", None, TERMINAL, "^T")


def canvas_of(width: int = 80, *, plain: bool = False) -> RenderContext:
    """A canvas of that many cells."""
    others = {name: STYLE for name in Palette.__struct_fields__ if name not in ("page", "bubble", "frame")}
    palette = Palette(page=STYLES, bubble=STYLES, frame=None, **others)
    options = replace(OPTIONS, ui=UiConfig(plain=plain))
    return RenderContext(width, 40, palette, options, Path, NOW.date(), NOW)


def message(role: str, text: str, *, reasoning: str | None = None, number: int = 0) -> ChatMessage:
    """What somebody said."""
    assert role in ("user", "assistant")
    who = "user" if role == "user" else "assistant"
    return ChatMessage(role=who, content=text, timestamp=AT, reasoning=reasoning, id=f"m{number}")  # type: ignore[arg-type]  # a literal


def entry_of(said: ChatMessage) -> Entry:
    """The entry of one message."""
    return History([said]).entry(0)


def layout_of(said: ChatMessage, width: int = 80) -> Layout:
    """How one message is set."""
    return entry_of(said).layout(canvas_of(width))


def flow_of(messages: Sequence[ChatMessage], width: int = 80) -> VirtualList:
    """The flow of a conversation."""
    history, flow = History(messages), VirtualList()
    flow.open([2] * len(messages), history.entry)
    flow.set_context(canvas_of(width))
    return flow
