"""The card of a promised picture where the user is asked first: its keys, a click, and what is said of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from animus_tui.chat.images.options import PictureOptions
from animus_tui.config.schema import ImageConfig, UiConfig
from animus_tui.ui.widgets.promise_editor import PromiseEditor
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import Service, reply
from tests.support.image_jobs import Works
from tests.support.talk import StartTalk, open_talk

LAKE = "a lake at dawn"
TITLE = "Picture promised"
ASK = ImageConfig(when="ask")


@pytest.fixture
async def chat(start_talk: StartTalk) -> AsyncIterator[Chat]:
    async with open_chat(start_talk(image=ASK)) as chat:
        yield chat


async def promise(chat: Chat, prompt: str = LAKE) -> None:
    chat.talk.service.say(reply("One moment.", image_prompt=prompt))
    await chat.type("Show me the lake")
    await chat.settle()


async def press(chat: Chat, *keys: str) -> None:
    await chat.pilot.press(*keys)
    await chat.settle()


async def click(chat: Chat, words: str) -> None:
    rows = chat.text().splitlines()
    row = next(at for at in range(len(rows) - 2, -1, -1) if words in rows[at])
    await chat.pilot.click(offset=(rows[row].index(words) + 1, row))
    await chat.settle()


@pytest.mark.parametrize("keys", [("alt+g",), ("tab", "enter"), ("tab", "g")])
async def test_a_card_waits_and_a_key_has_the_picture_made(chat: Chat, keys: tuple[str, ...]) -> None:
    await promise(chat)
    assert (TITLE in chat.text(), LAKE in chat.text()) == (True, True)
    assert "Alt+g Generate" in chat.footer()
    assert not chat.talk.session.busy
    chat.talk.service.show()
    await press(chat, *keys)
    assert (TITLE in chat.text(), chat.talk.messages[-1].image is not None) == (False, True)
    assert "Alt+g" not in chat.footer()
    await press(chat, "escape", "alt+g")
    assert chat.notes()[-1] == "No promised picture waits for an answer."


@pytest.mark.parametrize("keys", [("alt+x",), ("tab", "x")])
async def test_a_key_declines(chat: Chat, keys: tuple[str, ...]) -> None:
    await promise(chat)
    await press(chat, *keys)
    assert (TITLE in chat.text(), "Picture declined" in chat.text()) == (False, True)
    assert chat.talk.on_disk()[-1]["promise"] == "declined"
    assert chat.notes() == []


async def test_a_click_answers(chat: Chat) -> None:
    await promise(chat, "the first")
    await promise(chat, "the second")
    await click(chat, "Decline")
    assert [each.get("promise") for each in chat.talk.on_disk()] == [None, "asked", None, "declined"]
    chat.talk.service.show()
    await click(chat, "Generate")
    assert [body["prompt"] for body in chat.talk.service.image_bodies] == ["the first"]


async def test_the_newest_card_or_the_chosen_one_is_meant(chat: Chat) -> None:
    await promise(chat, "the first")
    await promise(chat, "the second")
    await press(chat, "tab", "up", "up", "alt+x")
    assert [each.get("promise") for each in chat.talk.on_disk()] == [None, "declined", None, "asked"]
    await press(chat, "escape")
    await chat.type("/decline")
    await chat.settle()
    assert chat.talk.on_disk()[-1]["promise"] == "declined"


def edited(chat: Chat) -> bool:
    """Whether the prompt of a card is being changed in the card."""
    return isinstance(chat.app.screen.focused, PromiseEditor)


async def test_the_prompt_is_changed_in_its_card(chat: Chat) -> None:
    await promise(chat)
    prompt = chat.app.screen.query_one(Prompt)
    await press(chat, *"draft", "alt+p")
    assert edited(chat)
    await press(chat, *", snow")
    rows = chat.text().splitlines()
    at = next(row for row, line in enumerate(rows) if TITLE in line)
    assert rows[at + 1].removeprefix("▌").strip() == f"{LAKE}, snow"
    assert rows[at + 2].removeprefix("▌").strip().startswith("Enter Keep")
    await press(chat, "enter")
    assert chat.talk.on_disk()[-1]["image_prompt"] == f"{LAKE}, snow"
    assert (f"{LAKE}, snow" in chat.text(), TITLE in chat.text(), prompt.text) == (True, True, "draft")
    assert chat.app.screen.focused is prompt
    await press(chat, "alt+p", *"xyz", "escape")
    assert (chat.talk.on_disk()[-1]["image_prompt"], prompt.text) == (f"{LAKE}, snow", "draft")
    assert "xyz" not in chat.text()
    await chat.type("/reword a lake at night")
    await chat.settle()
    assert chat.talk.on_disk()[-1]["image_prompt"] == "a lake at night"


async def test_what_was_written_is_kept_where_one_goes_elsewhere_or_generates(chat: Chat) -> None:
    await promise(chat)
    await press(chat, "tab", "p", *" now", "shift+enter", *"in fog", "tab")
    assert not edited(chat)
    assert chat.talk.on_disk()[-1]["image_prompt"] == f"{LAKE} now\nin fog"
    await press(chat, "escape", "alt+p", "!")
    chat.talk.service.show()
    await press(chat, "alt+g")
    assert not edited(chat)
    assert [body["prompt"] for body in chat.talk.service.image_bodies] == [f"{LAKE} now\nin fog!"]


async def test_the_editor_goes_with_its_card_and_stays_while_an_answer_comes(chat: Chat) -> None:
    await promise(chat)
    await press(chat, "alt+p", *" X")
    chat.talk.service.say(reply("line\n\n" * 60))
    await chat.talk.session.send("Tell me more")
    await chat.settle()
    assert edited(chat)
    await press(chat, *"Y")  # comes into view
    assert f"{LAKE} XY" in chat.text()
    await chat.talk.session.new()
    await chat.settle()
    assert not chat.app.screen.query_one(PromiseEditor).display
    assert chat.app.screen.focused is chat.app.screen.query_one(Prompt)


async def test_a_blank_prompt_is_not_kept(chat: Chat) -> None:
    await promise(chat)
    await press(chat, "alt+p", "ctrl+a", "ctrl+k", "enter")
    assert chat.notes() == ["A picture needs words: the prompt is blank. Decline it instead."]
    assert chat.talk.on_disk()[-1]["image_prompt"] == LAKE
    assert LAKE in chat.text()


async def test_the_command_chooses_for_this_conversation(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.type("/pictures")
        assert chat.notes()[-1] == "A promised picture is made at once (auto)"
        await chat.type("/pictures perhaps")
        assert chat.notes()[-1] == "/pictures takes auto, ask, off, and perhaps is none of these."
        await chat.type("/pictures ask")
        assert chat.notes()[-1].startswith("You are asked")
        await promise(chat)
        assert TITLE in chat.text()
        await chat.type("/pictures off")
        await promise(chat)
        assert "Image not generated" in chat.text()
        assert chat.talk.session.configured.image.when == "auto"


async def test_the_cost_is_told_where_it_is_known(chat: Chat, works: Works) -> None:
    await promise(chat)
    assert "credits" not in chat.text()
    works.told, works.at_once = {"credits_deducted": 1, "remaining_balance": 97.5}, True
    chat.talk.session.images.start("a boat", options=PictureOptions(negative="text"))
    await chat.talk.session.wait()
    await promise(chat)
    assert "The last picture took 1 credit, 97.5 credits left" in chat.text()


@pytest.mark.parametrize("columns", [40, 80])
async def test_a_card_is_there_after_a_restart_and_fits(
    service: Service, start_talk: StartTalk, columns: int
) -> None:
    async with open_chat(start_talk(image=ASK), size=(columns, 30)) as chat:
        await promise(chat, "a lake at dawn with a boat and two people who fish in the fog")
    async with open_chat(start_talk(), size=(columns, 30)) as chat:
        assert all(words in chat.text() for words in (TITLE, "Generate", "Change", "Decline", "fog"))
        assert max(map(len, chat.text().splitlines())) <= columns


async def test_a_second_window_sees_it_without_keys(start_talk: StartTalk, service: Service) -> None:
    async with start_talk(image=ASK) as talk:
        service.say(reply("One moment.", image_prompt=LAKE))
        await talk.say("Show me the lake")
        async with open_chat(open_talk(service, talk.root, image=ASK)) as chat:
            assert (TITLE in chat.text(), LAKE in chat.text()) == (True, True)
            assert "Decline" not in chat.text()
            await press(chat, "tab", "enter")
            assert talk.on_disk()[-1]["promise"] == "asked"


async def test_a_screen_reader_gets_the_same_words(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(image=ASK, ui=UiConfig(plain=True))) as chat:
        await promise(chat)
        assert all(words in chat.text() for words in (TITLE, LAKE, "Alt+g Generate"))
        await press(chat, "alt+p", *", fog", "enter")  # where one writes: what was read stays as it is
        assert chat.talk.on_disk()[-1]["image_prompt"] == f"{LAKE}, fog"
        await press(chat, "alt+x")
        assert "Picture declined" in chat.text()
