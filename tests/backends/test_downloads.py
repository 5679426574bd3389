"""Fetching the bytes of a picture."""

from __future__ import annotations

import base64
from contextlib import suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.backends.base.errors import BackendError, NetworkError, PictureError
from animus_tui.backends.base.files import PICTURE
from animus_tui.backends.http.network_errors import origin
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.http.transport import file_url
from tests.support.backend_client import FILM, ONCE, client_of, closed_port, picture, pings
from tests.support.scripted_server import (
    End,
    Script,
    ScriptedServer,
    Step,
    answer,
    error,
    scripted,
    stream_head,
)

PNG = picture("PNG")


async def fetched(*scripts: Script, url: str = "/x.png") -> tuple[str, ScriptedServer]:
    """What the download of `url` from a foreign server ends with."""
    async with scripted(*scripts) as images, scripted() as service, client_of(service) as client:
        try:
            got = await client.download(images.url + url if url.startswith("/") else url)
        except BackendError as failed:
            return str(failed), images
    return f"{got.kind} {got.width}×{got.height}", images


async def test_a_picture_is_fetched_without_showing_the_token_to_a_foreign_server() -> None:
    got, server = await fetched([answer(PNG, kind="text/plain")])
    assert got == "png 37×21"
    assert "authorization" not in server.received[0].headers


async def test_a_picture_on_the_services_own_server_is_fetched_signed_in() -> None:
    async with scripted([answer(PNG)]) as server, client_of(server) as client:
        await client.download(f"{server.url}/media/1.png")
    assert server.received[0].headers["authorization"].startswith("Bearer ")


async def test_a_jpeg_with_a_film_behind_it_is_fetched() -> None:
    got, _ = await fetched([answer(picture("JPEG") + FILM, kind="image/jpeg")])
    assert got == "jpeg 37×21"


async def test_a_data_url_needs_no_request() -> None:
    url = "DATA:image/png;base64," + base64.b64encode(PNG).decode()
    got, server = await fetched([], url=url)
    assert got == "png 37×21"
    assert not server.received


async def test_a_redirect_is_followed_and_the_token_stays_at_home() -> None:
    async with scripted([answer(PNG)]) as images, scripted() as service, client_of(service) as client:
        there = f"Location: {images.url}/real.png\r\n"
        service.scripts = [[answer(b"", status=302, more=there)]]
        assert (await client.download(f"{service.url}/media/1.png")).kind == "png"
    assert "authorization" in service.received[0].headers
    assert "authorization" not in images.received[0].headers


async def test_a_relative_redirect_is_followed() -> None:
    got, server = await fetched([answer(b"", status=307, more="Location: /real.png\r\n")], [answer(PNG)])
    assert got == "png 37×21"
    assert server.received[1].path == "/real.png"


async def test_endless_redirects_end() -> None:
    got, server = await fetched([answer(b"", status=302, more="Location: /x.png\r\n")])
    assert "leads on and on" in got
    assert len(server.received) == 6


async def test_other_addresses_are_refused() -> None:
    rows: list[tuple[str, str]] = [
        ("file:///etc/passwd", "a file: address"),
        ("ftp://host/x.png", "a broken address"),
        ("javascript:alert(1)", "a javascript: address"),
        ("x.png", "a broken address"),
        ("", "a broken address"),
        ("http://[::1", "a broken address"),
        ("http://h:99999/x.png", "a broken address"),
        (f"http://{'a' * 70}.example/", "a broken address"),
    ]
    for url, named in rows:
        got, _ = await fetched([], url=url)
        assert f"The service named {named}" in got


async def test_a_redirect_to_another_scheme_is_refused() -> None:
    got, _ = await fetched([answer(b"", status=302, more="Location: file:///etc/passwd\r\n")])
    assert "127.0.0.1 leads to a file: address" in got


async def test_a_redirect_to_a_server_that_is_not_there_says_which_one_and_how_it_came_to_be_asked() -> None:
    there = f"Location: http://localhost:{closed_port()}/x.png\r\n"
    moved = answer(b"", status=302, more=there)
    async with scripted([moved]) as images, scripted() as service, client_of(service, retry=ONCE) as client:
        with pytest.raises(NetworkError) as caught:
            await client.download(f"{images.url}/1.png")
    assert "localhost (where 127.0.0.1 leads) could not be reached: the connection was refused" in str(
        caught.value
    )


