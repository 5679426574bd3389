"""What the user asks of the session, from keys, commands and cards alike.

Each is a coroutine that raises ValueError, SaveError or StoreError with one sentence when it cannot be done.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.saving import save_picture
from animus_tui.paths import pictures_dir

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.widgets.conversation_pane import ConversationPane
    from animus_tui.ui.widgets.image_card import ImageCard


class Requests:
    """Asks for the picture that has the focus, or else for the last one."""

    def __init__(self, session: ChatSession, pane: ConversationPane) -> None:
        self._session = session
        self._pane = pane

    async def paint(self, prompt: str) -> None:
        """A picture from the user's own words."""
        self._session.generate_image(prompt)

    async def edit(self, prompt: str) -> None:
        """A changed version of the picture."""
        self._session.edit_image(prompt, self._chosen_id())

    async def regenerate(self) -> None:
        """The picture again, with a new seed."""
        self._session.regenerate(self._chosen_id())

    async def save(self, target: Path | None = None) -> str:
        """Copy the picture to a file or folder, by default the user's pictures folder; returns what to say."""
        message = self._picture()
        if message is None or message.image is None:
            raise ValueError("There is no picture to save yet.")
        source = self._session.conversation.path_of(message.image.file)
        folder = pictures_dir(self._session.config.image.save_dir)
        return f"Saved to {await asyncio.to_thread(save_picture, source, message.image, target or folder)}"

    async def choose_variant(self, message_id: str, index: int) -> None:
        """Show another variant of a picture."""
        self._pane.show_picture(self._session.choose_variant(message_id, index))

    async def retry(self) -> None:
        """Try again: the failed picture that has the focus, the answer, or the last failed picture."""
        failed = self._pane.failed_cards()
        chosen = self._pane.chosen_card
        if chosen is not None and chosen in failed:
            await self.repaint(chosen)
        elif failed and not self._session.can_retry:
            await self.repaint(failed[-1])
        else:
            await self.ask_again()

    async def ask_again(self) -> None:
        """The answer that failed, once more."""
        await self._session.retry()
        await self._pane.clear_error()
        await self._pane.start_typing()
        for message in self._session.conversation.messages[-2:]:
            self._pane.mark_failed(message)

    async def repaint(self, card: ImageCard) -> None:
        """The picture that failed, or that was promised and never made."""
        if card.promised_by is not None:
            self._session.paint_promised(card.promised_by)
        elif card.image_id is not None:
            self._session.retry_image(card.image_id)

    def _chosen_id(self) -> str | None:
        card = self._pane.chosen_card
        return card.message.id if card is not None and card.message is not None else None

    def _picture(self) -> ChatMessage | None:
        card = self._pane.chosen_card
        return card.message if card is not None and card.message is not None else self._session.last_image()
