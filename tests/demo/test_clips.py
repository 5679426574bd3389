"""Clips: an MP4 that is one, box by box and frame by frame, and by FFmpeg where there is one."""

import json
import shutil
import struct
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from animus_tui.demo.mp4 import mp4
from animus_tui.demo.painter import paint
from animus_tui.demo.painting.motion import FRAMES, RATE, moving_over
from tests.demo.conftest import Studio

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf"}


def boxes(data: bytes, start: int, end: int, path: str = "") -> Iterator[tuple[str, int, int]]:
    """Each box with its path and where its contents begin and end; the sizes must fill their box exactly."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        assert 8 <= size <= end - start
        name = f"{path}/{kind.decode()}"
        yield name, start + 8, start + size
        if kind in CONTAINERS:
            yield from boxes(data, start + 8, start + size, name)
        start += size


def frames(data: bytes) -> list[bytes]:
    """The samples, found by the index as a player finds them."""
    found = {name: (start, end) for name, start, end in boxes(data, 0, len(data))}
    table = "/moov/trak/mdia/minf/stbl"
    sizes_at, _ = found[f"{table}/stsz"]
    common, count = struct.unpack_from(">2I", data, sizes_at + 4)
    assert common == 0
    sizes = struct.unpack_from(f">{count}I", data, sizes_at + 12)
    [offset] = struct.unpack_from(">I", data, found[f"{table}/stco"][0] + 8)
    start, end = found["/mdat"]
    assert (offset, offset + sum(sizes)) == (start, end)
    cut: list[bytes] = []
    for size in sizes:
        cut.append(data[offset : offset + size])
        offset += size
    return cut


@pytest.fixture(scope="module")
def still() -> bytes:
    return paint("A lighthouse at dusk", width=320, height=240, seed=3)


@pytest.fixture(scope="module")
def clip(still: bytes) -> bytes:
    return moving_over(still, "zoom in", seed=1, size=(None, None), longest=160)


def test_every_frame_is_a_picture_of_the_clips_size(clip: bytes) -> None:
    pictures = [Image.open(BytesIO(frame)) for frame in frames(clip)]
    assert len(pictures) == FRAMES
    assert {(picture.format, picture.size) for picture in pictures} == {("JPEG", (160, 120))}
    for picture in pictures:
        assert picture.tobytes()


def test_the_clip_begins_with_the_picture_and_moves_a_little_with_each_frame(
    clip: bytes, still: bytes
) -> None:
    pictures = [Image.open(BytesIO(frame)).convert("RGB") for frame in frames(clip)]

    def apart(first: Image.Image, second: Image.Image) -> float:
        return ImageStat.Stat(ImageChops.difference(first, second).convert("L")).mean[0]

    whole = Image.open(BytesIO(still)).convert("RGB").resize((160, 120), Image.Resampling.BOX)
    assert apart(pictures[0], whole) < 6
    assert apart(pictures[0], pictures[-1]) > 3 * apart(pictures[11], pictures[12]) > 0


def test_the_words_say_where_the_view_goes(still: bytes) -> None:
    def ends(prompt: str, seed: int = 1) -> tuple[bytes, bytes]:
        cut = frames(moving_over(still, prompt, seed=seed, size=(64, 48), longest=64))
        return cut[0], cut[-1]

    left, right = ends("pan left"), ends("pan to the right")
    assert left == right[::-1]
    assert ends("zoom out")[1] == ends("zoom in")[0]
    assert ends("the wind rises") == ends("the wind rises")
    assert ends("the wind rises", 1) != ends("the wind rises", 2)


def test_the_boxes_say_size_duration_and_kind(clip: bytes) -> None:
    found = {name: clip[start:end] for name, start, end in boxes(clip, 0, len(clip))}
    assert list(found)[:2] == ["/ftyp", "/moov"]
    assert found["/ftyp"].startswith(b"isom")
    scale, duration = struct.unpack_from(">2I", found["/moov/mvhd"], 12)
    assert (scale, duration) == (RATE, FRAMES)
    assert struct.unpack(">2I", found["/moov/trak/tkhd"][-8:]) == (160 << 16, 120 << 16)
    entry = found["/moov/trak/mdia/minf/stbl/stsd"]
    assert entry[12:16] == b"mp4v"
    assert len(entry) == 8 + struct.unpack_from(">I", entry, 8)[0]
    assert b"\x6c\x11" in entry[entry.index(b"esds") :]


def test_a_clip_without_frames_is_none() -> None:
    with pytest.raises(ValueError, match="frame"):
        mp4([], width=16, height=16, rate=1)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="no FFmpeg here to ask")
def test_ffmpeg_decodes_every_frame(clip: bytes, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(clip)
    asked = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(file)]
    said = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert said.stderr == ""
    [stream] = json.loads(said.stdout)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("mjpeg", 160, 120)
    assert (stream["nb_read_frames"], float(stream["duration"])) == (str(FRAMES), FRAMES / RATE)


async def test_a_job_makes_a_clip_of_a_picture(studio: Studio) -> None:
    [url] = (await studio.made("A lake", width=128, height=96))["result_urls"]
    end = await studio.made(
        "zoom in slowly", source_image_url=url, convert_to_video=True, width=None, height=None
    )
    assert (end["status"], end["generation_type"]) == ("completed", "image_to_video")
    [address] = end["result_urls"]
    assert address.endswith(".mp4")
    answer = await studio.visitor.http.get(address)
    assert answer.headers["content-type"] == "video/mp4"
    first = Image.open(BytesIO(frames(answer.content)[0]))
    assert first.size == (128, 96)
    [sized] = await studio.results("zoom", source_image_url=url, convert_to_video=True, width=65, height=64)
    assert Image.open(BytesIO(frames(sized)[0])).size == (64, 64)
    [group, *_] = (await studio.get("generation/groups")).json()["groups"]
    assert group["preview_image_url"] is None


async def test_a_clip_is_no_picture_to_start_from(studio: Studio) -> None:
    [url] = (await studio.made("A lake"))["result_urls"]
    [clip] = (await studio.made("zoom", source_image_url=url, convert_to_video=True))["result_urls"]
    end = await studio.made("at night", source_image_url=clip)
    assert end["status"] == "failed"
    assert "cannot be read" in end["error"]
