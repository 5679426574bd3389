"""The program in a home of its own, and the demo as a service to sign in to."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.program import SERVE, Program, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The demo without its pauses, in a process of its own that ends with this one, however that ends."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Service(process.stdout.readline().strip())
        process.terminate()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """animus-chat with nothing configured."""
    return Program(tmp_path)


@pytest.fixture
def signed_in(tmp_path: Path, service: Service) -> Program:
    """animus-chat signed in to the service with its key."""
    return Program(
        tmp_path,
        {
            "ANIMUS_API_KEY": service.api_key,
            "ANIMUS_BASE_URL": f"{service.url}/v3",
            "ANIMUS_GENERATION_URL": f"{service.url}/v2",
        },
    )
