"""A chat session: which conversation is open, which exchange and which pictures are under way.

A session outlives the screen that shows it: leaving its `async with` block ends what is under way and keeps what was
delivered. Everything that happens is told on `events`.
"""

from __future__ import annotations

import asyncio
import random
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from animus_tui.chat.abilities import LACKS, Abilities, abilities_of
from animus_tui.chat.account import Account
from animus_tui.chat.attachments import addresses_of, store_attachments
from animus_tui.chat.conversation_settings import completed
from animus_tui.chat.events import EventBus, MessageSent
from animus_tui.chat.exchange_runner import ExchangeRunner
from animus_tui.chat.history_window import chat_request, unanswered_message
from animus_tui.chat.images.options import from_settings
from animus_tui.chat.images.service import ImageService
from animus_tui.chat.instructions import instructions_for
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.open_conversations import OpenConversations
from animus_tui.errors import BlankError, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from animus_tui.backends.base.chat_values import ChatReply
    from animus_tui.backends.base.protocols import ChatBackend, ImageBackend
    from animus_tui.chat.all_conversations import AllConversations
    from animus_tui.chat.attachments import Attachment
    from animus_tui.chat.conversation_settings import ConversationSettings, Place
    from animus_tui.chat.images.changes import PictureChanges
    from animus_tui.chat.images.job import GeneratedImage
    from animus_tui.chat.revisions import Revisions
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.store import ConversationStore
    from animus_tui.chat.token_meter import TokenMeter
    from animus_tui.config.schema import Config

MOST_UNSAID = 1500
"""Tokens of an answer to a prompt of this program: a hundred are enough, unless the model reasons first."""


