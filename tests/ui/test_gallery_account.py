"""The gallery's second tab: the account's groups, page by page, and what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.screens.gallery import GalleryScreen
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.account_list import AccountList
from tests.support.chat_service import Answer, png
from tests.support.gallery_app import conversation, open_gallery
from tests.support.image_jobs import Works
from tests.support.pane_app import until as until_so
from tests.support.talk import StartTalk
from tests.support.terminal import TerminalProgram, chat_program, until


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ConversationStore(tmp_path).create(Conversation(id="here")).close()
    return tmp_path / "cache" / "animus-chat"


def test_the_demo_account_is_leafed_through_a_page_after_the_other(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo") as program:
        program.env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        program.wait_for("Write a message")
        program.type("\x1bOS")
        program.wait_for("There are no pictures yet")
        program.type("\t")
        program.wait_for("50 groups so far")
        program.type("\x1b[F")
        until(program, lambda: "groups" in bar(program) and "50 groups" not in bar(program))
        counted = bar(program)
        program.type("\r")
        until(program, lambda: "picture" in bar(program))
        program.type("\r")
        program.wait_for("1 of 1")
        program.type("\x1b")
        program.wait_for("1 of 1", gone=True)
        program.type("\x1b")
        until(program, lambda: "groups" in bar(program))
        assert bar(program) == counted or "so far" in counted
        program.type("\t")
        program.wait_for("There are no pictures yet")
        program.type("\x1b")
        program.wait_for("Write a message")


def bar(program: TerminalProgram) -> str:
    return program.text().split("\n")[0]


async def test_what_is_in_the_account_is_text_and_its_refusals_are_sentences(
    start_talk: StartTalk, works: Works, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 2)
    groups = [{"group_id": "g", "title": "[b]Boats[/b] \x1b[2J", "generation_count": 1}]
    more = {"pagination": {"has_more": False}}
    works.answers["generation/groups"] = Answer({"groups": groups, **more})
    works.answers["generation/groups/g"] = Answer({"message": "Not today."}, status=403)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("tab")
        listed = on.gallery.query_one(AccountList)
        await until_so(lambda: listed.told == "1 group")
        assert "[b]Boats[/b]   1 picture" in on.text()
        assert "\x1b" not in on.text()
        await on.pilot.press("enter")
        await until_so(lambda: "Not today." in listed.told)
        works.answers["generation/groups/g"] = Answer(
            {
                "group_id": "g",
                "generations": [
                    {
                        "generation_id": "1",
                        "prompt": "a boat",
                        "status": "completed",
                        "result_urls": [f"{on.talk.service.url}/file/1.png"],
                    }
                ],
                **more,
            }
        )
        await on.pilot.press("r")
        await until_so(lambda: listed.option_count == 1 and "1 picture" in listed.told)
        assert "a boat" in on.text()
        on.talk.service.files.extend([Answer(b"<html>"), Answer(png())])
        await on.pilot.press("enter")
        await until_so(lambda: bool(on.notes()))
        await on.pilot.press("enter")
        await until_so(lambda: isinstance(on.app.screen, ViewerScreen))
        await on.pilot.press("escape")
        await until_so(lambda: isinstance(on.app.screen, GalleryScreen))
        await on.pilot.press("escape")
        await until_so(lambda: listed.told == "1 group" and isinstance(on.app.focused, OptionList))
        await on.pilot.press("tab")
        await on.until_drawn()
        assert "2 pictures" in on.bar()
        assert on.app.focused is on.choice
