"""Files that nobody vouches for → cells or pixels, decoded in a process of its own.

A bomb, a crash, a hang, garbage: each is one sentence, and the next picture works.
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from collections import OrderedDict
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from animus_tui.child_processes import child_environment
from animus_tui.errors import UserError
from animus_tui.graphics.decoding.checking import Picture, picture_in
from animus_tui.graphics.decoding.protocol import (
    FEWEST_COLOURS,
    MOST_CELL_SIDE,
    MOST_CELLS,
    MOST_COLOURS,
    MOST_PIECE_WIDTH,
    MOST_PIECES_PIXELS,
    MOST_REDUCED_SIDE,
    MOST_THUMBNAIL_SIDE,
    PREFIX_BYTES,
    CellsRequest,
    Colours,
    Drawing,
    Glyphs,
    PieceProtocol,
    PiecesRequest,
    Pixels,
    PixelsRequest,
    Reduced,
    ReducedRequest,
    Refused,
    Reply,
    Request,
    Rgb,
    Thumbnail,
    ThumbnailRequest,
    frame,
    frame_length,
    most_reply_bytes,
)
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.pieces import PictureRows
from animus_tui.printable import printable

PATIENCE = 20.0
"""Seconds for one picture, the start of the process included."""
REST = 30.0
"""Seconds until a picture that took too long is tried again, the first time; each time twice as long."""
LONGEST_REST = 600.0
MOST_RESTING = 1000
CACHE_BYTES = 16 << 20
"""Cells that are kept: about 700 pictures of 60×30."""
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "TMPDIR", "LANG", "LC_ALL")
"""Variables that loading Python may need. No others: the environment may hold secrets."""

_ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1"
)
"""numpy's linear algebra would start a thread a core, with some 30 MB of address space each, for tiny matrices; malloc
takes 64 MB for another thread of ours."""
_KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(4 << 20), "MALLOC_TRIM_THRESHOLD_": str(24 << 20)}
"""Of the decoding process, for glibc: see mallopt(3). A mosaic of 60×30 takes 16 MiB in arrays of up to 3 MiB.

Given back and taken again for each picture, they cost 3,300 page faults, a third of the time that drawing takes.
"""
_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of glibc's mallopt(3)."""
_LARGE_BLOCK = 128 << 10
"""Bytes from which a block is mapped by itself; glibc's own value at the start."""


class PictureUnreadable(UserError):  # noqa: N818 - it is no fault of the program
    """The picture's file cannot be shown."""

    def __init__(self, sentence: str, *, again_in: float | None = None) -> None:
        super().__init__(sentence)
        self.again_in = again_in
        """Seconds after which it is worth asking again; None where the file itself is at fault."""


class ProcessDiedError(Exception):
    """The process ended, or answered with something that is no answer."""


class DecodingProcess:
    """A warm process for one request at a time. It has no terminal, and ends when the application does."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None while it is not running."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self, *drawings: Drawing) -> None:
        """Start the process if it is not running, warm for such pictures. OSError where it cannot be."""
        await self._pipes(*drawings)

    async def ask(self, request: Request) -> Reply:
        """The reply to a request. After ProcessDiedError or a cancellation `end` must be called."""
        try:
            stdin, stdout = await self._pipes()
            stdin.write(frame(request))
            await stdin.drain()
            length = frame_length(await stdout.readexactly(PREFIX_BYTES), most_reply_bytes(request))
            reply: Reply = msgspec.msgpack.decode(await stdout.readexactly(length), type=Reply)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            raise ProcessDiedError(str(error)) from error
        return reply

    async def _pipes(self, *drawings: Drawing) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        """The pipes to and from the process, which is started if it is not running."""
        process = self._process
        if process is None or process.returncode is not None:
            await self.end()
            process = self._process = await _start(*drawings)
        if process.stdin is None or process.stdout is None:
            raise EOFError
        return process.stdin, process.stdout

    async def end(self) -> None:
        """Kill the process and wait until it and its pipes are gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        # Unlike wait(), this reads what is left in the pipe, without which its transport would not close.
        await process.communicate()


async def _start(*drawings: Drawing) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # nothing is imported from the current folder
        "-m",
        "animus_tui.graphics.decoding.worker",
        *drawings,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # no terminal to ask, no Ctrl+C
        env=environment() | _KEPT_MEMORY,
    )


