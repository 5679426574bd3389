"""The user's own pictures: seen large by a click or a key, with what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from animus_tui.config.schema import ImageConfig, UiConfig
from animus_tui.ui.conversation.entries.user import UserEntry
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.picture_view import PictureView
from animus_tui.ui.widgets.prompt_bar import AttachedLine
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply
from tests.support.pane_app import until
from tests.support.picture_samples import BLUE, RED, file_of, plain

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord
    from tests.support.talk import StartTalk


async def until_attached(chat: Chat, words: str) -> None:
    line = chat.app.screen.query_one(AttachedLine)
    await until(lambda: words in str(line.render()))


async def until_on_screen(chat: Chat, words: str) -> None:
    await until(lambda: words in chat.text())


async def say(chat: Chat, folder: Path, words: str, *names: str) -> list[ImageRecord]:
    """Send a message with pictures of these names; what is known of them."""
    for number, name in enumerate(names):
        path = folder / name
        path.write_bytes(file_of(plain((BLUE, RED)[number], (80, 40)), "PNG"))
        await chat.type(f"/attach {path}")
        await until_attached(chat, f"{name} 80×40")
    chat.talk.service.say(reply("I see."))
    await chat.type(words)
    await until(lambda: len(chat.talk.messages) == 2)
    await chat.settle()
    return list(chat.talk.messages[-2].attached or ())


def viewer(chat: Chat) -> ViewerScreen:
    screen = chat.app.screen
    assert isinstance(screen, ViewerScreen)
    return screen


async def close_viewer(chat: Chat) -> None:
    await chat.pilot.press("escape")
    await until(lambda: not isinstance(chat.app.screen, ViewerScreen))
    await chat.settle()


async def choose_the_users(chat: Chat) -> None:
    """The keys are for the user's message."""
    chat.pane.focus()
    await chat.pilot.pause()
    (entry,) = chat.entries(UserEntry)
    chat.pane.actions.choose_entry(entry.id)
    await chat.settle()
    assert chat.pane.cursor.entry is entry


async def test_a_click_on_each_of_them_shows_it_with_the_others_beside_it(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_chat(start_talk(), size=(100, 50)) as chat:
        records = await say(chat, tmp_path, "Look", "a.png", "b.png")
        (entry,) = chat.entries(UserEntry)
        index = chat.pane.entries.index(entry)
        assert index is not None
        targets = chat.pane.entries.layout(index).targets
        top = chat.pane.entries.top(index) - chat.pane.viewport.y
        for number, name in enumerate(("a.png", "b.png")):
            target = next(each for each in targets if each.action.endswith(str(number)))
            place = target.start + 1, top + target.row
            await chat.pilot.click(type(chat.pane), offset=place)
            await until(lambda: isinstance(chat.app.screen, ViewerScreen))
            await until_on_screen(chat, name)
            assert viewer(chat).message.image == records[number]
            assert f"{number + 1} of 2" in chat.text()
            await close_viewer(chat)
        await chat.pilot.click(type(chat.pane), offset=(targets[0].start - 3, top + targets[0].row))
        await chat.settle()
        assert not isinstance(chat.app.screen, ViewerScreen)


@pytest.mark.parametrize("key", ["enter", "v", "i"])
async def test_keys_show_the_pictures_of_the_chosen_message_and_the_footer_names_them(
    start_talk: StartTalk, tmp_path: Path, key: str
) -> None:
    image = replace(ImageConfig(), save_dir=tmp_path / "saved")
    async with open_chat(start_talk(image=image), size=(160, 40)) as chat:
        records = await say(chat, tmp_path, "Look", "a.png", "b.png")
        await choose_the_users(chat)
        for label in ("Enter View", "i Details", "y Copy", "o Open"):
            assert label in chat.footer(), label
        await chat.pilot.press(key)
        await until(lambda: isinstance(chat.app.screen, ViewerScreen))
        assert viewer(chat).message.image == records[0]
        if key == "i":
            await until(lambda: "Name" in chat.text() and "Attached" in chat.text())
            assert "Prompt" not in chat.text()
            await chat.pilot.press("i")
        await until(lambda: chat.app.screen.query_one(PictureView).display)
        await chat.pilot.press("right")
        assert viewer(chat).message.image == records[1]
        await chat.pilot.press("right", "[", "]", "y")
        path = chat.talk.session.conversation.path_of(records[1].file)
        await until(lambda: chat.app.clipboard == str(path))
        await chat.pilot.press("ctrl+s")
        await until(lambda: len(list((tmp_path / "saved").glob("*.jpg"))) == 1)
        await close_viewer(chat)
        assert chat.pane.cursor.entry is chat.entries(UserEntry)[0]
        await chat.pilot.press("ctrl+s")
        await until(lambda: len(list((tmp_path / "saved").glob("*.jpg"))) == 2)
        await chat.pilot.press("y")
        await until(lambda: chat.app.clipboard == "Look")


async def test_y_has_the_path_where_there_are_no_words_and_a_message_without_pictures_has_no_such_keys(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_chat(start_talk(), size=(160, 40)) as chat:
        (record,) = await say(chat, tmp_path, "", "a.png")
        await choose_the_users(chat)
        assert "y Copy path" in chat.footer()
        await chat.pilot.press("y")
        path = chat.talk.session.conversation.path_of(record.file)
        await until(lambda: chat.app.clipboard == str(path))
    async with open_chat(start_talk(), size=(160, 40)) as chat:
        await chat.talk.session.new()
        await chat.settle()
        await say(chat, tmp_path, "Hello")
        await choose_the_users(chat)
        assert "View" not in chat.footer()
        await chat.pilot.press("enter")
        await chat.settle()
        assert not isinstance(chat.app.screen, ViewerScreen)


async def test_where_no_pictures_are_drawn_the_key_tells_what_is_known(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    async with open_chat(start_talk(ui=replace(UiConfig(), plain=True)), size=(100, 40)) as chat:
        await say(chat, tmp_path, "Look", "a.png")
        await choose_the_users(chat)
        await chat.pilot.press("v")
        await until(lambda: isinstance(chat.app.screen, ViewerScreen))
        await until(lambda: "80×40" in chat.text() and "a.png" in chat.text())
