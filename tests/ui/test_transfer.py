"""`/export` and `/import` in the application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from tests.support.chat_app import open_chat
from tests.support.chat_service import reply
from tests.support.pane_app import until
from tests.support.stored_history import import_history

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.talk import StartTalk


async def test_a_conversation_is_exported_and_one_that_is_imported_is_opened(
    start_talk: StartTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_chat(start_talk()) as chat:
        await chat.type("/export")
        await until(lambda: "nothing to export yet" in chat.notes()[-1])
        chat.talk.service.say(reply("A **red** one."))
        await chat.type("Which fox?")
        await chat.settle()
        own = chat.talk.session.conversation.conversation.id

        await chat.type("/export")
        await until(lambda: len(list(tmp_path.glob("*-which-fox.html"))) == 1)
        (page,) = tmp_path.glob("*-which-fox.html")
        assert "A <strong>red</strong> one." in page.read_text()
        await until(lambda: chat.notes()[-1] == f"Exported to {page}")
        await chat.type("/export")
        await until(lambda: len(list(tmp_path.glob("*-which-fox-2.html"))) == 1)

        await chat.type(f"/export {tmp_path}/fox.json")
        await until(lambda: (tmp_path / "fox-files" / "conversation.json").exists())
        await until(lambda: (tmp_path / "fox.json").exists())
        await chat.type(f"/export {tmp_path}/fox.json")
        await until(lambda: "exists already" in chat.notes()[-1])
        await chat.type("/export none/fox.md")
        await until(lambda: "There is no folder" in chat.notes()[-1])

        other = tmp_path / "other.json"
        other.write_text(json.dumps([{"role": "user", "content": "Hello from elsewhere"}]))
        await chat.type(f"/import {other}")
        await until(lambda: chat.talk.session.conversation.conversation.title == "Hello from elsewhere")
        await until(lambda: chat.notes()[-1].startswith("Imported “Hello from elsewhere” with 1 message"))
        await chat.settle()
        assert "Hello from elsewhere" in chat.text()
        await chat.type(f"/import {tmp_path}/fox.json")
        await until(lambda: chat.talk.session.conversation.conversation.id == own)
        await until(lambda: "here already" in chat.notes()[-1])
        await chat.type("/import none.json")
        await until(lambda: "There is no file" in chat.notes()[-1])


def keep_a_long_conversation(folder: Path) -> None:
    """One whose export takes a while; the application opens it."""
    text = "- **one** `two`\n- three\n\n```python\nx = [1, 2]\n```"
    entries = [ChatMessage(role="assistant", content=text) for _ in range(8_000)]
    store = ConversationStore(folder)
    import_history(store, msgspec.json.encode(entries), Conversation(id="long")).close()
    store.note_last("long")


async def test_a_long_export_tells_how_far_it_is_and_is_cancelled_with_escape(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    keep_a_long_conversation(tmp_path)
    async with open_chat(start_talk()) as chat:
        target = tmp_path / "long.html"
        await chat.type(f"/export {target}")
        await until(lambda: "exporting" in chat.text() and "Esc Cancel" in chat.text())
        await chat.pilot.press("escape")
        await until(lambda: "export was cancelled" in "".join(chat.notes()))
        await chat.settle()
        assert ("exporting" in chat.text(), "Esc Cancel" in chat.text()) == (False, False)
        assert not target.exists()
        assert not list(tmp_path.glob(".*"))


async def test_quitting_during_an_export_is_no_fault_and_leaves_no_file(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    keep_a_long_conversation(tmp_path)
    async with open_chat(start_talk()) as chat:
        await chat.type(f"/export {tmp_path}/long.html")
        await until(lambda: "exporting" in chat.text())
    assert not (tmp_path / "long.html").exists()
