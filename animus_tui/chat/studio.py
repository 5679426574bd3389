"""The pictures of a session: what is asked for, what is under way, and what is remembered for the next one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.picture_entries import chosen
from animus_tui.chat.picture_options import (
    NOTHING_SAID,
    PictureOptions,
    as_settings,
    from_record,
    in_force,
    to_send,
)
from animus_tui.config import ImageConfig

if TYPE_CHECKING:
    import asyncio
    import random
    from collections.abc import Sequence

    from animus_tui.chat.account import CharacterChoice
    from animus_tui.chat.image_job import ImageJob
    from animus_tui.chat.image_jobs import ImageJobs
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.open_conversations import ConversationWriter, OpenConversations
    from animus_tui.chat.workshop import Credits

SEEDS = 2**32
"""Seeds are drawn from 0 to this, exclusive."""
BATCHED = frozenset({"character_id", "use_face_lora", "use_body_lora", "face_swap", "group_title"})
"""Settings that one request for several prompts can carry."""


class Studio:
    """Has pictures made. What cannot be done is a ValueError with one sentence; what fails later is told as an event.

    A picture is named by its job's id; its entry in the history has the same id, unless it is a further variant.
    """

    def __init__(
        self, jobs: ImageJobs, desk: OpenConversations, config: ImageConfig, rng: random.Random
    ) -> None:
        self.jobs = jobs
        self._desk = desk
        self._config = config
        self._rng = rng

    # What there is

    @property
    def under_way(self) -> Sequence[ImageJob]:
        """The jobs in the making, oldest first, of all conversations."""
        return self.jobs.under_way

    @property
    def credits(self) -> Credits | None:
        """What the service told of the account; None as long as it told nothing."""
        return self.jobs.credits

    def last_image(self) -> ChatMessage | None:
        """The newest entry of the conversation that shows a picture."""
        return self._desk.current.messages.last_picture()

    # What is remembered for the conversation

    @property
    def remembered(self) -> PictureOptions:
        """What is remembered for the pictures of the open conversation."""
        return self._desk.current.stored.conversation.pictures

    @property
    def character_name(self) -> str:
        """Of the character whose face the pictures of the open conversation get; empty when there is none."""
        return self._desk.current.stored.conversation.character_name

    def options_in_force(self, said: PictureOptions = NOTHING_SAID) -> PictureOptions:
        """All that would hold for the next picture: configured, remembered, said."""
        return in_force(self._config, self.remembered, said)

    def remember(self, options: PictureOptions) -> None:
        """Remember these for the open conversation, in place of what was; the character stays as it is."""
        transcript = self._desk.writable
        conversation = transcript.stored.conversation
        character = conversation.pictures.character
        transcript.describe(replace(conversation, pictures=replace(options, character=character)))

    def choose_character(self, character: CharacterChoice | None) -> None:
        """Give the pictures of the open conversation this face, or nobody's."""
        transcript = self._desk.writable
        conversation = transcript.stored.conversation
        pictures = replace(conversation.pictures, character=character.id if character else None)
        name = character.name if character else ""
        transcript.describe(replace(conversation, pictures=pictures, character_name=name))

    # What is asked for

    def generate(
        self,
        prompt: str,
        *,
        options: PictureOptions = NOTHING_SAID,
        source_url: str | None = None,
        reply_to: str | None = None,
    ) -> str:
        """Start a picture, or the change of the one at `source_url`; returns its id."""
        from animus_tui.chat.image_job import ImageJob  # no start needs it

        _refuse_blank(prompt)
        transcript = self._desk.writable
        sent = self._sent(transcript, options, is_edit=source_url is not None)
        job = ImageJob(
            transcript=transcript, prompt=prompt, options=sent, source_url=source_url, reply_to=reply_to
        )
        self.jobs.start(job)
        return job.image_id

    def generate_batch(self, prompts: Sequence[str], *, options: PictureOptions = NOTHING_SAID) -> list[str]:
        """Start a picture for each prompt; returns their ids in the same order. Each has an end of its own.

        They are sent in one request where that can carry what is asked, and otherwise in one each.
        """
        if not prompts:
            raise ValueError("A batch needs at least one prompt.")
        for prompt in prompts:
            _refuse_blank(prompt)
        transcript = self._desk.writable
        sent = self._sent(transcript, options, is_edit=False)
        from animus_tui.chat.batch import Batch
        from animus_tui.chat.image_job import ImageJob

        jobs = [ImageJob(transcript=transcript, prompt=prompt, options=sent) for prompt in prompts]
        if len(jobs) > 1 and as_settings(sent).keys() <= BATCHED:
            batch = Batch(self.jobs.workshop.client, prompts, sent)
            self.jobs.adopt(batch)
            for index, job in enumerate(jobs):
                job.submit = partial(batch.job_of, index)
        for job in jobs:
            self.jobs.start(job)
        return [job.image_id for job in jobs]

    def edit(
        self,
        prompt: str,
        message_id: str | None = None,
        *,
        source: str | None = None,
        options: PictureOptions = NOTHING_SAID,
    ) -> str:
        """Start a changed version of a picture, the last one if none is named; returns the new picture's id.

        `source` is the address of a picture from elsewhere, in place of one of the conversation.
        """
        if source is not None:
            from animus_tui.chat.option_words import source_address

            return self.generate(prompt, source_url=source_address(source), options=options)
        return self.generate(prompt, source_url=_address(self._record(message_id)), options=options)

    def animate(self, message_id: str | None = None, *, prompt: str | None = None) -> str:
        """Start a clip that begins as a picture, the last one if none is named; returns the job's id.

        Without a prompt, what the picture was made of.
        """
        record = self._record(message_id)
        if record.video is not None:
            raise ValueError("This is a clip already. Choose the picture that it began as.")
        words = record.prompt if prompt is None else prompt
        _refuse_blank(words)
        from animus_tui.chat.image_job import ImageJob

        job = ImageJob(
            transcript=self._desk.writable, prompt=words, source_url=_address(record), poster=record
        )
        self.jobs.start(job)
        return job.image_id

    def regenerate(
        self,
        message_id: str | None = None,
        *,
        prompt: str | None = None,
        options: PictureOptions = NOTHING_SAID,
        same_seed: bool = False,
    ) -> str:
        """Start a further variant of a picture, the last one if none is named; returns the job's id.

        It is made as that one was, but for what is said here, and with a new seed unless it is to stay the same.
        """
        message = self._picture(message_id)
        record = self._record(message.id)
        words = record.prompt if prompt is None else prompt
        _refuse_blank(words)
        seed = record.seed if same_seed else self._rng.randrange(SEEDS)
        if seed is None and options.seed is None:
            raise ValueError("The service did not tell the seed of this picture, so it cannot be used again.")
        before = replace(from_record(record.settings), seed=seed)
        neutral = replace(ImageConfig(), endpoint=self._config.endpoint)
        is_edit = record.source_url is not None and record.video is None
        sent = to_send(neutral, before, options, is_edit=is_edit)
        from animus_tui.chat.image_job import ImageJob

        job = ImageJob(
            transcript=self._desk.writable,
            prompt=words,
            options=sent,
            message_id=message.id,
            source_url=record.source_url,
            poster=None if record.video is None else replace(record, video=None),
        )
        self.jobs.start(job)
        return job.image_id

    def retry(self, image_id: str) -> None:
        """Run a picture that failed again; what the service made already is not paid for twice."""
        job = self.jobs.unfinished(image_id)
        if job is None or job.is_stored or job in self.under_way:
            raise ValueError("There is no failed picture to try again.")
        if job.transcript.id != self._desk.current.id:
            raise ValueError("This picture belongs to another conversation. Open that one first.")
        job.transcript = self._desk.writable  # it may have been closed and opened again meanwhile
        self.jobs.start(job)

    def paint_promised(self, message_id: str) -> str:
        """Start the picture that a reply promised and that was never painted, or go on with it; returns its id."""
        message = self._desk.current.stored.get(message_id)
        if not message.image_prompt:
            raise ValueError("This message promised no picture.")
        begun = self.jobs.of_promise(message.id)
        if begun is None or begun.is_stored:
            begun = self._promised(self._desk.writable, message.image_prompt, message.id)
            self.jobs.start(begun)
        elif begun not in self.under_way:
            self.retry(begun.image_id)
        return begun.image_id

    def paint_for(self, transcript: ConversationWriter, prompt: str, reply_to: str) -> asyncio.Task[None]:
        """Start the picture that a reply has just promised; the task ends with it."""
        return self.jobs.start(self._promised(transcript, prompt, reply_to))

    def choose_variant(self, message_id: str, index: int) -> ChatMessage:
        """Show another variant of a picture; `index` counts from 0, oldest first. Returns the changed entry."""
        message = self._picture(message_id)
        variants = message.variants or []
        if not 0 <= index < len(variants):
            raise ValueError("This picture has no further variant.")
        message = chosen(message, variants[index])
        self._desk.writable.put(message)
        return message

    async def cancel(self, image_id: str) -> bool:
        """Stop one job, for good unless it is tried again; False when it was not under way."""
        return await self.jobs.cancel(image_id)

    # How

    def _sent(self, transcript: ConversationWriter, said: PictureOptions, *, is_edit: bool) -> PictureOptions:
        remembered = transcript.stored.conversation.pictures
        if is_edit:  # the face in a picture that is changed stays as it is
            remembered = replace(remembered, character=None)
        return to_send(self._config, remembered, said, is_edit=is_edit)

    def _promised(self, transcript: ConversationWriter, prompt: str, reply_to: str) -> ImageJob:
        from animus_tui.chat.image_job import ImageJob

        # Nobody asked for more than one picture, so nobody pays for more.
        remembered = replace(transcript.stored.conversation.pictures, count=None)
        options = to_send(self._config, remembered)
        return ImageJob(transcript=transcript, prompt=prompt, options=options, reply_to=reply_to)

    def _record(self, message_id: str | None) -> ImageRecord:
        record = self._picture(message_id).image
        if record is None:
            raise ValueError("There is no picture here any more.")
        return record

    def _picture(self, message_id: str | None) -> ChatMessage:
        message = self._desk.current.stored.get(message_id) if message_id else self.last_image()
        if message is None or message.image is None:
            raise ValueError("There is no picture in this conversation yet.")
        return message


def _refuse_blank(prompt: str) -> None:
    if not prompt.strip():
        raise ValueError("A picture needs words: the prompt is blank.")


def _address(record: ImageRecord) -> str:
    """Where the service finds the picture; of a clip the one that it began as."""
    address = record.url if record.video is None else record.source_url
    if address is None:
        raise ValueError("This picture has no address that the service can reach, so it cannot be changed.")
    return address
