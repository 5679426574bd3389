"""What the application says: one line above the prompt, gone with the next key, over nothing that is read."""

from __future__ import annotations

import pytest
from textual.notifications import SeverityLevel

from animus_tui.config.schema import UiConfig
from animus_tui.ui.widgets import message_line
from animus_tui.ui.widgets.message_line import LEAST_SHOWN, MessageQueue, Notice
from tests.support.chat_app import Chat, open_chat
from tests.support.gallery_app import open_gallery
from tests.support.pane_app import until
from tests.support.screen import strips_of
from tests.support.talk import StartTalk

SAVED = Notice("Saved.")
BUSY = Notice("The service is busy.", "warning")
FULL = Notice("The disk is full.", "error")


def shown(queue: MessageQueue) -> str:
    return queue.shown.text if queue.shown is not None else ""


# The queue


def test_the_newest_of_the_same_weight_is_shown() -> None:
    queue = MessageQueue()
    queue.add(SAVED, 0)
    queue.add(Notice("Saved again."), 0.1)
    assert shown(queue) == "Saved again."


def test_a_message_goes_with_the_first_key_after_it_could_be_read() -> None:
    queue = MessageQueue()
    queue.add(SAVED, 10)
    queue.press(10 + LEAST_SHOWN / 2)
    assert shown(queue) == "Saved."
    queue.press(10 + LEAST_SHOWN)
    assert shown(queue) == ""


def test_a_message_goes_once_it_could_be_read_where_the_key_came_before() -> None:
    queue = MessageQueue()
    queue.add(SAVED, 10)
    assert queue.press(10.1) == pytest.approx(LEAST_SHOWN - 0.1)
    assert queue.press(10.2) is None, "it goes already"
    queue.expire(10 + LEAST_SHOWN)
    assert shown(queue) == ""
    queue.add(FULL, 20)
    assert queue.press(20.1) is None
    queue.expire(30)
    assert shown(queue) == FULL.text, "an error is not lost to somebody who types on"


def test_a_message_that_came_after_the_key_does_not_go_with_the_one_before() -> None:
    queue = MessageQueue()
    queue.add(SAVED, 0)
    queue.press(0.1)
    queue.add(Notice("Saved again."), 0.2)
    queue.expire(LEAST_SHOWN)
    assert shown(queue) == "Saved again."


def test_an_error_is_not_replaced_by_a_trifle_which_comes_after_it() -> None:
    queue = MessageQueue()
    queue.add(FULL, 0)
    queue.add(SAVED, 0.1)
    assert shown(queue) == FULL.text
    queue.press(5)
    assert shown(queue) == SAVED.text
    queue.press(10)
    assert shown(queue) == ""


def test_a_key_typed_before_an_error_could_be_read_does_not_let_a_trifle_replace_it() -> None:
    queue = MessageQueue()
    queue.add(FULL, 0)
    queue.press(0.1)
    queue.add(SAVED, 0.2)
    assert shown(queue) == FULL.text


def test_of_two_warnings_without_a_key_between_them_both_are_shown() -> None:
    queue = MessageQueue()
    queue.add(BUSY, 0)
    queue.add(Notice("There is no such theme.", "warning"), 0.1)
    assert shown(queue) == "There is no such theme."
    queue.press(5)
    assert shown(queue) == BUSY.text


def test_what_was_answered_by_a_key_does_not_come_back() -> None:
    queue = MessageQueue()
    queue.add(BUSY, 0)
    queue.press(0.1)  # too early to take it away
    queue.add(SAVED, 0.2)
    assert shown(queue) == SAVED.text
    queue.press(5)
    assert shown(queue) == ""


def test_the_same_message_again_is_one_message() -> None:
    queue = MessageQueue()
    for at in range(5):
        queue.add(FULL, at / 10)
    queue.press(5)
    assert shown(queue) == ""


def test_only_the_newest_wait() -> None:
    queue = MessageQueue()
    for number in range(10):
        queue.add(Notice(str(number), "error"), 0)
    told = []
    for at in range(1, 10):
        told.append(shown(queue))
        queue.press(at * 10)
    assert [text for text in told if text] == ["9", "6", "7", "8"]


# The line


def rows(chat: Chat) -> list[str]:
    return chat.text().splitlines()


