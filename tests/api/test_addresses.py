"""Addresses, proxies and certificates: what stands between the client and the service."""

from __future__ import annotations

import asyncio

import pytest

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
from tests.api.support import ONCE, REQUEST, client_of
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
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(error(400))
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with AnimusClient(ApiConfig(base_url=address, api_key="key-key-key"), retry=ONCE) as client:
            with pytest.raises(NetworkError, match="could not be reached: wrong version number") as caught:
                await client.complete(REQUEST)
    assert not caught.value.sent


def test_a_name_and_a_password_in_an_address_are_not_shown() -> None:
    with pytest.raises(AnimusError, match=r"'ftp://host/\?…'"):
        service_url("ftp://user:password@host/?key=value")
