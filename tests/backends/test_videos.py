"""Which bytes are accepted as a clip, and fetching them."""

from __future__ import annotations

import base64

import pytest

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.files import MOST_VIDEO_BYTES, VIDEO, check_video
from animus_tui.backends.base.image_values import Video
from tests.support.backend_client import SECRET, client_of, picture
from tests.support.scripted_server import Script, answer, error, scripted, stream_head


def box(kind: bytes, content: bytes = b"", *, long: bool = False) -> bytes:
    """One box of an MP4, its size in 32 or 64 bits."""
    if long:
        return b"\0\0\0\1" + kind + (16 + len(content)).to_bytes(8, "big") + content
    return (8 + len(content)).to_bytes(4, "big") + kind + content


HEAD = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
MOVIE = box(b"moov", box(b"mvhd", b"\0" * 100))
MP4 = HEAD + MOVIE + box(b"mdat", b"\x17" * 500)


def test_an_mp4_is_known_by_its_boxes() -> None:
    rows: list[bytes] = [
        MP4,
        HEAD + box(b"free") + box(b"mdat", b"x" * 99) + MOVIE,
        HEAD + MOVIE + box(b"mdat", b"x" * 99, long=True),
        HEAD + MOVIE + b"\0\0\0\0mdat" + b"x" * 99,
        MP4 + b"\0" * 7,
        MP4 + b"\0\0\0\3junk",
        MP4 + b"written by a camera, and longer than the file if this were a box",
        HEAD + box(b"beam", b"x" * 9) + MOVIE + box(b"mdat", b"x" * 99),
        MP4.replace(b"isom", b"qt  "),
    ]
    for data in rows:
        assert check_video(data) == Video(data=data, kind="mp4")


def test_anything_else_is_refused_with_what_came() -> None:
    rows: list[tuple[bytes, str]] = [
        (b"", "Nothing came"),
        (picture("PNG"), "A PNG picture came"),
        (picture("JPEG"), "A JPEG picture came"),
        (picture("WEBP"), "A WebP picture came"),
        (picture("GIF"), "A GIF picture came"),
        (box(b"ftyp", b"avif\0\0\0\0"), "An AVIF or HEIC picture came"),
        (box(b"ftyp", b"heic\0\0\0\0"), "An AVIF or HEIC picture came"),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 40, "A Matroska or WebM video came"),
        (b"<html>expired</html>", "An HTML or XML page came"),
        (b'{"error": 1}', "JSON came"),
        (b"not found", "Text came"),
        (MP4[1:], "Data of an unknown kind came"),
    ]
    for data, came in rows:
        with pytest.raises(PictureError) as caught:
            check_video(data)
        assert str(caught.value) == f"No video: {came} instead of an MP4 video. Try again."


@pytest.mark.parametrize("data", [MP4, HEAD + box(b"mdat", b"x" * 99) + MOVIE])
def test_a_video_cut_off_anywhere_is_refused(data: bytes) -> None:
    for at in range(len(data)):
        with pytest.raises(PictureError) as caught:
            check_video(data[:at])
        assert at < len(HEAD) or caught.value.retryable


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", b"\0\0\0\1", b"\0\0\0\7"])
def test_boxes_with_wrong_sizes_are_no_film_and_no_endless_loop(size: bytes) -> None:
    for data in (HEAD + size + b"moov" + b"\xff" * 64, size + HEAD[4:] + MOVIE):
        with pytest.raises(PictureError, match="cut off"):
            check_video(data)


def test_boxes_without_an_end_are_not_counted_for_ever() -> None:
    with pytest.raises(PictureError, match="cut off"):
        check_video(HEAD + box(b"free") * 70_000 + MOVIE + box(b"mdat"))


async def fetched(script: Script) -> tuple[Video | str, dict[str, str]]:
    async with scripted(script) as server, scripted() as service, client_of(service) as client:
        try:
            video: Video | str = await client.download_video(f"{server.url}/clip")
        except PictureError as failed:
            video = str(failed)
        return video, server.received[0].headers


async def test_a_clip_is_fetched_without_showing_the_token_to_a_foreign_server() -> None:
    video, headers = await fetched([answer(MP4, kind="text/plain")])
    assert video == Video(data=MP4, kind="mp4")
    assert headers["accept"] == "video/mp4"
    assert "authorization" not in headers


async def test_a_clip_on_the_services_own_server_is_fetched_signed_in_and_tried_again() -> None:
    async with scripted([error(503)], [answer(MP4)]) as server, client_of(server) as client:
        assert (await client.download_video(f"{server.url}/clip.mp4")).data == MP4
    assert [request.headers["authorization"] for request in server.received] == [f"Bearer {SECRET}"] * 2


async def test_a_clip_in_a_data_url_needs_no_request() -> None:
    async with scripted() as server, client_of(server) as client:
        url = "data:video/mp4;base64," + base64.b64encode(MP4).decode()
        assert (await client.download_video(url)).data == MP4
        with pytest.raises(PictureError, match="The video's data: address holds broken base64"):
            await client.download_video("data:video/mp4;base64,abcde")
    assert not server.received


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x.example/a.mp4", "/a.mp4", "javascript:1"])
async def test_other_addresses_are_refused(address: str) -> None:
    async with scripted() as server, client_of(server) as client:
        with pytest.raises(PictureError, match="videos come from http, https and data: addresses only"):
            await client.download_video(address)


async def test_a_clip_that_is_gone_says_so() -> None:
    video, _ = await fetched([error(404)])
    assert video == (
        "No video: 127.0.0.1 answered 404 instead of the video. It may have expired; make the video again."
    )


async def test_a_picture_in_place_of_a_clip_is_not_read_to_its_end() -> None:
    endless: Script = [stream_head(kind="video/mp4"), picture("PNG"), 3600.0]
    video, _ = await fetched(endless)
    assert str(video).startswith("No video: A PNG picture came instead of an MP4 video.")


async def test_a_clip_of_more_than_the_bound_is_dropped_while_it_comes() -> None:
    mib = bytes(1 << 20)
    film = box(b"mdat", bytes(MOST_VIDEO_BYTES))[:8]
    script: Script = [
        stream_head(kind="video/mp4"),
        HEAD + MOVIE + film,
        *[mib] * (MOST_VIDEO_BYTES >> 20),
        3600.0,
    ]
    video, _ = await fetched(script)
    assert video == "Video too large: The video has at least 128 MiB; at most 128 MiB are accepted."


def test_the_bound_holds_for_bytes_that_are_there() -> None:
    film = MOST_VIDEO_BYTES - len(HEAD) - len(MOVIE) - 8
    just = b"".join([HEAD, MOVIE, (film + 8).to_bytes(4, "big"), b"mdat", bytes(film)])
    assert len(check_video(just).data) == MOST_VIDEO_BYTES == VIDEO.most
    with pytest.raises(PictureError, match="Video too large"):
        check_video(just + b"\0")
    assert MOST_VIDEO_BYTES >= 64 << 20
