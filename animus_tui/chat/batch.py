"""Several prompts in one request: each gets a job of the service, or the reason why it gets none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.base.models import BatchPrompt, GenerationJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.backends.base.models import BatchReceipt
    from animus_tui.chat.picture_options import PictureOptions


class Batch:
    """The request is sent once, by whoever asks first for the job of a prompt, and serves all."""

    def __init__(self, client: AnimusClient, prompts: Sequence[str], options: PictureOptions) -> None:
        """Of the options a batch can have a character, how its face is used, and a group."""
        self._client = client
        self._prompts = [
            BatchPrompt(
                prompt=prompt,
                face_swap=options.face_swap,
                use_face_lora=options.face_lora,
                use_body_lora=options.body_lora,
            )
            for prompt in prompts
        ]
        self._options = options
        self._asking: asyncio.Task[BatchReceipt] | None = None

    async def job_of(self, index: int) -> GenerationJob:
        """The job of a prompt, by its place. Raises AnimusError when there is none."""
        if self._asking is None:
            self._asking = asyncio.create_task(
                self._client.create_batch(
                    self._prompts,
                    character_id=self._options.character or None,
                    group_title=self._options.group or None,
                )
            )
        receipt = await asyncio.shield(self._asking)
        submitted = [result for result in receipt.results if result.is_submitted]
        result = next((result for result in receipt.results if result.prompt_index == index), None)
        if result is None or result.generation_id is None or not result.is_submitted:
            told = result.error if result is not None else None
            reason = told or receipt.message or "the service gave no reason."
            raise AnswerError("Not accepted", f"The picture was not begun: {reason}", retryable=True)
        cost = receipt.credits_deducted
        return GenerationJob(
            generation_id=result.generation_id,
            status=result.status,
            estimated_time=receipt.estimated_time,
            credits_deducted=None if cost is None else cost / len(submitted),
            remaining_balance=receipt.remaining_balance,
        )

    async def aclose(self) -> None:
        """End the request, if it is still under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
            if not self._asking.cancelled():
                self._asking.exception()  # told by those who waited for it, if anyone did
