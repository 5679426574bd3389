"""Addresses, proxies and certificates: what stands between the client and the service."""

from __future__ import annotations

import asyncio
import gc
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.addresses import credentials_in, is_service, is_unprotected, secrets_in, without_secrets
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError, NetworkError
from animus_tui.backends.http.connection import Proxies, Proxy
from animus_tui.backends.http.network_errors import service_url
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import CAT, ONCE, REQUEST, SECRET, client_of, closed_port, failure
from tests.support.scripted_server import (
    End,
    answer,
    error,
    reply,
    scripted,
)


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


async def test_no_redirect_of_the_service_is_followed_or_tried_again() -> None:
    rows_of_status: list[int] = [301, 302, 307, 308]
    for status in rows_of_status:
        rows_of_location: list[str] = ["data:text/plain,x", "http://[::1", "//", "/v4", "http://h:99999/"]
        for location in rows_of_location:
            moved = answer(b"", status=status, more=f"Location: {location}\r\n")
            async with scripted([moved]) as server, client_of(server) as client:
                with pytest.raises(BackendError, match="Wrong address"):
                    await client.complete(REQUEST)
                with pytest.raises(BackendError, match="Wrong address"):
                    await client.generate(CAT)
            assert len(server.received) == 2


async def test_an_address_that_cannot_be_asked_is_named() -> None:
    rows: list[str] = ["nonsense", "ftp://host/", "http://a..b/", "http://h:99999/", "http://[::1/", ""]
    for address in rows:
        async with AnimusClient(ApiConfig(base_url=address, api_key="key-key-key")) as client:
            with pytest.raises(BackendError, match="Wrong address"):
                await client.complete(REQUEST)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://x"])
async def test_a_proxy_in_the_environment_does_not_stand_before_a_server_on_this_machine(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    async with scripted([reply("there")]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST)).content == "there"


@pytest.mark.parametrize(
    "junk",
    [
        "nonsense://user:planted-password@x",
        "http://",
        "http://[::1",
        "socks4://x:1",
        "http://x:99999",
        "://",
        "%",
    ],
)
async def test_a_proxy_that_cannot_be_used_is_a_sentence(monkeypatch: pytest.MonkeyPatch, junk: str) -> None:
    monkeypatch.setenv("ALL_PROXY", junk)
    async with AnimusClient(ApiConfig(base_url="http://service.invalid", api_key="key-key-key")) as client:
        with pytest.raises(BackendError, match="Check ALL_PROXY") as caught:
            await client.complete(REQUEST)
    assert "planted-password" not in str(caught.value)
    assert caught.value.title == "Network settings"


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
            with pytest.raises(
                NetworkError,
                match="could not be reached: no TLS connection could be made \\(wrong version number\\)",
            ) as caught:
                await client.complete(REQUEST)
        await refused.wait()
    assert not caught.value.sent


def test_a_name_and_a_password_in_an_address_are_not_shown() -> None:
    with pytest.raises(BackendError, match=r"'ftp://host/\?…'"):
        service_url("ftp://user:password@host/?key=value")


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


async def refused_at(url: str) -> BackendError:
    """The failure of a question to a service elsewhere."""
    async with AnimusClient(ApiConfig(base_url=url, api_key="key-key-key"), retry=ONCE) as client:
        with pytest.raises(BackendError) as caught:
            await client.complete(REQUEST)
    assert "planted" not in str(caught.value)
    return caught.value


JUNK = [
    "::1,[::1],localhost,fe80::/10,*.x,,http://",
    "[",
    "]:80",
    "://",
    "a b\tc",
    "*.",
    ".",
    "10.0.0.0/99",
    "x:y",
    "\u00e9,\x7f",
]


