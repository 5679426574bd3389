"""Images that a reply promised and that are made only when the user says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.events import ImagePromised, PromiseDeclined
from animus_tui.chat.images.service_options import check_kind
from animus_tui.errors import BlankError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.backends.base.protocols import ImageCapabilities
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.open_conversations import OpenConversations


class PromisedImages:
    """Asks the user about promised images and takes the answers. It is kept with the reply what was asked.

    Answers are for the open conversation. UserError: nothing is asked there any more, or it can only be read.
    """

    def __init__(
        self,
        conversations: OpenConversations,
        *,
        capabilities: Callable[[], ImageCapabilities],
        start: Callable[[str], str],
    ) -> None:
        """`capabilities`: what the service that makes images can do.

        `start` begins the image that a message promised; the id of its job.
        """
        self._conversations = conversations
        self._capabilities = capabilities
        self._start = start

    async def ask(self, writer: ConversationWriter, message_id: str) -> None:
        """Ask whether the image that a reply has just promised is to be made; the answer is not waited for."""
        if writer.messages.place(message_id) is None:  # it was deleted meanwhile
            return
        message = replace(writer.stored.get(message_id), promise="asked")
        await writer.put_anywhere(message)
        writer.publish(ImagePromised(message_id=message_id, prompt=message.image_prompt or ""))

    async def accept(self, message_id: str) -> str:
        """Have the image made; returns the id of its job. UserError: also when no service makes images."""
        writer, message = self._asked(message_id)
        check_kind(self._capabilities())
        await writer.put_anywhere(replace(message, promise=None))
        return self._start(message_id)

    async def change(self, message_id: str, prompt: str) -> None:
        """Ask about an image with another prompt. BlankError."""
        if not prompt.strip():
            raise BlankError("A picture needs words: the prompt is blank. Decline it instead.")
        writer, message = self._asked(message_id)
        await writer.put_anywhere(replace(message, image_prompt=prompt.strip()))
        writer.publish(ImagePromised(message_id=message_id, prompt=prompt.strip()))

    async def decline(self, message_id: str) -> None:
        """Have no image made."""
        writer, message = self._asked(message_id)
        await writer.put_anywhere(replace(message, promise="declined"))
        writer.publish(PromiseDeclined(message_id=message_id))

    def _asked(self, message_id: str) -> tuple[ConversationWriter, ChatMessage]:
        writer = self._conversations.writable
        if writer.messages.place(message_id) is None:
            raise UserError("This message is not there any more.")
        message = writer.stored.get(message_id)
        if message.promise != "asked":
            raise UserError("This picture is not asked about any more.")
        return writer, message
