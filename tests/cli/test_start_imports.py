"""What a start does without: each module here would take its time from the first frame of every start."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from tests.support.stored_history import import_history
from tests.support.terminal import TerminalProgram, program_environment

if TYPE_CHECKING:
    from pathlib import Path

REPLY = """\
*smiles* The **evening** is *quiet*, and `tide()` says why:

- a *window*
- a lantern

```python
print("low water")
```

# Lastmark
"""
NOT_FOR_A_START = {
    "argparse",
    "httpx",
    "json",
    "logging.handlers",
    "markdown_it",
    "numpy",
    "PIL",
    "shlex",
    "animus_tui.picture_files",
    "animus_tui.characters.cards",
    "animus_tui.chat.exchange",
    "animus_tui.chat.export",
    "animus_tui.chat.images.moments",
    "animus_tui.chat.importing",
    "animus_tui.chat.promises.finder",
    "animus_tui.chat.revisions",
    "animus_tui.chat.search",
    "animus_tui.chat.search_text",
    "animus_tui.cli.connect",
    "animus_tui.cli.grammar",
    "animus_tui.markdown.parser",
    "animus_tui.ui.commands.completion",
    "animus_tui.ui.commands.palette",
    "animus_tui.ui.controllers.images",
    "animus_tui.ui.controllers.navigation",
    "animus_tui.ui.controllers.transfer",
    "animus_tui.ui.screens.gallery",
    "animus_tui.ui.screens.settings",
    "animus_tui.ui.terminal.clipboard",
    "animus_tui.ui.widgets.prompt_offers",
    "textual.widgets._markdown",
}


def test_the_first_frame_needs_only_what_is_in_it(tmp_path: Path) -> None:
    messages = [ChatMessage(role="user", content="Tell me!"), ChatMessage(role="assistant", content=REPLY)]
    stored = import_history(
        ConversationStore(tmp_path / "data"),
        msgspec.json.encode(messages),
        Conversation(id="kept", title="A conversation"),
    )
    stored.put(messages[-1])
    stored.close()
    arguments = [sys.executable, "-X", "importtime", "-m", "animus_tui"]
    with TerminalProgram(arguments, program_environment(tmp_path)) as program:
        while b"Lastmark" not in program.raw:  # what is imported afterwards is written over it
            program.read(0.05)
        before, frame, _ = program.raw.partition(b"Lastmark")
    imported = set(re.findall(r"\|[ \d]+\| +([\w.]+)", before.decode("utf-8", "replace")))
    assert frame
    assert {"textual.app", "animus_tui.ui.app"} <= imported
    assert imported & NOT_FOR_A_START == set()
