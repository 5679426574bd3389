"""The watch for planted secrets finds each of them, wherever it is."""

import logging
from pathlib import Path

import pytest

from tests.support import backend_client, chat_service, program
from tests.support import planted_secrets as planted


def test_keys_and_tokens_of_all_tests_are_looked_for() -> None:
    own = {chat_service.KEY, chat_service.TOKEN, backend_client.SECRET, backend_client.TOKEN, program.PLANTED}
    assert set(planted.SECRETS) == own


def test_a_secret_in_a_record_or_in_its_traceback_is_found() -> None:
    for secret in planted.SECRETS:
        watch = planted.Watch()
        log = logging.Logger("of this test")
        log.addHandler(watch)
        log.debug("nothing")
        log.debug("asked with %s", secret)
        log.error("it failed", exc_info=ValueError(secret))
        assert watch.leaks == [f"of this test: asked with {secret}", "of this test: it failed"]


@pytest.mark.parametrize("secret", planted.SECRETS)
def test_a_secret_in_a_file_is_found_unless_a_test_wrote_it(secret: str, tmp_path: Path) -> None:
    leak = tmp_path / "data" / "history.json"
    leak.parent.mkdir()
    leak.write_text(f'[{{"content": "{secret}"}}]')
    (tmp_path / "config.toml").write_text(f'api_key = "{secret}"')
    assert planted.files_with_a_secret(tmp_path) == [str(leak)]
    leak.unlink()  # or the watch over the whole run finds it
