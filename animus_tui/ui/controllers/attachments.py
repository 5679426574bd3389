"""Pictures that go with the message that is being written: attached by a command, or by a file that is dropped."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from animus_tui.attachments import named_file, read_attachment
from animus_tui.chat.abilities import LACKS
from animus_tui.chat.attachments import MOST_ATTACHED
from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.printable import short_line
from animus_tui.ui.widgets.attached_line import AttachedLine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence
    from pathlib import Path
    from typing import Any

    from animus_tui.chat.attachments import Attachment
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.widgets.prompt import Prompt

WAITS = "A picture could not be attached, so the message was not sent."
TOO_MANY = f"A message takes {MOST_ATTACHED} pictures at most; send these first."


class AttachmentController:
    """Keeps the pictures of each conversation's unsent message, in memory alone."""

    def __init__(
        self, session: ChatSession, prompt: Prompt, reporter: Reporter, decoder: PictureDecoder | None
    ) -> None:
        """`decoder` is None where no pictures are drawn; then one is started for each that is attached."""
        self._session = session
        self._prompt = prompt
        self._reporter = reporter
        self._decoder = decoder
        self._attached: dict[str, list[Attachment]] = {}
        """By the id of the conversation."""
        self._reading = asyncio.Lock()
        self._failures = 0

    @property
    def _here(self) -> list[Attachment]:
        return self._attached.setdefault(self._session.conversation.conversation.id, [])

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
        """Attach the pictures whose paths were pasted; a text that names no files, or cannot be used, is pasted."""
        self._begin(self._drop(text, paths))

    def _begin(self, reading: Coroutine[Any, Any, None]) -> None:
        self._prompt.sends_blank = True  # Enter may come before it is read
        self._reporter.run(reading)

    async def _drop(self, text: str, paths: Sequence[Path]) -> None:
        async with self._reading_one():
            try:
                if await asyncio.to_thread(_are_there, paths):
                    await self._read(paths)
                    return
            except UserError:
                self._prompt.insert(self._prompt.fitting(text))
                raise
            self._prompt.insert(self._prompt.fitting(text))

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
                self.show()

    async def _read(self, paths: Sequence[Path]) -> None:
        """Read these pictures and attach them, all or none. UserError."""
        attached, read = self._here, []
        self._check(len(attached) + len(paths))
        for path in paths:
            self._line.show(attached, reading=short_line(path.name))
            read.append(await self._read_one(path))
        attached += read

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

    async def take(self) -> Sequence[Attachment]:
        """The pictures for the message that is sent now, once all of them are read. UserError: one cannot be."""
        before = self._failures
        async with self._reading:
            if self._failures != before:
                raise UserError(WAITS)
            taken = self._attached.pop(self._session.conversation.conversation.id, [])
            self.show()
        return taken

    def give_back(self, attached: Sequence[Attachment]) -> None:
        """Attach pictures again whose message could not be sent."""
        self._here[:0] = attached
        self.show()

    def remove_last(self) -> bool:
        """Take the last picture away; False when there is none."""
        if not self._here:
            return False
        self._here.pop()
        self.show()
        return True

    def show(self) -> None:
        """Say what goes with the message of the open conversation."""
        self._prompt.sends_blank = bool(self._here)
        self._line.show(self._here)

    @property
    def _line(self) -> AttachedLine:
        return self._prompt.bar.query_one(AttachedLine)


def _are_there(paths: Sequence[Path]) -> bool:
    try:
        return all(path.exists() for path in paths)
    except (OSError, ValueError):
        return False
