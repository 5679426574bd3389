"""Pictures that were attached and not sent: they stay with the draft of their conversation."""

from __future__ import annotations

import os
import signal
import stat
from typing import TYPE_CHECKING

import pytest

from animus_tui.chat.attachments import Attachment
from animus_tui.chat.storage.draft import has_pictures, read_draft, read_draft_pictures, write_draft_pictures
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import AttachedLine
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply
from tests.support.pane_app import until
from tests.support.picture_samples import BLUE, RED, file_of, plain
from tests.support.terminal import chat_program
from tests.support.terminal import until as until_program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.talk import StartTalk

KEPT = "draft-pictures.json"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    path = tmp_path / "a lake.png"
    path.write_bytes(file_of(plain(BLUE, (80, 40)), "PNG"))
    return path


def line(chat: Chat) -> str:
    """What is said above the prompt; empty when nothing is."""
    shown = chat.app.screen.query_one(AttachedLine)
    return str(shown.render()) if shown.display else ""


def attachment(colour: tuple[int, int, int] = BLUE, name: str = "a.png") -> Attachment:
    return Attachment(name=name, data=file_of(plain(colour, (8, 4)), "JPEG"), width=8, height=4)


async def test_it_is_there_again_after_a_restart_and_gone_once_sent_or_taken_off(
    start_talk: StartTalk, lake: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.png"
    other.write_bytes(file_of(plain(RED, (40, 40)), "PNG"))
    async with open_chat(start_talk()) as chat:
        folder = chat.talk.session.conversation.folder
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png 80×40" in line(chat))
        assert stat.S_IMODE((folder / KEPT).stat().st_mode) == 0o600, "what is shown as attached is kept"
        await chat.type(f"/attach {other}")
        await until(lambda: "b.png 40×40" in line(chat))
        await chat.pilot.press(*"Look")
    assert read_draft(folder) == "Look", "an earlier version reads the words"
    async with open_chat(start_talk()) as chat:
        await until(lambda: "a lake.png 80×40, b.png 40×40" in line(chat))
        assert chat.app.screen.query_one(Prompt).text == "Look"
        await chat.pilot.press("escape")  # the last thing that is done
    async with open_chat(start_talk()) as chat:
        await until(lambda: "Attached: a lake.png 80×40 · Esc removes it" in line(chat))
        chat.talk.service.say(reply("A lake."))
        await chat.pilot.press("enter")
        await until(lambda: len(chat.talk.messages) == 2)
        await chat.settle()
        assert [record.prompt for record in chat.talk.messages[0].attached or ()] == ["a lake.png"]
        await until(lambda: not (folder / KEPT).exists())
        await chat.type(f"/attach {lake}")
        await until(lambda: has_pictures(folder))
        await chat.pilot.press("escape")
        await until(lambda: not (folder / KEPT).exists())
        assert line(chat) == ""
    async with open_chat(start_talk()) as chat:
        await chat.settle()
        assert line(chat) == ""


async def test_each_conversation_keeps_its_own_also_after_a_restart(
    start_talk: StartTalk, lake: Path
) -> None:
    async with open_chat(start_talk()) as chat:
        session = chat.talk.session
        chat.talk.service.say(reply("Hello."))
        await chat.type("Hello")
        await chat.settle()
        first = session.conversation.conversation.id
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png 80×40" in line(chat))
        await session.new()
        await until(lambda: line(chat) == "")
        await session.open(first)
        await until(lambda: "a lake.png 80×40" in line(chat))
        await session.new()
    async with open_chat(start_talk()) as chat:
        await chat.settle()
        assert line(chat) == ""
        await chat.talk.session.open(first)
        await until(lambda: "Hello" in chat.text())
        await chat.settle()
        chat.talk.service.say(reply("A lake."))
        await chat.type("Look")
        await until(lambda: len(chat.talk.messages) == 4)
        assert [record.prompt for record in chat.talk.messages[2].attached or ()] == ["a lake.png"]


async def test_a_temporary_conversation_keeps_nothing(start_talk: StartTalk, lake: Path) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.talk.session.temporary()
        await chat.settle()
        folder = chat.talk.session.conversation.folder
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png 80×40" in line(chat))
        assert not has_pictures(folder)
        await chat.talk.session.new()
        await until(lambda: line(chat) == "")
        assert not list(chat.talk.root.rglob(KEPT))


def test_what_is_wrong_with_the_file_costs_nothing_but_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / KEPT
    pictures = [attachment(), attachment(RED, "b\x1b[31m.png")]
    write_draft_pictures(tmp_path, pictures)
    assert [each.name for each in read_draft_pictures(tmp_path)] == ["a.png", "b.png"]
    whole = path.read_bytes()
    for odd in (
        b"",
        b"{}",
        b"\xff",
        whole[:-9],
        whole.replace(b"/9j/", b"AAAA"),
        b'[{"name":"a","data":"!"}]',
    ):
        path.write_bytes(odd)
        assert read_draft_pictures(tmp_path) == [], odd[:20]
    path.write_bytes(b" " * (49 << 20))
    assert read_draft_pictures(tmp_path) == []
    path.unlink()
    os.mkfifo(path)
    assert read_draft_pictures(tmp_path) == [], "and it does not wait for anybody who writes"
    write_draft_pictures(tmp_path, pictures)
    write_draft_pictures(tmp_path, [])
    assert not path.exists()
    write_draft_pictures(tmp_path / "deleted", pictures)


async def test_a_crash_right_behind_sending_does_not_attach_it_again(
    start_talk: StartTalk, lake: Path
) -> None:
    async with open_chat(start_talk()) as chat:
        folder = chat.talk.session.conversation.folder
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png 80×40" in line(chat))
        kept = (folder / KEPT).read_bytes()
        chat.talk.service.say(reply("A lake."))
        await chat.type("Look")
        await chat.settle()
        await until(lambda: not (folder / KEPT).exists())
    (folder / KEPT).write_bytes(kept)
    async with open_chat(start_talk()) as chat:
        await chat.settle()
        assert line(chat) == ""


def test_it_outlives_a_kill(tmp_path: Path, lake: Path) -> None:
    env = {"ANIMUS_API_KEY": ""}
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=80, environment=env) as program:
        program.wait_for("Write a message")
        program.type(f"/attach {lake}\r")
        program.wait_for("Attached: a lake.png 80×40")
        program.type("written before the kill")
        drafts = tmp_path / "data" / "conversations"
        until_program(
            program, lambda: [f.read_text() for f in drafts.glob("*/draft")] == ["written before the kill"]
        )
        os.kill(program.pid, signal.SIGKILL)
        program.wait_for_exit()
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=80, environment=env) as program:
        program.wait_for("Attached: a lake.png 80×40")
        program.wait_for("❯ written before the kill")
        program.type("\x11")
        assert program.wait_for_exit() == 0
