"""The pictures that are drawn, bounded in bytes both here and in the terminal: who was looked at last stays."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from animus_tui.graphics.rendering.kitty import Placeholders

if TYPE_CHECKING:
    from collections.abc import Collection

    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.ui.conversation.entries.shown import Drawing, ImageSlot

MOST_BYTES = 4 << 20
"""Of cells: about 250 pictures of 60×30. What goes is drawn anew from the decoder's cache, or decoded again."""
MOST_TERMINAL_BYTES = 128 << 20
"""Of images in the terminal: 32 of a million pixels, or 90 of 60×30 cells of 10×20 pixels. kitty and Ghostty allow
320 MB for all programs of a window or a surface and then take away the oldest without a word."""


class _Held:
    def __init__(self, cells: Cells | Placeholders, *, lacks_cover: bool, bytes_there: int) -> None:
        self.cells = cells
        self.slots: list[ImageSlot] = []
        self.covered: Cells | None = None
        """The mosaic that is shown in place of placeholders below a dialog."""
        self.lacks_cover = lacks_cover
        self.bytes_here = cells.size_in_bytes
        self.bytes_there = bytes_there


class DrawnPictures:
    """What is at hand, and for whom. Entries that lose their cells are told so.

    Methods that let pictures go return the placeholders among them: they are to be freed in the terminal.
    """

    def __init__(
        self, *, most_bytes: int = MOST_BYTES, most_terminal_bytes: int = MOST_TERMINAL_BYTES
    ) -> None:
        self._most = most_bytes, most_terminal_bytes
        self._held: OrderedDict[Drawing, _Held] = OrderedDict()
        self._here = self._there = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, drawing: Drawing) -> bool:
        return drawing in self._held

    @property
    def size_in_bytes(self) -> tuple[int, int]:
        """Here, and in the terminal."""
        return self._here, self._there

    def put(self, drawing: Drawing, cells: Cells | Placeholders) -> None:
        """Keep a picture, for as long as there is room or somebody looks at it."""
        is_there = isinstance(cells, Placeholders)
        there = cells.terminal_bytes if isinstance(cells, Placeholders) else 0
        held = _Held(cells, lacks_cover=is_there, bytes_there=there)
        self._held[drawing] = held
        self._here, self._there = self._here + held.bytes_here, self._there + there

    def give(self, drawing: Drawing, slot: ImageSlot) -> list[Placeholders]:
        """Show a picture that is at hand in a slot; what it showed before goes, unless another shows it too."""
        gone = self.take(slot) if slot.drawn != drawing else []
        held = self._held[drawing]
        if slot not in held.slots:
            held.slots.append(slot)
        slot.draw(drawing, held.cells)
        slot.draw_covered(held.covered)
        return gone

    def take(self, slot: ImageSlot) -> list[Placeholders]:
        """A slot shows its picture no longer."""
        drawing = slot.drawn
        held = self._held.get(drawing) if drawing is not None else None
        if drawing is None or held is None or slot not in held.slots:
            return []
        held.slots.remove(slot)
        return [] if held.slots else self._let_go(drawing)

    def lacks_cover(self, drawing: Drawing) -> bool:
        """Whether a dialog would leave nothing of this picture, and that may yet be helped."""
        return drawing in self._held and self._held[drawing].lacks_cover

    def cover(self, drawing: Drawing, cells: Cells | None) -> list[ImageSlot]:
        """What is shown of a picture below a dialog, None if it cannot be had; returns the slots that show it."""
        held = self._held.get(drawing)
        if held is None:
            return []
        held.covered, held.lacks_cover = cells, False
        if cells is not None:
            held.bytes_here += cells.size_in_bytes
            self._here += cells.size_in_bytes
        for slot in held.slots:
            slot.draw_covered(cells)
        return held.slots

    def look_at(self, in_view: Collection[Drawing]) -> list[Placeholders]:
        """These are in view; of the others the longest unseen go, as many as are too much."""
        for drawing in in_view:
            if drawing in self._held:
                self._held.move_to_end(drawing)
        gone: list[Placeholders] = []
        while self._here > self._most[0] or self._there > self._most[1]:
            oldest = next(iter(self._held))
            if oldest in in_view:
                break  # whoever is in view stands behind all others
            gone += self._let_go(oldest)
        return gone

    def clear(self) -> list[Placeholders]:
        """All of them go."""
        return [cells for drawing in list(self._held) for cells in self._let_go(drawing)]

    def _let_go(self, drawing: Drawing) -> list[Placeholders]:
        held = self._held.pop(drawing)
        self._here, self._there = self._here - held.bytes_here, self._there - held.bytes_there
        for slot in held.slots:
            slot.forget()
        return [held.cells] if isinstance(held.cells, Placeholders) else []
