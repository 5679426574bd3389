"""What holds for the whole test run: no planted secret comes out anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.planted import Watch, files_with_a_secret


@pytest.fixture(scope="session", autouse=True)
def no_planted_secret_comes_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the last test: no planted key or token is in a log record or in a file that the product wrote."""
    watch = Watch()
    logging.getLogger().addHandler(watch)
    logging.getLogger("animus_tui").setLevel(logging.DEBUG)
    yield
    logging.getLogger().removeHandler(watch)
    assert watch.leaks + files_with_a_secret(tmp_path_factory.getbasetemp()) == []