@pytest.mark.parametrize("exceptions", JUNK)
async def test_no_list_of_exceptions_keeps_anybody_from_anything(
    no_proxies: pytest.MonkeyPatch, exceptions: str
) -> None:
    async with scripted([error(403)]) as proxy, scripted([reply("there")]) as service:
        no_proxies.setenv("NO_PROXY", exceptions)
        no_proxies.setenv("HTTP_PROXY", proxy.url)
        async with client_of(service) as client:
            assert (await client.complete(REQUEST)).content == "there"
        assert "403" in str(await refused_at("http://service.invalid/v3"))
        assert len(proxy.received) == 1


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks", "SOCKS5"])
async def test_a_socks_proxy_without_its_package_is_a_sentence_that_says_what_to_install(
    no_proxies: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    no_proxies.setitem(sys.modules, "socksio", None)
    no_proxies.setenv(variable, f"{scheme}://me:planted-word@127.0.0.1:9/")
    caught = await refused_at("https://service.invalid/v3")
    assert caught.title == "Network settings"
    assert caught.sentence == (
        f"{variable} names a SOCKS proxy (socks5{'h' if scheme == 'socks5h' else ''}://127.0.0.1:9), which needs one "
        f"more package. Install it with: pip install 'animus-chat[socks]'. Or unset {variable}."
    )


class Socks:
    """A SOCKS5 proxy (RFC 1928) without a sign-in, for one kind of answer."""

    def __init__(self, answer: int = 0) -> None:
        self.answer = answer
        self.asked: list[tuple[str, int]] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = (await reader.readexactly(2))[1]
        await reader.readexactly(methods)
        writer.write(b"\5\0")
        head = await reader.readexactly(5)
        host = (await reader.readexactly(head[4])).decode()
        self.asked.append((host, int.from_bytes(await reader.readexactly(2), "big")))
        writer.write(bytes([5, self.answer, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self.answer == 0:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply("there"))
            await reader.read()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self.ended.set()


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks"])
async def test_a_socks_proxy_is_used_and_looks_names_up(no_proxies: pytest.MonkeyPatch, scheme: str) -> None:
    pytest.importorskip("socksio")
    socks = Socks()
    async with await asyncio.start_server(socks.serve, "127.0.0.1", 0) as server:
        no_proxies.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        config = ApiConfig(base_url="http://service.invalid/v3", api_key="key-key-key")
        async with AnimusClient(config, retry=ONCE) as client:
            assert (await client.complete(REQUEST)).content == "there"
        await socks.ended.wait()
    assert socks.asked == [("service.invalid", 80)]


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # httpcore leaves a connection that was refused to be collected
async def test_what_a_socks_proxy_refuses_is_told(no_proxies: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socksio")
    socks = Socks(4)
    async with await asyncio.start_server(socks.serve, "127.0.0.1", 0) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        no_proxies.setenv("ALL_PROXY", f"socks5://{address}")
        caught = await refused_at("http://service.invalid/v3")
        await socks.ended.wait()
    assert f"service.invalid could not be reached through the proxy socks5://{address} (ALL_PROXY): " in str(
        caught
    )
    assert "Host unreachable" in str(caught)
    await asyncio.sleep(0.1)  # until its end has arrived
    gc.collect()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_does_not_answer_is_told_and_not_the_service(
    no_proxies: pytest.MonkeyPatch, scheme: str
) -> None:
    no_proxies.setenv(f"{scheme}_proxy", f"http://me:planted-word@127.0.0.1:{closed_port()}")
    caught = await refused_at(f"{scheme}://service.invalid/v3")
    assert isinstance(caught, NetworkError)
    assert not caught.sent
    assert "service.invalid could not be reached through the proxy http://127.0.0.1:" in caught.sentence
    assert f"({scheme}_proxy): the connection was refused. Check the proxy." in caught.sentence


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_wants_a_password_says_where_to_write_it(
    no_proxies: pytest.MonkeyPatch, scheme: str
) -> None:
    head = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with scripted([head]) as proxy:
        no_proxies.setenv("HTTP_PROXY", proxy.url)
        no_proxies.setenv("HTTPS_PROXY", proxy.url)
        caught = await refused_at(f"{scheme}://service.invalid/v3")
    variable = f"{scheme}_proxy".upper()
    assert f"({variable}) lets nobody through to service.invalid without a sign-in (407)." in caught.sentence
    assert f"Write user name and password into {variable}" in caught.sentence


async def test_a_tls_that_fails_is_the_reason_also_within_a_tunnel(
    no_proxies: pytest.MonkeyPatch,
) -> None:
    established = b"HTTP/1.1 200 Connection established\r\n\r\n"
    async with scripted([established, 0.3, b"no TLS at all, but words", End.HANG]) as proxy:
        no_proxies.setenv("HTTPS_PROXY", proxy.url)
        caught = await refused_at("https://service.invalid/v3")
    assert "service.invalid could not be reached: no TLS connection could be made" in str(caught)
    assert "proxy" not in str(caught)


def test_which_hosts_are_asked_directly() -> None:
    rows: list[tuple[str, str, str, int, bool]] = [
        ("", "https", "a.example", 443, False),
        ("*", "https", "a.example", 443, True),
        ("example", "https", "a.example", 443, True),
        ("a.example", "https", "a.example", 443, True),
        ("a.example", "https", "b.a.example", 443, True),
        ("a.example", "https", "ba.example", 443, False),
        (".a.example, *.b.example", "https", "x.b.example", 443, True),
        ("A.Example.", "https", "a.example", 443, True),
        ("a.example:8443", "https", "a.example", 443, False),
        ("a.example:8443", "https", "a.example", 8443, True),
        ("http://a.example", "https", "a.example", 443, False),
        ("http://a.example", "http", "a.example", 80, True),
        ("http://", "http", "a.example", 80, False),
        ("10.0.0.0/8", "http", "10.9.8.7", 80, True),
        ("10.0.0.0/8", "http", "11.9.8.7", 80, False),
        ("10.1.2.3", "http", "10.1.2.3", 80, True),
        ("fe80::/10", "http", "fe80::1", 80, True),
        ("[fd00::1]:8080", "http", "fd00::1", 8080, True),
        ("[fd00::1]:8080", "http", "fd00::1", 80, False),
        ("fd00::1", "http", "[fd00::1]", 80, True),
        ("", "http", "127.0.0.1", 80, True),
        ("", "http", "127.9.9.9", 80, True),
        ("", "https", "[::1]", 443, True),
        ("", "https", "LocalHost.", 443, True),
        ("", "https", "x.localhost", 443, True),
    ]
    for exceptions, scheme, host, port, direct in rows:
        stated = {"all": "proxy:1", "no": exceptions}
        proxy = Proxies.of(stated, {"ALL_PROXY": "proxy:1"}).proxy_for(scheme, host, port)
        assert proxy == (None if direct else Proxy("http://proxy:1", "ALL_PROXY"))


@given(st.text(max_size=40) | st.from_regex(r"[\[\]:*./0-9a-f, ]{0,30}", fullmatch=True))
@settings(deadline=None, max_examples=80)
def test_any_list_of_exceptions_is_read(exceptions: str) -> None:
    proxies = Proxies.of({"http": "p", "no": exceptions}, {})
    assert proxies.proxy_for("http", "localhost", 80) is None
    proxies.proxy_for("http", "a.example", 80)


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
            with pytest.raises(BackendError, match="403"):
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
        with pytest.raises(BackendError, match="Check SSL_CERT_FILE and SSL_CERT_DIR"):
            await client.complete(REQUEST)


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    rows: list[tuple[str, str]] = [
        ("https://me:word@host.example:8/path?key=1#part", "https://host.example:8/path?…"),
        ("https://host.example/path", "https://host.example/path"),
        ("//me:word@host.example/path", "(no address)"),
        ("host?key=1", "(no address)"),
        ("http://[::1", "(no address)"),
        ("words", "words"),
    ]
    for url, shown in rows:
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


def test_a_service_is_http_or_https_with_a_host() -> None:
    rows: list[tuple[str, bool]] = [
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
    ]
    for url, service in rows:
        assert is_service(url) is service


def test_plain_http_is_protected_only_within_the_users_own_machine_and_network() -> None:
    rows: list[tuple[str, bool]] = [
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
    ]
    for url, unprotected in rows:
        assert is_unprotected(url) is unprotected
