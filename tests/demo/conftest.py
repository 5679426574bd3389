"""A demo server over loopback and someone who talks to it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions


@dataclass(frozen=True, slots=True)
class Visitor:
    """A client with the server's API key."""

    server: DemoServer
    http: httpx.AsyncClient

    async def chat(self, text: str, header: str | None = None, **fields: Any) -> httpx.Response:
        """One message, sent as the only one."""
        return await self.send([{"role": "user", "content": text}], header, **fields)

    async def send(
        self,
        messages: list[dict[str, Any]],
        header: str | None = None,
        **fields: Any,
    ) -> httpx.Response:
        """Several messages."""
        body = {"model": "vivian", "messages": messages, **fields}
        headers = {} if header is None else {"X-Demo-Fault": header}
        return await self.http.post(f"{self.server.base_url}/chat/completions", json=body, headers=headers)

    async def message(self, text: str, **fields: Any) -> dict[str, Any]:
        """The message of a plain answer."""
        response = await self.chat(text, **fields)
        assert response.status_code == 200, response.text
        message: dict[str, Any] = response.json()["choices"][0]["message"]
        return message

    async def generate(self, prompt: str, **fields: Any) -> httpx.Response:
        """A picture by the simple endpoint, small by default."""
        body = {"prompt": prompt, "width": 96, "height": 64, **fields}
        return await self.http.post(f"{self.server.base_url}/generate/image", json=body)

    async def picture(self, prompt: str, **fields: Any) -> bytes:
        """A picture's bytes."""
        response = await self.generate(prompt, **fields)
        assert response.status_code == 200, response.text
        return (await self.http.get(response.json()["output"][0])).content


def events(text: str) -> list[Any]:
    """The data of each event of a stream, decoded; the closing one as it is."""
    blocks = [block.removeprefix("data: ") for block in text.split("\n\n") if block]
    return [block if block == "[DONE]" else json.loads(block) for block in blocks]


def bearer(server: DemoServer) -> dict[str, str]:
    """The header that signs in with the server's key."""
    return {"Authorization": f"Bearer {server.api_key}"}


@pytest.fixture
async def server() -> AsyncIterator[DemoServer]:
    """A server without pauses."""
    async with DemoServer(DemoOptions.instant()) as running:
        yield running


@pytest.fixture
async def visitor(server: DemoServer) -> AsyncIterator[Visitor]:
    """Somebody with an API key."""
    async with httpx.AsyncClient(headers=bearer(server), timeout=60) as http:
        yield Visitor(server, http)
