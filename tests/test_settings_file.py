"""Changing a setting in the configuration file: what is written, and what stays as it was."""

from __future__ import annotations

import difflib
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from animus_tui.config.loading import load_config
from animus_tui.config.schema import Config, schema
from animus_tui.config.settings_file import SettingsFile
from animus_tui.config.template import settings_text
from animus_tui.errors import ConfigError

TEMPLATE = settings_text(Config(), show_defaults=False)
MINE = """\
# mine: ä
[chat] # who
name = 'Ann'   # her name

# looks
[ui]
  show_time =   false # no clock
theme = "nord"
#  image_rows = 7  # few

[keys]
"""


def changed(tmp_path: Path, text: str, table: str, key: str, value: object) -> str:
    """What is in the file after the change, to the byte."""
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    SettingsFile(path, {}).change(table, key, value)
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("text", "change", "before", "after"),
    [
        (MINE, ("ui", "theme", "dracula"), 'theme = "nord"', 'theme = "dracula"'),
        (MINE, ("ui", "show_time", True), "=   false #", "=   true #"),
        (MINE, ("chat", "name", 'B"\n'), "'Ann'", '"B\\"\\n"'),
        (MINE, ("ui", "image_rows", 9), "#  image_rows = 7  # few", "image_rows = 9  # few"),
        (MINE, ("ui", "theme", None), 'theme = "nord"\n', ""),
        (MINE, ("chat", "model", "m"), "her name\n", 'her name\nmodel = "m"\n'),
        (MINE, ("image", "width", 512), "[keys]\n", "[keys]\n\n[image]\nwidth = 512\n"),
        (TEMPLATE, ("ui", "theme", "nord"), '#theme = "auto"', 'theme = "nord"'),
        (TEMPLATE, ("chat", "stop", ("a", "b")), '#stop = ["END"]', 'stop = ["a", "b"]'),
        ("ui.theme = 'x' # c\nchat.name = 'y'\n", ("ui", "theme", "z"), "'x'", '"z"'),
        ("ui.theme = 'x' # c\nchat.name = 'y'\n", ("ui", "theme", None), "ui.theme = 'x' # c\n", ""),
        ("ui = { plain = true, theme = 'x' } # c\n", ("ui", "theme", "z"), "'x'", '"z"'),
        ("[ui]\nplain = true", ("ui", "theme", "z"), "true", 'true\ntheme = "z"'),
        ("\ufeff[ui]\r\nplain = true # a\r\n\r\n# b\r\n[chat]\r\n", ("ui", "plain", False), "true", "false"),
        ("[ui]\r\nplain = true\r\n", ("ui", "theme", "z"), "true\r\n", 'true\r\ntheme = "z"\r\n'),
        (
            '[chat]\nstop = [\n  "a", # A\n]\nname = "b"',
            ("chat", "stop", ("c",)),
            '[\n  "a", # A\n]',
            '["c"]',
        ),
        ('[chat]\nsystem_message = """\nname = "a"\n"""\nname = "b"', ("chat", "name", "c"), '"b"', '"c"'),
    ],
)
def test_a_change_is_one_line_and_all_others_stay(
    tmp_path: Path, text: str, change: tuple[str, str, object], before: str, after: str
) -> None:
    assert text.count(before) == 1
    assert changed(tmp_path, text, *change) == text.replace(before, after)


def test_what_is_set_and_reset_leaves_the_file_of_before(tmp_path: Path) -> None:
    text = TEMPLATE.replace("\n", "\r\n").removesuffix("\r\n")
    assert changed(tmp_path, changed(tmp_path, text, "ui", "theme", "nord"), "ui", "theme", None) == text


VALUES: dict[tuple[str, str], st.SearchStrategy[object]] = {
    ("ui", "theme"): st.from_regex(r"\S.{0,8}", fullmatch=True),
    ("ui", "show_time"): st.booleans(),
    ("ui", "image_rows"): st.integers(4, 60),
    ("ui", "graphics"): st.sampled_from(["auto", "kitty", "none"]),
    ("chat", "temperature"): st.floats(0, 2),
    ("chat", "stop"): st.lists(st.text(max_size=5), max_size=3).map(tuple),
    ("chat", "system_message"): st.text(max_size=30),
    ("image", "width"): st.integers(64, 4096),
    ("auto_turn", "min_delay"): st.integers(0, 3000),
}
FILES = [
    TEMPLATE,
    MINE,
    "",
    "ui.plain = true\nchat.n = 2",
    "[ui]\r\n\r\n# end",
    "image = { width = 99 }\n[chat]\n",
]


