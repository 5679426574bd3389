"""Pictures that go with the message that is written: the line above the prompt, the bubble, and what can go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from textual import events

from animus_tui.config.schema import UiConfig
from animus_tui.ui.conversation.entries.user import UserEntry
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import AttachedLine
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import Answer, reply
from tests.support.pane_app import until
from tests.support.picture_samples import BLUE, RED, file_of, plain
from tests.support.screen import strips_of
from tests.support.stored_history import full_disk
from tests.support.talk import StartTalk


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    path = tmp_path / "a lake.png"
    path.write_bytes(file_of(plain(BLUE, (80, 40)), "PNG"))
    return path


def line(chat: Chat) -> str:
    """What is said above the prompt; empty when nothing is."""
    shown = chat.app.screen.query_one(AttachedLine)
    return str(shown.render()) if shown.display else ""


def prompt(chat: Chat) -> Prompt:
    return chat.app.screen.query_one(Prompt)


async def paste(chat: Chat, text: str) -> None:
    prompt(chat).focus()
    await chat.pilot.pause()
    chat.app.post_message(events.Paste(text))
    await chat.pilot.pause()


def cells_of(chat: Chat, colour: tuple[int, int, int]) -> int:
    """How many cells of the screen are nearly of this colour."""
    return sum(
        len(segment.text)
        for strip in strips_of(chat.app)
        for segment in strip
        if segment.style is not None
        and segment.style.bgcolor is not None
        and segment.style.bgcolor.triplet is not None
        and all(abs(a - b) < 12 for a, b in zip(segment.style.bgcolor.triplet, colour, strict=True))
    )


async def test_the_command_attaches_it_a_key_takes_it_away_and_it_is_shown_in_the_bubble(
    start_talk: StartTalk, lake: Path
) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png 80×40" in line(chat))
        await chat.pilot.press("escape")
        assert line(chat) == ""
        await chat.type(f"/attach '{lake}'")
        await until(lambda: "Esc removes it" in line(chat))
        chat.talk.service.say(reply("A lake."))
        await chat.type("What is it?")
        await chat.settle()
        assert line(chat) == ""
        (sent, _) = chat.talk.messages
        assert sent.attached is not None
        assert [record.prompt for record in sent.attached] == ["a lake.png"]
        (entry,) = chat.entries(UserEntry)
        await until(lambda: cells_of(chat, BLUE) > 100)
        assert chat.height(entry) > 10
    async with open_chat(start_talk()) as chat:  # and so it is when the application starts again
        await until(lambda: cells_of(chat, BLUE) > 100)
        assert line(chat) == ""


async def test_files_that_are_dropped_go_with_what_was_typed_even_when_enter_follows_at_once(
    start_talk: StartTalk, lake: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.png"
    other.write_bytes(file_of(plain(RED, (40, 40)), "PNG"))
    async with open_chat(start_talk(), size=(60, 24)) as chat:
        chat.talk.service.say(reply("A lake."), reply("A square."))
        prompt(chat).load_text("Look")
        await paste(chat, f"'{lake}' {other} ")
        await chat.pilot.press("enter")
        await until(lambda: len(chat.talk.messages) == 2)
        sent = chat.talk.messages[0]
        assert sent.content == "Look"
        assert [record.prompt for record in sent.attached or ()] == ["a lake.png", "b.png"]
        await chat.settle()
        await paste(chat, str(other))
        await chat.pilot.press("enter")  # without a word
        await until(lambda: len(chat.talk.messages) == 4)
        assert (chat.talk.messages[2].content, len(chat.talk.messages[2].attached or ())) == ("", 1)
        await chat.settle()
        await chat.pilot.press("enter")
        await chat.settle()
        assert len(chat.talk.messages) == 4, "nothing is attached any more, so that blank text is not sent"


async def test_what_cannot_be_attached_is_one_sentence_and_nothing_typed_is_lost(
    start_talk: StartTalk, lake: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.png"
    notes.write_text("no picture")
    gone = tmp_path / "gone.png"
    async with open_chat(start_talk()) as chat:
        prompt(chat).load_text("Look ")
        prompt(chat).move_cursor((0, 5))
        await paste(chat, str(notes))
        await until(lambda: any("notes.png was not attached." in said for said in chat.notes()))
        assert prompt(chat).text == f"Look {notes}"
        await paste(chat, f" {gone}")
        await until(lambda: prompt(chat).text == f"Look {notes} {gone}")
        prompt(chat).load_text("/edit at night --source ")
        prompt(chat).move_cursor((0, 24))
        await paste(chat, str(lake))
        assert prompt(chat).text == f"/edit at night --source {lake}", "it is part of a command"
        said = len(chat.notes())
        await chat.type(f"/attach {gone}")
        await until(lambda: len(chat.notes()) > said)
        assert "There is no file" in chat.notes()[-1]
        assert prompt(chat).text == f"/attach {gone}"
        # A message that is sent while its picture turns out to be none waits with its words.
        noise = file_of(Image.effect_noise((2500, 2500), 200), "PNG")
        notes.write_bytes(noise[:-5000])  # it takes its time until the end is missing
        prompt(chat).load_text("Look")
        chat.app.post_message(events.Paste(str(notes)))
        await chat.pilot.press("enter")
        await until(lambda: any("so the message was not sent" in told for told in chat.notes()))
        await chat.settle()
        assert "Look" in prompt(chat).text
        assert len(chat.talk.messages) == 0


async def test_a_file_of_another_kind_that_is_dropped_is_told_and_its_path_is_pasted(
    start_talk: StartTalk, lake: Path, tmp_path: Path
) -> None:
    film = tmp_path / "a film.gif"
    film.write_bytes(file_of(plain(RED, (40, 40)), "GIF"))
    async with open_chat(start_talk()) as chat:
        await paste(chat, f"{lake.as_uri()}\n{film.as_uri()}")
        await until(
            lambda: any("a film.gif was not attached. The file is not a PNG" in n for n in chat.notes())
        )
        assert prompt(chat).text == f"{lake.as_uri()}\n{film.as_uri()}"
        assert line(chat) == "", "all or none"


async def test_a_file_that_is_gone_when_the_message_is_sent_was_read_before(
    start_talk: StartTalk, lake: Path
) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png 80×40" in line(chat))
        lake.unlink()
        chat.talk.service.say(reply("A lake."))
        await chat.type("Look")
        await until(lambda: len(chat.talk.messages) == 2)
        (record,) = chat.talk.messages[0].attached or []
        assert chat.talk.session.conversation.path_of(record.file).is_file()


async def test_it_stays_attached_where_the_message_cannot_be_sent_and_with_its_conversation(
    start_talk: StartTalk, lake: Path
) -> None:
    async with open_chat(start_talk()) as chat:
        chat.talk.service.answer_chat = lambda _: Answer(reply("Hello."))
        await chat.type("Hello")
        await chat.settle()
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png" in line(chat))
        with full_disk():
            await chat.type("Look")
            await until(lambda: any("could not be saved" in said for said in chat.notes()))
        assert prompt(chat).text == "Look"
        assert "a lake.png" in line(chat)
        first = chat.talk.session.conversation.conversation.id
        await chat.talk.session.new()
        await until(lambda: line(chat) == "")
        await chat.talk.session.open(first)
        await until(lambda: "a lake.png" in line(chat))
        await chat.type("Look")
        await chat.settle()
        assert [record.prompt for record in chat.talk.messages[-2].attached or ()] == ["a lake.png"]


async def test_where_no_pictures_are_drawn_words_say_what_it_was(start_talk: StartTalk, lake: Path) -> None:
    ui = UiConfig()
    async with open_chat(start_talk(ui=replace(ui, plain=True)), size=(80, 24)) as chat:
        chat.talk.service.say(reply("A lake."))
        await chat.type(f"/attach {lake}")
        await until(lambda: "a lake.png" in line(chat))
        await chat.type("What is it?")
        await chat.settle()
        assert "[picture: a lake.png · 80×40]" in chat.text()
