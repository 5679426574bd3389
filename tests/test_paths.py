"""Where things are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from animus_tui import paths
from animus_tui.errors import NoHomeError


def test_variables_name_file_and_folder(tmp_path: Path) -> None:
    env = {"ANIMUS_CONFIG": str(tmp_path / "my.toml"), "ANIMUS_DATA_DIR": str(tmp_path / "data")}
    assert paths.config_file(env) == tmp_path / "my.toml"
    assert paths.data_dir(env) == tmp_path / "data"
    assert paths.log_file(env) == tmp_path / "data" / "animus-chat.log"


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG folders are Linux's")
def test_xdg_folders_move_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert paths.config_file({}) == tmp_path / "config" / "animus-chat" / "config.toml"
    assert paths.data_dir({}) == tmp_path / "data" / "animus-chat"


def test_home_and_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert paths.pictures_dir("~/pics") == tmp_path / "pics"
    assert paths.pictures_dir("pics") == tmp_path / "pics"
    assert paths.data_dir({"ANIMUS_DATA_DIR": "data"}) == tmp_path / "data"
    assert paths.expanded("~nobody-of-this-name/x") == tmp_path / "~nobody-of-this-name" / "x"


def test_pictures_go_to_the_users_pictures_unless_configured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.pictures_dir(None).is_relative_to(tmp_path) or paths.pictures_dir(None).is_absolute()
    assert paths.pictures_dir(str(tmp_path / "x")) == tmp_path / "x"


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG folders are Linux's")
@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('XDG_PICTURES_DIR="$HOME/100% Fotos"\n', "100% Fotos"),
        ('XDG_PICTURES_DIR="$HOME/A"\nXDG_PICTURES_DIR="$HOME/B"\n', "B"),
        ('hello\nXDG_PICTURES_DIR="$HOME/A"\n', "A"),
    ],
)
def test_odd_lines_among_the_users_folders_are_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, name: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_CONFIG_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "user-dirs.dirs").write_text(written)
    assert paths.pictures_dir(None) == tmp_path / name


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG folders are Linux's")
def test_a_tilde_in_a_variable_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "~/.local/share")
    assert paths.data_dir({}) == tmp_path / ".local" / "share" / "animus-chat"


def test_without_a_home_there_is_a_sentence_and_no_folder_in_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pwd.getpwuid", unknown)  # as for the numbered users of containers
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.delenv(name, raising=False)
    for ask in (paths.config_file, paths.data_dir, paths.log_file):
        with pytest.raises(NoHomeError, match="set HOME"):
            ask({})
    with pytest.raises(NoHomeError, match="set HOME"):
        paths.pictures_dir(None)
    env = {"ANIMUS_DATA_DIR": str(tmp_path / "data"), "ANIMUS_CONFIG": str(tmp_path / "my.toml")}
    assert paths.data_dir(env) == tmp_path / "data"
    assert paths.config_file(env) == tmp_path / "my.toml"


def test_what_stands_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "none")
    assert paths.obstacle(tmp_path) is None
    assert paths.obstacle(tmp_path / "new" / "deep") is None
    assert paths.obstacle(tmp_path / "file") == f"{tmp_path / 'file'} is not a folder"
    assert paths.obstacle(tmp_path / "file" / "deep") == f"{tmp_path / 'file'} is not a folder"
    assert paths.obstacle(tmp_path / "link") == f"{tmp_path / 'link'} is not a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_the_users_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert paths.obstacle(tmp_path / "new") == f"{tmp_path} cannot be written to"
    finally:
        tmp_path.chmod(0o700)


def test_nothing_is_created_by_asking(tmp_path: Path) -> None:
    env = {"ANIMUS_DATA_DIR": str(tmp_path / "data"), "ANIMUS_CONFIG": str(tmp_path / "c" / "config.toml")}
    paths.config_file(env), paths.log_file(env)
    assert list(Path(tmp_path).iterdir()) == []
