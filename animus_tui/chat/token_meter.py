"""How many tokens a request takes: counted by the service, or estimated and corrected by what it counted.

Every reply says what its request took (`usage`), so each one corrects the next estimate, which is of nearly the same
messages. A service that lends its tokenizer, such as llama.cpp, is asked before a request about the texts that it has
not counted yet.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import msgspec

from animus_tui.backends.base.errors import BackendError
from animus_tui.chat.token_estimate import estimated_tokens

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
