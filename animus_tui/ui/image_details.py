"""What is known of a picture, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.entry import clock, day_of

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

_NAMES = {
    "seed": "Seed",
    "model": "Model",
    "guidance_scale": "Guidance scale",
    "num_inference_steps": "Steps",
}
"""Settings that have a line, in this order. Width and height are told by the picture itself."""

LONGEST = 10_000
"""Characters that are shown of one; a table of more takes long to wrap."""


class Detail(NamedTuple):
    """One of them."""

    name: str
    words: str


def details_of(record: ImageRecord, path: Path | None, *, is_attached: bool = False) -> list[Detail]:
    """Prompt, size, what it was made with, when, and where its file is; what the record does not have is left out.

    `is_attached`: it is one of the user's, of which the name is known and not a prompt.
    """
    day = day_of(record.created)
    known = [
        ("Name" if is_attached else "Prompt", record.prompt),
        ("Sent prompt", record.sent_prompt or ""),
        ("Size", f"{record.width}×{record.height}" if record.width and record.height else ""),
        *((name, _words(record.settings.get(key))) for key, name in _NAMES.items()),
        ("Changed", "from an earlier picture" if record.is_edit or record.source_url else ""),
        ("Attached" if is_attached else "Made", f"{day.isoformat()} {clock(record.created)}" if day else ""),
        ("File", str(path) if path is not None else ""),
    ]
    return [Detail(name, printable(words[:LONGEST], newlines=False)) for name, words in known if words]


def _words(value: object) -> str:
    return "" if value is None else str(value)
