"""Pictures that go with the message that is being written: attached by a command, or by a file that is dropped."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from animus_tui.chat.abilities import LACKS
from animus_tui.chat.attachments import MOST_ATTACHED
from animus_tui.chat.storage.draft import has_pictures, read_draft_pictures, write_draft_pictures
from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.picture_files import CARD_SUFFIXES, named_file, read_attachment
from animus_tui.printable import short_line
from animus_tui.ui.controllers.controller import Controller
from animus_tui.ui.controllers.drafts import NewestOfFolders
from animus_tui.ui.widgets.prompt_bar import PromptBar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path
    from typing import Any

    from animus_tui.chat.attachments import Attachment
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.widgets.prompt_bar import AttachedLine

WAITS = "A picture could not be attached, so the message was not sent."
TOO_MANY = f"A message takes {MOST_ATTACHED} pictures at most; send these first."


class ImportCards(Protocol):
    """Imports the character cards that were dropped, once the user has said so."""

    async def __call__(self, paths: Sequence[Path]) -> Callable[[], Awaitable[object]] | None:
        """What shows the characters that were imported; None: these are no cards, or not to be imported. UserError."""


class _Unsent:
    """The pictures of one conversation that were not sent yet."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        """Where they are kept; None while the conversation can only be read, or leaves nothing on the disk."""
        self.attached: list[Attachment] = []
        self.in_sending: list[Attachment] = []
        """Those of a message that is not on the disk yet."""


class AttachmentController(Controller):
    """Keeps the pictures of each conversation's unsent message, beside its draft."""

    def __init__(
        self, parts: ChatParts, decoder: PictureDecoder | None, *, import_cards: ImportCards
    ) -> None:
        """`decoder` is None where no pictures are drawn; then one is started for each that is attached."""
        super().__init__(parts)
        self._decoder = decoder
        self._import_cards = import_cards
        self._unsent: dict[str, _Unsent] = {}
        """By the id of the conversation."""
        self._shown: _Unsent | None = None
        """Of the conversation on the screen."""
        self._newest: NewestOfFolders[Sequence[Attachment]] = NewestOfFolders(write_draft_pictures)
        self._reading = asyncio.Lock()
        self._failures = 0
        self.show()

    @property
    def _open(self) -> _Unsent:
        return self._unsent.setdefault(self._session.conversation.conversation.id, _Unsent())

    @property
    def _here(self) -> list[Attachment]:
        return self._open.attached

    # Action of the table

    def attach(self, call: CommandCall) -> None:
        """Attach the picture in the file that the command names; a command that fails goes back into the prompt."""
        self._begin(self._attach(call))

    async def _attach(self, call: CommandCall) -> None:
        async with self._reading_one():
            try:
                path = await asyncio.to_thread(named_file, call.argument)
                await self._read([path])
            except UserError:
                if not self._prompt.text:
                    self._prompt.restore(call.text)
                raise

    # From the prompt

    def drop(self, text: str, paths: Sequence[Path]) -> None:
        """Attach the pictures whose paths were pasted, or import the cards that the user wants imported.

        A text that names neither, or cannot be used, is pasted.
        """
        self._begin(self._drop(text, paths))

    def _begin(self, reading: Coroutine[Any, Any, None]) -> None:
        self._prompt.sends_blank = True  # Enter may come before it is read
        self._reporter.run(reading)

    async def _drop(self, text: str, paths: Sequence[Path]) -> None:
        async with self._reading_one():
            try:
                show = await self._import_cards(paths)
                is_used = show is not None or await self._attach_all(paths)
            except UserError:
                self._prompt.insert(self._prompt.fitting(text))
                raise
            if not is_used:
                self._prompt.insert(self._prompt.fitting(text))
        if show is not None:
            await show()

    async def _attach_all(self, paths: Sequence[Path]) -> bool:
        """Attach the pictures in these files; False where one is none, or is not there. UserError."""
        are_pictures = not any(path.suffix.lower() in CARD_SUFFIXES for path in paths)
        if not are_pictures or not await asyncio.to_thread(_are_there, paths):
            return False
        await self._read(paths)
        return True

    @asynccontextmanager
    async def _reading_one(self) -> AsyncIterator[None]:
        """While it lasts, a message that is sent waits; it goes back when this fails."""
        async with self._reading:
            try:
                yield
            except UserError:
                self._failures += 1
                raise
            finally:
                self._show_line()

    async def _read(self, paths: Sequence[Path]) -> None:
        """Read these pictures and attach them, all or none. UserError."""
        unsent = self._open
        attached, read = unsent.attached, []
        self._check(len(attached) + len(paths))
        for path in paths:
            self._line.show(attached, reading=short_line(path.name))
            read.append(await self._read_one(path))
        attached += read
        self._note(unsent)
        await asyncio.to_thread(self._newest.bring_to_disk)

    def _check(self, count: int) -> None:
        if "sight" not in self._session.abilities:
            raise UserError(LACKS["sight"])
        if count > MOST_ATTACHED:
            raise UserError(TOO_MANY)

    async def _read_one(self, path: Path) -> Attachment:
        if self._decoder is not None:
            return await read_attachment(self._decoder, path)
        async with aclosing(PictureDecoder()) as decoder:
            return await read_attachment(decoder, path)

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Sequence[Attachment]]:
        """The pictures for the message that is sent meanwhile, once all are read; a UserError attaches them again.

        UserError: one cannot be read.
        """
        before = self._failures
        async with self._reading:
            if self._failures != before:
                raise UserError(WAITS)
            unsent = self._open
            taken = tuple(unsent.attached)
            unsent.in_sending += taken
            unsent.attached.clear()
            self._show_line()
        try:
            yield taken
        except UserError:
            unsent.attached[:0] = taken
            self._show_line()
            raise
        finally:
            unsent.in_sending = [each for each in unsent.in_sending if each not in taken]
        if taken:
            self._keep(unsent)

    def remove_last(self) -> bool:
        """Take the last picture away; False when there is none."""
        if not self._here:
            return False
        self._here.pop()
        self._keep(self._open)
        self._show_line()
        return True

    def show(self) -> None:
        """Say what goes with the message of the open conversation; what is kept of it is read first."""
        stored, unsent = self._session.conversation, self._open
        folder = None if self._session.is_temporary or stored.read_only else stored.folder
        is_another = (unsent, folder) != (self._shown, unsent.folder)
        self._shown, unsent.folder = unsent, folder
        self._show_line()
        if is_another and folder is not None and has_pictures(folder):
            self._begin(self._restore(unsent, folder))
        elif is_another and unsent.attached:  # since it could only be read, or on a disk that refused
            self._keep(unsent)

    async def _restore(self, unsent: _Unsent, folder: Path) -> None:
        """Attach what is kept, and what is here and was not."""
        newest = reversed(self._session.conversation.newest)
        said = next((message.attached for message in newest if message.role == "user"), None)
        async with self._reading_one():
            read = partial(read_draft_pictures, said=said or ())
            kept = await asyncio.to_thread(self._newest.read, folder, read)
            known = [*unsent.in_sending, *kept]
            unsent.attached[:] = [
                *(each for each in kept if each not in unsent.in_sending),
                *(each for each in unsent.attached if each not in known),
            ]

    def close(self) -> None:
        """Bring what is attached to the disk and wait for it: the application ends."""
        self._newest.bring_to_disk()

    def _keep(self, unsent: _Unsent) -> None:
        """Bring what is attached to the disk, without waiting for it."""
        self._note(unsent)
        self._prompt.run_worker(self._newest.bring_to_disk, thread=True)

    def _note(self, unsent: _Unsent) -> None:
        """Have what is attached written with the next `bring_to_disk`."""
        if unsent.folder is not None:
            self._newest.note(unsent.folder, (*unsent.in_sending, *unsent.attached))

    def _show_line(self) -> None:
        if self._prompt.is_attached:  # else the application ends while a picture is read
            self._prompt.sends_blank = bool(self._here)
            self._line.show(self._here)

    @property
    def _line(self) -> AttachedLine:
        return self._prompt.query_ancestor(PromptBar).attached


def _are_there(paths: Sequence[Path]) -> bool:
    try:
        return all(path.exists() for path in paths)
    except (OSError, ValueError):
        return False
