"""A conversation as one HTML page that looks like the application, has all of its pictures and needs nothing else.

The page has no script and may load nothing: its Content-Security-Policy allows its own style sheet, and pictures and
clips that stand in it as data: URLs.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from animus_tui.backends.base.files import begins_as_video, picture_kind
from animus_tui.chat.export.html_text import html_of
from animus_tui.chat.export.page_style import STYLE
from animus_tui.chat.export.transcript import caption, day_name, facts, local_time
from animus_tui.printable import counted, short_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.export.transcript import Item, Transcript
    from animus_tui.chat.messages import ImageRecord

MOST_CLIP = 24 << 20
"""Bytes of a clip that stands in the page; of a larger one the page has the first picture."""
STEP = 3 << 18
"""Bytes of a picture that are written at once; a multiple of three, so that the pieces are one base64 text."""


def html_pieces(transcript: Transcript) -> Iterator[str]:
    """The whole page, a message or a part of a picture at a time."""
    yield _head(transcript)
    number = 0
    for item in transcript.items():
        number += 1
        yield from _message(item, transcript)
    yield (
        f"</main>\n<footer>{counted(number, 'message')} · kept by animus-chat, "
        f"exported {_date(datetime.now().astimezone())}</footer>\n</div>\n</body>\n</html>\n"
    )


def _head(transcript: Transcript) -> str:
    allowed = b64encode(sha256(f"\n{STYLE}".encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    title, began = escape(transcript.title), local_time(transcript.conversation.created)
    when = f" · {_date(began)}" if began else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="animus-chat">
<title>{title}</title>
<style>
{STYLE}</style>
</head>
<body>
<div class="page">
<header>
<h1 class="title" dir="auto">{title}</h1>
<p>Conversation with <b>{escape(transcript.name)}</b>{when}</p>
</header>
<main>
"""


def _message(item: Item, transcript: Transcript) -> Iterator[str]:
    if item.day is not None:
        yield f'<h2 class="day">{escape(day_name(item.day))}</h2>\n'
    kind = "user" if item.is_user else "character"
    yield f'<section class="message {kind}{" leads" if item.leads else ""}">\n'
    if item.leads:
        yield f'<div class="who"><b>{escape(item.speaker)}</b>{_clock(item)}</div>\n'
    if item.reasoning:
        yield f"<details><summary>Reasoning</summary><div>{escape(item.reasoning)}</div></details>\n"
    for text in item.texts:
        words = escape(text) if item.is_user else html_of(text)
        yield f'<div class="bubble" dir="auto">{words}</div>\n'
    for records in item.figures:
        yield from _pictures(records, transcript)
    if item.notes:
        yield f'<div class="note">{escape(" · ".join(item.notes))}</div>\n'
    yield "</section>\n"


def _clock(item: Item) -> str:
    if item.at is None:
        return ""
    return f' <time datetime="{item.at.isoformat()}">{item.clock}</time>'


def _pictures(records: tuple[ImageRecord, ...], transcript: Transcript) -> Iterator[str]:
    """The picture that is shown, its caption, and the other variants small."""
    shown, *others = records
    yield "<figure>\n"
    yield from _shown(shown, transcript)
    words, told = caption(shown), facts(shown)
    yield '<figcaption dir="auto">'
    yield (f"<em>{escape(words)}</em>" if words else "") + (
        f'<span class="facts">{escape(told)}</span>' if told else ""
    )
    yield "</figcaption>\n"
    if others:
        yield '<ul class="variants">\n'
        for record in others:
            yield "<li>"
            yield from _image(record, transcript.read(record.file), sized=False)
            seed = f"seed {record.seed}" if record.seed is not None else "variant"
            yield f"<span>{seed}</span></li>\n"
        yield "</ul>\n"
    yield "</figure>\n"


def _shown(record: ImageRecord, transcript: Transcript) -> Iterator[str]:
    picture = transcript.read(record.file)
    clip = transcript.read(record.video) if record.video else None
    if clip is not None and len(clip) <= MOST_CLIP and begins_as_video(clip):
        poster = _media_type(picture)
        yield f'<video controls preload="none"{_size(record)}'
        if picture is not None and poster:
            yield from _attribute("poster", poster, picture)
        yield from _attribute("src", "video/mp4", clip)
        yield "></video>\n"
        return
    yield from _image(record, picture, sized=True)
    if record.video:
        why = "is missing" if clip is None else "is too large for this page"
        yield f'<div class="note">The clip {escape(short_line(record.video))} {why}.</div>\n'


def _image(record: ImageRecord, data: bytes | None, *, sized: bool) -> Iterator[str]:
    kind = _media_type(data)
    if data is None or not kind:
        name = escape(short_line(record.file))
        why = "is missing" if data is None else "is no PNG, JPEG or WebP picture"
        yield f'<div class="missing">The picture’s file {name} {why}.</div>\n'
        return
    size = _size(record) if sized else ""
    yield f'<img alt="{escape(caption(record))}"{size}'
    yield from _attribute("src", kind, data)
    yield ">\n"


def _media_type(data: bytes | None) -> str:
    """Told by the bytes and not by the name; empty for anything that is no picture."""
    kind = picture_kind(data) if data is not None else None
    return f"image/{kind}" if kind else ""


def _size(record: ImageRecord) -> str:
    return f' width="{record.width:d}" height="{record.height:d}"' if record.width > 0 < record.height else ""


def _attribute(name: str, media_type: str, data: bytes) -> Iterator[str]:
    yield f' {name}="data:{media_type};base64,'
    for at in range(0, len(data), STEP):
        yield b64encode(data[at : at + STEP]).decode("ascii")
    yield '"'


def _date(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
