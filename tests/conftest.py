"""What holds for the whole test run: no planted secret comes out anywhere."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.planted import Watch, files_with_a_secret

# What a property needs on a busy machine says nothing of it; and a run finds what the run before it found.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell lets its background jobs ignore Ctrl+C, and they hand that on to what they start."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_planted_secret_comes_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the last test: no planted key or token is in a log record or in a file that the product wrote."""
    watch = Watch()
    logging.getLogger().addHandler(watch)
    logging.getLogger("animus_tui").setLevel(logging.DEBUG)
    yield
    logging.getLogger().removeHandler(watch)
    assert watch.leaks + files_with_a_secret(tmp_path_factory.getbasetemp()) == []
