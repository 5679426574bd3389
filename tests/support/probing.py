"""A program for a terminal of the tests: asks, tells what it found as one line of JSON, and what the tty is then.

With an argument it tells it to that file.
"""

from __future__ import annotations

import json
import os
import sys
import termios
from pathlib import Path

from animus_tui.cli.terminal import TerminalQuestion
from animus_tui.config.loading import load_config


def main() -> None:
    before = termios.tcgetattr(0)
    with TerminalQuestion(os.environ, load_config(None, os.environ).ui) as question:
        question.ask()
        terminal = question.terminal()
        probe = question.asked
        typed = b"" if probe is None else probe.take_typed()
        outstanding = probe is not None and probe.outstanding
    found = {name: getattr(terminal, name) for name in terminal.__struct_fields__}
    told = {
        "terminal": found,
        "typed": typed.hex(),
        "outstanding": outstanding,
        "restored": termios.tcgetattr(0) == before,
        "modules": sorted({"PIL", "numpy", "term_image", "textual"} & set(sys.modules)),
    }
    for path in sys.argv[1:]:
        whole = Path(f"{path}.part")
        whole.write_text(json.dumps(told), encoding="utf-8")
        whole.rename(path)
    sys.stdout.write(f"FOUND {json.dumps(told)} END")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
