"""A chat endpoint over HTTP: one reply, whole or as server-sent events, sent again where that is safe."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from animus_tui.backends.base.chat_values import whole_reply
from animus_tui.backends.base.errors import AnswerError, BackendError, NetworkError, ServiceBusy
from animus_tui.backends.http.answer_errors import clean
from animus_tui.backends.http.timeouts import Limit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from animus_tui.backends.base.chat_values import ChatDelta, ChatReply
    from animus_tui.backends.base.protocols import OnPiece, OnRetry
    from animus_tui.backends.http.answer_errors import ErrorContext
    from animus_tui.backends.http.requests import Requests


class ChatEndpoint:
    """`POST`s encoded chat requests to one address. A request is sent again only while nothing shows its acceptance."""

    def __init__(self, url: str, requests: Requests) -> None:
        self._url = url
        self._requests = requests

    async def complete(
        self,
        body: bytes,
        *,
        streamed: bool = False,
        on_retry: OnRetry | None = None,
        on_piece: OnPiece | None = None,
    ) -> ChatReply:
        """One whole reply, also when it comes as events. An error after a part of the reply has it in `said`.

        `streamed`: the body asks for events, so that the reply may take as long as words keep coming, which are given
        to `on_piece`.
        """
        pieces: list[ChatDelta] = []
        try:
            async with aclosing(self.stream(body, streamed=streamed, on_retry=on_retry)) as deltas:
                async for delta in deltas:
                    pieces.append(delta)
                    if on_piece is not None:
                        on_piece(delta)
        except BackendError as error:
            said = whole_reply(pieces)
            error.said = None if said.is_empty else said
            raise
        return whole_reply(pieces)

    async def stream(
        self, body: bytes, *, streamed: bool = True, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of a reply as they come; of a whole reply, for which a body not `streamed` asks, all in one."""
        attempt = 1
        while True:
            started = False
            try:
                async with aclosing(self._answer(body, streamed=streamed)) as deltas:
                    async for delta in deltas:
                        started = True
                        yield delta
            except (NetworkError, ServiceBusy) as error:
                if started or error.accepted:
                    raise
                attempt += 1
                await self._requests.pause(attempt, error, on_retry)
            else:
                return

    async def _answer(self, body: bytes, *, streamed: bool) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of one answer. Raises AnswerError when all of them together are empty."""
        transport = await self._requests.transport()
        from animus_tui.backends.http.sse import chat_deltas  # it needs httpx, which is here by now

        times, context = self._requests.timeouts, transport.context("answer")
        accept = "text/event-stream" if streamed else "application/json"
        limit = Limit(times.first_word)
        pieces: list[ChatDelta] = []
        async with transport.stream(
            "POST", self._url, body, limit=limit, context=context, accept=accept
        ) as chunks:
            coming = chunks if streamed else _once_begun(chunks, lambda: limit.restart(times.reply))
            async with aclosing(chat_deltas(coming, context)) as deltas:
                async for delta in deltas:
                    if streamed:
                        limit.restart(times.stream_silence)
                    pieces.append(delta)
                    yield delta
        if all(piece.is_empty for piece in pieces):
            raise _empty_reply(whole_reply(pieces), context)


async def _once_begun(chunks: AsyncIterator[bytes], begin: Callable[[], None]) -> AsyncIterator[bytes]:
    """The chunks; `begin` is called before the first that is neither blank nor a comment."""
    has_begun = False
    async for chunk in chunks:
        if not has_begun and chunk.strip() and not chunk.lstrip().startswith(b":"):
            has_begun = True
            begin()
        yield chunk


def _empty_reply(reply: ChatReply, context: ErrorContext) -> AnswerError:
    named = clean(", ".join(reply.compliance_violations), context.redact)
    why = f" Its content rules were named: {named}" if named else ""
    sentence = f"The service sent an empty reply.{why} Try again."
    return AnswerError("Empty reply", sentence, retryable=True)
