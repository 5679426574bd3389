"""A conversation as plain text, without marks of Markdown."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from animus_tui.chat.export.transcript import caption, day_name, facts
from animus_tui.markdown.limits import may_be_markdown
from animus_tui.markdown.visible_text import visible_text
from animus_tui.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.export.transcript import Item, Transcript
    from animus_tui.chat.messages import ImageRecord


def text_pieces(transcript: Transcript) -> Iterator[str]:
    """The whole text, a message at a time."""
    yield f"{transcript.title}\n"
    if transcript.conversation.title:
        yield f"Conversation with {transcript.name}\n"
    number = 0
    for item in transcript.items():
        number += 1
        yield _told(item, transcript)
    yield f"\n{counted(number, 'message')}\n"


def _told(item: Item, transcript: Transcript) -> str:
    lines = [""]
    if item.day is not None:
        lines += [f"--- {day_name(item.day)} ---", ""]
    if item.leads or item.is_user:
        lines.append(f"{item.speaker}{f' {item.clock}' if item.clock else ''}:")
    if item.reasoning:
        lines += [_indented(f"(reasoning) {item.reasoning}"), ""]
    lines += [_indented(text if item.is_user else _without_marks(text)) for text in item.texts]
    for records in item.figures:
        for number, record in enumerate(records):
            lines.append(_indented(_picture(record, transcript, is_shown=number == 0)))
    lines += [_indented(f"({note})") for note in item.notes]
    return "\n".join(lines) + "\n"


def _without_marks(text: str) -> str:
    return visible_text(text) if may_be_markdown(text) else text


def _picture(record: ImageRecord, transcript: Transcript, *, is_shown: bool) -> str:
    is_missing = transcript.file(record.video or record.file) is None
    told = (caption(record), facts(record), "its file is missing" if is_missing else "")
    kind = "clip" if record.video else "picture"
    return f"[{kind if is_shown else f'another {kind}'}: {' · '.join(part for part in told if part)}]"


def _indented(text: str) -> str:
    return indent(text, "  ")
