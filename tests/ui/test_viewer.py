"""The viewer: one picture on the whole screen, and by keys all the others and what can be done with them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage
from animus_tui.config.schema import UiConfig
from animus_tui.graphics.rendering.pixel_rows import CELLS
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.help import HelpScreen
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.picture_view import DetailsView, PictureView
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.album_app import COLOURS, Viewing, back, chosen, open_album, path_of, picture
from tests.support.chat_service import reply
from tests.support.pane_app import TERMINAL, until
from tests.support.talk import StartTalk

RED, GREEN, BLUE, YELLOW = COLOURS
WHOLE = 100 * 25
"""Cells of a picture twice as wide as high on a screen of 100×40."""


async def test_a_key_on_the_chosen_picture_shows_it_as_large_as_the_screen(start_talk: StartTalk) -> None:
    async with open_album(start_talk()) as on:
        await on.open("enter")
        await on.until_shown(BLUE, WHOLE)
        assert on.line().startswith(" 3 of 3  picture 2")
        assert "← → pictures" in on.line()
        # In the middle of the 38 rows above the line and the footer.
        assert on.rows_of(BLUE) == list(range(6, 31))


async def test_a_click_on_the_picture_shows_it_too_and_one_beside_it_does_not(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), variants=[1]) as on:
        layout = on.pane.entries.layout(0)
        target = layout.targets[0]
        assert on.pane.viewport.y == 0
        await on.pilot.click(type(on.pane), offset=(target.end + 2, target.row))
        await on.settle()
        assert isinstance(on.app.screen, ChatScreen)
        await on.pilot.click(type(on.pane), offset=(target.start + 2, target.row))
        await until(lambda: isinstance(on.app.screen, ViewerScreen))


async def test_it_keeps_its_shape_on_every_size_of_screen_and_follows_it(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), size=(60, 24)) as on:
        await on.open()
        await on.until_shown(BLUE, 60 * 15)
        for size, cells in (((120, 40), 120 * 30), ((80, 24), 80 * 20), ((40, 24), 40 * 10)):
            await on.pilot.resize_terminal(*size)
            await on.until_shown(BLUE, cells)
            assert max(len(line) for line in on.text().splitlines()) <= size[0]
            assert "Back" in on.footer() or size[0] == 40


async def test_left_and_right_go_through_all_pictures_of_the_conversation_also_those_never_in_view(
    start_talk: StartTalk,
) -> None:
    async with open_album(start_talk(), variants=[1] * 8, words_between=40) as on:
        on.pane.action_scroll_home()
        await on.settle()
        on.pane.focus()
        on.pane.actions.choose_entry("p0")
        await on.pilot.press("enter")
        seen = []
        for number in range(8):
            await on.until_shown(COLOURS[number % 4], WHOLE)
            seen.append(on.line().split("  ")[0].strip())
            await on.pilot.press("right")
        assert seen == [f"{number} of 8" for number in range(1, 9)]
        assert on.viewer.message.id == "p7"  # there is none behind the last
        await on.pilot.press("left", "left")
        await on.until_shown(COLOURS[5 % 4], WHOLE)
        made = {entry.id for entry in on.pane.entries.existing()}
        assert "p4" not in made  # nobody looked at it in the conversation


async def test_the_conversation_is_where_it_was_when_the_same_picture_is_left(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), variants=[1] * 6, words_between=7) as on:
        on.pane.viewport.scroll(-30)
        await on.settle()
        on.pane.focus()
        await on.pilot.pause()
        before, where, entry = on.text(), on.pane.viewport.reading.place, chosen(on)
        await on.pilot.press("enter")
        await until(lambda: isinstance(on.app.screen, ViewerScreen))
        await back(on, "q")
        assert (on.pane.viewport.reading.place, chosen(on)) == (where, entry)
        assert on.text() == before


async def test_the_picture_that_was_shown_last_is_chosen_and_in_view(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), variants=[1] * 6, words_between=40) as on:
        on.pane.focus()
        on.pane.actions.choose_entry("p5")
        await on.pilot.press("enter")
        await until(lambda: isinstance(on.app.screen, ViewerScreen))
        await on.pilot.press("left", "left", "left")
        await back(on)
        assert chosen(on) == "p2"
        await until(lambda: on.cells_of(COLOURS[2]) > 100)
        await on.pilot.press("y")
        await on.settle()
        assert on.app.clipboard == str(path_of(on, "p2"))


async def test_brackets_and_arrows_go_through_the_variants_and_choose_them(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), variants=[3]) as on:
        await on.open()
        await on.until_shown(RED, WHOLE)
        assert "1 of 1 · variant 1 of 3" in on.line()
        await on.pilot.press("]", "down", "]")
        await on.until_shown(BLUE, WHOLE)
        assert "variant 3 of 3" in on.line()
        assert "← →" not in on.line()
        await on.pilot.press("up")
        await on.until_shown(GREEN, WHOLE)
        await on.pilot.press("[")
        await on.until_shown(RED, WHOLE)
        await on.pilot.press("down")
        await on.until_shown(GREEN, WHOLE)
        await back(on)
        image = on.talk.session.conversation.get("p0").image
        assert image is not None
        assert image.settings["seed"] == 1
        await until(lambda: on.cells_of(GREEN) > 100)


async def test_variants_of_a_conversation_that_is_open_elsewhere_can_be_seen(start_talk: StartTalk) -> None:
    async with start_talk() as first:
        picture(first, 0, variants=2)
        opened = first.session.conversation.conversation.id
        async with open_album(start_talk(), variants=[]) as on:
            await on.talk.session.open(opened)
            await on.settle()
            assert on.talk.session.conversation.read_only
            await on.open()
            await on.pilot.press("]")
            await on.until_shown(GREEN, WHOLE)
            assert "variant 2 of 2" in on.line()
            assert on.notes() == []


async def test_i_shows_what_is_known_and_the_picture_again(start_talk: StartTalk) -> None:
    async with open_album(start_talk()) as on:
        await on.open()
        await on.pilot.press("i")
        await on.pilot.pause()
        shown = on.details()
        for words in ("Prompt picture 2", "Size 160×80", "Seed 200", "Model fast", "Made 2026-01-02", "File"):
            assert words in shown
        assert path_of(on, "p2").name in shown.replace(" ", "")
        await on.pilot.press("left")
        await on.pilot.pause()
        assert "Prompt picture 1" in on.details()
        await on.pilot.press("i")
        await on.until_shown(GREEN, WHOLE)
        await back(on)
        await on.pilot.press("i")
        await until(lambda: isinstance(on.app.screen, ViewerScreen))
        await on.pilot.pause()
        assert "Prompt picture 1" in on.details()


async def test_a_long_prompt_is_wrapped_and_scrolls_and_what_it_holds_is_text(start_talk: StartTalk) -> None:
    prompt = "[red]start[/] \x1b[2J\x1b]52;c;YQ==\x07" + "many words " * 600 + "the end"
    async with open_album(start_talk(), variants=[], size=(60, 24)) as on:
        picture(on.talk, 0, prompt=prompt)
        on.chat.show_conversation()
        await on.settle()
        await on.open("i")
        await on.pilot.pause()
        assert "[red]start[/] many words" in on.details()
        details = on.viewer.query_one(DetailsView)
        assert details.max_scroll_y > 50
        await on.pilot.press("end")
        await until(lambda: "the end" in on.details())
        assert "Seed 0" in on.details()


async def test_a_picture_that_cannot_be_read_is_one_sentence_and_the_next_one_works(
    start_talk: StartTalk,
) -> None:
    async with open_album(start_talk()) as on:
        path_of(on, "p1").write_bytes(b"\x89PNG\r\n\x1a\n and nothing")
        path_of(on, "p0").unlink()
        await on.open()
        await on.pilot.press("left")
        await until(lambda: "The PNG picture has a broken header; make it again." in on.text())
        await on.pilot.press("left")
        await until(lambda: "The picture's file is gone; make the picture again." in on.text())
        await on.pilot.press("right", "right")
        await on.until_shown(BLUE, WHOLE)
        assert "The picture" not in on.text()


@pytest.mark.parametrize("plain", [True, False])
async def test_without_pictures_the_details_stand_in_their_place(start_talk: StartTalk, plain: bool) -> None:
    terminal = TERMINAL if plain else replace(TERMINAL, style="none", colours="none")
    async with open_album(start_talk(ui=UiConfig(plain=plain)), terminal=terminal) as on:
        await on.open()
        await on.pilot.pause()
        assert not on.viewer.query(PictureView)
        assert "Prompt picture 2" in on.details()
        assert "Full quality" not in on.footer()
        assert "Details" not in on.footer()
        await on.pilot.press("f", "i", "left")
        await on.pilot.pause()
        assert "Prompt picture 1" in on.details()
        await back(on)
        assert chosen(on) == "p1"


NO_FINER_VIEW = "This terminal has no finer view of a picture; o opens it with the system's viewer."


async def test_full_quality_is_not_offered_where_it_would_be_no_finer(start_talk: StartTalk) -> None:
    terminal = replace(TERMINAL, style="mosaic")
    async with open_album(start_talk(), terminal=terminal, size=(100, 70)) as on:
        await on.open()
        await on.until_shown(BLUE, WHOLE)
        assert "i Details" in on.footer()
        assert "Full quality" not in on.footer()
        await on.pilot.press("f1")
        await on.settle()
        assert "While a picture fills the screen" in whole_help(on)
        assert "ull quality" not in whole_help(on)
        await on.pilot.press("escape")
        await on.pilot.press("f", "enter")
        await on.pilot.click(PictureView)
        await on.settle()
        assert on.notes() == [NO_FINER_VIEW] * 3
        await on.until_shown(BLUE, WHOLE)


async def test_full_quality_is_offered_where_it_shows_pixels(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), terminal=replace(TERMINAL, viewer="iterm2")) as on:
        await on.open()
        await on.until_shown(BLUE, WHOLE)
        assert "f Full quality" in on.footer()
        await on.pilot.press("f1")
        await on.settle()
        assert "Full quality: the picture takes the whole terminal" in whole_help(on)


async def test_no_picture_is_wider_than_the_terminal_draws(start_talk: StartTalk) -> None:
    terminal = replace(TERMINAL, style="sixel", cell_size=(10, 20), sixel_width=205)
    async with open_album(start_talk(), terminal=terminal) as on:
        await on.open()
        await until(lambda: CELLS.search(on.text()) is not None)
        rows = [len(found[0]) for found in CELLS.finditer(on.text())]
        assert rows == [20] * 5  # a picture twice as wide as high


def whole_help(on: Viewing) -> str:
    """All of the help, blanks and breaks as one blank each."""
    assert isinstance(on.app.screen, HelpScreen)
    lines: list[str] = []
    for table in on.app.screen.query("HelpTable, Static"):
        lines += (
            "".join(segment.text for segment in strip) for strip in table.render_lines(table.size.region)
        )
    return " ".join(" ".join(lines).split())


async def test_where_the_terminal_belongs_to_somebody_else_full_quality_says_so(
    start_talk: StartTalk,
) -> None:
    # A pilot's application cannot step aside.
    async with open_album(start_talk(), terminal=replace(TERMINAL, viewer="kitty")) as on:
        await on.open()
        await on.pilot.press("f")
        await until(lambda: bool(on.notes()))
        assert on.notes()[0].endswith("o opens it outside.")
        await on.until_shown(BLUE, WHOLE)


async def test_a_picture_that_arrives_is_counted_and_reached(start_talk: StartTalk) -> None:
    async with open_album(start_talk()) as on:
        await on.open()
        on.talk.service.show(shade=200)
        on.talk.session.start_image("a fourth one")
        await until(lambda: on.line().startswith(" 3 of 4"))
        await on.pilot.press("right")
        await until(lambda: on.line().startswith(" 4 of 4  a fourth one"))


async def test_the_command_shows_the_newest_picture_or_says_that_there_is_none(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), variants=[]) as on:
        await on.type("/view")
        await on.settle()
        assert on.notes() == ["There is no picture to view yet."]
        picture(on.talk, 0)
        picture(on.talk, 1)
        on.chat.show_conversation()
        await on.settle()
        await on.type("/view")
        await on.until_shown(GREEN, WHOLE)
        await back(on)
        assert isinstance(on.app.focused, Prompt)


async def test_enter_keeps_what_it_does_elsewhere_and_letters_that_are_no_keys_are_written(
    start_talk: StartTalk,
) -> None:
    async with open_album(start_talk(), variants=[1]) as on:
        on.talk.service.say(reply("Indeed."))
        await on.type("hello")
        await on.settle()
        on.pane.focus()
        await on.pilot.pause()
        on.pane.actions.choose_entry(on.talk.messages[-1].id)
        await on.pilot.press("enter")
        await on.settle()
        assert isinstance(on.app.screen, ChatScreen)
        prompt = on.chat.query_one(Prompt)
        for letter in "vi":
            on.pane.focus()
            await on.pilot.press(letter)
            await on.settle()
            assert on.app.focused is prompt
        on.pane.focus()
        await on.pilot.press("o")  # the key that opens a message's links
        await on.settle()
        assert on.app.focused is on.pane
        assert prompt.text == "vi"


async def test_a_failed_variant_is_tried_again_by_enter_and_the_picture_is_seen_by_v(
    start_talk: StartTalk,
) -> None:
    async with open_album(start_talk(), variants=[1]) as on:
        on.pane.updates.begin_image("job", "another", message_id="p0", reply_to=None)
        on.pane.updates.fail_image("job", "Out of credits", "None are left.")
        await on.settle()
        on.pane.focus()
        await on.pilot.press("enter")
        await on.settle()
        assert isinstance(on.app.screen, ChatScreen)
        await on.open("v")
        await on.until_shown(RED, WHOLE)


async def test_what_streams_in_meanwhile_is_there_afterwards(start_talk: StartTalk) -> None:
    async with open_album(start_talk()) as on:
        await on.open()
        on.talk.service.say(reply("It went on."))
        await on.talk.say("go on")
        await back(on)
        assert chosen(on) == "p2"
        on.pane.viewport.follow()
        await on.settle()
        assert "It went on." in on.text()
        assert [m.role for m in on.talk.messages[-2:]] == ["user", "assistant"]
        assert isinstance(on.talk.messages[-1], ChatMessage)
