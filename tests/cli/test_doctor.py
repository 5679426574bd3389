"""`animus-chat doctor`: a line each, and exit code 1 when something is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.cli.doctor import LIBRARIES
from tests.support.program import PLANTED
from tests.support.scripted_terminal import ENVIRONMENTS, TERMINALS, ScriptedTerminal
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from tests.support.program import Program

OWN_DRAWING = "full quality by animus-chat itself, term-image 0.7 is not installed"


def report(done: CompletedProcess[str]) -> dict[str, tuple[str, str]]:
    """What → state and words."""
    lines = (line.split(maxsplit=1) for line in done.stdout.splitlines())
    return {rest[:14].strip(): (state, rest[14:].strip()) for state, rest in lines}


def test_with_nothing_configured_all_is_well_on_the_demo(program: Program) -> None:
    done = program("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    found = report(done)
    assert {state for state, _ in found.values()} == {"ok"}
    assert str(program.config_file) in found["configuration"][1]
    assert "embedded demo" in found["sign-in"][1]
    assert str(program.home / "data") in found["conversations"][1]
    assert {"pictures", "log", "terminal", "unicode", "graphics", "versions"} <= set(found)
    for library in ("animus-chat", "Python", "textual", "httpx", "pillow"):
        assert f"{library} " in found["versions"][1]
    if find_spec("term_image") is None:
        assert found["drawing"] == ("ok", OWN_DRAWING)
    else:
        assert found["drawing"] == ("ok", f"full quality by term-image {metadata.version('term-image')}")


def test_without_term_image_all_is_well_and_our_own_code_draws(program: Program) -> None:
    hidden = "import sys; sys.modules['term_image'] = None"
    code = f"{hidden}; from animus_tui.cli.main import main; sys.exit(main(['doctor']))"
    environment = program.environment
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert report(done)["drawing"] == ("ok", OWN_DRAWING)


def test_signed_in_by_key_the_services_answer(signed_in: Program) -> None:
    found = report(signed_in("doctor"))
    assert found["sign-in"] == ("ok", "API key (set, not shown)")
    assert found["chat service"][0] == found["picture jobs"][0] == "ok"
    assert "ANIMUS_API_KEY" in found["environment"][1]
    assert signed_in.env["ANIMUS_API_KEY"] not in str(found)


def test_a_wrong_key_is_a_problem(signed_in: Program) -> None:
    signed_in.env["ANIMUS_API_KEY"] = PLANTED
    done = signed_in("doctor")
    assert done.returncode == 1
    assert report(done)["picture jobs"][0] == "problem"
    assert "Signed out" in report(done)["picture jobs"][1]


def test_a_token_provider_that_does_not_answer_is_a_problem(signed_in: Program) -> None:
    signed_in.env["ANIMUS_TOKEN_PROVIDER_URL"] = f"http://me:{PLANTED}@127.0.0.1:9/token?key={PLANTED}"
    done = signed_in("doctor")
    assert done.returncode == 1
    found = report(done)
    assert found["sign-in"] == ("ok", "token provider http://127.0.0.1:9/token?…")
    assert "Sign-in failed" in found["picture jobs"][1]


def test_a_service_out_of_reach_is_a_problem(program: Program) -> None:
    program.configure(
        f'[api]\napi_key = "{PLANTED}"\nbase_url = "http://127.0.0.1:9"\ngeneration_url = "http://127.0.0.1:9"\n'
    )
    done = program("doctor")
    assert done.returncode == 1
    assert report(done)["chat service"][0] == "problem"
    assert report(done)["configuration"] == (
        "warning",
        f"others can read the key: chmod 600 {program.config_file}",
    )


def test_a_file_that_others_can_read_matters_only_when_it_holds_a_key(program: Program) -> None:
    program.configure('[api]\n#api_key = "your-key"\n')
    assert report(program("doctor"))["configuration"] == ("ok", f"{program.config_file} was read")
    program.configure(f'[api]\napi_key = "{PLANTED}"\nbase_url = "http://127.0.0.1:9"\n')
    assert report(program("doctor", "--demo"))["configuration"][0] == "warning"
    program.config_file.chmod(0o600)
    assert report(program("doctor", "--demo"))["configuration"][0] == "ok"


def test_a_variable_that_means_nothing_is_a_warning_with_the_nearest_one(program: Program) -> None:
    program.env |= {"ANIMUS_CHAT_TEMPRATURE": PLANTED, "ANIMUS_DEMO_KEY": PLANTED, "ANIMUS_CHAT_N": "1"}
    done = program("doctor")
    assert done.returncode == 0
    known, unknown = (line for line in done.stdout.splitlines() if line[9:].startswith("environment"))
    assert "ANIMUS_CHAT_N, ANIMUS_DATA_DIR, ANIMUS_DEMO_KEY" in known
    assert unknown.split(maxsplit=2)[0] == "warning"
    assert unknown.endswith("ANIMUS_CHAT_TEMPRATURE means nothing; did you mean ANIMUS_CHAT_TEMPERATURE?")


def test_a_named_file_that_does_not_exist_is_a_warning(program: Program) -> None:
    program.env["ANIMUS_CONFIG"] = str(program.home / "none.toml")
    words = f"{program.home / 'none.toml'} does not exist; using defaults"
    assert report(program("doctor"))["configuration"] == ("warning", words)


def test_every_library_that_the_package_depends_on_is_looked_at() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    names = [re.split(r"[^\w-]", dependency)[0] for dependency in project["project"]["dependencies"]]
    assert list(LIBRARIES) == names


def test_a_wrong_configuration_is_a_problem_and_the_rest_is_still_checked(program: Program) -> None:
    program.configure("[chat]\ntemprature = 1\n")
    done = program("doctor")
    assert done.returncode == 1
    assert "did you mean" in report(done)["configuration"][1]
    assert report(done)["versions"][0] == "ok"


def test_a_file_in_place_of_a_folder_is_a_problem(program: Program) -> None:
    taken = program.home / "taken"
    taken.touch()
    program.env |= {"ANIMUS_DATA_DIR": str(taken), "ANIMUS_IMAGE_SAVE_DIR": str(taken)}
    done = program("doctor")
    assert done.returncode == 1
    for what in ("conversations", "pictures"):
        assert report(done)[what] == ("problem", f"{taken} is not a folder")


def test_on_a_terminal_it_is_a_table_and_looks_at_the_terminal(program: Program) -> None:
    environment = {**program.environment, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TMUX": "x"}
    arguments = [sys.executable, "-m", "animus_tui", "doctor"]
    with TerminalProgram(arguments, environment, columns=150, rows=40) as screen:
        assert screen.wait_for_exit() == 0
        text = screen.text()
    assert "150×40, TERM=xterm-256color, COLORTERM=truecolor, inside tmux" in text
    assert "mosaic: 24-bit colours" in text


def test_what_the_environment_says_is_text_on_a_terminal_and_in_a_pipe(program: Program) -> None:
    hostile = "\x1b]0;stolen\x07[red]\x9b2Jplain"
    environment = {**program.environment, "TERM": "xterm-256color", "COLORTERM": hostile}
    with TerminalProgram([sys.executable, "-m", "animus_tui", "doctor"], environment, columns=100) as screen:
        assert screen.wait_for_exit() == 0
        assert b"COLORTERM=[red]plain" in screen.raw
        assert b"stolen" not in screen.raw
    program.env["COLORTERM"] = hostile
    done = program("doctor")
    assert "COLORTERM=[red]plain" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_tiny_terminal_is_a_warning(program: Program) -> None:
    arguments = [sys.executable, "-m", "animus_tui", "doctor"]
    environment = {**program.environment, "TERM": "xterm"}
    with TerminalProgram(arguments, environment, columns=30, rows=10) as screen:
        assert screen.wait_for_exit() == 0
        assert b"warning" in screen.raw
        assert b"30\xc3\x9710" in screen.raw


def test_the_way_of_drawing_can_be_asked_for_before_and_after_the_command(program: Program) -> None:
    environment = {**program.environment, "TERM": "xterm"}
    for words in (["doctor", "--graphics", "none"], ["--graphics", "none", "doctor"]):
        arguments = [sys.executable, "-m", "animus_tui", *words]
        with TerminalProgram(arguments, environment, columns=150) as screen:
            assert screen.wait_for_exit() == 0
            assert re.search(r"graphics +none: ", screen.text())


def test_it_tells_what_the_terminal_told(program: Program) -> None:
    environment = {**program.environment, **ENVIRONMENTS["kitty"]}
    arguments = [sys.executable, "-m", "animus_tui", "doctor"]
    with ScriptedTerminal(arguments, environment, TERMINALS["kitty"], columns=150) as screen:
        before = screen.attributes()
        assert screen.wait_for_exit() == 0
        assert screen.attributes() == before
        text = screen.text()
    assert "kitty 0.41.1, 150×40, TERM=xterm-kitty" in text
    assert re.search(r"graphics +kitty: kitty draws pixels in cells", text)
    assert re.search(
        r"cells +10×20 pixels; a mosaic is made of wedges; background #1e2028; a picture in full quality: kitty",
        text,
    )


def test_it_tells_of_sixels_and_why(program: Program) -> None:
    environment = {**program.environment, **ENVIRONMENTS["xterm as vt340"]}
    arguments = [sys.executable, "-m", "animus_tui", "doctor"]
    with ScriptedTerminal(arguments, environment, TERMINALS["xterm as vt340"], columns=150) as screen:
        assert screen.wait_for_exit() == 0
        text = screen.text()
    assert re.search(r"graphics +sixel, 256 colours: xterm says that it draws them \(DA1\)", text)
    assert re.search(r"cells +6×13 pixels; ", text)


def test_a_terminal_that_says_nothing_is_told_as_such(program: Program) -> None:
    environment = {**program.environment, "TERM": "xterm-256color"}
    arguments = [sys.executable, "-m", "animus_tui", "doctor"]
    with ScriptedTerminal(arguments, environment, {}, columns=150) as screen:
        assert screen.wait_for_exit() == 0
        assert re.search(
            r"cells +the terminal does not tell their size; a mosaic is made of quad", screen.text()
        )


def test_a_dumb_terminal_is_a_problem(program: Program) -> None:
    arguments = [sys.executable, "-m", "animus_tui", "doctor"]
    with TerminalProgram(arguments, {**program.environment, "TERM": "dumb"}, columns=120) as screen:
        assert screen.wait_for_exit() == 1
        assert "it can only print lines" in screen.text()


def test_a_theme_of_which_there_is_none_is_a_warning(program: Program) -> None:
    for theme, is_known in (("zzz", False), ("nord", True), ("animus-light", True)):
        program.env["ANIMUS_UI_THEME"] = theme
        told = program("doctor", "--demo").stdout
        assert (f"there is no theme “{theme}”" in told) is not is_known
