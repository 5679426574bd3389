"""Finds the picture that a reply promises: told by the service, called for, written as markup, or asked about.

Which of these ways are taken depends on `[chat] promises` and on what the services can do. Markup that stands for a
picture in the history is a promise whichever way is taken, since models imitate it; only with "never" nothing is
looked for.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import ChatRequest, RequestMessage, Sampling
from animus_tui.backends.base.errors import BackendError, ServiceError
from animus_tui.chat.events import PromiseCheckComplete, PromiseCheckStart
from animus_tui.chat.promises.markup import MarkupFilter, Promise
from animus_tui.chat.promises.tool_calls import STARTS, TOOL, read_call, split_calls
from animus_tui.chat.reply_text import split_reasoning

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from animus_tui.backends.base.protocols import ChatBackend
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.config.schema import ChatConfig

log = logging.getLogger(__name__)

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


class PromiseFinder:
    """Finds promises in the replies of one exchange."""

    def __init__(self, config: ChatConfig, promises: Promises, *, is_wanted: bool) -> None:
        """`is_wanted`: whether promised pictures are made.

        Otherwise promises are only read where a reply has them, and neither asked for nor offered.
        """
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


class PromiseCheck:
    """Checks in the background whether one reply promises a picture. `aclose` has to be called."""

    def __init__(
        self,
        find: Callable[[Callable[[], None]], Coroutine[Any, Any, Promise | None]],
        writer: ConversationWriter,
        reply: ChatMessage,
    ) -> None:
        """`find` finds the promise, and calls its argument when it asks the model."""
        self.reply = reply
        """The whole reply."""
        self.promise: Promise | None = None
        """The promised picture; None while none is known."""
        self._writer = writer
        self._is_asking = self._is_awaited = self._has_published_start = False
        self._task = asyncio.get_running_loop().create_task(self._run(find(self._note_question)))

    async def _run(self, finding: Coroutine[Any, Any, Promise | None]) -> None:
        self.promise = await finding
        await self.keep()

    async def keep(self) -> ChatMessage:
        """Store the prompt that is known by now with the reply, unless that was deleted; returns the reply."""
        if self.promise is None or self._writer.messages.place(self.reply.id) is None:
            return self.reply
        stored = self._writer.stored.get(self.reply.id)
        if stored.image_prompt != self.promise.description:
            stored = promising(stored, self.promise)
            await self._writer.put_anywhere(stored)
        return stored

    async def wait(self) -> None:
        """Wait for the result, and publish when the model is asked for it."""
        self._is_awaited = True
        self._publish_start()
        try:
            await self._task
        finally:
            if self._has_published_start:
                prompt = None if self.promise is None else self.promise.description
                self._writer.publish(PromiseCheckComplete(message_id=self.reply.id, image_prompt=prompt))

    async def aclose(self) -> None:
        """End the check; a question that is under way is aborted."""
        self._task.cancel()
        await asyncio.wait({self._task})

    def _note_question(self) -> None:
        self._is_asking = True
        self._publish_start()

    def _publish_start(self) -> None:
        if self._is_asking and self._is_awaited and not self._task.done():
            self._has_published_start = True
            self._writer.publish(PromiseCheckStart(message_id=self.reply.id))


def promising(message: ChatMessage, promise: Promise | None) -> ChatMessage:
    """The message as one that promises this picture, or none."""
    if promise is None:
        return message
    return replace(message, image_prompt=promise.description, shows_character=promise.shows_writer)


# The question, put to the model apart from the conversation


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
