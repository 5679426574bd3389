"""The place of one picture in an entry of the conversation: what should be drawn for it, and what is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from rich.segment import Segment
from textual.strip import Strip

from animus_tui.errors import UserError
from animus_tui.ui.images.cache import ImageKey
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.images.cache import CachedImage, Shown


NO_FILE = "The picture's file is not among those of this conversation."


class SlotOwner(Protocol):
    """What a picture has its place in: an entry of the conversation."""

    def invalidate(self) -> None:
        """Its layout is out of date."""


class ImageSlot:
    """Shows one image in an entry, which is laid out anew when the cells of the slot are others."""

    def __init__(
        self, entry: SlotOwner, size: Callable[[RenderContext], tuple[int, int]], file: str | None = None
    ) -> None:
        """`size` tells columns and rows of the picture; `file` is its path below the conversation's folder."""
        self.entry = entry
        self._size = size
        self._file = file
        self._preview: Path | None = None
        """What a picture that is being made looks like, in place of the file."""
        self._previews: Path | None = None
        """The folder of what it looked like while it was made."""
        self._passed: ImageKey | None = None
        """A preview that could not be drawn: what was there before stays."""
        self.key: ImageKey | None = None
        """What is shown, or could not be drawn; None while nothing was."""
        self.sentence = ""
        """Why it cannot be drawn."""
        self._image: CachedImage | None = None
        self._is_covered = False
        self._again_at: float | None = None
        """When it is worth trying once more, by `time.monotonic()`; None where it was drawn or never will be."""

    def show_file(self, file: str) -> None:
        """Show another file from now on."""
        if file != self._file:
            self._file, self.sentence = file, ""
        self._preview = None

    def show_preview(self, path: Path | None) -> None:
        """Show what the picture looks like so far; with None show nothing until there is something else."""
        if path is None and self._preview is not None:
            self.key = self._image = None
        self._preview = path
        self._previews = path.parent if path is not None else self._previews

    def pass_over(self, key: ImageKey) -> bool:
        """Whether what could not be drawn is only a preview: it is not tried again, and nothing is said of it."""
        if key.path.parent != self._previews:
            return False
        self._passed = key
        return True

    def wanted(self, context: RenderContext) -> ImageKey | None:
        """What should be drawn and is not yet; None also where pictures are cards of words."""
        if context.options.decoder is None or (path := self._path(context)) is None:
            return None
        terminal = context.options.terminal
        key = ImageKey(path, *self._size(context), context.background, terminal.pixels_of_cell)
        is_due = self._again_at is not None and time.monotonic() >= self._again_at
        is_coming = self._image is not None and not self._image.is_drawn
        return key if key not in (self.key, self._passed) or is_due or is_coming else None

    def _path(self, context: RenderContext) -> Path | None:
        """The file to draw; None where there is none yet, or none that may be drawn."""
        if self._preview is not None or self._file is None:
            return self._preview
        try:
            return context.path_of(self._file)
        except UserError:
            # A history that somebody else wrote names any file it likes.
            if self.sentence != NO_FILE:
                self.sentence = NO_FILE
                self.entry.invalidate()
            return None

    def show(self, image: CachedImage) -> None:
        """Show an image that was drawn."""
        self.key, self._image, self.sentence, self._again_at = image.key, image, "", None
        self.entry.invalidate()

    def lend(self, image: CachedImage) -> bool:
        """Show an image until what is wanted is drawn; returns whether another one was shown."""
        if self._image is image:
            return False
        self._image, self.sentence = image, ""
        self.entry.invalidate()
        return True

    def refuse(self, key: ImageKey, sentence: str, *, again_in: float | None = None) -> None:
        """Say why it cannot be drawn; it may be in `again_in` seconds."""
        self.key, self._image, self.sentence = key, None, sentence
        self._again_at = None if again_in is None else time.monotonic() + again_in
        self.entry.invalidate()

    def cover(self, is_covered: bool) -> bool:
        """A dialog opened above the pane (`is_covered`) or closed; returns whether the picture looks different now."""
        if is_covered == self._is_covered:
            return False
        self._is_covered = is_covered
        if self._image is None or self._image.placeholders is None:
            return False
        self.entry.invalidate()
        return True

    def image_changed(self) -> None:
        """The image was dropped, and is wanted again when somebody looks; or its mosaic is there."""
        is_gone = self._image is not None and self._image.is_empty
        if is_gone:
            self.key = self._image = None
        if is_gone or self._is_covered:
            self.entry.invalidate()

    @property
    def cells(self) -> Shown | None:
        """The cells to paint; None while there are none."""
        return self._image.cells(is_covered=self._is_covered) if self._image is not None else None


def row_of_cells(cells: Shown, row: int, columns: int) -> Row:
    """A row of the picture, cut where it is drawn for more columns than there are now."""
    segments = cells.segments(row)
    if cells.columns <= columns:
        return Row(tuple(segments), cells.columns)
    return Row(tuple(Strip(segments, cells.columns).crop(0, columns)), columns)


def blank_row(columns: int, context: RenderContext) -> Row:
    """A row of the place of a picture that is not there yet."""
    return Row((Segment(" " * columns, context.palette.place),), columns)
