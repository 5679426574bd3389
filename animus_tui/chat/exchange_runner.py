"""Runs the exchanges of a session, one at a time, and remembers how the last one ended."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from animus_tui.chat.events import ExchangeOutcome, RegenerationStart
from animus_tui.chat.token_meter import TokenMeter
from animus_tui.printable import short_line

if TYPE_CHECKING:
    import random

    from animus_tui.backends.base.protocols import ChatBackend
    from animus_tui.chat.exchange import Exchange
    from animus_tui.chat.images.service import ImageService
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.promises.finder import Promises
    from animus_tui.chat.reply_branch import Revision
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.open_conversations import OpenConversations


class ExchangeRunner:
    """Begins and ends the exchange of the open conversation. Whoever begins or ends one holds the session's turn."""

    def __init__(
        self,
        chat: ChatBackend,
        images: ImageService,
        conversations: OpenConversations,
        tasks: asyncio.TaskGroup,
        rng: random.Random,
    ) -> None:
        self.meter = TokenMeter()
        """How the service counts tokens."""
        self._chat = chat
        self._images = images
        self._conversations = conversations
        self._tasks = tasks
        self._rng = rng
        self._promises: Promises | None = None
        self._task: asyncio.Task[ExchangeOutcome] | None = None
        self._request: tuple[ChatMessage | None, Revision | None] = None, None
        """What the last exchange answers, and how that differs from a plain answer."""
        self._image: asyncio.Task[None] | None = None
        """The image that the exchange waits for, once it does nothing else."""

    def use(self, chat: ChatBackend) -> None:
        """Have another service answer from now on, when no exchange is under way."""
        self._chat, self._promises, self.meter = chat, None, TokenMeter()

    @property
    def task(self) -> asyncio.Task[ExchangeOutcome] | None:
        """The last exchange, which may have ended."""
        return self._task

    @property
    def busy(self) -> bool:
        """Whether an exchange is under way."""
        return self._task is not None and not self._task.done()

    @property
    def is_answering(self) -> bool:
        """Whether an exchange is under way that does more than wait for its image."""
        return self.busy and (self._image is None or self._image.done())

    @property
    def has_failed(self) -> bool:
        """Whether the last exchange failed."""
        task = self._task
        return task is not None and task.done() and not task.cancelled() and task.result() == "failed"

    @property
    def failed_revision(self) -> tuple[ChatMessage | None, Revision] | None:
        """What to begin again when the last exchange was to change a reply and failed before any text came."""
        message, revision = self._request
        if revision is None or revision.is_begun or not self.has_failed:
            return None
        return (message, revision) if revision.branch or revision.continued else None

    def forget_failure(self) -> None:
        """Do not offer again what failed."""
        self._request = None, None

    async def begin(self, message: ChatMessage | None, revision: Revision | None = None) -> None:
        """Begin an exchange that answers the message, or goes on when it is None."""
        from animus_tui.chat.exchange import Exchange  # these two take 20 ms, and no start needs them
        from animus_tui.chat.promises.finder import PromiseFinder, Promises

        writer = self._conversations.current
        self._request, self._image = (message, revision), None
        if revision is not None and revision.branch is not None:
            writer.publish(RegenerationStart(message_id=revision.branch.message_id))
        if self._promises is None:
            self._promises = Promises(self._chat, makes_images=self._images.capabilities.makes_new_images)
        config = self._conversations.config_of(writer)
        exchange = Exchange(
            writer,
            self._chat,
            config,
            self._rng,
            partial(self._start_image, writer),
            PromiseFinder(config.chat, self._promises, is_wanted=config.image.when != "off"),
            partial(self._keep_images, writer),
            self.meter,
        )
        self._task = self._tasks.create_task(self._run(writer, exchange, message, revision))
        # A task that is cancelled before its first step never runs: let it begin. Who cancels waits for the turn.
        await asyncio.sleep(0)

    async def end(self) -> None:
        """Cancel the exchange, and wait until it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def leave(self) -> None:
        """End the exchange and forget how it ended, which means nothing for another conversation.

        The user is told of a reply that had not ended.
        """
        if self.is_answering:
            title = short_line(self._conversations.current.stored.conversation.title)
            where = f"in “{title}”" if title else "of the conversation before"
            self._conversations.tell(f"The reply {where} was stopped, as another conversation was opened.")
        await self.end()
        self._task = None
        self.forget_failure()

    async def _run(
        self,
        writer: ConversationWriter,
        exchange: Exchange,
        message: ChatMessage | None,
        revision: Revision | None,
    ) -> ExchangeOutcome:
        outcome = await exchange.run(message, revision)
        writer.summarise()
        if outcome == "complete":
            self._images.note_accepted()
        return outcome

    def _start_image(
        self, writer: ConversationWriter, prompt: str, reply_to: str
    ) -> asyncio.Task[None] | None:
        match self._conversations.config_of(writer).image.when:
            case "ask":
                return self._tasks.create_task(self._images.promised.ask(writer, reply_to))
            case "off":
                return None
        self._image = self._images.run_promised(writer, prompt, reply_to)
        return self._image

    def _keep_images(
        self, writer: ConversationWriter, urls: list[str], prompt: str, reply_to: str | None
    ) -> asyncio.Task[None]:
        self._image = self._images.run_received(writer, urls, prompt, reply_to)
        return self._image
