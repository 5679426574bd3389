"""How many tokens a request takes: counted by the service, or estimated and corrected by what it counted.

Every reply says what its request took (`usage`), so each one corrects the next estimate, which is of nearly the same
messages. A service that lends its tokenizer, such as llama.cpp, is asked before a request about the texts that it has
not counted yet.

The weights of the estimate are fitted to what four tokenizers of today make of prose, chat and code in 15 languages.
English and code come within 11 % of each of them. Other scripts cost one tokenizer three times as much as another, so
that what a service counted itself has to correct them.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from animus_tui.backends.base.errors import BackendError
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.backends.base.chat_values import ChatRequest, RequestMessage, Usage
    from animus_tui.backends.base.protocols import ChatBackend

log = logging.getLogger(__name__)

MESSAGE_TOKENS = 4
"""Tokens of each message beside its text: role, beginning and end."""
PICTURE_TOKENS = 1_000
"""What a picture is counted as, whatever it shows: each service cuts it in its own way into parts that count.

One of 1,568 pixels, the most that are sent, takes some 250 tokens with Gemma, 765 with OpenAI, 1,600 with Anthropic and
up to 3,000 with Qwen.
"""
LEAST_LEARNED = 64
"""Estimated tokens of the words of which a ratio is learned: of fewer, too much is not words."""
LEAST_RATIO, MOST_RATIO = 0.5, 5.0
"""Bounds of a ratio that is believed: some servers count only what they had not read before."""
LONGEST_ASKED = 32_000
"""Characters that the service's tokenizer is asked about at once, the newest ones."""
PATIENCE = 2.0
"""Seconds that its answer is waited for."""
MOST_COUNTED = 4_000
"""Texts of which its answer is remembered."""
LONGEST = 16_000
"""Characters that are looked at; a longer text is taken for as dense as the parts of it that are."""
PARTS = 8
"""Parts of a long text that are looked at, evenly spread."""
MOST_KEPT = 2_000
"""Texts of which it is remembered: more than most windows have, and each is looked at several times an exchange."""

_PIECES = (
    (late_pattern(r"[A-Za-z\u00c0-\u024f]{1,8}"), 0.95),  # a word, or a part of a long one
    (late_pattern(r"[0-9]{1,3}"), 1.25),
    (late_pattern(r"[!-/:-@\[-`{-~]{1,3}"), 1.25),
    (late_pattern(r"\s{2,16}"), 0.5),  # one blank is part of the word behind it
)
"""What is counted of any text, and the tokens that each one takes."""
_BLOCKS = (
    (0x80, 1.0),
    (0xC0, 2.0),  # accented Latin letters, beside what their words take
    (0x250, 1.0),
    (0x370, 0.55),  # Greek
    (0x400, 0.36),  # Cyrillic
    (0x530, 0.5),  # Armenian, Hebrew, Arabic
    (0x800, 0.58),  # Devanagari and others of India
    (0xE00, 0.53),  # Thai and others of South-East Asia
    (0x1100, 0.9),  # the letters of Hangul
    (0x1200, 1.0),
    (0x1E00, 2.0),  # more accented Latin letters
    (0x2000, 0.5),  # dashes and quotation marks
    (0x2100, 2.0),  # arrows, mathematics, symbols
    (0x2E80, 1.2),  # punctuation of East Asia
    (0x3040, 0.76),  # Kana
    (0x3100, 1.0),
    (0x3400, 0.8),  # Han
    (0xA000, 1.0),
    (0xAC00, 0.9),  # Hangul
    (0xD800, 1.5),
    (0xFE00, 1.5),  # which form of an emoji it is
    (0xFF00, 1.2),
    (0x10000, 2.0),
    (0x1F000, 2.3),  # emoji
    (0x20000, 2.0),  # rare Han
)
"""The first character of a block of Unicode, and the tokens that each of its characters takes."""
_STARTS = tuple(start for start, _ in _BLOCKS)