def environment(*more: str) -> dict[str, str]:
    """The environment of a child process: a few variables, those named in `more`, and the application's import path."""
    return (
        child_environment(only=(*_PASSED_ON, *more))
        | _ONE_THREAD
        | {"PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)}
    )


class _Key(Struct, frozen=True):
    """A file in one state, drawn in one way."""

    size: int
    modified: int
    """Time of the last change, in nanoseconds."""
    inode: int
    request: Request


class _Drawing:
    """One request on its way, and the number of callers that wait for it."""

    def __init__(self, task: asyncio.Task[_Outcome]) -> None:
        self.task = task
        self.waiting = 0


class PictureDecoder:
    """Draws pictures one after the other in one warm process. Use from one event loop.

    The process starts with the first picture, or before it by `prepare`.

    Who waits may be cancelled at any time: a picture that is being drawn is finished and kept, one that is
    still queued is dropped when nobody waits for it any more.
    """

    def __init__(
        self, *, patience: float = PATIENCE, rest: float = REST, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """`rest`: seconds until a picture that took too long is tried again."""
        self.patience = patience
        """Most seconds for one picture, from the next request on."""
        self._resting = _Resting(rest)
        self._cache = _Cache(cache_bytes)
        self._process = DecodingProcess()
        self._turn = asyncio.Lock()
        self._drawings: dict[_Key, _Drawing] = {}
        self._begun: _Key | None = None
        self._deadline: asyncio.Timeout | None = None
        self._closed = False
        self._preparing: asyncio.Task[None] | None = None

    @property
    def process_id(self) -> int | None:
        """Process id of the decoding process; None while there is none."""
        return self._process.pid

    def prepare(self, *drawings: Drawing) -> None:
        """A picture will come: have the process started meanwhile, if there is none, and warm for such drawings.

        Returns at once. A process that cannot be started is no fault yet: each picture tries anew.
        """
        is_coming = self._preparing is not None and not self._preparing.done()
        if not self._closed and not is_coming and self._process.pid is None and not self._turn.locked():
            self._preparing = asyncio.create_task(self._prepare(drawings))

    async def _prepare(self, drawings: tuple[Drawing, ...]) -> None:
        async with self._turn:
            if not self._closed:
                with suppress(OSError):
                    await self._process.start(*drawings)
                if "pixels" in drawings:
                    await asyncio.to_thread(_give_large_blocks_back)

    async def render(
        self,
        path: Path,
        *,
        columns: int,
        rows: int,
        background: Rgb,
        colours: Colours = "truecolor",
        glyphs: Glyphs = "halves",
    ) -> Cells:
        """The picture in the file as exactly `columns`×`rows` cells; see `cells.fit` for a size of the right shape.

        `background` shines through where it is transparent. With fewer than 24-bit colours the cells are
        half blocks whatever `glyphs` says. Raises PictureUnreadable.
        """
        if columns < 1 or rows < 1 or columns * rows > MOST_CELLS:
            raise ValueError(f"a picture of {columns}×{rows} cells")
        if colours != "truecolor":
            glyphs = "halves"
        request = CellsRequest(os.fsencode(path), columns, rows, background, colours, glyphs)
        return await self._outcome(Cells, path, request)

    async def pixels(self, path: Path, *, width: int, height: int, background: Rgb) -> Pixels:
        """The picture in the file for the Kitty graphics protocol, in the shape of `width`×`height` pixels.

        It has at most so many, and no more than the file has or MOST_SENT_PIXELS. `background` shines through
        where it is transparent. The payload is nothing but base64. It is not kept: it is meant for the terminal,
        which keeps its own copy. Raises PictureUnreadable.
        """
        if width < 1 or height < 1:
            raise ValueError(f"a picture of {width}×{height} pixels")
        return await self._outcome(Pixels, path, PixelsRequest(os.fsencode(path), width, height, background))

    async def pieces(
        self,
        path: Path,
        *,
        columns: int,
        rows: int,
        cell: tuple[int, int],
        background: Rgb,
        protocol: PieceProtocol,
        colours: int = MOST_COLOURS,
    ) -> PictureRows:
        """The picture in the file as an escape sequence for each row of exactly `columns`×`rows` cells.

        `cell` is width and height of a cell in pixels, each at most MOST_CELL_SIDE; a row is at most
        MOST_PIECE_WIDTH pixels wide, the picture has at most MOST_PIECES_PIXELS: ValueError otherwise.
        `background` shines through where the picture is transparent. `colours` is the number of the terminal's
        colour registers (sixel). Nothing in a sequence comes from the file but pixels. Raises PictureUnreadable.
        """
        if (
            min(columns, rows, *cell) < 1
            or max(cell) > MOST_CELL_SIDE
            or columns * cell[0] > MOST_PIECE_WIDTH
            or columns * cell[0] * rows * cell[1] > MOST_PIECES_PIXELS
        ):
            raise ValueError(f"a picture of {columns}×{rows} cells of {cell[0]}×{cell[1]} pixels")
        if not FEWEST_COLOURS <= colours <= MOST_COLOURS:
            raise ValueError(f"a picture in {colours} colours")
        request = PiecesRequest(os.fsencode(path), columns, rows, *cell, background, protocol, colours)
        return await self._outcome(PictureRows, path, request)

    async def thumbnail(self, path: Path, *, side: int, background: Rgb) -> bytes:
        """The picture in the file as a JPEG of at most `side` pixels each way, to be kept and drawn from later.

        `background` shines through where it is transparent. Like any other file it is only to be read by this
        decoder. Raises PictureUnreadable.
        """
        if not 1 <= side <= MOST_THUMBNAIL_SIDE:
            raise ValueError(f"a thumbnail of {side} pixels")
        request = ThumbnailRequest(os.fsencode(path), side, background)
        return (await self._outcome(Thumbnail, path, request)).data

    async def reduced(self, path: Path, *, side: int, background: Rgb) -> Reduced:
        """The picture in the file as a JPEG of at most `side` pixels each way without metadata, to be sent.

        EXIF's orientation is obeyed, `background` shines through where it is transparent. Raises PictureUnreadable.
        """
        if not 1 <= side <= MOST_REDUCED_SIDE:
            raise ValueError(f"a picture of {side} pixels")
        return await self._outcome(Reduced, path, ReducedRequest(os.fsencode(path), side, background))

    async def aclose(self) -> None:
        """End the process at once; callers that still wait get PictureUnreadable."""
        self._closed = True
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())
        await asyncio.gather(*(drawing.task for drawing in self._drawings.values()), return_exceptions=True)
        if self._preparing is not None:
            await self._preparing
        await self._process.end()

    async def _outcome(self, kind: type[_Picture], path: Path, request: Request) -> _Picture:
        key = await asyncio.to_thread(_key, path, request)
        outcome = self._cache.get(key) or self._resting.get(key) or await self._drawn(key)
        if isinstance(outcome, PictureUnreadable):
            # A fresh one: an exception keeps the frames that it passed.
            raise PictureUnreadable(outcome.sentence, again_in=outcome.again_in)
        return cast("_Picture", outcome)  # `_checked` has seen to it that the reply is what was asked for

    async def _drawn(self, key: _Key) -> _Outcome:
        drawing = self._drawings.get(key)
        if drawing is None:
            drawing = self._drawings[key] = _Drawing(asyncio.create_task(self._draw_in_turn(key)))
        drawing.waiting += 1
        try:
            return await asyncio.shield(drawing.task)
        finally:
            drawing.waiting -= 1
            if not drawing.waiting and not drawing.task.done() and self._begun != key:
                del self._drawings[key]
                drawing.task.cancel()

    async def _draw_in_turn(self, key: _Key) -> _Outcome:
        async with self._turn:
            self._begun = key
            try:
                was_warm = self._process.pid is not None
                outcome = await self._draw(key)
                if outcome is _CRASHED and was_warm:  # perhaps it had died before this picture came
                    outcome = await self._draw(key)
            finally:
                self._begun = None
                del self._drawings[key]
        return self._remembered(key, outcome)

    def _remembered(self, key: _Key, outcome: _Outcome) -> _Outcome:
        """Put an outcome into the cache, or among those that are tried again later; returns it."""
        if isinstance(outcome, PictureUnreadable) and outcome.again_in is not None:
            return self._resting.put(key, outcome)
        self._resting.end(key)
        is_passing = outcome is _CRASHED or outcome is _CLOSED
        if not is_passing and not isinstance(outcome, Pixels | Thumbnail | Reduced):
            self._cache.put(key, outcome)
        return outcome

    async def _draw(self, key: _Key) -> _Outcome:
        if self._closed:
            return _CLOSED
        try:
            async with asyncio.timeout(self.patience) as self._deadline:
                reply = await self._process.ask(key.request)
                return await asyncio.to_thread(_checked, reply, key.request)
        except TimeoutError:
            outcome = _CLOSED if self._closed else _too_slow(self.patience)
        except ProcessDiedError:
            outcome = _CRASHED
        finally:
            self._deadline = None
        await self._process.end()
        return outcome


class _Cache:
    """The outcomes used last, bounded in bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._room = most_bytes
        self._outcomes: OrderedDict[_Key, _Outcome] = OrderedDict()

    def get(self, key: _Key) -> _Outcome | None:
        if key in self._outcomes:
            self._outcomes.move_to_end(key)
        return self._outcomes.get(key)

    def put(self, key: _Key, outcome: _Outcome) -> None:
        self._outcomes[key] = outcome
        self._room -= _weight(outcome)
        while self._room < 0:
            _, oldest = self._outcomes.popitem(last=False)
            self._room += _weight(oldest)


class _Resting:
    """Pictures that took too long, each with the time at which it is tried again."""

    def __init__(self, first: float) -> None:
        self._first = first
        self._known: OrderedDict[_Key, tuple[PictureUnreadable, float, float]] = OrderedDict()
        """The refusal, for how many seconds it holds, and the `time.monotonic()` at which they are over."""

    def get(self, key: _Key) -> PictureUnreadable | None:
        """The refusal of a picture that is not tried now; None when it is."""
        refusal, _, until = self._known.get(key, (None, 0.0, 0.0))
        left = until - time.monotonic()
        return (
            PictureUnreadable(refusal.sentence, again_in=left) if refusal is not None and left > 0 else None
        )

    def put(self, key: _Key, refusal: PictureUnreadable) -> PictureUnreadable:
        """Remember that a picture was refused; returns the refusal with the seconds until it is tried again."""
        _, before, _ = self._known.pop(key, (None, 0.0, 0.0))
        seconds = min(before * 2, LONGEST_REST) or self._first
        self._known[key] = refusal, seconds, time.monotonic() + seconds
        if len(self._known) > MOST_RESTING:
            self._known.popitem(last=False)
        return PictureUnreadable(refusal.sentence, again_in=seconds)

    def end(self, key: _Key) -> None:
        """Forget a picture that was read, or that will never be readable."""
        self._known.pop(key, None)


def _weight(outcome: _Outcome) -> int:
    return outcome.size_in_bytes if isinstance(outcome, Cells | PictureRows) else 1000


def _key(path: Path, request: Request) -> _Key:
    """Look at the file; blocks for as long as the disk does. Raises PictureUnreadable."""
    if isinstance(request, PixelsRequest):
        _give_large_blocks_back()
    try:
        state = path.stat()
    except FileNotFoundError:
        raise PictureUnreadable("The picture's file is gone; make the picture again.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise PictureUnreadable(f"The picture's file cannot be read: {reason}.") from None
    if not stat.S_ISREG(state.st_mode):  # a pipe, say, would be waited for
        raise PictureUnreadable(
            "What should be the picture's file is something else; make the picture again."
        )
    return _Key(state.st_size, state.st_mtime_ns, state.st_ino, request)


def _checked(reply: Reply, request: Request) -> _Outcome:
    """The reply, trusted no further than it goes. Raises ProcessDiedError when it is not what was asked for.

    Takes some milliseconds where the reply has megabytes.
    """
    if isinstance(reply, Refused):
        again_in = None if reply.is_final else REST
        return PictureUnreadable(printable(reply.sentence, newlines=False), again_in=again_in)
    picture = picture_in(reply, request)
    if picture is None:
        raise ProcessDiedError("it drew something else")
    return picture


def _too_slow(patience: float) -> PictureUnreadable:
    sentence = f"The picture took more than {patience:g} s to read; it is tried again later."
    return PictureUnreadable(sentence, again_in=REST)


@cache
def _give_large_blocks_back() -> None:
    """Have each large block go back to the system as soon as it is free. Where there is no glibc, nothing changes.

    Of itself glibc takes blocks as large as one that was freed from the heap from then on, where small objects that
    stay keep it from shrinking: with 200 pictures of 1.5 MB each passing through, the application grew by 70 MB.
    """
    import ctypes  # 4 ms, for the first picture in pixels

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)


_Picture = TypeVar("_Picture", Cells, Pixels, PictureRows, Thumbnail, Reduced)
_Outcome = Picture | PictureUnreadable
_CRASHED = PictureUnreadable("The picture's decoder stopped before it was done; make the picture again.")
_CLOSED = PictureUnreadable("The picture was not drawn: the application is closing.")
