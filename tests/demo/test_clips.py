"""The demo's clip: an MP4 file that is one, box by box and frame by frame, packaged, and handed out by a job."""

import struct
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.support.demo_visitor import Studio

pytestmark = pytest.mark.slow

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


def packaged() -> bytes:
    return (files("animus_tui.demo") / "clip.mp4").read_bytes()


def test_every_frame_is_a_picture_and_a_little_different_from_the_one_before() -> None:
    pictures = [Image.open(BytesIO(frame)).convert("RGB") for frame in frames(packaged())]
    assert {picture.size for picture in pictures} == {(256, 256)}

    def apart(first: Image.Image, second: Image.Image) -> float:
        return ImageStat.Stat(ImageChops.difference(first, second).convert("L")).mean[0]

    middle = len(pictures) // 2
    assert apart(pictures[0], pictures[-1]) > 2 * apart(pictures[middle], pictures[middle + 1]) > 0


def test_the_boxes_say_size_duration_and_kind() -> None:
    data = packaged()
    found = {name: data[start:end] for name, start, end in boxes(data, 0, len(data))}
    assert list(found)[:2] == ["/ftyp", "/moov"]
    assert found["/ftyp"].startswith(b"isom")
    scale, duration = struct.unpack_from(">2I", found["/moov/mvhd"], 12)
    assert 1 < duration / scale < 4
    assert struct.unpack(">2I", found["/moov/trak/tkhd"][-8:]) == (256 << 16, 256 << 16)


def test_the_clip_is_small_and_comes_with_the_package() -> None:
    assert len(packaged()) < 100_000
    settings = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert "demo/clip.mp4" in settings["tool"]["setuptools"]["package-data"]["animus_tui"]


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
    assert answer.content == packaged()
    [group, *_] = (await studio.get("generation/groups")).json()["groups"]
    assert group["preview_image_url"] is None


async def test_a_clip_is_no_picture_to_start_from(studio: Studio) -> None:
    [url] = (await studio.made("A lake"))["result_urls"]
    [clip] = (await studio.made("zoom", source_image_url=url, convert_to_video=True))["result_urls"]
    end = await studio.made("at night", source_image_url=clip)
    assert end["status"] == "failed"
    assert "cannot be read" in end["error"]
    again = await studio.made("zoom", source_image_url=clip, convert_to_video=True)
    assert again["status"] == "failed"
