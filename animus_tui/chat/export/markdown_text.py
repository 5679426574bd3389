"""A conversation as Markdown; replies stand in it as they were written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from animus_tui.chat.export.transcript import caption, day_name, facts
from animus_tui.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from animus_tui.chat.export.transcript import Item, Transcript
    from animus_tui.chat.messages import ImageRecord

_MARKS = re.compile(r"([\\`*_\[\]<>#|~&])")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(`+[^`]*`+)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!https?:|mailto:)")


def markdown_pieces(
    transcript: Transcript, address: Callable[[ImageRecord, str], str | None]
) -> Iterator[str]:
    """The whole Markdown, a message at a time.

    `address` says where a file of a picture is, from the record and its path in the conversation, or None.
    """
    yield f"# {escaped(transcript.title)}\n"
    if transcript.conversation.title:
        yield f"\nConversation with {escaped(transcript.name)}\n"
    number = 0
    for item in transcript.items():
        number += 1
        yield "\n".join(_told(item, address)) + "\n"
    yield f"\n---\n\n{counted(number, 'message')}\n"


def escaped(text: str) -> str:
    """Text that is to have no marks of Markdown."""
    return _MARKS.sub(r"\\\1", text)


def without_tags(text: str) -> str:
    """Markdown in which what looks like HTML is text, as it is in the application; code stays as it is."""
    if "<" not in text:
        return text
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            parts = _CODE.split(line)
            parts[::2] = [_TAG.sub(r"\\<", part) for part in parts[::2]]
            line = "".join(parts)
        lines.append(line)
    return "\n".join(lines)


def _told(item: Item, address: Callable[[ImageRecord, str], str | None]) -> Iterator[str]:
    yield ""
    if item.day is not None:
        yield f"## {day_name(item.day)}\n"
    if item.leads or item.is_user:
        yield f"**{escaped(item.speaker)}**{f' · {item.clock}' if item.clock else ''}\n"
    if item.reasoning:
        yield f"<details><summary>Reasoning</summary>\n\n{without_tags(item.reasoning)}\n\n</details>\n"
    if item.texts:
        yield "\n\n".join(map(without_tags, item.texts)) + ("\n" if item.figures or item.notes else "")
    for records in item.figures:
        for number, record in enumerate(records):
            yield _picture(record, address, is_shown=number == 0)
    if item.notes:
        yield f"*{escaped(' · '.join(item.notes))}*"


def _picture(
    record: ImageRecord, address: Callable[[ImageRecord, str], str | None], *, is_shown: bool
) -> str:
    words, told = escaped(caption(record)), escaped(facts(record))
    where = address(record, record.file)
    about = " · ".join(part for part in (f"*{words}*" if words else "", told) if part)
    if where is None:
        return f"{about} (the file of this picture is missing)\n"
    if not is_shown:
        return f"- [another variant]({quote(where)}){f' · {told}' if told else ''}"
    clip = address(record, record.video) if record.video else None
    play = f" · [play the clip]({quote(clip)})" if clip else ""
    return f"![{words or 'picture'}]({quote(where)})\n\n{about}{play}\n"
