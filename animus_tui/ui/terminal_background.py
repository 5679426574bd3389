"""The terminal's own background, which decides between the light and the dark theme where none was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from animus_tui.graphics.protocol import Rgb


class BackgroundTold(Message):
    """The terminal told its background after the application had started."""

    def __init__(self, colour: Rgb) -> None:
        """`colour`: red, green and blue, 0 to 255."""
        super().__init__()
        self.colour = colour
