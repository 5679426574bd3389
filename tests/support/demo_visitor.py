"""A demo server over loopback and someone who talks to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

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


@dataclass(frozen=True, slots=True)
class Studio:
    """Somebody who makes pictures as jobs, small ones by default."""

    visitor: Visitor

    async def get(self, path: str, **query: object) -> httpx.Response:
        """A question below `/v2`."""
        url = f"{self.visitor.server.generation_url}/{path}"
        return await self.visitor.http.get(url, params={name: str(value) for name, value in query.items()})

    async def post(self, path: str, body: object) -> httpx.Response:
        """A request below `/v2`."""
        return await self.visitor.http.post(f"{self.visitor.server.generation_url}/{path}", json=body)

    async def delete(self, path: str) -> httpx.Response:
        """A deletion below `/v2`."""
        return await self.visitor.http.delete(f"{self.visitor.server.generation_url}/{path}")

    async def create(self, prompt: str, **fields: object) -> httpx.Response:
        """Start a job."""
        return await self.post("generation/create", {"prompt": prompt, "width": 96, "height": 64} | fields)

    async def ended(self, key: str) -> dict[str, Any]:
        """The status of a job when it has ended."""
        while True:
            answer = await self.get(f"generation/status/{key}")
            assert answer.status_code == 200, answer.text
            status: dict[str, Any] = answer.json()
            if status["status"] not in {"pending", "processing"}:
                return status
            await asyncio.sleep(0.01)

    async def made(self, prompt: str, **fields: object) -> dict[str, Any]:
        """The end of a new job."""
        started = await self.create(prompt, **fields)
        assert started.status_code == 200, started.text
        return await self.ended(started.json()["generation_id"])

    async def results(self, prompt: str, **fields: object) -> list[bytes]:
        """The bytes of what a new job makes."""
        end = await self.made(prompt, **fields)
        assert end["status"] == "completed", end["error"]
        return [await self.fetched(url) for url in end["result_urls"]]

    async def fetched(self, url: str) -> bytes:
        """The bytes behind an address."""
        response = await self.visitor.http.get(url)
        assert response.status_code == 200, response.text
        return response.content


@asynccontextmanager
async def studio_with(options: DemoOptions) -> AsyncIterator[Studio]:
    """A studio on a server of its own."""
    async with (
        DemoServer(options) as server,
        httpx.AsyncClient(headers=bearer(server), timeout=60) as http,
    ):
        yield Studio(Visitor(server, http))
