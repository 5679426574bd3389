"""The command line as a process of its own, with everything it keeps below one folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

PLANTED = "sk-planted-3f9c1d"
"""A secret that must never be seen."""
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Under a limit on the size of files Python would keep a compiled module that the limit cut, and fail with it later."""
API_KEY = "demo-key-of-the-tests"
SERVE = f"""
from animus_tui.demo.server import run
from animus_tui.demo.state import DemoOptions
say = lambda line: print(line, flush=True)
run(announce=say, api_key={API_KEY!r}, options=DemoOptions.instant(), parent_pipe=True)
"""


ONE_AFTER_THE_OTHER = """
import io, json, sys
from animus_tui.cli.main import main
done, output = [], sys.stdout
for arguments in json.loads(sys.argv[1]):
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    code = main(arguments)
    told = []
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        told.append(stream.buffer.getvalue().decode())
    done.append([arguments, code, *told])
sys.stderr = sys.__stderr__
json.dump(done, output)
"""
"""Prints arguments, exit code, output and errors of each command."""


class Service(NamedTuple):
    """A service and the key that it accepts."""

    url: str
    api_key: str = API_KEY


def quick_start() -> dict[str, str]:
    """The variables with which programs of the tests start quickly: compiled modules are kept, certificates few."""
    names = ("PYTHONPYCACHEPREFIX", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in names if name in os.environ}


@dataclass
class Program:
    """`program("send", "Hi").stdout`; `env` is added to a clean environment."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the process."""
        return {
            **quick_start(),
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "share"),
            "ANIMUS_DATA_DIR": str(self.home / "data"),
            "XDG_PICTURES_DIR": str(self.home / "Pictures"),
            # Quick answers and quick pictures.
            "ANIMUS_AUTO_TURN_MIN_DELAY": "0",
            "ANIMUS_AUTO_TURN_MAX_DELAY": "0",
            "ANIMUS_AUTO_TURN_FOLLOW_UP_DELAY": "0",
            "ANIMUS_IMAGE_WIDTH": "256",
            "ANIMUS_IMAGE_HEIGHT": "256",
            **self.env,
        }

    @property
    def config_file(self) -> Path:
        """Where the configuration is looked for."""
        return self.home / "config" / "animus-chat" / "config.toml"

    @property
    def log_file(self) -> Path:
        """Where warnings go."""
        return self.home / "data" / "animus-chat.log"

    def configure(self, text: str) -> None:
        """Write the configuration file."""
        self.config_file.parent.mkdir(parents=True, exist_ok=True)
        self.config_file.write_text(text, encoding="utf-8")

    def start(self, *arguments: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start it with pipes; the caller ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "animus_tui", *arguments],
            env=self.environment,
            cwd=self.home,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def in_one_process(self, *commands: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
        """Run commands one after the other in one process; for those that are over before anything else starts."""
        done = subprocess.run(
            [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(commands)],
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=100,
            check=True,
        )
        assert "Traceback" not in done.stdout
        assert PLANTED not in done.stdout
        return [subprocess.CompletedProcess(*each) for each in json.loads(done.stdout)]

    def __call__(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run it to its end. A traceback on the terminal is a failure whatever the test is about."""
        process = self.start(*arguments, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL)
        try:
            out, errors = process.communicate(stdin, timeout=100)
        finally:
            process.kill()
        assert "Traceback" not in errors + out
        assert PLANTED not in errors + out
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)
