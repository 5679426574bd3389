"""A demo server over loopback and someone who talks to it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Studio, Visitor, bearer


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


@pytest.fixture
def studio(visitor: Visitor) -> Studio:
    """Somebody who makes pictures as jobs."""
    return Studio(visitor)
