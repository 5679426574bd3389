"""The prompt of a picture that a model wrote, found in its reply. Pure."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from animus_tui.chat.reply_text import split_reasoning
from animus_tui.errors import UserError
from animus_tui.printable import printable

LONGEST: Final = 800
"""Characters of a prompt that a model writes; sixty words are half of that."""
MOST_READ: Final = 20_000
"""Characters of its reply that are looked at."""

_TAG = re.compile(r"<image\b[^>]*?\bdescription\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_LABEL = re.compile(r"^[\W_]*(?:[A-Za-z]{1,20} ){0,4}prompt[\W_]*:[\W_]*", re.IGNORECASE)
_INTRODUCES = re.compile(r"^(?:sure|okay|ok|certainly|of course|here)\b.*[:!.]$|:$", re.IGNORECASE)
_MARKS = re.compile(r"\*+|`+|__+|~~|^\s*(?:#+|[-•>]|\d+\.)\s+", re.MULTILINE)
_AROUND = "\"'“”„«»()[] \t"


def written_prompt(reply: str) -> str:
    """The prompt in a model's reply, without all that models put around it. UserError: there is none."""
    text = split_reasoning(reply[:MOST_READ])[0].strip()
    if (tag := _TAG.search(text)) is not None:
        text = tag[1] or tag[2] or ""
    if (fenced := _FENCE.search(text)) is not None and fenced[1].strip():
        text = fenced[1]
    text = _of_json(text.strip())
    lines = [_LABEL.sub("", _MARKS.sub("", line)).strip() for line in text.splitlines()]
    if len(told := [line for line in lines if line]) > 1 and _INTRODUCES.search(told[0]):
        lines = lines[lines.index(told[0]) + 1 :]
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip())
    described = next((each for each in paragraphs if len(each.split()) > 1), paragraphs[0])
    words = " ".join(printable(described, newlines=False).split()).strip(_AROUND)
    if len(words) > LONGEST:
        words = words[:LONGEST].rpartition(" ")[0].rstrip(",;:- ") or words[:LONGEST]
    if not re.search(r"\w", words):
        raise UserError("The model wrote no prompt for the picture. Try again, or write one: /image WORDS.")
    return words


def _of_json(text: str) -> str:
    """The prompt of a reply that is an object; any other text as it is."""
    if text.startswith("{"):
        try:
            fields = msgspec.json.decode(text, type=dict[str, object])
        except msgspec.DecodeError:
            return text
        for name in ("prompt", "description", "image_prompt"):
            if isinstance(value := fields.get(name), str):
                return value
    return text