@pytest.mark.parametrize(
    "target", ["127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "localhost", "printer.local"]
)
async def test_a_redirect_from_outside_into_the_users_own_network_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """The proxy stands for all servers outside."""
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    moved = answer(b"", status=302, more=f"Location: http://{target}/admin\r\n")
    async with scripted([moved]) as outside, scripted() as service, client_of(service, retry=ONCE) as client:
        monkeypatch.setenv("http_proxy", outside.url)
        with pytest.raises(PictureError) as caught:
            await client.download("http://pictures.example/1.png")
        assert len(outside.received) == 1
    assert f"pictures.example leads to {target.strip('[]')}, within your own network" in str(caught.value)


async def test_a_redirect_from_outside_to_the_service_itself_is_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with scripted() as outside, scripted([answer(PNG)]) as service, client_of(service) as client:
        outside.scripts = [[answer(b"", status=302, more=f"Location: {service.url}/1.png\r\n")]]
        monkeypatch.setenv("http_proxy", outside.url)
        assert (await client.download("http://pictures.example/1.png")).kind == "png"


async def test_a_redirect_to_another_port_of_the_same_host_does_not_carry_the_token() -> None:
    async with scripted([answer(PNG)]) as other_port, scripted() as service, client_of(service) as client:
        there = f"Location: //127.0.0.1:{other_port.port}/real.png\r\n"
        service.scripts = [[answer(b"", status=308, more=there)]]
        assert (await client.download(f"{service.url}/1.png")).kind == "png"
    assert "authorization" in service.received[0].headers
    assert "authorization" not in other_port.received[0].headers


async def test_a_redirect_back_to_the_service_is_signed_in_again() -> None:
    async with scripted() as images, scripted([answer(PNG)]) as service, client_of(service) as client:
        images.scripts = [[answer(b"", status=303, more=f"Location: {service.url}/media/1.png\r\n")]]
        assert (await client.download(f"{images.url}/1.png")).kind == "png"
    assert "authorization" not in images.received[0].headers
    assert "authorization" in service.received[0].headers


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("data:image/png;base64,AAAA", "127.0.0.1 points elsewhere, to what is no address."),
        ("http://[::1", "127.0.0.1 points elsewhere, to what is no address."),
        ("http://h:99999/", "127.0.0.1 leads to a broken address"),
        ("javascript:/x", "127.0.0.1 leads to a javascript: address"),
        ("//", "leads on and on"),
    ],
)
async def test_a_redirect_to_what_is_no_address_is_refused_and_not_tried_again(
    location: str, told: str
) -> None:
    got, server = await fetched([answer(b"", status=302, more=f"Location: {location}\r\n")])
    assert told in got
    assert len(server.received) == (6 if location == "//" else 1)


@given(st.text(max_size=60) | st.from_regex(r"https?://[^/]{0,20}(:[0-9]{0,6})?/?.{0,9}", fullmatch=True))
@settings(deadline=None, max_examples=80)
def test_no_address_makes_anything_but_a_picture_error(url: str) -> None:
    """Addresses that can be asked are left out: this is about the others."""
    for base in (None, httpx.URL("https://h.example/x")):
        with suppress(PictureError):
            file_url(url, base, PICTURE)


async def test_the_head_of_a_picture_that_never_ends_is_given_up_in_time() -> None:
    drip: list[Step] = [b"HTTP/1.1 200 OK\r\n", *pings(b"X-Still-Here: 1\r\n", 0.02, 500)]
    limits = Timeouts(image=0.3)
    async with scripted(drip) as server, client_of(server, timeouts=limits, retry=ONCE) as client:
        with pytest.raises(NetworkError, match=r"did not answer within 0\.3 s"):
            await client.download(f"{server.url}/x.png")


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_picture_that_is_gone_says_so_and_is_not_asked_for_again(status: int) -> None:
    got, server = await fetched([error(status)])
    assert f"127.0.0.1 answered {status} instead of the picture. It may have expired" in got
    assert len(server.received) == 1


@pytest.mark.parametrize("broken", [[error(503)], [End.RESET], [answer(PNG)[:-9]]])
async def test_a_download_is_tried_again(broken: list[Step]) -> None:
    got, server = await fetched(broken, broken, [answer(PNG)])
    assert got == "png 37×21"
    assert len(server.received) == 3


async def test_a_page_in_place_of_a_picture_is_not_read_to_its_end() -> None:
    page = answer(b"<!doctype html>" + b"x" * 1000)
    got, _ = await fetched([page[:-900], End.HANG])
    assert "An HTML or XML page came instead of a PNG, JPEG or WebP picture." in got


async def test_a_picture_of_more_than_32_mib_is_dropped_while_it_comes() -> None:
    head = answer(PNG)[: -len(PNG)].replace(b"Content-Length", b"X-Length") + PNG
    got, _ = await fetched([head, *[b"\0" * (1 << 20)] * 33, End.HANG])
    assert got.startswith("Picture too large")


async def test_a_picture_that_only_drips_ends_at_the_time_limit() -> None:
    drip: list[Step] = [stream_head(kind="image/png"), PNG[:60], *pings(b"\0", 0.02, 200)]
    timeouts = Timeouts(image=0.2)
    async with scripted(drip) as server, client_of(server, timeouts=timeouts, retry=ONCE) as client:
        with pytest.raises(NetworkError, match="No answer"):
            await client.download(f"{server.url}/x.png")


async def test_500_at_a_pictures_address_is_a_retryable_picture_error() -> None:
    async with scripted([error(500)]) as server, client_of(server) as client:
        with pytest.raises(PictureError, match="answered 500") as caught:
            await client.download(f"{server.url}/x.png")
    assert caught.value.retryable


def test_the_token_is_for_one_scheme_one_host_and_one_port() -> None:
    rows: list[tuple[str, str, bool]] = [
        ("https://h.example/a", "https://H.EXAMPLE:443/b?c", True),
        ("http://h.example", "http://h.example:80", True),
        ("http://h.example:443", "https://h.example", False),
        ("https://h.example", "https://h.example:8443", False),
        ("https://h.example", "https://h.example.evil.example", False),
        ("https://h.example", "https://me@h.example", True),
        ("https://h.example", "https://h.example@evil.example", False),
    ]
    for one, other, same in rows:
        assert (origin(httpx.URL(one)) == origin(httpx.URL(other))) is same