class TokenMeter:
    """Estimates tokens, and learns for the session how a service counts them."""

    def __init__(self) -> None:
        self._ratios: dict[str, float] = {}
        """By model: tokens that it counted for each one that was estimated."""
        self._counted: dict[tuple[str, str], int] = {}
        """By model and text: the tokens that its tokenizer made of it."""
        self._silent: set[str] = set()
        """The models whose tokenizer cannot be asked."""

    def ratio(self, model: str) -> float:
        """Tokens that a model takes for each one that is estimated; 1 as long as nothing is known."""
        return self._ratios.get(model, 1.0)

    def tokens(self, model: str, messages: Sequence[RequestMessage]) -> float:
        """About how many tokens some messages take, the pictures that are sent with them included."""
        return sum(self._around(each) + self._words(model, _words_of(each)) for each in messages)

    def _around(self, message: RequestMessage) -> int:
        return MESSAGE_TOKENS + PICTURE_TOKENS * len(message.images)

    def _words(self, model: str, text: str) -> float:
        counted = self._counted.get((model, text))
        return estimated_tokens(text) * self.ratio(model) if counted is None else counted

    def learn(self, request: ChatRequest, usage: Usage | None) -> None:
        """Correct the estimates by the usage of a request, unless it had images."""
        if usage is None or usage.prompt_tokens <= 0 or any(each.images for each in request.messages):
            return
        texts = [_words_of(each) for each in request.messages]
        if request.tools:
            texts.append(_json(request.tools))
        counted = [self._counted.get((request.model, text)) for text in texts]
        known = sum(filter(None, counted)) + sum(map(self._around, request.messages))
        estimated = (
            estimated_tokens(text) for text, tokens in zip(texts, counted, strict=True) if tokens is None
        )
        self._note(request.model, sum(estimated), usage.prompt_tokens - known)

    async def ask(
        self, service: ChatBackend, model: str, newest_first: Iterable[str | None], *, most: int
    ) -> None:
        """Have the service count the newest texts that it has not counted yet, where it can.

        `most`: the tokens that a request may have; texts that are older than those are not counted.
        """
        if model in self._silent or not (texts := self._uncounted(model, newest_first, most)):
            return
        try:
            async with asyncio.timeout(PATIENCE):
                counted = await service.count_tokens(texts)
        except (BackendError, TimeoutError) as error:
            log.info("the service does not count tokens, so they are estimated: %s", error)
            counted = None
        if counted is None:
            self._silent.add(model)
            return
        if len(self._counted) + len(counted) > MOST_COUNTED:
            self._counted.clear()
        self._counted.update(((model, text), tokens) for text, tokens in zip(texts, counted, strict=True))
        self._note(model, sum(map(estimated_tokens, texts)), sum(counted))

    def _uncounted(self, model: str, newest_first: Iterable[str | None], most: int) -> list[str]:
        found: list[str] = []
        room, tokens = LONGEST_ASKED, 0.0
        for text in newest_first:
            tokens += self._words(model, text or "") + MESSAGE_TOKENS
            if text and (model, text) not in self._counted:
                room -= len(text)
                if room >= 0:
                    found.append(text)
            # The first time nobody knows how many fit: twice as many as it seems are asked about.
            if room < 0 or tokens > 2 * most:
                break
        return found

    def _note(self, model: str, estimated: float, counted: int) -> None:
        ratio = counted / estimated if estimated >= LEAST_LEARNED else 0
        if LEAST_RATIO <= ratio <= MOST_RATIO:
            self._ratios[model] = ratio


def _words_of(message: RequestMessage) -> str:
    """The text of a message that is counted."""
    said = message.content or ""
    return said + _json(message.tool_calls) if message.tool_calls else said


def _json(calls: object) -> str:
    return msgspec.json.encode(calls, enc_hook=str).decode()


def estimated_tokens(text: str) -> float:
    """About how many tokens a text takes; 0 for an empty one. A few milliseconds for a text of any length."""
    if len(text) <= LONGEST:
        return _tokens(text)
    size, step = LONGEST // PARTS, len(text) / PARTS
    parts = [text[start : start + size] for start in (int(step * number) for number in range(PARTS))]
    return sum(map(_tokens, parts)) * len(text) / LONGEST


@lru_cache(MOST_KEPT)
def _tokens(text: str) -> float:
    tokens = sum(len(piece.findall(text)) * weight for piece, weight in _PIECES)
    if text.isascii():
        return tokens
    others = ((ord(character), number) for character, number in Counter(text).items() if character > "\x7f")
    return tokens + sum(_BLOCKS[bisect_right(_STARTS, code) - 1][1] * number for code, number in others)
