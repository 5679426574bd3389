"""Folders in which the program finds its configuration and, as the last conversation, one of a given length."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from tests.bench.pane.messages import conversation
from tests.support.stored_history import import_history
from tests.support.terminal import program_environment

ROOT = Path(__file__).parents[3]
"""Where `python -m` finds both the program and this benchmark."""
CONVERSATION = "bench"
CONFIG = """\
[api]
base_url = "{address}/v3"
generation_url = "{address}/v2"
api_key = "bench"

[chat]
stream = true
check_image_generation = false

[auto_turn]
enabled = false
"""


class Homes:
    """Makes homes below one folder; each program gets a fresh one, as what it writes would be the next one's load."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self._address = address
        self._numbers = itertools.count()

    def fresh(self, size: int) -> Path:
        """A home whose last conversation has `size` messages."""
        kept = self.folder / f"with-{size}"
        if not kept.exists():
            self._make(kept, size)
        home = self.folder / f"home-{next(self._numbers)}"
        shutil.copytree(kept, home)
        return home

    def _make(self, home: Path, size: int) -> None:
        home.mkdir()
        (home / "config.toml").write_text(CONFIG.format(address=self._address), "utf-8")
        messages: Sequence[ChatMessage] = [
            ChatMessage(
                id=f"{number:032x}",
                role=cast("Literal['user', 'assistant']", spoken.role),
                content=spoken.text,
                timestamp=spoken.timestamp,
            )
            for number, spoken in enumerate(conversation(size))
        ]
        stored = import_history(
            ConversationStore(home / "data"),
            msgspec.json.encode(messages),
            Conversation(id=CONVERSATION, title="A long conversation"),
        )
        stored.put(messages[-1])
        stored.close()


def history_file(home: Path) -> Path:
    """Where the program keeps the messages."""
    return home / "data" / "conversations" / CONVERSATION / "history.json"


def environment(home: Path) -> dict[str, str]:
    """What a program is started with: everything it keeps is below `home`."""
    return program_environment(home) | {"PYTHONPATH": str(ROOT)}
