"""The Kitty graphics protocol's way of drawing a picture as text: Unicode placeholders.

The picture is transmitted once, as an image with a virtual placement. Wherever the placeholder character then stands,
the terminal shows the part of the picture that the character's two combining marks name; the image's number is its
foreground colour. Text moves, is cropped and is covered like any other, and the picture goes with it.

Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/ ("Unicode placeholders", kitty 0.28 and later).
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from animus_tui.graphics.decoding.protocol import Rgb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from animus_tui.graphics.decoding.protocol import Pixels

PLACEHOLDER = "\U0010eeee"
"""A private character, one cell wide, that stands for a part of a picture."""
PAYLOAD_BYTES = 4096
"""Most base64 of one command; the protocol's limit."""
MOST_ROWS = MOST_COLUMNS = 297
"""As many rows and columns can be named: there is one mark for each."""
FIRST_ID, LAST_ID = 1 << 16, (1 << 24) - 1
"""Numbers that a 24-bit foreground colour can carry. Small ones are left to programs that count from one, and to
those that carry them in one of 256 colours."""

_CELLS_IN_SEGMENT = 16
"""Rich looks for the place of a cut by proportion, with floating point: in a segment of 23 cells it may cut between
the marks of one cell. Up to 22 cells, and so in all pieces of such segments, each cut falls between two cells."""
_MARKS = (
    "0305 030D-030E 0310 0312 033D-033F 0346 034A-034C 0350-0352 0357 035B 0363-036F 0483-0487 0592-0595 0597-0599 "
    "059C-05A1 05A8-05A9 05AB-05AC 05AF 05C4 0610-0617 0657-065B 065D-065E 06D6-06DC 06DF-06E2 06E4 06E7-06E8 "
    "06EB-06EC 0730 0732-0733 0735-0736 073A 073D 073F-0741 0743 0745 0747 0749-074A 07EB-07F1 07F3 0816-0819 "
    "081B-0823 0825-0827 0829-082D 0951 0953-0954 0F82-0F83 0F86-0F87 135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B "
    "1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC "
    "20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF "
    "AAC1 FE20-FE26 10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244"
)
"""The protocol's combining marks in their order, code points and ranges of them. They are those of class 230 without
a decomposition in Unicode 6.0; later versions have more of them, so the present one cannot be asked."""


@cache
def marks() -> tuple[str, ...]:
    """The mark that says row or column 0, that for 1, and so on."""
    ranges = (part.partition("-") for part in _MARKS.split())
    return tuple(chr(at) for a, _, b in ranges for at in range(int(a, 16), int(b or a, 16) + 1))


class Placeholders(Struct, frozen=True):
    """The cells that show a picture which the terminal holds."""

    image_id: int
    columns: int
    rows: int
    width: int
    """Pixels of what was transmitted."""
    height: int
    background: Rgb
    """What stands behind the picture; the terminal shows it until it has the picture on its screen."""

    @property
    def size_in_bytes(self) -> int:
        """Memory that they take here: next to none."""
        return 200

    @property
    def pixel_bytes(self) -> int:
        """Memory that the terminal needs for the picture: 4 bytes a pixel, as it is drawn."""
        return 4 * self.width * self.height

    def segments(self, row: int) -> list[Segment]:
        """Row `row` (0 is the top) for Rich and Textual: `columns` cells.

        Each cell names its row and its column in full, so that any part of the row is right by itself.
        """
        front, ground = _colour(*self.image_id.to_bytes(3, "big")), _colour(*self.background)
        style, mark = Style.from_color(front, ground), marks()
        cells = [f"{PLACEHOLDER}{mark[row]}{mark[column]}" for column in range(self.columns)]
        starts = range(0, self.columns, _CELLS_IN_SEGMENT)
        return [Segment("".join(cells[start : start + _CELLS_IN_SEGMENT]), style) for start in starts]


def placeholders(image_id: int, pixels: Pixels, columns: int, rows: int, background: Rgb) -> Placeholders:
    """The cells for pixels that are transmitted under this number. ValueError when a cell could not be named."""
    if not (FIRST_ID <= image_id <= LAST_ID and 0 < columns <= MOST_COLUMNS and 0 < rows <= MOST_ROWS):
        raise ValueError(f"image {image_id} in {columns}×{rows} cells")
    return Placeholders(image_id, columns, rows, pixels.width, pixels.height, background)


def image_ids(chance: Random) -> Iterator[int]:
    """Numbers for images, one after the other from a random start.

    A terminal has one room of numbers for all programs in it. Two of them that use n and m numbers in a row meet
    with a probability of about (n + m) / 16.7 million, for a thousand each one in 8,000.
    """
    numbers = LAST_ID - FIRST_ID + 1
    start = chance.randrange(numbers)
    return (FIRST_ID + at % numbers for at in count(start))


def transmission(cells: Placeholders, payload: bytes) -> Iterator[str]:
    """The commands that give the terminal a picture, to be written in this order and with no other of its kind between.

    `payload` is base64 of the zlib-compressed RGB pixels and nothing else. No answer is asked for (q=2).
    """
    size = f"s={cells.width},v={cells.height},c={cells.columns},r={cells.rows}"
    return commands(f"a=T,U=1,i={cells.image_id},f=24,o=z,{size},q=2", payload)


def commands(control: str, payload: bytes) -> Iterator[str]:
    """The commands that carry `payload`, base64, in pieces; `control` is the control data of the first of them."""
    for start in range(0, max(len(payload), 1), PAYLOAD_BYTES):
        chunk = payload[start : start + PAYLOAD_BYTES].decode("ascii")
        more = int(start + PAYLOAD_BYTES < len(payload))
        yield _command(f"{control},m={more}", chunk)
        control = "q=2"


def abandonment() -> str:
    """The command that ends a transmission which is under way; its image is none and should be deleted."""
    return _command("q=2,m=0", "")


def deletion(image_id: int) -> str:
    """The command that frees an image in the terminal and what it shows of it."""
    return _command(f"a=d,d=I,i={image_id},q=2")


def wrapped_for_tmux(command: str) -> str:
    """The command in what tmux passes on to the terminal around it, if its `allow-passthrough` is on."""
    return f"\x1bPtmux;{command.replace(_ESC, _ESC * 2)}{_ST}"


_ESC, _ST = "\x1b", "\x1b\\"


def _command(control: str, payload: str | None = None) -> str:
    return f"\x1b_G{control}{'' if payload is None else f';{payload}'}{_ST}"


def _colour(red: int, green: int, blue: int) -> Color:
    triplet = ColorTriplet(red, green, blue)
    return Color(triplet.hex, ColorType.TRUECOLOR, None, triplet)
