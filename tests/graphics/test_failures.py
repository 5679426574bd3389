"""What goes wrong with one picture is one sentence, and the next picture works."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from animus_tui.graphics.decoding.decoder import PATIENCE, PictureDecoder, PictureUnreadable
from animus_tui.graphics.decoding.protocol import Drawn, Glyphs, Line, Pixels, Refused, frame
from tests.support.decoding import drawer
from tests.support.drawn_cells import assert_all_near, is_gone
from tests.support.picture_samples import (
    BLACK,
    RED,
    file_of,
    jpeg_claiming,
    plain,
    png_claiming,
    pretenders,
    program_that_answers,
    textured,
    webp_canvas_of,
)

if TYPE_CHECKING:
    from tests.support.decoding import Draw

pytestmark = pytest.mark.slow

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="changes the limits of another process")
GOOD = file_of(plain(RED), "PNG")


async def sentence_for(draw: Draw, data: bytes) -> str:
    with pytest.raises(PictureUnreadable) as caught:
        await draw(data)
    return caught.value.sentence


async def started(decoder: PictureDecoder, folder: Path) -> int:
    """The number of the running process, after one good picture."""
    path = folder / "first.png"
    path.write_bytes(GOOD)
    await decoder.render(path, columns=3, rows=2, background=BLACK)
    assert decoder.process_id is not None
    return decoder.process_id


@pytest.fixture
def draw(shared_decoder: PictureDecoder, tmp_path: Path) -> Draw:
    return drawer(shared_decoder, tmp_path)


async def test_what_is_no_picture_is_refused_in_a_sentence(draw: Draw) -> None:
    for what, data in pretenders().items():
        sentence = await sentence_for(draw, data)
        assert ("empty" if what == "nothing" else "picture") in sentence, what
        assert sentence.endswith(("; make the picture again.", "; make it again.")), what
    assert_all_near(await draw(GOOD), RED, 0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(
            png_claiming(6400, 6400), "The PNG picture has more than 40 megapixels", id="PNG of 41 MP"
        ),
        pytest.param(
            png_claiming(60_000, 60_000), "The PNG picture has more than 40 megapixels", id="PNG of 3.6 GP"
        ),
        pytest.param(png_claiming(2**31 - 1, 2**31 - 1), "The PNG picture", id="PNG of 2³¹×2³¹"),
        pytest.param(png_claiming(0, 5), "The PNG picture", id="PNG of no width"),
        pytest.param(
            png_claiming(6000, 6000), "The PNG picture is damaged", id="PNG of 36 MP without its data"
        ),
        pytest.param(
            jpeg_claiming(65_000, 65_000), "The JPEG picture has more than 40 megapixels", id="JPEG of 4.2 GP"
        ),
        pytest.param(webp_canvas_of(16_384), "The WebP picture", id="WebP of 268 MP"),
        pytest.param(bytes(1) * ((32 << 20) + 1), "The picture has more than 32 MiB", id="too many bytes"),
    ],
)
async def test_a_bomb_is_refused_in_a_sentence(draw: Draw, data: bytes, words: str) -> None:
    assert words in await sentence_for(draw, data)
    assert_all_near(await draw(GOOD), RED, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_that_is_cut_off_is_refused_in_a_sentence(draw: Draw, kind: str) -> None:
    data = file_of(textured((200, 200)), kind)
    name = {"WEBP": "WebP"}.get(kind, kind)
    assert f"The {name} picture" in await sentence_for(draw, data[: len(data) // 2])


async def test_a_file_that_is_gone_is_refused_in_a_sentence(decoder: PictureDecoder, tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable, match="gone"):
        await decoder.render(tmp_path / "nowhere.png", columns=3, rows=2, background=BLACK)
    assert decoder.process_id is None


async def test_a_pipe_in_place_of_a_file_is_not_waited_for(decoder: PictureDecoder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path, Path("a\0b")):
        with pytest.raises(PictureUnreadable, match="he picture's file"):
            await decoder.render(path, columns=3, rows=2, background=BLACK)


async def test_a_hang_ends_after_a_while_and_the_next_picture_works(tmp_path: Path) -> None:
    decoder = PictureDecoder()
    hung = await started(decoder, tmp_path)
    os.kill(hung, signal.SIGSTOP)
    path = tmp_path / "second.png"
    path.write_bytes(GOOD)
    decoder.patience = 1.5  # only now: on a busy machine a process may need longer to start
    with pytest.raises(PictureUnreadable, match=r"took more than 1\.5 s"):
        await decoder.render(path, columns=3, rows=2, background=BLACK)
    decoder.patience = PATIENCE
    assert is_gone(hung)
    assert_all_near(await decoder.render(path, columns=4, rows=2, background=BLACK), RED, 0)
    assert decoder.process_id != hung
    await decoder.aclose()


async def timed_out(decoder: PictureDecoder, path: Path) -> PictureUnreadable:
    """The refusal of a picture that a stopped process was given. The decoder's patience is back as it was."""
    assert decoder.process_id is not None
    os.kill(decoder.process_id, signal.SIGSTOP)
    decoder.patience = 0.3
    with pytest.raises(PictureUnreadable, match="tried again later") as caught:
        await decoder.render(path, columns=3, rows=2, background=BLACK)
    decoder.patience = PATIENCE
    return caught.value


