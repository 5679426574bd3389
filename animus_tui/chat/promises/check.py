"""The check whether a reply promises a picture, which runs while its turns are delivered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from animus_tui.chat.events import PromiseCheckComplete, PromiseCheckStart

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.promises.markup import Promise
    from animus_tui.chat.storage.conversation_writer import ConversationWriter


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
