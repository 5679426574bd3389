"""What holds for the whole test run, and sessions against the scripted service."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from animus_tui.config.schema import ChatService
from animus_tui.graphics.decoding.decoder import PictureDecoder
from tests import IN_MEMORY
from tests.support.chat_service import Service
from tests.support.image_jobs import Works
from tests.support.planted_secrets import Watch, files_with_a_secret
from tests.support.talk import StartTalk, open_talk

# A client reads all certificates that it trusts, which takes 70 ms; the tests talk to servers of this machine only.
os.environ.setdefault("SSL_CERT_FILE", str(Path(__file__).parent / "support" / "certificate.pem"))

# httpcore looks for it at each lock, and where it is not installed that is a walk through every folder of the path.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # so that an import fails at once

SLOW_HELPERS = {
    "TerminalProgram",
    "ScriptedTerminal",
    "FindApp",
    "PromptApp",
    "chat_program",
    "open_album",
    "open_chat",
    "open_gallery",
    "open_studio",
    "stage",
    "terminal_of",
}
SLOW_FIXTURES = {"signed_in", "nursery", "shell"}
"""Who imports such a helper or asks for such a fixture starts whole programs or applications: `-m "not slow"`."""

# What a property needs on a busy machine says nothing of it; and a run finds what the run before it found.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,  # the same ones each time, so more of them find no more
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell lets its background jobs ignore Ctrl+C, and they hand that on to what they start."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_planted_secret_comes_out(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[None]:
    """After the last test: no planted key or token is in a log record or in a file that the product wrote.

    What is kept in memory is removed then, unless a test has failed.
    """
    watch = Watch()
    logging.getLogger().addHandler(watch)
    logging.getLogger("animus_tui").setLevel(logging.DEBUG)
    yield
    logging.getLogger().removeHandler(watch)
    kept = tmp_path_factory.getbasetemp()
    assert watch.leaks + files_with_a_secret(kept) == []
    if kept.is_relative_to(IN_MEMORY) and not request.session.testsfailed:
        shutil.rmtree(kept, ignore_errors=True)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service that answers as the test says."""
    async with Service().running() as running:
        yield running


@pytest.fixture
def works(service: Service) -> Works:
    """The image jobs of the service, as a test drives them."""
    return Works(service)


@pytest.fixture
def backend() -> ChatService:
    """How the client talks with the service; a module may have its tests run with several."""
    return "animus"


@pytest.fixture
def start_talk(service: Service, tmp_path: Path, backend: ChatService) -> StartTalk:
    """Opens a session on the same data directory, as starting the application does."""
    return partial(open_talk, service, tmp_path, backend=backend)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_decoder() -> AsyncIterator[PictureDecoder]:
    """One decoder for a module: to start its process takes longer than most of what is tested with it."""
    decoder = PictureDecoder()
    yield decoder
    await decoder.aclose()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that says so in `BACKENDS` has its sessions talk with several kinds of services."""
    backends = getattr(metafunc.module, "BACKENDS", ())
    is_general = metafunc.definition.get_closest_marker("of_animus") is None
    if backends and is_general and "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", backends)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts whole programs is slow; tests that share a decoder run in one loop and in one worker.

    A row of a test that is about Animus alone is not run with other services.
    """
    items[:] = [item for item in items if not _is_of_another_service(item)]
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if SLOW_HELPERS & vars(item.module).keys() or SLOW_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)
        if "shared_decoder" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def _is_of_another_service(item: pytest.Item) -> bool:
    backend = item.callspec.params.get("backend", "animus") if hasattr(item, "callspec") else "animus"
    return backend != "animus" and item.get_closest_marker("of_animus") is not None