class ChatSession:
    """A conversation with one character: `async with ChatSession(client, client, store, config) as session: …`."""

    def __init__(
        self,
        chat: ChatBackend,
        images: ImageBackend,
        store: ConversationStore,
        config: Config,
        *,
        rng: random.Random | None = None,
        headless: bool = False,
        outlives_program: bool = True,
    ) -> None:
        """`chat` and `images` may be the same object.

        `headless`: for one command: the next start goes on with another conversation, and nobody sees previews.
        `outlives_program`: whether the service still knows its jobs at the next start, which the demo server does not.
        """
        self.events = EventBus()
        self._chat = chat
        self._image_backend = images
        self._store = store
        self._conversations = OpenConversations(store, self.events, config, headless=headless)
        self._tasks = asyncio.TaskGroup()
        self._turn = asyncio.Lock()
        """Held while something is begun, ended or changed: one thing at a time."""
        self._outlives_program = outlives_program
        rng = rng or random.Random()  # noqa: S311 (pacing and picture seeds, no secret)
        self.images = ImageService(
            images,
            self._conversations,
            self._tasks,
            rng,
            outlives_program=outlives_program,
            is_watched=not headless,
        )
        self._exchanges = ExchangeRunner(chat, self.images, self._conversations, self._tasks, rng)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            async with self._turn:
                await self._exchanges.end()
                await self.images.close()
            # What the block raised goes on as it is, and not as a group of one.
            ordinary = isinstance(error, Exception)
            await self._tasks.__aexit__(*((None, None, None) if ordinary else (kind, error, traceback)))
        finally:
            self._conversations.close()

    @property
    def config(self) -> Config:
        """The configuration that holds in the open conversation; before one is open, the configured one."""
        return self._conversations.config

    @property
    def configured(self) -> Config:
        """The configuration that new conversations get."""
        return self._conversations.configured

    def configure(self, config: Config) -> None:
        """Use another configuration for new conversations; how the service is reached stays as it is."""
        self._conversations.configure(config)

    async def use_services(
        self, chat: ChatBackend, images: ImageBackend, config: Config, *, outlives_program: bool
    ) -> None:
        """Use other services from now on, with the model of `config`; what the former ones do is cancelled."""
        async with self._turn:
            await self._exchanges.end()
            await self.images.use(images, outlives_program=outlives_program)
            self._chat, self._image_backend, self._outlives_program = chat, images, outlives_program
            self._exchanges.use(chat)
            for told_by_former in ("abilities", "account"):
                self.__dict__.pop(told_by_former, None)
            self.configure(config)
            if not self.conversation.read_only:
                self.change_setting(("chat", "model"), config.chat.model)

    @cached_property
    def abilities(self) -> Abilities:
        """What the services can do; the user is offered nothing else."""
        return abilities_of(self._chat.chat_capabilities, self._image_backend.image_capabilities)

    @property
    def usual_model(self) -> str | None:
        """The model that answers where none is named; None where that is not known."""
        return self._chat.usual_model

    async def models(self) -> list[str]:
        """The models that the service lists; none where it lists none. BackendError."""
        return await self._chat.models()

    @cached_property
    def account(self) -> Account:
        """Characters and groups of pictures that the service keeps."""
        return Account(self._image_backend)

    @cached_property
    def revisions(self) -> Revisions:
        """Changes of messages: regenerate, edit, delete, fork and the like."""
        from animus_tui.chat.revisions import Revisions  # not before something is changed

        return Revisions(self._store, self._conversations, self.images, self._turn, self._exchanges)

    @cached_property
    def picture_changes(self) -> PictureChanges:
        """Stars and deletions of pictures in any conversation."""
        from animus_tui.chat.images.changes import PictureChanges  # only the gallery needs it

        return PictureChanges(self._conversations, self.images, lambda: self.account, self._turn)

    @property
    def conversation(self) -> StoredConversation:
        """The open conversation; the one used last, or a new one, when none was chosen yet."""
        return self._conversations.current.stored

    @property
    def is_temporary(self) -> bool:
        """Whether the open conversation leaves nothing on the disk."""
        return self._conversations.is_temporary

    @property
    def data_folder(self) -> Path:
        """The data directory, in which all but temporary conversations are kept."""
        return self._store.root

    @property
    def lost(self) -> int:
        """How many messages could not be saved before their conversation was closed."""
        return self._conversations.lost

    def notices(self) -> list[str]:
        """Sentences for the user, each returned once: what could not be opened, what the disk lacks."""
        return self._conversations.notices()

    async def follow(self) -> bool:
        """Reload the open conversation if another program changed it, and take it over once that has ended.

        Returns whether it was reloaded; then `conversation` is another object. StoreError, UsageError.
        """
        async with self._turn:
            return await self._conversations.follow()

    def find(self, beginning: str) -> str:
        """The id of the conversation whose id begins so. UsageError when there is none or several; StoreError."""
        return self._store.find(beginning)

    def newest(self) -> str | None:
        """The id of the conversation that was used last, also by a command; None when there is none. StoreError."""
        return self._store.newest()

    async def open(self, conversation_id: str) -> None:
        """Open a conversation on disk. Image jobs go on, and their images are stored where they belong."""
        async with self._turn:
            await self._exchanges.leave()
            await self._conversations.switch_to(conversation_id)
            self._conversations.clear(self.images.needed)

    async def new(self, character: ConversationSettings | None = None) -> None:
        """Open a new conversation, or an empty one that there is; None: with the configured character."""
        async with self._turn:
            await self._exchanges.leave()
            self._conversations.switch_to_new(character)
            self._conversations.clear(self.images.needed)

    async def temporary(self, character: ConversationSettings | None = None) -> None:
        """Open a new conversation that leaves nothing on the disk and is deleted once it is left. StoreError."""
        async with self._turn:
            await self._exchanges.leave()
            self._conversations.switch_to_temporary(character)
            self._conversations.clear(self.images.needed)

    @property
    def character(self) -> ConversationSettings:
        """The character of the open conversation, and the settings that it keeps."""
        return self._conversations.settings

    def set_character(self, character: ConversationSettings) -> None:
        """Change the character of the open conversation, from the next request on. UserError: it is read-only."""
        settings = completed(replace(character, is_chosen=True), self.configured)
        self._conversations.change_settings(settings, is_another=True)

    def set_note(self, note: str) -> None:
        """Set the author's note, which the model gets with each request; empty: none. UserError: it is read-only."""
        self._conversations.change_settings(replace(self.character, note=note.strip()))

    def change_setting(self, place: Place, value: object) -> None:
        """Change a setting of the open conversation, to its default with None.

        ConfigError: it is not allowed; UserError: the conversation is read-only.
        """
        self._conversations.change_setting(place, value)

    @cached_property
    def all_conversations(self) -> AllConversations:
        """The list of all conversations, and what can be changed of them."""
        from animus_tui.chat.all_conversations import AllConversations  # 12 ms of a start

        return AllConversations(self._conversations, self._store)

    async def delete_conversation(self, conversation_id: str, *, then: str | None = None) -> None:
        """Move a conversation to the trash; if it is the open one, turn to the one of the id `then`, or to a new one.

        UsageError when there is none of that id; UserError while it is in use; StoreError.
        """
        async with self._turn:
            writer = self._conversations.opened(conversation_id)
            if writer is not None:
                is_open = writer is self._conversations.current
                is_making = writer in self.images.needed
                writer.refuse_in_use(is_making=is_making, is_answering=is_open and self.busy)
                if is_open:
                    await self._exchanges.leave()
                    await self._conversations.switch_from_current(then)
            self._conversations.clear(self.images.needed)
            await self.all_conversations.delete(conversation_id)

    # The exchange

    @property
    def busy(self) -> bool:
        """Whether an exchange is under way: request, turns, the wait for a follow-up or for its image."""
        return self._exchanges.busy

    @property
    def meter(self) -> TokenMeter:
        """How the service counts tokens, as far as it is known."""
        return self._exchanges.meter

    async def send(self, text: str, attached: Sequence[Attachment] = ()) -> ChatMessage:
        """Send a message, with pictures. Returns when it is on disk; the answer follows as events. BlankError.

        UserError, and nothing is sent: the service cannot see pictures, or the disk refuses them.
        """
        if not text.strip() and not attached:
            raise BlankError("There is nothing to send: the message is blank.")
        if attached and "sight" not in self.abilities:
            raise UserError(LACKS["sight"])
        async with self._turn:
            await self._exchanges.end()
            await self._conversations.follow()
            writer = self._conversations.writable
            pictures = await store_attachments(writer.stored, attached)
            await writer.get_ready()
            message = ChatMessage(role="user", content=text.strip(), attached=pictures or None)
            writer.put(message)
            self._conversations.note_use(writer)
            writer.name_after(text if text.strip() else attached[0].name)
            writer.publish(MessageSent(message=message))
            await self._exchanges.begin(message)
        return message

    @property
    def can_retry(self) -> bool:
        """Whether `retry` has an answer to ask for again, and no exchange is under way."""
        if self.busy or self._conversations.current.stored.read_only:
            return False
        newest, failed = self._conversations.current.stored.newest, self._exchanges.has_failed
        return (
            self._exchanges.failed_revision is not None
            or unanswered_message(newest, failed=failed) is not None
        )

    async def retry(self) -> None:
        """Ask again for the answer that failed. UserError when the last message was answered."""
        async with self._turn:
            writer = self._conversations.writable
            if (failed := self._exchanges.failed_revision) is not None:
                await self._exchanges.begin(*failed)
                return
            has_failed = self._exchanges.has_failed
            unanswered = None if self.busy else unanswered_message(writer.messages, failed=has_failed)
            if unanswered is None:
                raise UserError("There is nothing to try again: the last message was answered.")
            await writer.get_ready()
            if unanswered.role == "assistant":
                await self._exchanges.begin(None)
                return
            if unanswered.outcome is not None:
                unanswered = replace(unanswered, outcome=None)
                await writer.put_anywhere(unanswered)
            await self._exchanges.begin(unanswered)

    async def complete(self, text: str, *, is_said: bool = True) -> ChatReply:
        """The answer to `text` after the messages of this conversation, which stays as it is. BackendError.

        Unless the prompt `is_said` by the user, it gets no author's note and no entries of the lorebook, and asks for
        a short answer that promises no image.
        """
        stored, new = self.conversation, ChatMessage(role="user", content=text)
        said = new if is_said else None
        settings, note = instructions_for(self.config, stored.conversation, stored.messages, said)
        request = chat_request(
            settings,
            stored.messages,
            new,
            capabilities=self._chat.chat_capabilities,
            auto_turn=False,
            addresses=await addresses_of(stored, self._chat, settings),
            meter=self.meter,
            note=note if is_said else "",
        )
        if not is_said:
            most = min(request.sampling.max_tokens or MOST_UNSAID, MOST_UNSAID)
            looks = None if request.features.image_prompts is None else False
            request = replace(
                request,
                sampling=replace(request.sampling, max_tokens=most),
                features=replace(request.features, image_prompts=looks),
            )
        return await self._chat.complete(replace(request, stream=False))

    async def cancel(self) -> bool:
        """Stop the exchange, or else the newest picture. False when nothing was under way."""
        async with self._turn:
            if self._exchanges.is_answering:
                await self._exchanges.end()
                return True
            return await self.images.cancel_newest()

    async def wait(self) -> None:
        """Until no exchange and no picture is under way."""
        while under_way := {
            task for task in (self._exchanges.task, *self.images.tasks) if task and not task.done()
        }:
            await asyncio.wait(under_way)

    # Images: the short way for programs; `images` does everything else

    async def generate_image(
        self,
        prompt: str,
        *,
        input_image_url: str | None = None,
        settings: Mapping[str, Any] | None = None,
        reply_to: str | None = None,
    ) -> GeneratedImage:
        """Generate an image, or edit the one at `input_image_url`, and return it once it is in the history.

        `settings` have their names on the wire: `width`, `num_inference_steps`, …; `reply_to` names the message that
        promised the image. ImageError when it failed or was cancelled; BlankError; UsageError: a setting is out of
        bounds. Cancelling the caller stops the job as the end of the session does.
        """
        made = self.start_image(prompt, input_image_url=input_image_url, settings=settings, reply_to=reply_to)
        return await self.images.finished(made)

    def start_image(
        self,
        prompt: str,
        *,
        input_image_url: str | None = None,
        settings: Mapping[str, Any] | None = None,
        reply_to: str | None = None,
    ) -> str:
        """Start what `generate_image` does without waiting for it, and return the id that its events have."""
        options = from_settings(settings or {})
        return self.images.start(prompt, options=options, source=input_image_url, reply_to=reply_to)

    async def edit_image(self, prompt: str, message_id: str | None = None) -> GeneratedImage:
        """Generate a changed version of an image, the last one if none is named, and return it as `generate_image`."""
        return await self.images.finished(self.images.start_edit(prompt, message_id))

    async def resume(self) -> int:
        """Resume the image jobs of the last run, once the first frame is shown; returns how many there are."""
        from animus_tui.chat.storage.temporary import remove_left_texts  # not before the first frame

        await asyncio.to_thread(remove_left_texts)
        if not self._outlives_program:  # what is kept is another service's, and waits for that
            return 0
        return await self.images.resume(self._store, self._turn)
