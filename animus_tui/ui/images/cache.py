"""The images that are drawn, for the whole application: bounded in bytes both here and in the terminal."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from animus_tui.graphics.decoding.protocol import Rgb

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.graphics.rendering.kitty import Placeholders
    from animus_tui.graphics.rendering.pixel_rows import PixelRows

    Shown = Cells | Placeholders | PixelRows
    """What stands in the cells of a picture."""

MOST_BYTES = 7 << 20
"""Of cells: about 400 pictures of 60×30. What goes is drawn anew from the decoder's cache, or decoded again."""
MOST_TERMINAL_BYTES = 128 << 20
"""Of images in the terminal: 32 of a million pixels, or 90 of 60×30 cells of 10×20 pixels. kitty and Ghostty allow
320 MB for all programs of a window or a surface and then take away the oldest without a word."""
MOST_ROW_BYTES = 8 << 20
"""Of pixels that are kept here, row by row, for a terminal that keeps none: 12 sixel pictures of 60×30 cells of 10×20
pixels, or 60 of iTerm2's. Those that were drawn last are the decoder's as well, which keeps some more."""


class ImageKey(Struct, frozen=True):
    """A picture file in a number of cells, and all else that the drawn image depends on."""

    path: Path
    columns: int
    rows: int
    background: Rgb
    """What it is laid on where it is transparent."""
    cell: tuple[int, int] | None
    """Width and height of a cell in pixels, for a terminal that shows pixels; None for a mosaic."""


class ImageUser(Protocol):
    """An object that shows images."""

    def image_changed(self) -> None:
        """The image has its mosaic now, or was dropped from the cache and is empty."""


class CachedImage:
    """What was drawn of one picture: its mosaic, and the cells of what the terminal holds of it."""

    def __init__(self, key: ImageKey) -> None:
        self.key = key
        self.mosaic: Cells | None = None
        """It also stands in the place of the placeholders below a dialog, whose tint would change their colours."""
        self.placeholders: Placeholders | PixelRows | None = None
        """The cells in whose place the terminal shows pixels."""
        self.is_mosaic_best = key.cell is None
        """Whether there will be no pixels."""
        self.lacks_mosaic = True
        """Whether the mosaic is yet to be drawn; False also where it cannot be."""
        self.users: list[ImageUser] = []

    @property
    def is_drawn(self) -> bool:
        """Whether it looks as well as this terminal can show it."""
        return self.placeholders is not None or (self.is_mosaic_best and self.mosaic is not None)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: it is not in the cache any more."""
        return self.placeholders is None and self.mosaic is None

    def cells(self, *, is_covered: bool) -> Shown | None:
        """What is shown of it; below a dialog (`is_covered`) never placeholders."""
        return self.mosaic if is_covered or self.placeholders is None else self.placeholders

    @property
    def size_in_bytes(self) -> tuple[int, int]:
        """Memory that it takes, without its pixels, and that of its pixels: in the terminal, or here row by row."""
        here = self.mosaic.size_in_bytes if self.mosaic is not None else 0
        if self.placeholders is None:
            return here, 0
        return here + self.placeholders.size_in_bytes, self.placeholders.pixel_bytes


class ImageCache:
    """Images by what they were drawn for. The longest unseen go first; nothing goes that is in view."""

    def __init__(
        self,
        free: Callable[[Placeholders | PixelRows], None],
        *,
        most_bytes: int = MOST_BYTES,
        most_terminal_bytes: int = MOST_TERMINAL_BYTES,
    ) -> None:
        """`free` takes the pixels of an image out of the terminal, or of what is drawn there."""
        self._free = free
        self.most_bytes, self.most_terminal_bytes = most_bytes, most_terminal_bytes
        self._images: OrderedDict[ImageKey, CachedImage] = OrderedDict()
        self._here = self._there = 0
        self._in_view: dict[object, Collection[ImageKey]] = {}

    def __len__(self) -> int:
        return len(self._images)

    def get(self, key: ImageKey) -> CachedImage | None:
        """The image, if any part of it is in the cache."""
        return self._images.get(key)

    @property
    def size_in_bytes(self) -> tuple[int, int]:
        """Memory that all images take without their pixels, and that of their pixels."""
        return self._here, self._there

    def put_mosaic(self, key: ImageKey, mosaic: Cells) -> CachedImage:
        """Keep the mosaic of an image."""
        image = self._image(key)
        before = image.size_in_bytes
        image.mosaic, image.lacks_mosaic = mosaic, False
        self._count(before, image)
        for user in image.users:
            user.image_changed()
        return image

    def put_placeholders(self, key: ImageKey, placeholders: Placeholders | PixelRows) -> CachedImage:
        """Keep the cells of an image that the terminal can show now."""
        image = self._image(key)
        before = image.size_in_bytes
        if image.placeholders is not None:
            self._free(image.placeholders)
        image.placeholders = placeholders
        self._count(before, image)
        return image

    def use(self, key: ImageKey, user: ImageUser) -> CachedImage:
        """Register `user` as showing an image of the cache, to be told of its changes. Raises KeyError."""
        image = self._images[key]
        if user not in image.users:
            image.users.append(user)
        return image

    def release(self, key: ImageKey, user: ImageUser) -> None:
        """`user` does not show the image any more; it is dropped with its last user."""
        image = self._images.get(key)
        if image is not None and user in image.users:
            image.users.remove(user)
            if not image.users:
                self._drop(key)

    def discard(self, key: ImageKey) -> None:
        """Drop an image that nobody shows."""
        image = self._images.get(key)
        if image is not None and not image.users:
            self._drop(key)

    def look_at(self, viewer: object, keys: Collection[ImageKey]) -> None:
        """Set which images `viewer` has in view; the longest unseen of all others are dropped if there are too many."""
        self._in_view[viewer] = keys
        for key in keys:
            if key in self._images:
                self._images.move_to_end(key)
        for key in list(self._images):
            if self._here <= self.most_bytes and self._there <= self.most_terminal_bytes:
                break
            if not any(key in in_view for in_view in self._in_view.values()):
                self._drop(key)

    def leave(self, viewer: object) -> None:
        """`viewer` has no image in view any more."""
        self._in_view.pop(viewer, None)

    def clear(self, viewer: object | None = None) -> None:
        """Drop all images, or with `viewer` those that no other viewer has in view."""
        self._in_view.pop(viewer, None)
        kept = set[ImageKey]().union(*self._in_view.values()) if viewer is not None else set[ImageKey]()
        for key in list(self._images):
            if key not in kept:
                self._drop(key)

    def _image(self, key: ImageKey) -> CachedImage:
        if key not in self._images:
            self._images[key] = CachedImage(key)
        return self._images[key]

    def _count(self, before: tuple[int, int], image: CachedImage) -> None:
        here, there = image.size_in_bytes
        self._here += here - before[0]
        self._there += there - before[1]

    def _drop(self, key: ImageKey) -> None:
        image = self._images.pop(key)
        before = image.size_in_bytes
        if image.placeholders is not None:
            self._free(image.placeholders)
        image.mosaic = image.placeholders = None
        self._count(before, image)
        for user in image.users:
            user.image_changed()
        image.users.clear()
