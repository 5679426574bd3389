"""Addresses, proxies and certificates: what stands between the client and the service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from animus_tui.addresses import credentials_in, is_service, is_unprotected, secrets_in, without_secrets
from animus_tui.api.client import AnimusClient
from animus_tui.api.errors import (
    AnimusError,
    NetworkError,
)
from animus_tui.api.network import service_url
from animus_tui.config import ApiConfig
from tests.api.scripted_server import (
    answer,
    error,
    reply,
    scripted,
)
from tests.api.support import ONCE, REQUEST, SECRET, client_of
from tests.api.test_failures import failure


async def test_an_unknown_host_is_named_in_the_sentence() -> None:
    config = ApiConfig(base_url="http://no-such-host.invalid/v3", api_key="key-key-key")
    async with AnimusClient(config, retry=ONCE) as client:
        with pytest.raises(NetworkError, match=r"no-such-host\.invalid could not be reached"):
            await client.complete(REQUEST)


async def test_a_redirect_of_the_service_is_a_wrong_address() -> None:
    moved = answer(b"", status=301, more="Location: https://elsewhere.example/login\r\n")
    caught = await failure([moved])
    assert caught.title == "Wrong address"
    assert "301" in caught.sentence


@pytest.mark.parametrize("location", ["data:text/plain,x", "http://[::1", "//", "/v4", "http://h:99999/"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_of_the_service_is_followed_or_tried_again(location: str, status: int) -> None:
    moved = answer(b"", status=status, more=f"Location: {location}\r\n")
    async with scripted([moved]) as server, client_of(server) as client:
        with pytest.raises(AnimusError, match="Wrong address"):
            await client.complete(REQUEST)
        with pytest.raises(AnimusError, match="Wrong address"):
            await client.generate_image("a cat")
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "address", ["nonsense", "ftp://host/", "http://a..b/", "http://h:99999/", "http://[::1/", ""]
)
async def test_an_address_that_cannot_be_asked_is_named(address: str) -> None:
    async with AnimusClient(ApiConfig(base_url=address, api_key="key-key-key")) as client:
        with pytest.raises(AnimusError, match="Wrong address"):
            await client.complete(REQUEST)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://x"])
async def test_a_proxy_in_the_environment_does_not_stand_before_a_server_on_this_machine(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    async with scripted([reply("there")]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST)).content == "there"


async def test_a_proxy_that_cannot_be_used_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://user:planted-password@x")
    async with AnimusClient(ApiConfig(base_url="http://service.invalid", api_key="key-key-key")) as client:
        with pytest.raises(AnimusError, match="Check ALL_PROXY") as caught:
            await client.complete(REQUEST)
    assert "planted-password" not in str(caught.value)


async def test_https_spoken_to_a_server_without_it_is_no_connection() -> None:
    refused = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # what is unread when a connection is closed resets it
        writer.write(error(400))
        await reader.read()
        writer.close()
        refused.set()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with AnimusClient(ApiConfig(base_url=address, api_key="key-key-key"), retry=ONCE) as client:
            with pytest.raises(NetworkError, match="could not be reached: wrong version number") as caught:
                await client.complete(REQUEST)
        await refused.wait()
    assert not caught.value.sent


def test_a_name_and_a_password_in_an_address_are_not_shown() -> None:
    with pytest.raises(AnimusError, match=r"'ftp://host/\?…'"):
        service_url("ftp://user:password@host/?key=value")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_pictures_from_elsewhere_take_the_proxy_also_when_the_service_is_on_this_machine(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scripted([error(403)]) as proxy, scripted([reply("there")]) as service:
        for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        async with client_of(service, retry=ONCE) as client:
            assert (await client.complete(REQUEST)).content == "there"
            with pytest.raises(AnimusError, match="403"):
                await client.download(f"{scheme}://pictures.invalid/x.png")
    asked = {"http": ("GET", "http://pictures.invalid/x.png"), "https": ("CONNECT", "pictures.invalid:443")}
    assert [(request.method, request.path) for request in proxy.received] == [asked[scheme]]
    assert "authorization" not in proxy.received[0].headers


async def test_the_token_stays_within_the_tunnel_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with scripted([error(502)]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        config = ApiConfig(base_url="https://service.invalid/v3", api_key=SECRET)
        async with AnimusClient(config, retry=ONCE) as client:
            with pytest.raises(NetworkError, match=r"service\.invalid could not be reached"):
                await client.complete(REQUEST)
    assert proxy.received[0].path == "service.invalid:443"
    assert SECRET not in str(proxy.received[0])


async def test_certificates_that_cannot_be_read_are_a_sentence_except_for_this_machines_own_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "certificates.pem"
    broken.write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(broken))
    async with scripted([reply("there")]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST)).content == "there"
    async with AnimusClient(ApiConfig(base_url="https://service.invalid", api_key="key-key-key")) as client:
        with pytest.raises(AnimusError, match="Check ALL_PROXY, HTTPS_PROXY, HTTP_PROXY and SSL_CERT_FILE"):
            await client.complete(REQUEST)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:word@host.example:8/path?key=1#part", "https://host.example:8/path?…"),
        ("https://host.example/path", "https://host.example/path"),
        ("//me:word@host.example/path", "(no address)"),
        ("host?key=1", "(no address)"),
        ("http://[::1", "(no address)"),
        ("words", "words"),
    ],
)
def test_what_is_shown_of_an_address_holds_no_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://host.example/path", []),
        ("https://me:pass%20word@host.example/", ["pass%20word", "pass word"]),
        ("https://host.example/?key=a%2Fb&other=c&bare", ["a%2Fb", "c", "bare", "a/b"]),
        ("https://host.example/#part", ["part"]),
        ("http://[::1", []),
    ],
)
def test_the_secrets_in_an_address_are_found_as_they_stand_and_decoded(url: str, secrets: list[str]) -> None:
    assert secrets_in(url) == secrets


def test_what_signs_in_is_found_as_it_is_sent() -> None:
    found = credentials_in("https://na%6De:pass%20word@host.example/?key=abc", "https://host.example", "[")
    assert found == ["bmFtZTpwYXNzIHdvcmQ=", "na%6De", "name", "pass%20word", "abc", "pass word"]
    assert credentials_in("https://token@host.example/") == ["dG9rZW46", "token"]


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://host.example/v3", True),
        ("http://127.0.0.1:8", True),
        ("HTTPS://host", True),
        ("ftp://host", False),
        ("https://", False),
        ("https://ho st/", False),
        ("https://host/\x1b[2J", False),
        ("https://host:port/", False),
        ("host", False),
        ("", False),
    ],
)
def test_a_service_is_http_or_https_with_a_host(url: str, *, service: bool) -> None:
    assert is_service(url) is service


@pytest.mark.parametrize(
    ("url", "unprotected"),
    [
        ("https://host.example", False),
        ("http://host.example", True),
        ("http://8.8.8.8", True),
        ("http://[2a00:1450::1]", True),
        ("http://localhost:8", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8", False),
        ("http://10.1.2.3", False),
        ("http://printer.local", False),
        ("http://server", False),
        ("http://134744072", True),
        ("http://0x8.0x8.0x8.0x8", True),
    ],
)
def test_plain_http_is_protected_only_within_the_users_own_machine_and_network(
    url: str, *, unprotected: bool
) -> None:
    assert is_unprotected(url) is unprotected
