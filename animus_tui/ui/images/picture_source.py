"""Where the viewer and the gallery get their pictures from, how some are found, and what is done with a file."""

from __future__ import annotations

import asyncio
import unicodedata
from copy import copy
from typing import TYPE_CHECKING

from animus_tui.chat.images.saving import SaveFolder, main_file, save_all, save_picture, save_several
from animus_tui.chat.messages import ChatMessage
from animus_tui.errors import UserError
from animus_tui.ui.terminal import clipboard
from animus_tui.ui.terminal.system_opener import open_outside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from textual.app import App

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.conversation import StoredConversation


class PictureSource:
    """The pictures of a conversation one after the other, wherever they stand in it.

    Reads only the message that is asked for: which ones show a picture is known without reading any.
    """

    def __init__(self, stored: StoredConversation) -> None:
        self._stored = stored

    def __len__(self) -> int:
        return len(self._stored.messages.message_index.pictures)

    def message(self, message_id: str) -> ChatMessage:
        """The entry of a picture as it is now. KeyError."""
        return self._stored.get(message_id)

    def path(self, record: ImageRecord) -> Path:
        """The picture's file. UserError when the record names none of this conversation."""
        return self._stored.path_of(record.file)

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the oldest one 1; 0 when it is none of them."""
        place = self._stored.messages.place(message_id)
        pictures = self._stored.messages.message_index.pictures
        return sum(other <= place for other in pictures) if place in pictures else 0

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        pictures = sorted(self._stored.messages.message_index.pictures)
        at = self.number(message_id) - 1 + step
        return self._stored.messages[pictures[at]] if 0 <= at < len(pictures) else None

    @property
    def is_writable(self) -> bool:
        """Whether the choice of another variant is stored."""
        return not self._stored.read_only


class AttachedPictures(PictureSource):
    """The pictures of one message of the user's; each is an entry that is named by its number, from 0."""

    def __init__(self, stored: StoredConversation, message: ChatMessage) -> None:
        super().__init__(stored)
        self._attached = message.attached or []

    def __len__(self) -> int:
        return len(self._attached)

    def message(self, message_id: str) -> ChatMessage:
        """The entry of a picture."""
        return ChatMessage(id=message_id, role="user", image=self._attached[int(message_id)])

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the first one 1."""
        return int(message_id) + 1

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        at = int(message_id) + step
        return self.message(str(at)) if 0 <= at < len(self) else None

    @property
    def is_writable(self) -> bool:
        """Always False: they have no variants."""
        return False


class FoundPictures(PictureSource):
    """The pictures in the order in which the gallery shows them; each variant is an entry of its own."""

    def __init__(self, pictures: Sequence[FoundPicture]) -> None:
        self._pictures = pictures
        self._numbers = {name_of(picture): number for number, picture in enumerate(pictures)}

    def __len__(self) -> int:
        return len(self._pictures)

    def picture(self, name: str) -> FoundPicture:
        """The picture that the viewer knows by this name. KeyError."""
        return self._pictures[self._numbers[name]]

    def message(self, message_id: str) -> ChatMessage:
        """The entry of a picture, which is named by `name_of`. KeyError."""
        return ChatMessage(id=message_id, role="assistant", image=self.picture(message_id).record)

    def path(self, record: ImageRecord) -> Path:
        """The picture's file. UserError when the record names none of its conversation."""
        return path_in(self._pictures, record)

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the first one 1; 0 when it is none of them."""
        return self._numbers.get(message_id, -1) + 1

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        at = self._numbers[message_id] + step
        return self.message(name_of(self._pictures[at])) if 0 <= at < len(self) else None

    @property
    def is_writable(self) -> bool:
        """Always False: each variant is a picture of its own, so that none is chosen."""
        return False


def name_of(picture: FoundPicture) -> str:
    """A name that is unique among the pictures of all conversations."""
    return f"{picture.conversation_id}/{picture.message_id}/{picture.variant}"


def path_in(pictures: Sequence[FoundPicture], record: ImageRecord) -> Path:
    """The file of the picture with this very record: two conversations may have equal ones. UserError."""
    for picture in pictures:
        if picture.record is record:
            return picture.path()
    raise UserError("There is no picture here any more.")


class ImageFiles:
    """The files of the open conversation's pictures.

    Each coroutine returns what to say, and raises UserError.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session

    def path_of(self, record: ImageRecord) -> Path:
        """The file of a picture or of a clip. UserError when the record names none of the open conversation."""
        return self._session.conversation.path_of(main_file(record))

    @property
    def folder(self) -> SaveFolder:
        """Where pictures are saved."""
        return SaveFolder(self._session.data_folder, self._session.config.image.save_dir)

    async def save(self, record: ImageRecord, target: Path | None = None) -> str:
        """Copy a picture to a file or a folder, by default the folder in force."""
        source, folder = self.path_of(record), self.folder.current
        if target is None:
            return f"Saved to {await asyncio.to_thread(save_picture, source, record, folder)}"
        is_new = not await asyncio.to_thread(target.parent.is_dir)
        path = await asyncio.to_thread(save_picture, source, record, target)
        return f"Saved to {path}, in a new folder" if is_new else f"Saved to {path}"

    async def save_all(self, argument: str) -> str:
        """Copy all pictures of the conversation to the folder in force, or to the one that is named from now on."""
        folder = self.folder.change(argument) if argument else self.folder.current
        return (await save_all(self._session.conversation, folder)).sentence

    async def save_several(self, records: Sequence[ImageRecord]) -> str:
        """Copy pictures to the folder in force, each with a free name."""
        return (await save_several(records, self.path_of, self.folder.current)).sentence

    async def open(self, record: ImageRecord) -> str:
        """Show a picture or a clip with the system's viewer."""
        return await open_outside(self.path_of(record))

    async def copy_path(self, record: ImageRecord, app: App[Any]) -> str:
        """Put the path of a picture's file on the clipboard."""
        await clipboard.copy(app, str(self.path_of(record)))
        return "Copied the path of the picture"


class FoundImageFiles(ImageFiles):
    """The files of pictures in any conversation."""

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self.pictures: Sequence[FoundPicture] = ()
        """The pictures whose files may be used."""

    def of(self, pictures: Sequence[FoundPicture]) -> FoundImageFiles:
        """A copy that acts on other pictures."""
        files = copy(self)
        files.pictures = pictures
        return files

    def path_of(self, record: ImageRecord) -> Path:
        """The file of one of the pictures. UserError when the record names none of its conversation."""
        return path_in(self.pictures, record)


def plain(text: str) -> str:
    """The text to compare: `Été` is `ete`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


class PromptFilter:
    """Finds pictures by words of their prompts, compared without case and accents.

    May be used in a thread, by one at a time. Prompts that were seen before are not made ready again.
    """

    def __init__(self) -> None:
        self._pictures: Sequence[FoundPicture] = ()
        self._ready: dict[str, str] = {}
        """Prompt → what is compared."""

    def matching(self, pictures: Sequence[FoundPicture], words: str) -> Sequence[FoundPicture]:
        """The pictures whose prompts have each of the words, or a part of one like it, in the same order."""
        sought = plain(words).split()
        if not sought:
            return pictures
        if pictures is not self._pictures:
            before = self._ready
            prompts = {picture.record.prompt for picture in pictures}
            self._ready = {
                prompt: before[prompt] if prompt in before else plain(prompt) for prompt in prompts
            }
            self._pictures = pictures
        matches = {prompt for prompt, ready in self._ready.items() if all(word in ready for word in sought)}
        return tuple(picture for picture in pictures if picture.record.prompt in matches)
