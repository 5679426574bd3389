"""Which folder pictures are saved to."""

from __future__ import annotations

from pathlib import Path

import pytest

from animus_tui.chat.images.saving import FOLDER_FILE, SaveFolder
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.errors import UserError
from animus_tui.paths import pictures_dir
from tests.support.stored_history import files_no_longer_than, mode


def test_it_is_the_configured_one_or_else_the_users_own(tmp_path: Path) -> None:
    assert SaveFolder(tmp_path, str(tmp_path / "mine")).current == tmp_path / "mine"
    assert SaveFolder(tmp_path, None).current == pictures_dir(None)


def test_another_one_is_remembered_until_the_configuration_changes(tmp_path: Path) -> None:
    assert SaveFolder(tmp_path / "data", "~/a").change(str(tmp_path / "chosen")) == tmp_path / "chosen"
    assert SaveFolder(tmp_path / "data", "~/a").current == tmp_path / "chosen"
    assert SaveFolder(tmp_path / "data", "~/b").current == Path.home() / "b"
    assert SaveFolder(tmp_path / "data", None).current == pictures_dir(None)
    assert mode(tmp_path / "data" / FOLDER_FILE) == 0o600


def test_it_is_kept_beside_the_conversations(stored: StoredConversation, tmp_path: Path) -> None:
    SaveFolder(stored.data_folder, None).change(str(tmp_path / "chosen"))
    assert SaveFolder(tmp_path / "data", None).current == tmp_path / "chosen"


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "file", "file/deeper", "bad\udc80name"])
def test_a_folder_that_cannot_be_is_refused_and_the_one_before_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    folder = SaveFolder(tmp_path / "data", None)
    folder.change("good")
    with pytest.raises(UserError):
        folder.change(text)
    assert folder.current == tmp_path / "good"


def test_a_choice_that_finds_no_room_is_told_and_the_one_before_stays(tmp_path: Path) -> None:
    folder = SaveFolder(tmp_path, None)
    folder.change(str(tmp_path / "good"))
    with files_no_longer_than(5), pytest.raises(UserError, match="cannot be kept: File too large"):
        folder.change(str(tmp_path / "other"))
    assert folder.current == tmp_path / "good"


@pytest.mark.parametrize("data", [b"", b"null", b'{"folder": 7}', b"\xff", b"[" * 100_000])
def test_a_damaged_choice_does_not_count(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FOLDER_FILE).write_bytes(data)
    assert SaveFolder(tmp_path, "~/a").current == Path.home() / "a"
