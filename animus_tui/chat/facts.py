"""What a picture was made from, as it is written into a saved PNG and read out of it again.

Three texts stand in the file. `Description` and `Creation Time` are keywords of the PNG specification and tell any
program the prompt and the time (RFC 3339). `animus-chat` is all of it as JSON:

    {"prompt": "A fox", "created": "2026-01-31T10:00:00.000Z", "seed": 7, "model": "flux-schnell",
     "settings": {"width": 1024}, "source": "https://…", "width": 1024, "height": 1024}

What is not known is left out. JPEG and WebP files are saved as they came and tell nothing.
"""

from __future__ import annotations

import logging
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from animus_tui.addresses import without_secrets
from animus_tui.chat.png_text import MOST_TEXT, read_texts, with_texts

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

log = logging.getLogger(__name__)

KEYWORD = "animus-chat"
"""Under which all of it stands."""
LONGEST = MOST_TEXT - 100
"""Bytes of a text that is written: with its keyword it is read again."""
OTHER_PICTURES = {b"\xff\xd8\xff": "JPEG", b"RIFF": "WebP", b"GIF8": "GIF"}
"""How other kinds of picture begin."""


class FactsError(Exception):
    """A file tells nothing; `str()` is one sentence that says why."""


class PictureFacts(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of one picture. None, 0 and empty: not known."""

    prompt: str
    created: str = ""
    """ISO 8601 UTC."""
    seed: int | None = None
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """What else was sent beside the prompt, by its name on the wire."""
    source: str | None = None
    """Address of the picture that was changed, without what may be secret in it."""
    width: int = 0
    """Pixels."""
    height: int = 0
    """Pixels."""


def facts_of(record: ImageRecord) -> PictureFacts:
    """What is known of a picture in a history."""
    others = {name: value for name, value in record.settings.items() if name not in ("seed", "model")}
    model = record.model or record.settings.get("model")
    return PictureFacts(
        prompt=record.prompt,
        created=record.created,
        seed=record.seed,
        model=model if isinstance(model, str) else None,
        settings=others,
        source=_source(record.source_url),
        width=record.width,
        height=record.height,
    )


def with_facts(picture: bytes, facts: PictureFacts) -> list[bytes | memoryview]:
    """The file in pieces, with the facts inside when it is a PNG, and as it is otherwise."""
    try:
        return with_texts(picture, _texts(facts))
    except ValueError:
        return [picture]


def read_facts(path: Path) -> PictureFacts:
    """What a saved picture tells. FactsError when it tells nothing. Reads a bounded part of the file."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise FactsError(f"{path} is not a file.")
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            texts = read_texts(file, (KEYWORD,))
    except OSError as error:
        raise FactsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        kind = next((name for begin, name in OTHER_PICTURES.items() if start.startswith(begin)), None)
        if kind is None:
            raise FactsError(f"{path} is not a picture that could tell what it was made from.") from error
        raise FactsError(
            f"{path} is a {kind} picture; only PNG pictures tell what they were made from."
        ) from error
    if KEYWORD not in texts:
        raise FactsError(f"{path} does not tell what it was made from.")
    try:
        return msgspec.json.decode(texts[KEYWORD], type=PictureFacts)
    except (ValueError, RecursionError) as error:
        raise FactsError(f"What {path} tells of what it was made from is damaged.") from error


def _texts(facts: PictureFacts) -> dict[str, str]:
    """Keyword → text; what is too long to be read again is left out."""
    texts = {"Description": facts.prompt, "Creation Time": facts.created, KEYWORD: _json(facts)}
    return {
        keyword: text
        for keyword, text in texts.items()
        if text and len(text.encode(errors="replace")) <= LONGEST
    }


def _json(facts: PictureFacts) -> str:
    return msgspec.json.encode(facts).decode()


def _source(url: str | None) -> str | None:
    """A `data:` address is the picture itself, which nobody wants to read."""
    return without_secrets(url) if url and url.startswith("http") else None
