"""What holds for the whole test run: no planted secret comes out anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.chat.service import KEY

WRITTEN_BY_TESTS = (".toml", ".py")
"""Files in which a test itself writes the secret: configurations, and scripts for other processes."""


class _Watch(logging.Handler):
    """Keeps the log records that hold the secret."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if KEY in record.getMessage() or KEY in str(record.exc_info):
            self.leaks.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(scope="session", autouse=True)
def no_planted_secret_comes_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the last test: the planted key is in no log record and in no file that the product wrote."""
    watch = _Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    leaks = watch.leaks + [
        str(path)
        for path in tmp_path_factory.getbasetemp().rglob("*")
        if path.is_file() and path.suffix not in WRITTEN_BY_TESTS and KEY.encode() in path.read_bytes()
    ]
    assert leaks == []
