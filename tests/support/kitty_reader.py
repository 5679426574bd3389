"""What a terminal makes of the Kitty graphics commands in a stream of bytes, strict about the protocol's rules."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass, field

import pyte

from animus_tui.graphics.rendering.kitty import PLACEHOLDER, marks

_WRAPPED = re.compile(rb"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\")
_APC = re.compile(rb"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
CHUNK = 4096


class ProtocolError(AssertionError):
    """A command that a terminal would refuse, or that is not whole."""


@dataclass
class HeldImage:
    """An image in the terminal."""

    columns: int
    rows: int
    width: int
    height: int
    rgb: bytes

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """Red, green and blue."""
        at = 3 * (y * self.width + x)
        red, green, blue = self.rgb[at : at + 3]
        return red, green, blue


@dataclass
class KittyReader:
    """Feed it all that was written, in pieces of any size; commands count when they are whole."""

    inside_tmux: bool = False
    """Each command is wrapped for tmux, and none comes naked."""
    images: dict[int, HeldImage] = field(default_factory=dict)
    """What the terminal holds now, by number."""
    sent: list[int] = field(default_factory=list)
    """Numbers of the images that arrived whole, in order."""
    deleted: list[int] = field(default_factory=list)
    """Numbers that were deleted, in order."""
    abandoned: int = 0
    """Transmissions that were ended before they were whole."""
    most_in_terminal: int = 0
    """The most memory of images at a time, in bytes: 4 a pixel."""
    _unread: bytes = b""
    _loading: tuple[dict[str, str], bytes] | None = None

    def feed(self, data: bytes) -> None:
        """Take in what was written next."""
        data = self._unread + data
        end = 0
        pattern = _WRAPPED if self.inside_tmux else _APC
        for found in pattern.finditer(data):
            self._refuse_command(data[end : found.start()])
            end = found.end()
            self._take(found)
        rest = data[end:]
        begins = [at for at in (rest.find(b"\x1b_G"), rest.find(b"\x1bPtmux;")) if at >= 0]
        # Of what is no command only the last bytes may still become the beginning of one.
        self._unread = rest[min(begins) :] if begins else rest[-8:]

    def close(self) -> None:
        """Nothing follows: all commands must be whole."""
        self._refuse_command(self._unread)
        if self._loading is not None:
            raise ProtocolError("a transmission has no end")

    def _refuse_command(self, between: bytes) -> None:
        if b"\x1b_G" in between or b"\x1bPtmux;" in between:
            raise ProtocolError(f"a command that is not whole, or not wrapped: {between[:80]!r}")

    def _take(self, found: re.Match[bytes]) -> None:
        if self.inside_tmux:
            inner = found[1].replace(b"\x1b\x1b", b"\x1b")
            command = _APC.fullmatch(inner)
            if command is None:
                raise ProtocolError(f"wrapped is something else, or more than one: {inner[:80]!r}")
            found = command
        keys = dict(pair.split("=") for pair in found[1].decode().split(","))
        if keys.get("q") != "2":
            raise ProtocolError(f"an answer is asked for: {keys}")
        self._do(keys, found[2] or b"")

    def _do(self, keys: dict[str, str], payload: bytes) -> None:
        if len(payload) > CHUNK or not _BASE64.fullmatch(payload):
            raise ProtocolError(f"a chunk of {len(payload)} bytes: {payload[:40]!r}")
        match keys.get("a"):
            case "T":
                if self._loading is not None:
                    raise ProtocolError("a transmission begins within another")
                self._load(keys, b"", payload, keys["m"])
            case "d":
                if self._loading is not None:
                    raise ProtocolError("a deletion within a transmission")
                if keys["d"] != "I":
                    raise ProtocolError(f"memory is not freed: {keys}")
                self.deleted.append(int(keys["i"]))
                self.images.pop(int(keys["i"]), None)
            case None:
                if self._loading is None or not keys.keys() <= {"m", "q"}:
                    raise ProtocolError(f"a chunk of nothing: {keys}")
                self._load(*self._loading, payload, keys["m"])
            case action:
                raise ProtocolError(f"an action that is not used: {action}")

    def _load(self, keys: dict[str, str], so_far: bytes, payload: bytes, more: str) -> None:
        if more == "1":
            if not payload or len(payload) % 4:
                raise ProtocolError(f"a chunk of {len(payload)} bytes that is not the last")
            self._loading = keys, so_far + payload
            return
        self._loading = None
        if not payload and so_far:
            self.abandoned += 1
            return
        width, height = int(keys["s"]), int(keys["v"])
        rgb = zlib.decompress(base64.b64decode(so_far + payload, validate=True))
        if (keys["f"], keys["o"], keys["U"]) != ("24", "z", "1") or len(rgb) != 3 * width * height:
            raise ProtocolError(f"{len(rgb)} bytes for {keys}")
        number = int(keys["i"])
        self.sent.append(number)
        self.images[number] = HeldImage(int(keys["c"]), int(keys["r"]), width, height, rgb)
        in_terminal = sum(4 * image.width * image.height for image in self.images.values())
        self.most_in_terminal = max(self.most_in_terminal, in_terminal)


_NUMBER_OF = {mark: number for number, mark in enumerate(marks())}


def shown(screen: pyte.Screen) -> dict[tuple[int, int], tuple[int, int, int]]:
    """By row and column of the screen: image, and row and column within it, of each placeholder that stands there."""
    found = {}
    for y, line in screen.buffer.items():
        for x, cell in line.items():
            if cell.data.startswith(PLACEHOLDER):
                assert len(cell.data) == 3, f"a torn cell at row {y}, column {x}"
                found[y, x] = int(cell.fg, 16), _NUMBER_OF[cell.data[1]], _NUMBER_OF[cell.data[2]]
    return found


def corners(screen: pyte.Screen) -> dict[int, tuple[int, int]]:
    """By image: the row and column of the screen where its first cell stands or would stand. All cells must fit."""
    found: dict[int, tuple[int, int]] = {}
    for (y, x), (image, row, column) in shown(screen).items():
        corner = y - row, x - column
        if found.setdefault(image, corner) != corner:
            raise AssertionError(f"image {image} is torn at row {y}, column {x}")
    return found


def whole(screen: pyte.Screen) -> dict[tuple[int, int], tuple[int, int, int]] | None:
    """What is shown; None while a cell has only a part of what makes it, for its bytes are still coming."""
    try:
        return shown(screen)
    except AssertionError:
        return None