async def test_a_picture_that_took_too_long_is_tried_again_later(tmp_path: Path) -> None:
    decoder = PictureDecoder(rest=0.5)
    await started(decoder, tmp_path)
    path = tmp_path / "second.png"
    path.write_bytes(GOOD)
    refused = await timed_out(decoder, path)
    assert refused.again_in == 0.5
    assert decoder.process_id is None
    with pytest.raises(PictureUnreadable, match="tried again later") as caught:
        await decoder.render(path, columns=3, rows=2, background=BLACK)
    assert caught.value.again_in is not None
    assert 0 < caught.value.again_in <= 0.5
    assert decoder.process_id is None, "it rests: nobody was asked"
    await asyncio.sleep(caught.value.again_in)
    assert_all_near(await decoder.render(path, columns=3, rows=2, background=BLACK), RED, 0)
    await decoder.aclose()


async def test_each_time_that_a_picture_takes_too_long_it_rests_for_longer(tmp_path: Path) -> None:
    decoder = PictureDecoder(rest=0.1)
    path = tmp_path / "second.png"
    path.write_bytes(GOOD)
    rests: list[float | None] = []
    for _ in range(3):
        await started(decoder, tmp_path)
        refused = await timed_out(decoder, path)
        rests.append(refused.again_in)
        await asyncio.sleep(refused.again_in or 0)
        (tmp_path / "first.png").unlink()  # so that it is drawn anew, by a new process
    assert rests == [0.1, 0.2, 0.4]
    await decoder.aclose()


