"""Makes image jobs of what is asked for: the prompt and what is joined to it, the options, and the source image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.chat.abilities import LACKS, image_abilities, refuse_unknown
from animus_tui.chat.effective_settings import kept_settings
from animus_tui.chat.images.job import ImageJob
from animus_tui.chat.images.joined_prompt import NONE_LEFT_OUT, additions_of, own_words, shows_character
from animus_tui.chat.images.options import NO_OPTIONS, from_record, merged
from animus_tui.chat.images.service_options import check_kind, options_to_send, source_of
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import BlankError, UserError

if TYPE_CHECKING:
    import random

    from animus_tui.backends.base.protocols import ImageBackend, ImageCapabilities
    from animus_tui.chat.images.joined_prompt import Addition, PromptAdditions
    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.open_conversations import OpenConversations

SEEDS = 2**32
"""Seeds are drawn from 0 to this, exclusive."""
OUT_OF_REACH = "This picture has no address that the service can reach, so it cannot be changed."


class Source(Struct, frozen=True):
    """Where the image to edit is: one of the three."""

    url: str | None = None
    file: str | None = None
    """Path below the conversation's folder."""
    path: Path | None = None
    """A file of the user's."""


class NewJobs:
    """Makes the jobs of a session, which nobody has begun yet. What cannot be done is a UserError."""

    def __init__(self, client: ImageBackend, conversations: OpenConversations, rng: random.Random) -> None:
        self._client = client
        self._conversations = conversations
        self._rng = rng

    @property
    def capabilities(self) -> ImageCapabilities:
        """What the image service can do."""
        return self._client.image_capabilities

    def additions(self, writer: ConversationWriter) -> PromptAdditions:
        """What is joined to the prompts of a conversation."""
        return additions_of(kept_settings(writer.stored.conversation), self._conversations.config_of(writer))

    def new(
        self,
        prompt: str,
        given: PictureOptions,
        source: Source | None = None,
        reply_to: str | None = None,
        left_out: frozenset[Addition] = NONE_LEFT_OUT,
    ) -> ImageJob:
        """A new image, or an edit of the one at the source.

        Appearance and style are joined to the prompt of a new one, but for what is left out. Options of the style take
        precedence over the configuration, and options that are remembered or given over those of the style.
        """
        words = _checked(prompt)
        check_kind(self.capabilities, is_edit=source is not None)
        writer = self._conversations.writable
        remembered = writer.stored.conversation.pictures
        sent = None
        if source is not None:  # an edit keeps the face that the image shows, and its style
            remembered = replace(remembered, character=None)
        else:
            additions = self.additions(writer).without(left_out)
            sent, remembered = additions.sent_prompt(words), merged(additions.options, remembered)
        config = self._conversations.config_of(writer).image
        options = options_to_send(
            config, remembered, given, capabilities=self.capabilities, is_edit=source is not None
        )
        place = source or Source()
        return ImageJob(
            writer=writer,
            prompt=words,
            sent_prompt=sent,
            options=options,
            source_url=place.url,
            source_file=place.file,
            source_path=place.path,
            reply_to=reply_to,
        )

    def promised(self, writer: ConversationWriter, prompt: str, reply_to: str) -> ImageJob:
        """The image that a reply promises; the character is described where it is to be seen."""
        # Nobody asked for more than one image, so nobody pays for more.
        remembered = replace(writer.stored.conversation.pictures, count=None)
        additions, told = self.additions(writer), writer.stored.get(reply_to).shows_character
        if not shows_character(prompt, additions.character, told):
            additions = additions.without({"appearance"})
        holds = self._conversations.config_of(writer).image
        options = options_to_send(
            holds, merged(additions.options, remembered), capabilities=self.capabilities
        )
        sent = additions.sent_prompt(prompt)
        return ImageJob(writer=writer, prompt=prompt, sent_prompt=sent, options=options, reply_to=reply_to)

    def video(self, message_id: str | None, prompt: str | None) -> ImageJob:
        """A video that begins as an image; None: with the words of that."""
        if not self.capabilities.videos:
            raise UserError(LACKS["videos"])
        record = self.record(message_id)
        if record.video is not None:
            raise UserError("This is a clip already. Choose the picture that it began as.")
        return ImageJob(
            writer=self._conversations.writable,
            prompt=_checked(record.prompt if prompt is None else prompt),
            sent_prompt=record.sent_prompt if prompt is None else None,
            source_url=_address_of(record),
            poster=record,
        )

    def variant(
        self,
        message_id: str | None,
        prompt: str | None,
        options: PictureOptions = NO_OPTIONS,
        *,
        same_seed: bool,
        is_whole: bool,
        left_out: frozenset[Addition],
    ) -> ImageJob:
        """A further variant of an image, as `ImageService.start_variant` says."""
        abilities = image_abilities(self.capabilities)
        if "images" not in abilities:
            raise UserError(LACKS["images"])
        refuse_unknown(options, abilities)
        message = self.message(message_id)
        record = self.record(message.id)
        writer = self._conversations.writable
        words, sent = _checked(record.prompt if prompt is None else prompt), record.sent_prompt
        if prompt is not None and is_whole:
            words, sent = own_words(prompt, record.prompt, sent)
        elif prompt is not None:
            is_new = record.video is None and not record.is_edit
            sent = self.additions(writer).without(left_out).sent_prompt(words) if is_new else None
        seed = record.seed if same_seed else self._rng.randrange(SEEDS)
        if seed is None and options.seed is None:
            raise UserError("The service did not tell the seed of this picture, so it cannot be used again.")
        before = replace(from_record(record.settings), seed=seed)
        neutral = replace(ImageConfig(), endpoint=self._conversations.configured.image.endpoint)
        check_kind(self.capabilities, is_edit=record.is_edit)
        if record.is_edit and record.source_url is None and not self.capabilities.edits_bytes:
            raise UserError(OUT_OF_REACH)
        return ImageJob(
            writer=writer,
            prompt=words,
            sent_prompt=sent,
            options=options_to_send(
                neutral, before, options, capabilities=self.capabilities, is_edit=record.is_edit
            ),
            message_id=message.id,
            source_url=record.source_url,
            source_file=record.source_file,
            poster=None if record.video is None else replace(record, video=None),
        )

    def elsewhere(self, source: str | Path | None) -> Source | None:
        """The image to edit, when it is from elsewhere. UserError: the service cannot get it."""
        if source is None:
            return None
        place = source_of(source) if isinstance(source, str) else source
        check_kind(self.capabilities, place)
        return Source(url=place) if isinstance(place, str) else Source(path=place)

    def source_in(self, record: ImageRecord) -> Source:
        """An image of the conversation as the one to edit: by its address, or by its bytes."""
        if self.capabilities.edits_bytes and not (self.capabilities.edits and record.url):
            return Source(file=record.file)
        return Source(url=_address_of(record))

    def record(self, message_id: str | None) -> ImageRecord:
        """The image that a message shows, or with None the last one. UserError when there is none."""
        record = self.message(message_id).image
        if record is None:
            raise UserError("There is no picture here any more.")
        return record

    def message(self, message_id: str | None) -> ChatMessage:
        """The message that shows an image, or with None the last of these. UserError when there is none."""
        stored = self._conversations.current.stored
        message = stored.get(message_id) if message_id else stored.messages.last_picture()
        if message is None or message.image is None:
            raise UserError("There is no picture in this conversation yet.")
        return message


def _checked(prompt: str) -> str:
    if not prompt.strip():
        raise BlankError("A picture needs words: the prompt is blank.")
    return prompt


def _address_of(record: ImageRecord) -> str:
    """Where the service finds the image; of a video the one that it began as. UserError."""
    address = record.url if record.video is None else record.source_url
    if address is None:
        raise UserError(OUT_OF_REACH)
    return address
