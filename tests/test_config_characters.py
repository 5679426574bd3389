"""Characters, styles and the user in the configuration: what is read, what is refused, and that changes keep them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from animus_tui.config.loading import load_config
from animus_tui.config.schema import SAMPLING, CharacterConfig, Config, StyleConfig, UserConfig, named_schema
from animus_tui.config.settings_file import SettingsFile
from animus_tui.errors import ConfigError
from tests.support.configuration import load

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
MIRA = """\
[characters.mira]
name = "Mira"
greetings = ["One.", "Two."]
temperature = 0.5
stop = ["END"]
style = "ink"
accent = "#e0803A"
[characters.mira.auto_turn]
enabled = false
max_delay = 600
[characters.mira.image]
width = 768
when = "ask"
[characters."Old Tom"]
[styles.ink]
prefix = "ink drawing of"
size = "640x960"
guidance = 5
[user]
name = "Sam"
about = "I fish."
"""


def test_characters_and_styles_are_tables_with_names_of_their_own(tmp_path: Path) -> None:
    config = load(tmp_path, MIRA)
    assert list(config.characters) == ["mira", "Old Tom"]
    mira = config.characters["mira"]
    assert (mira.name, mira.greetings, mira.style, mira.accent) == (
        "Mira",
        ("One.", "Two."),
        "ink",
        "#e0803A",
    )
    assert mira.sampling == {"temperature": 0.5, "stop": ("END",)}
    assert mira.auto_turn == {"enabled": False, "max_delay": 600}
    assert mira.image == {"width": 768, "when": "ask"}
    assert config.characters["Old Tom"] == CharacterConfig()
    assert config.styles == {"ink": StyleConfig(prefix="ink drawing of", size="640x960", guidance=5.0)}
    assert config.user == UserConfig(name="Sam", about="I fish.")


def test_without_them_nothing_is_different(tmp_path: Path) -> None:
    assert load(tmp_path, "[chat]\nname = 'Vivian'") == Config()
    assert load(tmp_path, "").image.when == "auto"


def test_the_user_can_be_told_by_the_environment(tmp_path: Path) -> None:
    env = {"ANIMUS_USER_NAME": "Kim", "ANIMUS_IMAGE_WHEN": "off"}
    config = load(tmp_path, MIRA, env)
    assert (config.user.name, config.user.about, config.image.when) == ("Kim", "I fish.", "off")


REFUSED = {
    "[characters.mira]\ntemprature = 1": '[characters.mira] has no key "temprature"; did you mean "temperature"?',
    "[characters.mira]\ntemperature = 3": (
        "[characters.mira] temperature = 3 is not allowed; it must be a number from 0 to 2."
    ),
    "[characters.mira]\naccent = 'red'": (
        '[characters.mira] accent = "red" is not allowed; it must be a colour such as "#e0803a".'
    ),
    '[characters.mira]\naccent = "#e0803a\\n"': (
        '[characters.mira] accent = "#e0803a\\n" is not allowed; it must be a colour such as "#e0803a".'
    ),
    "[characters.mira]\nwidth = 8": '[characters.mira] has no key "width"; "width" belongs in [image].',
    "[characters.mira]\ngreetings = 'Hi'": (
        '[characters.mira] greetings = "Hi" is not allowed; it must be a list, each of it a text.'
    ),
    "[characters.mira]\nsampling = {}": (
        '[characters.mira] has no key "sampling"; its keys are '
        + ", ".join(named_schema("characters")[""])
        + "."
    ),
    "[characters.mira]\nimage = 3": (
        "[characters.mira] image = 3 is not allowed; it must be a table, [characters.mira.image]."
    ),
    "[characters.mira.image]\nsave_dir = 'x'": (
        '[characters.mira.image] has no key "save_dir"; "save_dir" belongs in [image].'
    ),
    "[characters.mira.image]\nwhen = 'later'": (
        '[characters.mira.image] when = "later" is not allowed; it must be "ask", "auto" or "off".'
    ),
    "[characters.mira.auto_turn]\nmin_delay = 9000": (
        "[characters.mira.auto_turn] min_delay = 9000 is not allowed; it must be at most max_delay, which is 3000."
    ),
    "[characters]\nmira = 'x'": (
        '[characters] mira = "x" is not allowed; it must be a table of its own, [characters.NAME].'
    ),
    "[characters.' ']\nname = 'x'": (
        '[characters] has a table " "; a name is one line of 1 to 100 characters.'
    ),
    "[styles.ink]\nprefx = 'x'": '[styles.ink] has no key "prefx"; did you mean "prefix"?',
    "[styles.ink]\nsize = '9999x10'": (
        '[styles.ink] size = "9999x10" is not allowed; it must be a size such as "768x1024", each side from 64 to'
        " 4096."
    ),
    "[character.mira]\nname = 'x'": "there is no table [character]; did you mean [characters.NAME]?",
    "styles = 3": "[styles] must be a table.",
    "[user]\nname = ' '": '[user] name = " " is not allowed; it must be a text that is not blank.',
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_mistake_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(caught.value) == f"{tmp_path / 'config.toml'}: {REFUSED[text]}"


@pytest.mark.parametrize(
    "place", [("image", "width"), ("user", "name"), ("chat", "temperature"), ("ui", "plain")]
)
def test_changing_a_setting_keeps_every_line_of_a_character(tmp_path: Path, place: tuple[str, str]) -> None:
    values: dict[str, object] = {"width": 512, "name": "Kim", "temperature": 1.5, "plain": True}
    path = tmp_path / "config.toml"
    path.write_text(MIRA, encoding="utf-8")
    before = load_config(path, {})
    SettingsFile(path, {}).change(*place, values[place[1]])
    after = load_config(path, {})
    assert (after.characters, after.styles) == (before.characters, before.styles)
    assert getattr(getattr(after, place[0]), place[1]) == values[place[1]]
    lines = [line for line in MIRA.splitlines() if line != 'name = "Sam"']
    assert set(lines) <= set(path.read_text(encoding="utf-8").splitlines())
    SettingsFile(path, {}).change(*place, None)
    assert load_config(path, {}).characters == before.characters


def test_the_example_shows_every_key_and_can_be_used(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").partition("# Characters and styles")[2].partition("\n\n")[0]
    lines = [line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   ")]
    path = tmp_path / "config.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    config = load_config(path, {})
    assert list(config.characters) == ["mira"]
    assert list(config.styles) == ["watercolour"]
    shown = tomllib.loads("\n".join(lines))
    own = set(named_schema("characters")[""]) - set(SAMPLING)
    assert own <= shown["characters"]["mira"].keys()
    assert set(named_schema("styles")[""]) == shown["styles"]["watercolour"].keys()
    assert all(re.search(rf"\b{key}\b", text) for key in SAMPLING)
