"""Changes of pictures in any conversation, open or not: a star, and deletion here and at the service."""

from __future__ import annotations

import asyncio
import logging
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import read_regular
from animus_tui.backends.base.errors import BackendError, Gone
from animus_tui.chat.events import HistoryChanged
from animus_tui.chat.images.job import with_chosen
from animus_tui.chat.storage.branches import without_first
from animus_tui.chat.storage.conversation_folder import HISTORY
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from animus_tui.chat.account import Account
    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.chat.images.service import ImageService
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.open_conversations import OpenConversations

log = logging.getLogger(__name__)

ELSEWHERE = "another program has its conversation open"


class Changed(Struct, frozen=True):
    """The result of a change of pictures."""

    done: int
    """How many were changed."""
    failures: tuple[str, ...] = ()
    """Reasons why others were not, each once."""
    at_service: int = 0
    """How many are deleted at the service, too."""


class PictureChanges:
    """Stars and deletes pictures that were found in the histories. Errors of the disk are failures in the result."""

    def __init__(
        self,
        conversations: OpenConversations,
        images: ImageService,
        account: Callable[[], Account],
        turn: asyncio.Lock,
    ) -> None:
        """`turn` is held while a conversation is opened."""
        self._conversations = conversations
        self._images = images
        self._account = account
        self._turn = turn

    async def star(self, pictures: Iterable[FoundPicture], *, starred: bool) -> Changed:
        """Give pictures a star, or take it away."""
        done, failures = 0, list[str]()
        for conversation_id, found in _by_conversation(pictures):
            async with self._turn:
                try:
                    writer = await self._writer(conversation_id)
                    for picture in found:
                        message, record = _now(writer.stored, picture)
                        marked = replace(record, starred=starred)
                        await writer.put_anywhere(_with_record(message, record, marked))
                        done += 1
                except UserError as error:
                    failures.append(str(error))
                finally:
                    self._conversations.clear(self._images.needed)
        return Changed(done, _once(failures))

    async def delete(self, pictures: Iterable[FoundPicture], *, at_service: bool = False) -> Changed:
        """Take pictures out of their conversations, and with `at_service` out of the account with the service.

        A picture that was the only one of its entry takes that with it, and what followed stays. Its file goes when
        nothing else in the history has it. The history comes first: a kill in between leaves a file that nobody shows.
        """
        done, failures = list["ImageRecord"](), list[str]()
        for conversation_id, found in _by_conversation(pictures):
            async with self._turn:
                try:
                    writer = await self._writer(conversation_id)
                    for picture in found:
                        try:
                            done.append(await self._delete(writer, picture))
                        except UserError as error:  # the others go on
                            failures.append(str(error))
                except UserError as error:
                    failures.append(str(error))
                finally:
                    self._conversations.clear(self._images.needed)
        names = dict.fromkeys(record.generation_id for record in done if record.generation_id)
        gone = 0
        for name in names if at_service else ():
            try:
                await self._account().delete_generation(name)
                gone += 1
            except Gone:
                gone += 1
            except (BackendError, UserError) as error:
                failures.append(f"at the service: {error}")
        return Changed(len(done), _once(failures), gone)

    async def _writer(self, conversation_id: str) -> ConversationWriter:
        """The conversation, to be written. UserError."""
        writer = await self._conversations.open_beside(conversation_id)
        if writer is None:
            raise UserError(ELSEWHERE)
        return writer

    async def _delete(self, writer: ConversationWriter, picture: FoundPicture) -> ImageRecord:
        """The record that was deleted. UserError."""
        stored = writer.stored
        message, record = _now(stored, picture)
        if any(job.message_id == message.id and job.writer is writer for job in self._images.under_way):
            raise UserError("a variant of it is being made")
        others = [each for each in message.variants or [] if each is not record]
        if others:
            at = (message.variants or []).index(record)
            message = replace(message, variants=others if len(others) > 1 else None)
            if message.image == record:
                message = with_chosen(message, others[min(at, len(others) - 1)])
            await writer.put_anywhere(message)
            first: str | None = message.id
        else:
            place = stored.messages.place(message.id) or 0
            await writer.replace_from(message.id, without_first)
            first = writer.messages[place].id if place < len(writer.messages) else None
        writer.publish(HistoryChanged(message_id=first))
        await asyncio.to_thread(
            _remove_unused, stored, [record.file, record.video or "", record.source_file or ""]
        )
        return record


def _by_conversation(pictures: Iterable[FoundPicture]) -> Iterator[tuple[str, Sequence[FoundPicture]]]:
    for conversation_id, found in groupby(
        sorted(pictures, key=lambda picture: picture.conversation_id), lambda picture: picture.conversation_id
    ):
        yield conversation_id, list(found)


def _now(stored: StoredConversation, picture: FoundPicture) -> tuple[ChatMessage, ImageRecord]:
    """The entry and the picture as they are now: both may have changed since they were found. UserError."""
    wanted = replace(picture.record, starred=False)
    try:
        message = stored.get(picture.message_id)
    except KeyError:
        raise UserError("it is no longer in its conversation") from None
    records = message.variants or ([message.image] if message.image else [])
    for record in records:
        if replace(record, starred=False) == wanted:
            return message, record
    raise UserError("it is no longer in its conversation")


def _with_record(message: ChatMessage, before: ImageRecord, after: ImageRecord) -> ChatMessage:
    variants = message.variants and [after if each is before else each for each in message.variants]
    return replace(message, variants=variants, image=after if message.image == before else message.image)


def _remove_unused(stored: StoredConversation, names: Iterable[str]) -> None:
    """Delete files that the history on the disk does not name: no variant, no other entry, no branch that is put away.

    A disk that refused the change still has the name in it, and keeps the file.
    """
    try:
        history = read_regular(stored.folder / HISTORY)
        for name in names:
            if name and name.encode() not in history:
                stored.path_of(name).unlink(missing_ok=True)
    except (OSError, UserError) as error:
        log.warning("%s: the file of a deleted picture is left: %s", stored.folder, error)


def _once(failures: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(failures))
