"""Finding in the conversation: what is marked, where one comes to, and how one gets back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.search_text import MOST_HITS
from animus_tui.config.schema import UiConfig
from animus_tui.ui.commands.parser import CommandCall
from animus_tui.ui.controllers.controller import ChatParts, Reporter
from animus_tui.ui.controllers.find import FindController
from animus_tui.ui.conversation.entries.render_context import DisplayOptions
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.widgets.completion_list import CompletionList
from animus_tui.ui.widgets.find_bar import FindBar, FindField
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import open_chat
from tests.support.chat_service import Answer, chunk, reply
from tests.support.pane_app import TERMINAL, PaneApp, Stage, painted, said, show, until
from tests.support.searched_texts import in_memory
from tests.support.talk import STREAMED, StartTalk

pytestmark = pytest.mark.slow

AT = "2026-01-02T10:00:00.000Z"


class FindApp(PaneApp):
    """The pane with the bar below it, over a conversation in memory."""

    def __init__(self, messages: list[ChatMessage]) -> None:
        super().__init__(DisplayOptions(UiConfig(), "Vivian", None, TERMINAL, "^T"))
        conversation = SimpleNamespace(conversation=SimpleNamespace(id="c"), messages=in_memory(messages))
        self.session: Any = SimpleNamespace(conversation=conversation)

    def on_find_bar_changed(self, event: FindBar.Changed) -> None:
        self.find.look_for(event.needle)

    def on_find_bar_stepped(self, event: FindBar.Stepped) -> None:
        self.find.step(event.step)

    def on_find_bar_closed(self, event: FindBar.Closed) -> None:
        self.find.leave(stay=event.stay)

    def on_mount(self) -> None:
        prompt = Prompt(send_keys=(), newline_keys=(), offers=CompletionList)
        pane, reporter = self.query_one(ConversationPane), Reporter(self.screen)
        self.find = FindController(
            ChatParts(self.session, self.screen, pane, prompt, reporter),
            mount=self.mount,
            search_everything=lambda _words: asyncio.sleep(0),
        )


class Finding(NamedTuple):
    on: Stage
    app: FindApp

    async def look_for(self, needle: str) -> None:
        await self.app.find.find(CommandCall("find", needle))
        await self.wait()

    async def wait(self) -> None:
        """Until the count is there."""
        await self.on.pilot.pause()
        await until(lambda: bool(self.told()) and "counting" not in self.told())
        await self.on.settle()

    def told(self) -> str:
        return str(self.app.query_one("#find-count").render())

    def marked(self, *, chosen: bool = False) -> list[str]:
        """The painted text with the ground of hits, or of the chosen one."""
        pane = self.on.pane
        ground = pane.get_component_rich_style("pane--hit-chosen" if chosen else "pane--hit").bgcolor
        strips = [pane.render_line(y) for y in range(pane.viewport.height)]
        return [s.text for strip in strips for s in strip if s.style and s.style.bgcolor == ground]


@asynccontextmanager
async def finding(messages: Sequence[ChatMessage]) -> AsyncIterator[Finding]:
    app = FindApp(list(messages))
    async with app.run_test(size=(80, 24)) as pilot:
        on = Stage(app, app.query_one(ConversationPane), pilot)
        show(on, messages, Path())
        await on.settle()
        yield Finding(on, app)


def answer(text: str, number: int = 0, **more: Any) -> ChatMessage:
    return ChatMessage(role="assistant", content=text, timestamp=AT, id=f"a{number}", **more)


async def test_every_hit_in_view_is_marked_the_current_one_differently_and_counted() -> None:
    async with finding([answer("a boat, a boat"), answer("one **bo**at more", 1)]) as find:
        await find.look_for("BOAT")
        assert find.told() == "1 of 3"
        assert find.marked(chosen=True) == ["boat"]
        assert "".join(find.marked()) == "boatboat"
        for key, count in [("enter", "2 of 3"), ("down", "3 of 3"), ("enter", "1 of 3"), ("up", "3 of 3")]:
            await find.on.pilot.press(key)
            await find.wait()
            assert find.told() == count


async def test_a_hit_over_two_lines_is_marked_in_both_and_is_one() -> None:
    talk = [ChatMessage(role="user", content="golden\nsunset, golden sunset", timestamp=AT, id="u")]
    async with finding(talk) as find:
        await find.look_for("golden sunset")
        assert find.told() == "1 of 2"
        assert find.marked(chosen=True) == ["golden", "sunset"]
        await find.on.pilot.press("enter")
        await find.wait()
        assert find.marked(chosen=True) == ["golden sunset"]


async def test_marks_of_markdown_in_what_the_user_wrote_are_found_as_they_stand() -> None:
    async with finding([ChatMessage(role="user", content="2*3*4 and **x**", timestamp=AT, id="u")]) as find:
        await find.look_for("3*4")
        assert find.told() == "1 of 1"
        assert find.marked(chosen=True) == ["3*4"]
        assert find.told() == "1 of 1"


async def test_the_words_of_a_link_and_of_code_are_found_without_their_marks() -> None:
    async with finding([answer("see [the **golden** page](https://e.org/x) or `golden page`")]) as find:
        await find.look_for("golden page")
        assert find.told() == "1 of 2"
        assert "".join(find.marked(chosen=True)) == "golden page"
        assert "".join(find.marked()) == "golden page"


async def test_a_hit_in_the_caption_of_a_picture_brings_the_picture() -> None:
    talk = [painted("p", "none.png"), *(said(number) for number in range(60))]
    async with finding(talk) as find:
        await find.look_for("red square")
        assert find.told() == "1 of 1"
        assert find.on.pane.cursor.chosen is find.on.pane.entries[0]
        assert "red square" in find.on.app.text().lower()


async def test_hits_in_open_reasoning_are_marked_and_not_counted() -> None:
    talk = [answer("the word", reasoning="word after word\n" * 3)]
    async with finding(talk) as find:
        find.on.pane.actions.toggle_newest_reasoning()
        await find.look_for("word")
        assert find.told() == "1 of 1"
        assert find.marked(chosen=True) == ["word"]
        assert len(find.marked()) == 6


async def test_the_hit_in_a_long_message_is_in_view_itself() -> None:
    text = "\n\n".join(f"paragraph {number}" for number in range(300))
    async with finding([answer(text)]) as find:
        await find.look_for("paragraph 1")
        for _ in range(5):
            await find.on.pilot.press("enter")
            await find.wait()
        assert find.marked(chosen=True) == ["paragraph 1"]
        assert find.told() == "6 of 111"


async def test_one_steps_through_all_hits_that_are_counted_in_a_message_with_more() -> None:
    async with finding([answer("a boat " * (MOST_HITS + 500))]) as find:
        await find.look_for("boat")
        assert find.told() == "1 of 10,000"
        await find.on.pilot.press("up")
        await until(lambda: find.told() == "10,000 of 10,000")
        await until(lambda: find.marked(chosen=True) == ["boat"])


async def test_a_long_message_is_looked_through_beside_the_loop() -> None:
    text = "e\u0301a " * 150_000 + "boat"
    async with finding([answer(text)]) as find:
        total, of_loop = time.process_time(), time.thread_time()
        await find.look_for("boat")
        await until(lambda: find.marked(chosen=True) == ["boat"])
        total, of_loop = time.process_time() - total, time.thread_time() - of_loop
        assert find.told() == "1 of 1"
        assert of_loop < total / 3


async def test_escape_returns_to_the_very_row_and_to_following() -> None:
    talk = [said(number, lines=1 + number % 3) for number in range(200)]
    async with finding(talk) as find:
        pane = find.on.pane
        for rows in (0, -40):
            pane.viewport.scroll(rows)
            before, following = find.on.app.text(), pane.viewport.following
            await find.look_for("message 7 line")
            assert "message 7 line 0" in find.on.app.text()
            await find.on.pilot.press("escape")
            await find.on.settle()
            assert find.on.app.text() == before
            assert pane.viewport.following is following
            assert find.marked() == []


async def test_tab_stays_at_the_hit_with_its_message_chosen() -> None:
    async with finding([said(number) for number in range(200)]) as find:
        await find.look_for("message 7 line")
        await find.on.pilot.press("tab")
        await find.on.settle()
        assert find.on.pane.has_focus
        assert find.on.pane.cursor.entry is find.on.pane.entries[7]
        assert "message 7 line 0" in find.on.app.text()


async def test_a_message_that_arrives_meanwhile_is_counted_and_the_step_goes_on_from_where_one_is() -> None:
    talk = [said(number) for number in range(40)]
    async with finding(talk) as find:
        await find.look_for("line 0")
        for _ in range(3):
            await find.on.pilot.press("up")
            await find.wait()
        where = int(find.told().split()[0])
        more = answer("line 0 again", 99)
        find.app.session.conversation.messages = in_memory([*talk, more])
        find.on.pane.updates.finish_turn(more.id, AT, 0, more.content or "")
        await find.on.pilot.press("enter")
        await find.wait()
        assert find.told() == f"{where + 1} of 41"


async def test_a_number_beyond_the_hits_of_a_message_is_tolerated() -> None:
    async with finding([answer("a boat")]) as find:
        for number in (0, 1, 99):
            find.on.pane.highlights.show("boat", "a0", number)
        find.on.pane.highlights.show("nowhere", "a0", 3)
        find.on.pane.highlights.show("boat", "gone", 0)
        assert find.on.pane.highlights.row_of(0, 5) == find.on.pane.highlights.row_of(0, 0)


async def test_in_ten_thousand_messages_the_first_hit_below_is_gone_to() -> None:
    talk = [said(number) for number in range(10_000)]
    async with finding(talk) as find:
        await find.look_for("message 77")
        assert find.told() == "1 of 111"
        assert "message 77 line 0" in find.on.app.text()
        await find.on.pilot.press("up")
        await find.wait()
        assert "message 7799 line 0" in find.on.app.text()


async def test_a_step_without_any_hit_says_so() -> None:
    async with finding([answer("a boat")]) as find:
        await find.look_for("ship")
        await find.on.pilot.press("enter", "up")
        await find.wait()
        assert find.told() == "no hits"
        assert find.marked() == []


async def test_another_conversation_ends_finding_and_one_writes_there(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        chat.talk.service.say(reply("Hi there"))
        await chat.type("hello")
        await chat.settle()
        await chat.type("/find hi")
        await chat.settle()
        assert chat.app.screen.query_one(FindBar).is_open
        assert type(chat.app.focused) is FindField
        assert "1 of 1" in chat.text()
        await chat.pilot.press("ctrl+n")
        await chat.settle()
        assert not chat.app.screen.query_one(FindBar).is_open
        assert chat.app.screen.query_one(Prompt).has_focus
        await chat.pilot.press("ctrl+f", *"hi")
        await chat.settle()
        assert "no hits" in chat.text()


async def test_the_count_follows_a_reply_that_grows_and_the_reader_stays(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(auto_turn=STREAMED)) as chat:
        more = asyncio.Event()
        chat.talk.service.chat.append(Answer(pieces=[chunk("a boat"), more, chunk(", a boat")]))
        await chat.type("tell me of a boat")
        await until(lambda: "a boat" in chat.text().split("tell me of a boat")[-1])
        await chat.pilot.press("ctrl+f", *"a boat")
        await until(lambda: "1 of 2" in chat.text())
        more.set()
        await until(lambda: "1 of 3" in chat.text())
        assert chat.app.screen.query_one(FindField).value == "a boat"
        await chat.pilot.press("up")
        await until(lambda: "3 of 3" in chat.text())


async def test_words_that_came_after_the_last_look_are_found(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(auto_turn=STREAMED)) as chat:
        more = asyncio.Event()
        chat.talk.service.chat.append(Answer(pieces=[chunk("a boat"), more, chunk(", a ship")]))
        await chat.type("hello")
        await until(lambda: "a boat" in chat.text())
        await chat.pilot.press("ctrl+f", *"boat")
        await until(lambda: "1 of 1" in chat.text())
        await chat.pilot.press("escape")
        more.set()
        await chat.settle()
        await chat.pilot.press("ctrl+f", *"ship")
        await until(lambda: "1 of 1" in chat.text())


async def test_a_word_with_an_accent_is_found_and_marked_in_either_form() -> None:
    async with finding([answer("Das Cafe\u0301 ist offen")]) as find:
        await find.look_for("Caf\u00e9")
        assert find.told() == "1 of 1"
        assert "".join(find.marked(chosen=True)) == "Cafe\u0301"