@pytest.fixture
def read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may follow a message at once."""
    monkeypatch.setattr(message_line, "LEAST_SHOWN", 0.0)


@pytest.mark.usefixtures("read_at_once")
async def test_a_message_stands_in_the_row_above_the_prompt_and_nothing_else_moves(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk(), size=(80, 24)) as chat:
        before = rows(chat)
        chat.app.notify("Saved to [b]/tmp/a[/b].png", markup=False)
        await until(lambda: "Saved" in chat.text())
        (row,) = [row for row, line in enumerate(rows(chat)) if "Saved" in line]
        assert rows(chat)[row].strip("─ ") == "Saved to [b]/tmp/a[/b].png"
        assert len(rows(chat)[row]) == 80
        assert set(before[row]) == {"─"}
        assert rows(chat)[row + 1].startswith(" ❯")
        assert [*rows(chat)[:row], *rows(chat)[row + 1 :]] == [*before[:row], *before[row + 1 :]]
        await chat.pilot.press("x")
        assert [line.replace("❯ x", "❯") for line in rows(chat)][:row] == before[:row]
        assert set(rows(chat)[row]) == {"─"}


async def test_a_key_typed_with_the_message_does_not_take_it_away_unseen(
    start_talk: StartTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_line, "LEAST_SHOWN", 3600.0)
    async with open_chat(start_talk()) as chat:
        chat.app.notify("Saved")
        await until(lambda: "Saved" in chat.text())
        await chat.pilot.press("a", "b")
        assert "Saved" in chat.text()
        assert "❯ ab" in chat.text()


async def test_a_message_typed_over_at_once_goes_without_another_key(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.pilot.press("ctrl+c", "a")
        await until(lambda: "Press ^Q to quit." in chat.text())
        await chat.pilot.press("b")
        await until(lambda: "Press ^Q to quit." not in chat.text())
        assert "❯ ab" in chat.text()


@pytest.mark.parametrize(
    ("severity", "word", "colour"), [("warning", "Warning", "warning"), ("error", "Error", "error")]
)
async def test_how_serious_it_is_is_told_by_a_word_and_by_a_colour(
    start_talk: StartTalk, severity: SeverityLevel, word: str, colour: str
) -> None:
    async with open_chat(start_talk()) as chat:
        chat.app.notify("The disk is full.", severity=severity)
        await until(lambda: f" {word}: The disk is full. ─" in chat.text())
        strips = strips_of(chat.app)
        (style,) = [part.style for strip in strips for part in strip if word in part.text]
        assert style is not None
        assert style.color is not None
        assert style.color.get_truecolor().hex == chat.app.theme_variables[colour].lower()


async def test_a_long_message_can_be_read_whole_on_a_narrow_screen(start_talk: StartTalk) -> None:
    sentence = "The picture could not be saved as the folder that the settings name is not a folder at all."
    async with open_chat(start_talk(), size=(40, 24)) as chat:
        chat.app.notify(sentence)
        await until(lambda: "at all." in chat.text())
        last = next(row for row, line in enumerate(rows(chat)) if "at all." in line)
        assert sentence in " ".join(line.strip("─ ") for line in rows(chat)[last - 2 : last + 1])
        assert rows(chat)[last + 1].startswith(" ❯")


@pytest.mark.usefixtures("read_at_once")
async def test_ctrl_c_says_which_key_quits_on_each_screen(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        for keys in ([], ["f4"]):
            await chat.pilot.press(*keys, "ctrl+c")
            await until(lambda: "Press ^Q to quit." in chat.text())
            await chat.pilot.press("escape")
            await until(lambda: "Press ^Q to quit." not in chat.text())


async def test_a_message_follows_to_the_screen_that_is_seen(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        chat.app.notify("The disk is full.", severity="error")
        await until(lambda: "The disk is full." in chat.text())
        await chat.pilot.press("f1")
        assert len(chat.app.screen_stack) == 2
        await until(lambda: chat.text().count("The disk is full.") == 1)
        await until(lambda: rows(chat)[-1].strip("─ ") == "Error: The disk is full.")


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        pytest.param(["f1"], "Help · Esc Close", id="help"),
        pytest.param(["ctrl+g"], "New image", id="form"),
        pytest.param(["ctrl+p"], "Search for commands", id="palette"),
    ],
)
async def test_in_front_of_a_box_over_the_screen_it_moves_nothing_and_is_said_once(
    start_talk: StartTalk, keys: list[str], title: str
) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.pilot.press(*keys)
        await until(lambda: title in chat.text())
        before: list[str] = []
        while before != (now := rows(chat)):  # a box takes its size when all that is in it is there
            before = now
            await chat.pilot.pause(0.05)
        await chat.pilot.press("ctrl+c")
        await until(lambda: rows(chat)[-1] == " Press Esc to close this, ^Q to quit.")
        assert rows(chat)[:-1] == before[:-1]
        chat.app.notify("The disk is full.")
        await until(lambda: rows(chat)[-1] == " The disk is full.")
        assert rows(chat)[:-1] == before[:-1]


@pytest.mark.usefixtures("read_at_once")
async def test_in_the_gallery_it_stands_above_the_keys(start_talk: StartTalk) -> None:
    async with open_gallery(start_talk()) as browsing:
        browsing.app.notify("Saved")
        await until(lambda: browsing.text().splitlines()[-2] == " Saved")
        assert "Quit" in browsing.text().splitlines()[-1]
        await browsing.pilot.press("right")
        await until(lambda: "Saved" not in browsing.text())


async def test_plain_reading_has_a_line_for_it_without_a_rule(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(ui=UiConfig(plain=True))) as chat:
        chat.app.notify("Press ^Q to quit.")
        await until(lambda: "Press ^Q to quit." in chat.text())
        row = rows(chat).index(" Press ^Q to quit.")
        assert rows(chat)[row + 1].startswith(" > ")
