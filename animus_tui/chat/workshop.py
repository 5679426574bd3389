"""What all picture jobs of a session have in common: the service, the disk and the account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.chat.events import CreditsTold

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.backends.base.models import GenerationJob
    from animus_tui.chat.storage.open_conversations import ConversationWriter


class Credits(Struct, frozen=True, kw_only=True):
    """What the service told about the account, the last time it did."""

    cost: float | None = None
    """Of the last job."""
    balance: float | None = None
    """What is left."""
    spent: float = 0.0
    """Since the session began, as far as it was told."""


class Workshop:
    """What all jobs of a session have in common."""

    def __init__(self, client: AnimusClient, *, always_jobs: bool, outlives_program: bool = True) -> None:
        self.client = client
        self.always_jobs = always_jobs
        """Whether the configuration wants a job also for what the simple way can do."""
        self.outlives_program = outlives_program
        """Whether the service goes on with jobs when the program has ended."""
        self.writing = asyncio.Lock()
        """Held while a file is written: the same bytes twice would be written to the same place."""
        self.credits: Credits | None = None
        self._was_refused = False
        """Whether the balance was told by a refusal: it is not the present one once the service accepts again."""
        self._creations: set[asyncio.Task[GenerationJob]] = set()

    def create(self, request: Coroutine[Any, Any, GenerationJob]) -> asyncio.Task[GenerationJob]:
        """Send the request for a job; nobody needs to wait for its answer."""
        creating = asyncio.create_task(request)
        self._creations.add(creating)
        creating.add_done_callback(self._settled)
        return creating

    async def close(self) -> None:
        """End the requests whose answers nobody has waited for."""
        for creating in self._creations:
            creating.cancel()
        if self._creations:
            await asyncio.wait(self._creations)

    def _settled(self, creating: asyncio.Task[GenerationJob]) -> None:
        self._creations.discard(creating)
        if not creating.cancelled():
            creating.exception()  # it is told by who takes the answer, if anyone does

    def tell_too_few(
        self, transcript: ConversationWriter, image_id: str | None, *, balance: float | None
    ) -> None:
        """Remember and publish what a refusal told of the account."""
        self.tell_credits(transcript, image_id, cost=None, balance=balance)
        self._was_refused = True

    def accepted(self) -> None:
        """The service did something: the balance that a refusal told may have been topped up, so it is forgotten."""
        if self._was_refused and self.credits is not None:
            self.credits = replace(self.credits, balance=None)
        self._was_refused = False

    def tell_credits(
        self,
        transcript: ConversationWriter,
        image_id: str | None,
        *,
        cost: float | None,
        balance: float | None,
    ) -> None:
        """Remember and publish what was told; nothing when nothing was."""
        if cost is None and balance is None:
            return
        self._was_refused = False
        before = self.credits or Credits()
        self.credits = Credits(
            cost=before.cost if cost is None else cost,
            balance=before.balance if balance is None else balance,
            spent=before.spent + (cost or 0.0),
        )
        transcript.publish(
            CreditsTold(conversation_id=transcript.id, cost=cost, balance=balance, image_id=image_id)
        )
