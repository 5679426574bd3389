"""What an image was made from, written into a saved PNG and read from it again.

Four texts stand in the file. `Description` and `Creation Time` are keywords of the PNG specification and tell any
program the prompt and the time (RFC 3339). `animus-chat` is all of it as JSON:

    {"prompt": "A fox", "created": "2026-01-31T10:00:00.000Z", "seed": 7, "model": "flux-schnell",
     "settings": {"width": 1024}, "source": "https://…", "width": 1024, "height": 1024}

`parameters` is what A1111 writes and Civitai and others read: the prompt, the negative prompt, and the settings in a
line, as "Steps: 20, CFG scale: 7.5, Seed: 7, Size: 1024x1024, Model: flux".

What is not known is left out. JPEG and WebP files are saved as they came and hold no metadata.
"""

from __future__ import annotations

import json
import re
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from animus_tui.addresses import without_secrets
from animus_tui.errors import UserError
from animus_tui.png_chunks import MOST_TEXT, read_texts, with_texts

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

PARAMETERS = "parameters"
"""The PNG keyword of what A1111 and Civitai read. They expect a `tEXt` where Latin-1 is enough."""
_A1111_NAMES = {
    "num_inference_steps": "Steps",
    "sampler": "Sampler",
    "guidance_scale": "CFG scale",
    "seed": "Seed",
    "size": "Size",
    "model": "Model",
    "strength": "Denoising strength",
}
"""Our names → theirs, in their order."""
KEYWORD = "animus-chat"
"""The PNG keyword of the whole metadata as JSON."""
LONGEST = MOST_TEXT - 100
"""Bytes of a text that is written: with its keyword it is read again."""
OTHER_PICTURES = {b"\xff\xd8\xff": "JPEG", b"RIFF": "WebP", b"GIF8": "GIF"}
"""The first bytes of other kinds of image files."""


class ImageMetadata(Struct, frozen=True, omit_defaults=True, kw_only=True):
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


def metadata_of(record: ImageRecord) -> ImageMetadata:
    """What is known of a picture in a history."""
    others = {name: value for name, value in record.settings.items() if name not in ("seed", "model")}
    model = record.model or record.settings.get("model")
    return ImageMetadata(
        prompt=record.real_prompt,
        created=record.created,
        seed=record.seed,
        model=model if isinstance(model, str) else None,
        settings=others,
        source=_source(record.source_url),
        width=record.width,
        height=record.height,
    )


def with_metadata(picture: bytes, metadata: ImageMetadata) -> list[bytes | memoryview]:
    """The file in pieces, with the metadata inside when it is a PNG, and as it is otherwise."""
    try:
        return with_texts(picture, _texts(metadata), in_latin=(PARAMETERS,))
    except ValueError:
        return [picture]


def read_metadata(path: Path) -> ImageMetadata:
    """What a saved picture tells. UserError when it tells nothing. Reads a bounded part of the file."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise UserError(f"{path} is not a file.")
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            texts = read_texts(file, (KEYWORD,))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        kind = next((name for begin, name in OTHER_PICTURES.items() if start.startswith(begin)), None)
        if kind is None:
            raise UserError(f"{path} is not a picture with generation metadata.") from error
        raise UserError(f"{path} is a {kind} picture; only PNG pictures have generation metadata.") from error
    if KEYWORD not in texts:
        raise UserError(f"No generation metadata in {path}.")
    try:
        return msgspec.json.decode(texts[KEYWORD], type=ImageMetadata)
    except (ValueError, RecursionError) as error:
        raise UserError(f"The generation metadata in {path} is damaged.") from error


def _texts(metadata: ImageMetadata) -> dict[str, str]:
    """Keyword → text; what is too long to be read again is left out."""
    texts = {
        "Description": metadata.prompt,
        "Creation Time": metadata.created,
        KEYWORD: msgspec.json.encode(metadata).decode(),
        PARAMETERS: parameters_of(metadata),
    }
    return {
        keyword: text
        for keyword, text in texts.items()
        if text and len(text.encode(errors="replace")) <= LONGEST
    }


def parameters_of(metadata: ImageMetadata) -> str:
    """The text that A1111 writes into a picture: what its `parse_generation_parameters` reads."""
    known = metadata.settings | {"seed": metadata.seed, "model": metadata.model}
    if metadata.width and metadata.height:
        known["size"] = f"{metadata.width}x{metadata.height}"
    values = (
        f"{name}: {_quoted(known[own])}"
        for own, name in _A1111_NAMES.items()
        if isinstance(known.get(own), str | int | float) and known[own] != ""
    )
    negative = known.get("negative_prompt")
    lines = [metadata.prompt.strip(), f"Negative prompt: {negative}" if negative else "", ", ".join(values)]
    return "\n".join(line for line in lines if line)


def _quoted(value: object) -> str:
    """A value in the line of settings, quoted as A1111 does where it would not be read as one."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[,:\n]", text) else text


def _source(url: str | None) -> str | None:
    """A `data:` address is the picture itself, which nobody wants to read."""
    return without_secrets(url) if url and url.startswith("http") else None
