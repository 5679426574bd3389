"""What the README says of the program is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from animus_tui.cli import grammar
from animus_tui.cli.doctor import OTHER_VARIABLES
from animus_tui.config.schema import schema, variable
from animus_tui.demo.process import DemoProcess
from tests.support.readme_tables import tables

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_every_variable_that_it_names_exists() -> None:
    known = {variable(table, key) for table, keys in schema().items() for key in keys}
    named = set(re.findall(r"ANIMUS_[A-Z_]+", README))
    assert named <= known.union(OTHER_VARIABLES)
    assert named >= set(OTHER_VARIABLES)


def test_its_exit_codes_are_those_of_the_help() -> None:
    (told,) = re.findall(r"Exit codes: (.+)\.\n", grammar.EXAMPLES)
    assert f"Exit codes: {told}" in " ".join(README.split())


def test_every_command_that_it_shows_is_understood() -> None:
    for command in re.findall(r"animus-chat (\w[\w-]*) ?(.*)", README):
        name, rest = command
        if not rest.startswith(("-", '"')) and " # " not in rest:  # it is named in a sentence
            rest = ""
        shown = rest.split("  ")[0].split("|")[0]
        words = [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|([^\s"#`|]+)', shown)]
        assert grammar.read([name, *words]).command == name


def test_the_library_is_used_as_it_shows(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    with DemoProcess() as demo:
        own = f'api_key="{demo.api_key}", base_url="{demo.base_url}", generation_url="{demo.generation_url}"'
        program = program.replace('api_key="…"', own).replace("Can you show me a sunset?", "Hello")
        assert own in program
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("ExchangeComplete(")
    assert len(list(tmp_path.glob("history/conversations/*/history.json"))) == 1


def test_its_tables_are_those_of_the_program() -> None:
    for title in tables():
        assert f"\n\n{tables()[title]}\n\n" in README
