"""Finds the picture that a reply promises: told by the service, called for, written as markup, or asked about.

Which of these ways are taken depends on `[chat] promises` and on what the services can do. Markup that stands for a
picture in the history is a promise whichever way is taken, since models imitate it; only with "never" nothing is
looked for.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from animus_tui.backends.base.errors import BackendError, ServiceError
from animus_tui.chat.promises.check import PromiseCheck
from animus_tui.chat.promises.markup import MarkupFilter, Promise
from animus_tui.chat.promises.question import ANSWER_TIMEOUT, question, read_answer
from animus_tui.chat.promises.tool_calls import STARTS, TOOL, read_call, split_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from animus_tui.backends.base.chat_values import ChatRequest
    from animus_tui.backends.base.protocols import ChatBackend
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.config.schema import ChatConfig

log = logging.getLogger(__name__)

_TOOL_REFUSED = re.compile(r"\btools?\b|\btool[_ -]\w+|\bfunctions?\b", re.IGNORECASE)


class Promises:
    """The services of a session, and which models call the function that they are offered."""

    def __init__(self, chat: ChatBackend, *, makes_images: bool) -> None:
        """`makes_images`: whether there is a service for what is promised; without one nothing is looked for."""
        self.chat = chat
        self.makes_images = makes_images
        self.works: set[str] = set()
        """Models that have called the function."""
        self.fails: set[str] = set()
        """Models that did not call the function, or whose request was refused because of it."""

    def finder(self, config: ChatConfig, *, is_wanted: bool = True) -> PromiseFinder:
        """The finder for the replies of one exchange; `is_wanted`: whether promised pictures are made."""
        return PromiseFinder(config, self, is_wanted=is_wanted)


class PromiseFinder:
    """Finds promises in the replies of one exchange."""

    def __init__(self, config: ChatConfig, promises: Promises, *, is_wanted: bool = True) -> None:
        """`is_wanted`: otherwise promises are only read where a reply has them, and neither asked for nor offered."""
        self._config = config
        self._promises = promises
        way, capabilities = config.promises, promises.chat.chat_capabilities
        self.is_enabled = way != "never" and promises.makes_images
        """Whether promises are looked for at all."""
        is_active = self.is_enabled and is_wanted
        self._uses_service = is_active and capabilities.image_prompts and way in ("auto", "service")
        is_automatic = is_active and way == "auto" and not self._uses_service
        fails, works = (config.model in known for known in (promises.fails, promises.works))
        wants_tool = way == "tool" or (is_automatic and not fails)
        self._offers_tool = is_active and capabilities.tools and wants_tool
        # A model that has called the function before is trusted to do so whenever it promises a picture.
        is_doubtful = is_automatic and not (self._offers_tool and works)
        # A service without schemas is asked only on request: the words of the question describe the same answer.
        self._asks_model = is_active and (way == "ask" or (is_doubtful and capabilities.schemas))

    def prepared(self, request: ChatRequest) -> ChatRequest:
        """The request with what finds promises in its answer."""
        if self._promises.chat.chat_capabilities.image_prompts and not self._uses_service:
            request = replace(request, features=replace(request.features, image_prompts=False))
        return replace(request, tools=[TOOL]) if self._offers_tool else request

    def without_tool(self, request: ChatRequest, error: BackendError) -> ChatRequest | None:
        """The request to send instead of one that was refused for its function; None: for another reason.

        With `promises = "tool"` the refusal is an error, which then says what to do.
        """
        is_refused = isinstance(error, ServiceError) and _TOOL_REFUSED.search(error.sentence)
        if request.tools is None or not is_refused:
            return None
        if self._config.promises == "tool":
            error.sentence += ' Or set promises = "ask" in [chat], which needs no tools.'
            return None
        log.info("the service refuses functions for %s: %s", request.model, error.sentence)
        self._promises.fails.add(request.model)
        self._offers_tool = False
        return replace(request, tools=None)

    def reader(self) -> ReplyReader:
        """The reader of the next reply."""
        return ReplyReader(self, reads_calls=self._offers_tool)

    def note_call(self) -> None:
        """Note that the model has called the function."""
        self._promises.works.add(self._config.model)

    def check(self, writer: ConversationWriter, reply: ChatMessage) -> PromiseCheck | None:
        """What asks whether a reply promises a picture; None when the model is not to be asked.

        The reply, or the first of its turns, is in the conversation.
        """
        if not self._asks_model:
            return None
        said = (message for message in reversed(writer.messages) if message.id != reply.id)
        asked = next((message for message in said if message.role == "user"), None)
        before = next(said, None)
        follows_picture = before is not None and before.image is not None
        words = (asked and asked.content) or ""
        return PromiseCheck(partial(self._ask, reply.content or "", words, follows_picture), writer, reply)

    async def _ask(
        self, reply: str, asked: str, follows_picture: bool, on_question: Callable[[], object]
    ) -> Promise | None:
        """The picture that a reply promises, as the model says when it is asked; None when it promises none.

        It is asked only where the wording of the reply is one that may promise a picture. `asked` is what the user had
        said, and `follows_picture` whether that was said to a picture. `on_question` is called before the model is
        asked. A question that fails counts as no.
        """
        if not reply.strip() or not await asyncio.to_thread(_may_promise, reply, asked, follows_picture):
            return None
        on_question()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                answer = await self._promises.chat.complete(question(self._config.model, reply, asked))
            promise = read_answer(answer.content)
        except (BackendError, TimeoutError, ValueError) as error:
            log.warning("whether a picture was promised is not known: %s", type(error).__name__)
            return None
        if promise is None:
            return None
        if self._offers_tool:  # it was offered the function and did not call it
            self._promises.fails.add(self._config.model)
        return promise


def _may_promise(reply: str, asked: str, follows_picture: bool) -> bool:
    # Its patterns take 50 ms, which neither a start nor the event loop should pay for.
    from animus_tui.chat.promises.wording import may_promise

    return may_promise(reply, asked, follows_picture=follows_picture)


class ReplyReader:
    """Reads one reply, whole or in pieces: takes markup out of its text, and knows what it promises."""

    def __init__(self, finder: PromiseFinder, *, reads_calls: bool) -> None:
        self._finder = finder
        self._reads_calls = reads_calls
        self._called: list[Promise] = []
        self.restart()

    def restart(self) -> None:
        """Forget the text that was read, which did not belong to the reply."""
        self._markup = MarkupFilter((read_call,), STARTS) if self._reads_calls else MarkupFilter()

    def feed(self, text: str) -> str:
        """Take the next piece of the text; returns what is shown by now."""
        return self._markup.feed(text) if self._finder.is_enabled else text

    def finish(self) -> str:
        """The text has ended; returns what was held back and is shown."""
        return self._markup.finish() if self._finder.is_enabled else ""

    def whole(self, text: str) -> str:
        """What is shown of a whole text."""
        return self.feed(text) + self.finish()

    def other_calls(self, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The calls, all of which have arrived so far, but for those of the function that was offered."""
        if not self._reads_calls:
            return [dict(call) for call in calls]
        others, self._called = split_calls(calls)
        return others

    def promise(self, told: str | None) -> Promise | None:
        """The picture that the reply promises; `told` is what the service said, which counts first."""
        if not self._finder.is_enabled:
            return None
        if self._called:
            self._finder.note_call()
        promises = [*self._called, *self._markup.promises]
        return Promise(told) if told else next(iter(promises), None)
