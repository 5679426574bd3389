"""What is being written: it stays with its conversation, and what was sent is searched from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from animus_tui.errors import UserError
from animus_tui.ui.terminal.editor import editor_command
from animus_tui.ui.widgets.completion_list import CompletionList
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply
from tests.support.pane_app import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.talk import StartTalk


def prompt_of(chat: Chat) -> Prompt:
    return chat.app.screen.query_one(Prompt)


def lines_above(chat: Chat) -> list[str]:
    """The texts that the list above the prompt offers."""
    return [offer.text for offer in chat.app.screen.query_one(CompletionList).offers if offer.text]


async def said(chat: Chat, *texts: str) -> None:
    for text in texts:
        chat.talk.service.say(reply("Yes"))
        await chat.type(text)
        await chat.settle()


async def test_each_conversation_keeps_its_draft_and_a_sent_one_is_gone(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        session = chat.talk.session
        await said(chat, "first")
        first = session.conversation
        await chat.pilot.press("up")
        assert prompt_of(chat).text == "first"
        assert prompt_of(chat).draft == "", "a message that is only looked at is no draft"
        await chat.pilot.press("down", *"half")
        await chat.pilot.press("ctrl+n")
        await until(lambda: session.conversation is not first)
        await chat.settle()
        assert prompt_of(chat).text == ""
        await chat.pilot.press(*"other")
        second = session.conversation.folder
        await session.open(first.conversation.id)
        await until(lambda: prompt_of(chat).text == "half")
        await until(lambda: (second / "draft").is_file() and (second / "draft").read_text() == "other")
        chat.talk.service.say(reply("Yes"))
        await chat.pilot.press("enter")
        await chat.settle()
        await until(lambda: not (first.folder / "draft").exists())
        await chat.pilot.press(*"last words")
    assert (first.folder / "draft").read_text() == "last words", "leaving keeps what was just typed"


async def test_what_was_sent_is_searched_by_words_and_taken(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        await said(chat, "a boat at sea", "green hills", "the Sea by night", "a long line\nwith a boat")
        prompt = prompt_of(chat)
        await chat.pilot.press(*"sea", "ctrl+up")
        await until(lambda: lines_above(chat) == ["the Sea by night", "a boat at sea"])
        await chat.pilot.press("backspace", "backspace", "backspace", *"boat a")
        await until(lambda: lines_above(chat) == ["a long line\nwith a boat", "a boat at sea"])
        assert prompt.draft == "sea", "the words that are looked for are no draft"
        await chat.pilot.press("escape")
        assert (prompt.text, lines_above(chat)) == ("sea", [])
        await chat.pilot.press("ctrl+up", "ctrl+up", "enter")
        assert (prompt.text, lines_above(chat)) == ("a boat at sea", [])
        assert len(chat.talk.messages) == 8, "taken and not sent"
        await chat.pilot.press("ctrl+up", *"!?", "enter")
        assert "Nothing that you sent" in chat.text()


def test_the_editor_is_the_named_one_with_its_arguments_or_a_sentence(tmp_path: Path) -> None:
    program = tmp_path / "my editor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    env = {"PATH": str(tmp_path), "VISUAL": "'my editor' --wait", "EDITOR": "other"}
    assert editor_command(env) == ["my editor", "--wait"]
    with pytest.raises(UserError, match="“other” cannot be found: set EDITOR"):
        editor_command(env | {"VISUAL": " "})
    with pytest.raises(UserError, match="VISUAL is not a command"):
        editor_command(env | {"VISUAL": "'open"})
    with pytest.raises(UserError, match="set VISUAL or EDITOR"):
        editor_command({"PATH": str(tmp_path)})