async def test_a_broken_picture_stays_broken_without_being_read_again(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(GOOD[:50])
    for _ in range(2):
        with pytest.raises(PictureUnreadable) as caught:
            await decoder.render(path, columns=3, rows=2, background=BLACK)
        assert caught.value.again_in is None
        if decoder.process_id is not None:
            os.kill(decoder.process_id, signal.SIGKILL)
            while decoder.process_id is not None:
                await asyncio.sleep(0.01)
    assert decoder.process_id is None, "the second time nobody was asked"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_file_that_may_not_be_read_for_now_is_tried_again_later(tmp_path: Path) -> None:
    decoder = PictureDecoder(rest=0.1)
    path = tmp_path / "closed.png"
    path.write_bytes(GOOD)
    path.chmod(0)
    with pytest.raises(PictureUnreadable, match="cannot be read") as caught:
        await decoder.render(path, columns=3, rows=2, background=BLACK)
    path.chmod(0o600)
    await asyncio.sleep(caught.value.again_in or 0)
    assert_all_near(await decoder.render(path, columns=3, rows=2, background=BLACK), RED, 0)
    await decoder.aclose()


async def test_a_process_killed_between_two_pictures_is_replaced_unnoticed(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    first = await started(decoder, tmp_path)
    os.kill(first, signal.SIGKILL)
    cells = await decoder.render(tmp_path / "first.png", columns=5, rows=2, background=BLACK)
    assert_all_near(cells, RED, 0)
    assert is_gone(first)


async def test_a_process_that_dies_with_a_picture_is_a_sentence(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    """The process is stopped so that the picture is under way for sure when it is killed."""
    first = await started(decoder, tmp_path)
    os.kill(first, signal.SIGSTOP)
    drawing = asyncio.create_task(decoder.render(tmp_path / "first.png", columns=7, rows=2, background=BLACK))
    await asyncio.sleep(0.2)
    os.kill(first, signal.SIGKILL)
    assert_all_near(await drawing, RED, 0)  # it may not have been the picture's fault: tried once more
    assert decoder.process_id != first


@linux_only
@pytest.mark.parametrize("glyphs", ["halves", "quadrants"])
async def test_a_picture_that_needs_too_much_memory_is_a_sentence(
    decoder: PictureDecoder, tmp_path: Path, glyphs: Glyphs
) -> None:
    pid = await started(decoder, tmp_path)
    first, large = tmp_path / "first.png", tmp_path / "large.png"
    large.write_bytes(file_of(plain(RED, (6000, 6000)), "PNG", compress_level=1))
    await decoder.render(first, columns=4, rows=2, background=BLACK, glyphs=glyphs)
    taken = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.prlimit(pid, resource.RLIMIT_AS, (taken + (64 << 20), 1 << 30))
    with pytest.raises(PictureUnreadable, match="The PNG picture needs too much memory to be shown"):
        await decoder.render(large, columns=5, rows=2, background=BLACK, glyphs=glyphs)
    with pytest.raises(PictureUnreadable, match="The PNG picture needs too much memory to be shown"):
        await decoder.pixels(large, width=50, height=50, background=BLACK)
    assert_all_near(await decoder.render(first, columns=6, rows=2, background=BLACK), RED, 0)
    assert decoder.process_id == pid


@linux_only
async def test_a_process_that_has_computed_for_too_long_is_replaced(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    first = await started(decoder, tmp_path)
    large = tmp_path / "large.png"
    large.write_bytes(file_of(plain(RED, (6000, 6000)), "PNG", compress_level=1))
    resource.prlimit(first, resource.RLIMIT_CPU, (1, 1))
    columns = 1
    while decoder.process_id == first:  # a second is a few of these
        assert_all_near(await decoder.render(large, columns=columns, rows=2, background=BLACK), RED, 0)
        columns += 1
    assert is_gone(first)


async def test_a_decoder_gone_astray_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, decoder: PictureDecoder, tmp_path: Path
) -> None:
    (tmp_path / "picture.png").write_bytes(GOOD)
    for what, answer in {
        "nothing": b"",
        "text": b"Traceback (most recent call last):\n  File",
        "a frame of 4 GiB": b"\xff\xff\xff\xff",
        "a frame of junk": b"\0\0\0\x05junk!",
        "pixels": frame(Pixels(2, 2, b"AAAA")),
        "no lines": frame(Drawn(())),
        "one line instead of two": frame(Drawn((Line("  ", bytes(6), bytes(6)),))),
        "too wide": frame(Drawn((Line("   ", bytes(9), bytes(9)),) * 2)),
        "a colour missing": frame(Drawn((Line("  ", bytes(6), bytes(5)),) * 2)),
        "an escape sequence": frame(Drawn((Line("\x1bc", bytes(6), bytes(6)),) * 2)),
    }.items():
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", program_that_answers(tmp_path, answer))
            with pytest.raises(PictureUnreadable) as caught:
                await decoder.render(tmp_path / "picture.png", columns=2, rows=2, background=BLACK)
        assert "decoder stopped" in caught.value.sentence, what
    assert_all_near(
        await decoder.render(tmp_path / "picture.png", columns=2, rows=2, background=BLACK), RED, 0
    )


async def test_a_sentence_from_the_decoder_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, decoder: PictureDecoder, tmp_path: Path
) -> None:
    (tmp_path / "picture.png").write_bytes(GOOD)
    answer = frame(Refused("No.\x1b]52;c;aGk=\x07\nNever."))
    monkeypatch.setattr(sys, "executable", program_that_answers(tmp_path, answer))
    with pytest.raises(PictureUnreadable) as caught:
        await decoder.render(tmp_path / "picture.png", columns=2, rows=2, background=BLACK)
    assert caught.value.sentence == "No. Never."


async def test_without_a_program_to_decode_with_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, decoder: PictureDecoder, tmp_path: Path
) -> None:
    (tmp_path / "picture.png").write_bytes(GOOD)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(PictureUnreadable):
        await decoder.render(tmp_path / "picture.png", columns=2, rows=2, background=BLACK)


async def test_cancelled_requests_do_not_change_the_answers_of_others(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    dice = random.Random(7)
    colours = {tmp_path / f"{number}.png": (number * 8, 255 - number * 8, 128) for number in range(30)}
    for path, colour in colours.items():
        path.write_bytes(file_of(plain(colour), "PNG"))
    for _ in range(6):
        drawings = {
            path: asyncio.create_task(
                decoder.render(path, columns=dice.randrange(3, 9), rows=3, background=BLACK)
            )
            for path in dice.sample(list(colours), 15)
        }
        cancelled = dice.sample(list(drawings), 10)
        for path in cancelled:
            await asyncio.sleep(dice.choice((0, 0, 0.002, 0.01)))
            drawings[path].cancel()
        await asyncio.gather(*drawings.values(), return_exceptions=True)
        for path, drawing in drawings.items():
            if not drawing.cancelled():
                assert_all_near(drawing.result(), colours[path], 0)
        assert sum(not drawing.cancelled() for drawing in drawings.values()) >= 5


async def test_what_nobody_waits_for_any_more_is_not_drawn(decoder: PictureDecoder, tmp_path: Path) -> None:
    large, small = tmp_path / "large.png", tmp_path / "small.png"
    large.write_bytes(file_of(plain(RED, (6300, 6300)), "PNG", compress_level=1))
    small.write_bytes(GOOD)
    await started(decoder, tmp_path)
    clock = asyncio.get_running_loop().time
    before = clock()
    await decoder.render(large, columns=101, rows=9, background=BLACK)
    one = clock() - before
    drawings = [
        asyncio.create_task(decoder.render(large, columns=columns, rows=9, background=BLACK))
        for columns in range(1, 101)
    ]
    await asyncio.sleep(0.1)
    for drawing in drawings:
        drawing.cancel()
    await asyncio.gather(*drawings, return_exceptions=True)
    async with asyncio.timeout(max(10, 20 * one)):  # a hundred of the large ones take longer
        assert_all_near(await decoder.render(small, columns=3, rows=2, background=BLACK), RED, 0)
