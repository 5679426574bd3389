"""Mixed Markdown, the same in every run: messages of a long conversation, and the words of a streamed reply."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

LAST_WORD = "Lastmark"
"""The last word of the last message, and nowhere else: seeing it on the terminal is seeing the end."""
VOCABULARY = (
    "the a of and to in it was that he she they we you had been on at from with for as by an evening morning "
    "harbour window letter garden river answer question yellow quiet little distant almost always never again "
    "remember wander listen believe carry follow promise whisper gather lantern kitchen winter summer shadow paper"
)
WORDS = VOCABULARY.split()
CODE = '''\
def tides(hours: int) -> list[float]:
    """Heights of the water, one an hour."""
    heights = [0.0] * hours
    for hour in range(hours):
        heights[hour] = 2.5 + 1.5 * sin(hour / 12.4)  # metres
    return heights
'''
CODE_EACH = 10
TOKEN_LENGTH = 4
"""Characters of a token, about what a tokenizer gives for English."""


class Spoken(NamedTuple):
    """One message before it is in any program's format."""

    role: str
    text: str
    timestamp: str


def conversation(size: int, *, seed: int = 11) -> list[Spoken]:
    """That many messages, three minutes apart, user and assistant in turn; the last one ends with LAST_WORD."""
    rng = random.Random(seed)
    # The newest messages are those of every size, so that sizes differ in length only.
    texts = [_message(rng, position) for position in range(size, 0, -1)][::-1]
    texts[-1] += f"\n\nAnd so it ended with {LAST_WORD}"
    end = datetime(2026, 3, 1, 18, tzinfo=UTC)
    return [
        Spoken(
            "assistant" if position % 2 == 0 else "user",
            texts[-1 - position],
            (end - timedelta(minutes=3 * position)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )
        for position in range(size - 1, -1, -1)
    ]


def reply_tokens(count: int, *, last_word: str, seed: int = 5) -> list[str]:
    """A Markdown reply cut into `count` tokens; the last of them ends with `last_word`, a word of its own."""
    rng = random.Random(seed)
    blocks: list[str] = []
    length = 0
    while length < count * TOKEN_LENGTH:
        blocks += _reply_blocks(rng, len(blocks))
        length = sum(len(block) + 2 for block in blocks)
    text = "\n\n".join(blocks)
    tokens = [text[start : start + TOKEN_LENGTH] for start in range(0, count * TOKEN_LENGTH, TOKEN_LENGTH)]
    # Whatever block is cut here, a closed fence or a paragraph: the word stands in a paragraph of its own.
    before = "".join(tokens[:-1])
    fence = "\n```" if before.count("```") % 2 else ""
    tokens[-1] = f"{fence}\n\nThat was all of it: {last_word}"
    return tokens


def _reply_blocks(rng: random.Random, number: int) -> list[str]:
    blocks = [_prose(rng, 40)]
    if number % 3 == 2:
        blocks.append(_list(rng, 4, 8))
    if number % 4 == 3:
        blocks.append(f"```python\n{CODE}{CODE}```")
    if number % 5 == 4:
        blocks.append(_heading(rng))
    return blocks


def _message(rng: random.Random, position: int) -> str:
    match position % 4:
        case 0:
            text = _prose(rng, 60)
        case 1:
            text = f"{_prose(rng, 30)}\n\n{_prose(rng, 30)}"
        case 2:
            text = f"{_prose(rng, 30)}\n\n{_list(rng, 3, 10)}"
        case _:
            text = f"{_heading(rng)}\n\n{_prose(rng, 56)}"
    return f"{text}\n\n```python\n{CODE}```" if position % CODE_EACH == 0 else text


def _heading(rng: random.Random) -> str:
    return "## " + " ".join(rng.choices(WORDS, k=4))


def _list(rng: random.Random, items: int, words: int) -> str:
    return "\n".join(f"- {_prose(rng, words)}" for _ in range(items))


def _prose(rng: random.Random, count: int) -> str:
    words = []
    for word in rng.choices(WORDS, k=count):
        chance = rng.random()
        if chance < 0.03:
            words.append(f"**{word}**")
        elif chance < 0.06:
            words.append(f"*{word}*")
        elif chance < 0.08:
            words.append(f"`{word}`")
        elif chance < 0.09:
            words.append(f"[{word}](https://example.com/{word})")
        else:
            words.append(word)
    return " ".join(words)
