"""Slash commands: reading them, completing them, finding them in the palette."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList as PaletteList
from textual.command import CommandPalette
from textual.events import Key

from animus_tui.chat.abilities import EVERYTHING
from animus_tui.config.actions import COMMANDS
from animus_tui.errors import UserError
from animus_tui.ui.commands.completion import command_offers, path_begun, path_offers
from animus_tui.ui.commands.palette import Palette
from animus_tui.ui.commands.parser import ALIASES, CommandCall, parse
from animus_tui.ui.widgets.completion_list import AROUND, CompletionList
from tests.support.prompt_app import PromptApp


def test_a_command_is_read_with_its_argument() -> None:
    rows: list[tuple[str, tuple[str, str]]] = [
        ("/image a fox, at night", ("image", "a fox, at night")),
        ("/image two\nlines ", ("image", "two\nlines")),
        ("/image\na fox", ("image", "a fox")),
        ("/EDIT warmer", ("edit", "warmer")),
        ("/save", ("save", "")),
        ("/save ~/a picture.png", ("save", "~/a picture.png")),
        ("/regenerate ", ("regenerate", "")),
        ("/gallery", ("gallery", "")),
        ("/new", ("new", "")),
        ("/retry", ("retry", "")),
        ("/help", ("help", "")),
        ("/quit", ("quit", "")),
    ]
    for text, read in rows:
        assert parse(text) == CommandCall(*read, text)


def test_ordinary_text_and_paths_are_said_as_they_are() -> None:
    rows: list[str] = ["hello", "a /quit inside", " /quit", "/usr/bin/env is a path", "/etc/hosts", "1/2"]
    for text in rows:
        assert parse(text) == text


def test_two_slashes_say_one() -> None:
    assert parse("//quit is a command") == "/quit is a command"


def test_a_wrong_command_says_what_to_do() -> None:
    rows: list[tuple[str, str]] = [
        ("/regenrate", "did you mean /regenerate?"),
        ("/xyz", "/help shows what there is"),
        ("/", "/help shows what there is"),
        ("/image", "/image needs words: /image PROMPT"),
        ("/edit  ", "/edit needs words: /edit PROMPT"),
        ("/quit now", "/quit stands alone"),
    ]
    for text, told in rows:
        with pytest.raises(UserError) as caught:
            parse(text)
        assert told in str(caught.value)
        assert "\n" not in str(caught.value)


def test_completion_offers_beginnings_first_and_then_what_is_meant() -> None:
    begun = [f"/{command.id}" for command in COMMANDS if command.id.startswith("re")]
    assert [offer.text.strip() for offer in command_offers("/re")][: len(begun)] == begun
    assert [offer.label for offer in command_offers("/")] == [command.command for command in COMMANDS]
    assert [offer.text for offer in command_offers("/generate")] == [
        "/image ",
        "/batch ",
        "/again ",
        "/form",
        "/gallery",
    ]
    assert [offer.text for offer in command_offers("/xyz")] == []


@pytest.mark.parametrize("text", ["", "a/re", "//re", "/re\n", " /re"])
def test_completion_keeps_out_of_ordinary_text(text: str) -> None:
    assert command_offers(text) == []


def test_an_awaited_argument_is_explained_until_it_begins() -> None:
    (explained,) = command_offers("/edit ")
    assert (explained.text, explained.label) == ("", "/edit PROMPT")
    assert command_offers("/edit a") == []


def test_behind_image_the_pictures_of_the_moment_are_offered() -> None:
    explained, *moments = command_offers("/image ")
    assert (explained.text, explained.label) == ("/image ", "/image PROMPT")
    assert [offer.text for offer in moments] == [
        f"/image {word}" for word in ("you", "face", "scene", "last", "background")
    ]
    assert [offer.label for offer in command_offers("/image s")] == ["scene"]
    assert command_offers("/image scene") == command_offers("/image a") == command_offers("/image s b") == []
    assert command_offers("/image s", EVERYTHING - {"images"}) == []


def test_folders_complete_a_path(tmp_path: Path) -> None:
    for name in ("Pictures", "public", ".hidden", "Other"):
        (tmp_path / name).mkdir()
    (tmp_path / "picture.png").touch()
    assert [offer.label for offer in path_offers(f"/save {tmp_path}/p")] == [
        f"{tmp_path}/Pictures/",
        f"{tmp_path}/public/",
    ]
    assert [offer.text for offer in path_offers(f"/save {tmp_path}/.h")] == [f"/save {tmp_path}/.hidden/"]
    assert len(path_offers(f"/save {tmp_path}/")) == 3
    assert path_offers(f"/save {tmp_path}/none/") == []
    assert path_offers("/save a\0b/c") == []
    (tmp_path / "public.json").touch()
    offered = [(offer.label, offer.is_whole) for offer in path_offers(f"/import {tmp_path}/p")]
    assert offered == [
        (f"{tmp_path}/Pictures/", False),
        (f"{tmp_path}/public.json", True),
        (f"{tmp_path}/public/", False),
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/import a", "a"),
        ("/export a", "a"),
        ("/save ~/P", "~/P"),
        ("/SAVE a", "a"),
        ("/save ", None),
        ("/image a", None),
        ("/save a\nb", None),
    ],
)
def test_only_what_reads_or_writes_files_has_a_path(text: str, path: str | None) -> None:
    assert path_begun(text) == path


async def test_a_slash_opens_the_list_above_the_prompt_and_letters_narrow_it() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.chat.query_one("#conversation").size.height
        await pilot.press("/")
        await pilot.pause()
        assert len(app.offers.offers) == len(COMMANDS)
        assert app.offers.region.bottom == app.chat.query_one("PromptBar").region.y
        assert app.chat.query_one("#conversation").size.height == rows, "the conversation does not move"
        await pilot.press("r", "e", "t")
        await pilot.pause()
        assert [offer.text for offer in app.offers.offers] == ["/retry"]
        assert app.offers.region.height == 1


async def test_up_and_down_mark_and_enter_takes_and_sends_what_is_whole() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["sent before"])
        below = 1 + [command.id for command in COMMANDS].index("regenerate")
        await pilot.press("/", *["down"] * below, "up", "enter")
        assert app.chat.submitted == ["/regenerate"]
        await pilot.press("/", "up", "enter")
        assert app.chat.submitted[-1] == "/quit"
        assert not app.offers.is_open


async def test_enter_on_a_command_that_needs_words_waits_for_them() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("/", "i", "enter")
        assert app.prompt.text == "/image "
        assert app.chat.submitted == []
        assert app.offers.chosen is None
        assert "PROMPT" in str(app.offers.render())
        await pilot.press(*"fox", "enter")
        assert app.chat.submitted == ["/image fox"]


async def test_tab_completes_without_sending() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("/", "n", "tab")
        assert app.prompt.text == "/new "
        assert app.chat.submitted == []
        assert app.chat.focused is app.prompt
        await pilot.press("enter")
        assert [each.strip() for each in app.chat.submitted] == ["/new"]


async def test_a_complete_name_goes_before_a_longer_one() -> None:
    for command in COMMANDS:
        assert command_offers(f"/{command.id}")[0].text.strip() == f"/{command.id}"
    for alias, name in ALIASES.items():
        assert command_offers(f"/{alias}")[0].text.strip() == f"/{name}"
    app = PromptApp()
    async with app.run_test() as pilot:
        for key in ("tab", "enter"):
            app.prompt.clear()
            await pilot.press(*"/edit", key)
            assert app.prompt.text == "/edit "
        assert app.chat.submitted == [], "it waits for its words"


async def test_escape_closes_the_list_first_and_cancels_only_then() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("/", "escape")
        assert not app.offers.is_open
        assert app.prompt.text == "/"
        assert app.chat.done == []
        await pilot.press("escape")
        assert app.chat.done == ["cancel"]


async def test_a_recalled_command_does_not_open_the_list_so_that_up_goes_on() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["first", "/new"])
        await pilot.press("up")
        assert not app.offers.is_open
        await pilot.press("up")
        assert app.prompt.text == "first"


async def test_a_click_takes_an_offer() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/")
        await pilot.pause()
        await pilot.click(CompletionList, offset=(5, 1))
        assert app.prompt.text == f"/{COMMANDS[1].id} "


async def test_a_path_is_completed_by_tab_and_sent_by_enter(tmp_path: Path) -> None:
    (tmp_path / "Pictures").mkdir()
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.restore(f"/save {tmp_path}/Pi")
        while not app.offers.is_open:
            await pilot.pause(0.01)
        await pilot.press("tab")
        assert app.prompt.text == f"/save {tmp_path}/Pictures/"
        await pilot.press("enter")
        assert app.chat.submitted == [f"/save {tmp_path}/Pictures/"]


async def test_the_list_fits_a_narrow_screen() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/")
        for columns in (80, 20):
            await pilot.resize_terminal(columns, 24)
            await pilot.pause()
            lines = str(app.offers.render()).splitlines()
            assert len(lines) == 24 - AROUND < len(COMMANDS)
            assert max(map(len, lines)) <= columns - 2
            assert all(
                command.command in line for command, line in zip(COMMANDS[: len(lines)], lines, strict=True)
            )


async def test_the_palette_finds_what_one_wants_by_a_word() -> None:
    app = PromptApp()
    async with app.run_test(size=(100, 40)) as pilot:
        for wanted, found in (
            ("generate", "/image PROMPT"),
            ("folder", "/save [PATH]"),
            ("theme", "dark, light"),
        ):
            await pilot.press("ctrl+p", *wanted)
            hits = app.screen.query_one(PaletteList)
            while not (hits.option_count and found in str(hits.get_option_at_index(0).prompt)):
                await pilot.pause(0.02)
            assert isinstance(app.screen, CommandPalette)
            await pilot.press("escape")
            while isinstance(app.screen, CommandPalette):
                await pilot.pause(0.02)


async def test_a_command_from_the_palette_goes_the_way_of_a_typed_one() -> None:
    app = PromptApp()
    async with app.run_test(size=(100, 40)) as pilot:
        for word, outcome in (("new conversation", "/new"), ("type", "")):
            await pilot.press("ctrl+p")
            await pilot.press(*word)
            hits = app.screen.query_one(PaletteList)
            while not hits.option_count or word not in str(hits.get_option_at_index(0).prompt):
                await pilot.pause(0.02)
            await pilot.press("enter")
            while isinstance(app.screen, CommandPalette):
                await pilot.pause(0.02)
            await pilot.pause()
            assert app.chat.submitted[-1:] == ["/new"], outcome
        assert app.prompt.text == "/image "
        assert app.chat.focused is app.prompt


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [(["enter", "escape"], 0), (["enter", "enter"], 1)],
)
async def test_keys_in_a_burst_choose_once_from_the_palette_and_close_nothing_else(
    keys: list[str], chosen: int
) -> None:
    app = PromptApp()
    async with app.run_test(size=(100, 40)) as pilot:
        await app.push_screen(Palette())
        await pilot.press(*"new conversation")
        hits = app.screen.query_one(PaletteList)
        while not hits.option_count or "new conversation" not in str(hits.get_option_at_index(0).prompt):
            await pilot.pause(0.02)
        for key in keys:
            app.post_message(Key(key, None))
        while isinstance(app.screen, CommandPalette):
            await pilot.pause(0.02)
        await pilot.pause(0.1)
        assert app.screen is app.chat
        assert app.chat.submitted == ["/new"] * chosen


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_the_palette_bears_keys_before_its_list_has_a_place_on_the_screen(key: str) -> None:
    app = PromptApp()
    async with app.run_test(size=(100, 40)) as pilot:
        await app.push_screen(Palette())
        listed = app.screen.query_one(PaletteList)
        while listed.highlighted is None:
            await pilot.pause(0.02)
        listed.display = False
        await pilot.pause()
        listed.clear_options().add_options(["one", "two", "three"])
        listed.highlighted = 1
        await pilot.press(key)
        assert listed.highlighted == 1
        listed.display = True
        await pilot.pause()
        await pilot.press(key)
        assert listed.highlighted == (0 if key == "pageup" else 2)


def test_options_are_offered_behind_the_words_of_those_commands_that_take_them() -> None:
    assert [offer.text for offer in command_offers("/image a fox --s")] == [
        "/image a fox --size ",
        "/image a fox --steps ",
        "/image a fox --seed ",
        "/image a fox --sampler ",
    ]
    assert "--strength X" not in [offer.label for offer in command_offers("/image a fox --")]
    assert [offer.text for offer in command_offers("/edit warmer --str")] == ["/edit warmer --strength "]
    assert [offer.text for offer in command_offers("/edit warmer --sou")] == ["/edit warmer --source "]
    assert [offer.text for offer in command_offers("/batch a\nb --gr")] == ["/batch a\nb --group "]
    assert command_offers("/image a fox--s") == []
    assert command_offers("/save a --s") == []
    assert command_offers("a -- b --s") == []


def test_an_option_that_was_said_is_not_offered_again_and_its_values_are() -> None:
    said = "/image a fox --seed 1 --size 1024x768 --s"
    assert [offer.text for offer in command_offers(said)] == [
        said[:-3] + "--steps ",
        said[:-3] + "--sampler ",
    ]
    assert [offer.label for offer in command_offers("/image a fox --face-swap ")] == ["on", "off"]
    assert [offer.text for offer in command_offers("/image a fox --size 1280")] == [
        "/image a fox --size 1280x720"
    ]
    (explained,) = command_offers("/image a fox --steps ")
    assert (explained.text, explained.label) == ("", "--steps N")
    assert command_offers("/image a fox --steps 3") == []
    assert command_offers("/image a fox --size 1280x720") == []


async def test_a_lone_pair_of_dashes_is_sent_by_enter_and_completed_by_tab() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"/image a --", "enter")
        assert app.chat.submitted == ["/image a --"]
        await pilot.press(*"/image a --", "tab")
        assert app.prompt.text == "/image a --size "
