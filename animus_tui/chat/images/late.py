"""The images of a session: what makes them is loaded once something is done with images, which no start needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    import random
    from collections.abc import Callable, Sequence

    from animus_tui.backends.base.protocols import ImageBackend
    from animus_tui.chat.images.job import ImageJob
    from animus_tui.chat.images.runner import Credits
    from animus_tui.chat.images.service import ImageService
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.open_conversations import OpenConversations
    from animus_tui.config.schema import ImageConfig


class LateImages:
    """Has an ImageService once it is asked for; until then nothing is under way."""

    def __init__(
        self,
        client: ImageBackend,
        conversations: OpenConversations,
        tasks: asyncio.TaskGroup,
        rng: random.Random,
        on_end: Callable[[], None],
        *,
        outlives_program: bool,
        shows_previews: bool,
    ) -> None:
        """The arguments are those of ImageService."""
        self._client = client
        self._conversations = conversations
        self._tasks = tasks
        self._rng = rng
        self._on_end = on_end
        self._outlives_program = outlives_program
        self._shows_previews = shows_previews
        self._made: ImageService | None = None

    @property
    def service(self) -> ImageService:
        """Everything about images."""
        if self._made is None:
            from animus_tui.chat.images.service import ImageService  # fifteen modules

            self._made = ImageService(
                self._client,
                self._conversations,
                self._tasks,
                self._rng,
                on_end=self._on_end,
                outlives_program=self._outlives_program,
                shows_previews=self._shows_previews,
            )
        return self._made

    @property
    def under_way(self) -> Sequence[ImageJob]:
        """The jobs that are running, oldest first, of all conversations."""
        return () if self._made is None else self._made.under_way

    @property
    def tasks(self) -> Sequence[asyncio.Task[None]]:
        """The tasks of the jobs, oldest first, also of those that have just ended."""
        return () if self._made is None else self._made.tasks

    @property
    def needed(self) -> list[ConversationWriter]:
        """The conversations that wait for an image."""
        return [] if self._made is None else self._made.needed

    @property
    def credits(self) -> Credits | None:
        """What the service told about the account; None as long as it told nothing."""
        return None if self._made is None else self._made.credits

    async def cancel_newest(self) -> bool:
        """Cancel the job that was started last; False when none was running."""
        return self._made is not None and await self._made.cancel_newest()

    def configure(self, config: ImageConfig) -> None:
        """Ask the service in the way that is configured from now on."""
        if self._made is not None:
            self._made.configure(config)

    async def use(self, client: ImageBackend, *, outlives_program: bool) -> None:
        """Have another service make the images from now on, as ImageService does."""
        self._client, self._outlives_program = client, outlives_program
        if self._made is not None:
            await self._made.use(client, outlives_program=outlives_program)

    async def close(self) -> None:
        """Stop all jobs."""
        if self._made is not None:
            await self._made.close()
