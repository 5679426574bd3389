"""Pictures of the moment: the model that answers writes the prompt of one, from the conversation as it is. Pure.

`/image face` asks for one. Only a word alone stands for a moment: `/image face of an old man` is a prompt, and so is
`/image "face"`, whose quotation marks say that the word itself is meant.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec
from msgspec import Struct

from animus_tui.chat.images.joined_prompt import NONE_LEFT_OUT, Addition
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions
from animus_tui.chat.reply_text import split_reasoning
from animus_tui.errors import UserError
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable

STEP: Final = 64
"""Sides of a picture are made a multiple of so many pixels."""


class Moment(Struct, frozen=True):
    """One of the words."""

    word: str
    meaning: str
    """A few words for the completion."""
    shows: str
    """What the model is asked to describe; `{char}` is the character."""
    shape: Literal["portrait", "landscape", "any"]
    left_out: frozenset[Addition] = NONE_LEFT_OUT
    """What is not joined to the prompt."""


MOMENTS: Final = (
    Moment(
        "you",
        "the character as it is now, in portrait size",
        "{char} as they are now, from head to knees",
        "portrait",
    ),
    Moment(
        "face",
        "the character's face, in portrait size",
        "a close portrait of the face of {char}, as it is now",
        "portrait",
    ),
    Moment(
        "scene",
        "what is going on, in landscape size",
        "the whole scene: the place, and {char} in it",
        "landscape",
    ),
    Moment("last", "what the last message shows", "what the last message tells of", "any"),
    Moment(
        "background",
        "the place without anybody, in landscape size",
        "the place alone, without any people",
        "landscape",
        frozenset({"appearance"}),
    ),
)
BY_WORD: Final = {moment.word: moment for moment in MOMENTS}

BEGINS: Final = "(Please write the prompt of one picture for an image generator. It shows "
"""How the instruction begins."""
INSTRUCTION: Final = (
    BEGINS
    + "{shows}. Go by the conversation so far: who does what, expression, clothes, place, time of day, light. "
    "Describe only what can be seen, in English, in one line of at most sixty words. Answer with the prompt alone.)"
)
LONGEST: Final = 800
"""Characters of a prompt that a model writes; sixty words are half of that."""
MOST_READ: Final = 20_000
"""Characters of its reply that are looked at."""

_TAG = late_pattern(r"<image\b[^>]*?\bdescription\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_FENCE = late_pattern(r"```[\w-]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_LABEL = late_pattern(r"^[\W_]*(?:[A-Za-z]{1,20} ){0,4}prompt[\W_]*:[\W_]*", re.IGNORECASE)
_INTRODUCES = late_pattern(r"^(?:sure|okay|ok|certainly|of course|here)\b.*[:!.]$|:$", re.IGNORECASE)
_MARKS = late_pattern(r"\*+|`+|__+|~~|^\s*(?:#+|[-•>]|\d+\.)\s+", re.MULTILINE)
_AROUND = "\"'“”„«»()[] \t"
_QUOTED = late_pattern(r"""["“'](\w+)["”']""")


def moment_of(prompt: str) -> Moment | None:
    """The moment that a prompt stands for; None for a prompt that is one."""
    return BY_WORD.get(prompt.strip().lower())


def meant_prompt(prompt: str) -> str:
    """The prompt without the quotation marks that keep a word from standing for a moment."""
    quoted = _QUOTED.fullmatch(prompt.strip())
    return quoted[1] if quoted is not None and quoted[1].lower() in BY_WORD else prompt


def instruction(moment: Moment, name: str) -> str:
    """What the model is asked, behind the conversation; `name` is the character's."""
    return INSTRUCTION.format(shows=moment.shows.format(char=name))


def shaped(moment: Moment, held: PictureOptions, *, takes_any_size: bool) -> PictureOptions:
    """The size of a picture of the moment: the one that holds, turned as it has to be.

    A square becomes three by four where the service `takes_any_size`; else it stays.
    """
    width, height = held.width, held.height
    if moment.shape == "any" or width is None or height is None:
        return NO_OPTIONS
    short, long = sorted((width, height))
    if short == long:
        if not takes_any_size:
            return NO_OPTIONS
        short = max(STEP, long * 3 // 4 // STEP * STEP)
    is_portrait = moment.shape == "portrait"
    return PictureOptions(width=short if is_portrait else long, height=long if is_portrait else short)


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
