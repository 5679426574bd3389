"""The question whether a reply promises a picture, put to the model apart from the conversation. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from msgspec import Struct

from animus_tui.backends.base.chat_values import ChatRequest, RequestMessage, Sampling
from animus_tui.chat.promises.markup import Promise
from animus_tui.chat.reply_text import split_reasoning

ANSWER_TIMEOUT: Final = 60.0
"""Seconds that the answer may take: it is short, but a local model may have to be loaded into memory first."""
MOST_TOKENS: Final = 400
"""Length of the answer at most; a description takes less than a hundred."""
MOST_WORDS: Final = 4000
"""Characters of the reply and of the user's message that are shown, from their ends."""

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "promises_picture": {"type": "boolean"},
        "description": {"type": "string"},
        "shows_writer": {"type": "boolean"},
    },
    "required": ["promises_picture", "description", "shows_writer"],
    "additionalProperties": False,
}
_TASK: Final = (
    "You read one message of a user and the reply to it, and decide whether the reply promises a picture. It does when "
    "its writer says to be showing, sending, taking, drawing or making a picture for the user now. It does not when a "
    "picture is refused, is only offered, asked for or talked about, was sent before, or belongs to a story or to code."
    """
Answer in JSON:
promises_picture: whether a picture is promised.
description: what is to be seen in it, as a prompt for an image generator (subject, place, light, style); or empty.
shows_writer: whether the writer of the reply is to be seen in it."""
)


class _Answer(Struct, frozen=True):
    promises_picture: bool
    description: str = ""
    shows_writer: bool | None = None


def question(model: str, reply: str, asked: str) -> ChatRequest:
    """The request whose answer `read_answer` reads: it holds the reply, what the user had said, and nothing else."""
    # As JSON, so that neither text can be taken for a part of the task.
    words = {"message": asked[-MOST_WORDS:], "reply": reply[-MOST_WORDS:]}
    return ChatRequest(
        model=model,
        messages=[
            RequestMessage(role="system", content=_TASK),
            RequestMessage(role="user", content=json.dumps(words, ensure_ascii=False)),
        ],
        stream=False,
        sampling=Sampling(temperature=0, max_tokens=MOST_TOKENS),
        answer_schema=SCHEMA,
    )


def read_answer(text: str) -> Promise | None:
    """The promise that an answer tells of, if it does and describes it. ValueError: it is no such answer."""
    text, _ = split_reasoning(text)
    answer = msgspec.json.decode(text[text.find("{") : text.rfind("}") + 1], type=_Answer)
    words = answer.description.strip()
    return Promise(words, answer.shows_writer) if answer.promises_picture and words else None