@settings(max_examples=40)
@given(
    text=st.sampled_from(FILES),
    changes=st.lists(
        st.sampled_from(sorted(VALUES)).flatmap(
            lambda place: st.tuples(st.just(place), st.none() | VALUES[place])
        ),
        max_size=8,
    ),
)
@example(text=FILES[-1], changes=[(("image", "width"), None)])
def test_the_file_says_what_was_chosen_and_keeps_all_other_lines(
    tmp_path_factory: pytest.TempPathFactory, text: str, changes: list[tuple[tuple[str, str], object]]
) -> None:
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    path.write_bytes(text.encode())
    file = SettingsFile(path, {})
    wanted = load_config(path, {})
    for (table, key), value in changes:
        before = path.read_bytes().decode()
        file.change(table, key, value)
        after = path.read_bytes().decode()
        assert other_lines(before, table, key) == other_lines(after, table, key)
        assert ((table, key) in file.stated()) == (value is not None)
    loaded = load_config(path, {})
    last = dict(changes)
    for table, keys in schema().items():
        for key in keys if table != "keys" else ():
            chosen = last.get((table, key), getattr(getattr(wanted, table), key))
            if chosen is not None or (table, key) not in last:
                assert getattr(getattr(loaded, table), key) == chosen


def other_lines(text: str, table: str, key: str) -> list[str]:
    """The lines of a file that are not those of a setting, its table on one line, a new table or the room before it."""
    lines = text.replace("\r\n", "\n").split("\n")
    kept = [line for line in lines if key not in line and not line.startswith(f"{table} = {{")]
    return [line for line in kept if line.strip() and not (line.startswith("[") and line.endswith("]"))]


def test_without_a_file_one_is_made_with_everything_as_comments(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    SettingsFile(path, {}).change("ui", "theme", None)
    assert not path.exists()
    SettingsFile(path, {}).change("ui", "theme", "nord")
    assert path.read_text() == TEMPLATE.replace('#theme = "auto"', 'theme = "nord"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["config.toml"]


def test_a_link_and_the_mode_of_the_file_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles" / "animus.toml", tmp_path / "config.toml"
    target.parent.mkdir()
    target.write_text(MINE)
    target.chmod(0o640)
    link.symlink_to(target)
    SettingsFile(link, {}).change("ui", "theme", "dracula")
    assert link.is_symlink()
    assert 'theme = "dracula"' in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"[ui\n", "is not TOML"),
        (b"[ui]\ntheme = \xff\n", "is not UTF-8"),
        (b"ui = 3\n", "ui"),
        (b"[auto_turn]\nmax_delay = 400\n[ui]\nimage_rows = 900\n", "image_rows"),
        (b"#" * 1_100_000, "1 MiB"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_stays(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=told) as refused:
        SettingsFile(path, {}).change("ui", "theme", "nord")
    assert str(path) in str(refused.value)
    assert path.read_bytes() == data


def test_what_only_the_next_start_would_refuse_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="min_delay"):
        changed(tmp_path, "[auto_turn]\nmin_delay = 900\n", "auto_turn", "max_delay", 100)


def test_where_nothing_can_be_written_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for path in (tmp_path / "file" / "config.toml", Path("/proc/animus/config.toml"), tmp_path):
        with pytest.raises(ConfigError, match="cannot be changed"):
            SettingsFile(path, {}).change("ui", "theme", "nord")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_or_file_is_told_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(MINE)
    for locked, open_mode in ((tmp_path, 0o700), (path, 0o600)):
        locked.chmod(open_mode & 0o500)
        with pytest.raises(ConfigError, match="cannot be changed"):
            SettingsFile(path, {}).change("ui", "theme", "dracula")
        locked.chmod(open_mode)
    assert path.read_text() == MINE


def test_two_programs_that_change_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(TEMPLATE)
    script = (
        "import sys; from pathlib import Path; from animus_tui.config.settings_file import SettingsFile\n"
        "for n in range(20): SettingsFile(Path(sys.argv[1]), {}).change(sys.argv[2], sys.argv[3], 500 + n)\n"
    )
    places = [("image", "width"), ("image", "height"), ("auto_turn", "min_delay")]
    programs = [subprocess.Popen([sys.executable, "-c", script, str(path), *place]) for place in places]
    assert [program.wait() for program in programs] == [0, 0, 0]
    data = tomllib.loads(path.read_text())
    assert data["image"] == {"width": 519, "height": 519}
    assert data["auto_turn"] == {"min_delay": 519}
    told = [
        line
        for line in difflib.ndiff(TEMPLATE.splitlines(), path.read_text().splitlines())
        if line[0] in "+-"
    ]
    assert len(told) == 6


def test_what_goes_before_the_file_is_named(tmp_path: Path) -> None:
    file = SettingsFile(
        tmp_path / "config.toml",
        {"ANIMUS_UI_THEME": "nord", "ANIMUS_CHAT_NAME": " "},
        {"ui": {"graphics": "none"}},
    )
    assert file.overruled_by("ui", "theme") == "ANIMUS_UI_THEME"
    assert file.overruled_by("ui", "graphics") == "--graphics"
    assert file.overruled_by("chat", "name") is None
