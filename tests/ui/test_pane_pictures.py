"""Picture cards: their place from the first frame, waiting, done, failed, promised, variants. Real files."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from animus_tui.chat.messages import ChatMessage
from animus_tui.config.schema import UiConfig
from animus_tui.graphics.decoding.decoder import PATIENCE, PictureDecoder
from animus_tui.paths import path_inside
from animus_tui.ui.conversation import animation
from animus_tui.ui.conversation.actions import RetryRequested, VariantRequested
from animus_tui.ui.conversation.entries.image_progress import Preview
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from tests.support.pane_app import Clock, Stage, card, cards, painted, said, stage, until
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from pathlib import Path

RED, BLUE = (220, 30, 30), (30, 30, 220)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (1024, 1024), RED).save(tmp_path / "red.png")
    Image.new("RGB", (1024, 512), BLUE).save(tmp_path / "blue.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    return tmp_path


def cells_of(on: Stage, colour: tuple[int, int, int]) -> int:
    """How many cells of the screen are of this colour, both halves."""
    count = 0
    for row in strips_of(on.app):
        for segment in row:
            style = segment.style
            if style is None or style.bgcolor is None or style.color is None:
                continue
            if style.bgcolor.triplet == colour and style.color.triplet == colour:
                count += len(segment.text)
    return count


async def until_cells(on: Stage, colour: tuple[int, int, int], number: int) -> None:
    await until(lambda: cells_of(on, colour) == number)


def rows(on: Stage) -> int:
    """Rows of the only picture with its caption."""
    index = on.pane.entries.index(card(on))
    assert index is not None
    layout = on.pane.entries.layout(index)
    return len(layout) - layout.head - 1  # the last one is free


async def choose(on: Stage) -> None:
    """Put the cursor on the newest picture."""
    on.pane.focus()
    await on.pilot.pause()
    on.pane.cursor.choose_newest()


async def test_a_picture_has_its_final_height_from_the_first_frame_to_the_last(
    decoder: PictureDecoder, folder: Path
) -> None:
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        await on.settle_waiting()
        height = rows(on)
        assert height == 15 + 1  # 24 rows less what is left free around a picture, and the caption
        assert "Generating…  A red square" in on.app.text()
        assert "Esc Cancel" in on.app.text()
        on.app.frames.clear()
        on.pane.updates.finish_image("i", painted("i", "red.png", size=(1024, 1024)))
        await until_cells(on, RED, 30 * 15)
        assert rows(on) == height
        assert "A red square · 1024×1024" in on.app.text()
        assert len({frame.split("\n").index(" Vivian") for frame in on.app.frames if " Vivian" in frame}) <= 1


@pytest.mark.parametrize(("columns", "expected"), [(120, 30 * 15), (80, 30 * 15), (24, 21 * 10)])
async def test_a_picture_keeps_its_shape_within_the_pane(
    decoder: PictureDecoder, folder: Path, columns: int, expected: int
) -> None:
    shown = painted("i", "red.png", size=(1024, 1024))
    async with stage([shown], decoder=decoder, folder=folder, size=(columns, 24)) as on:
        await until_cells(on, RED, expected)


async def test_a_picture_is_drawn_anew_when_the_terminal_changes_its_size(
    decoder: PictureDecoder, folder: Path
) -> None:
    shown = painted("i", "red.png", size=(1024, 1024))
    async with stage([shown], decoder=decoder, folder=folder) as on:
        await until_cells(on, RED, 30 * 15)
        await on.pilot.resize_terminal(24, 24)
        await until_cells(on, RED, 21 * 10)


async def test_the_setting_bounds_the_rows_of_a_picture(decoder: PictureDecoder, folder: Path) -> None:
    shown = painted("i", "red.png", size=(1024, 1024))
    async with stage([shown], decoder=decoder, folder=folder, ui=UiConfig(image_rows=6)) as on:
        await until_cells(on, RED, 12 * 6)


@pytest.mark.parametrize(
    ("size", "cells"), [((80, 24), 30 * 15), ((120, 40), 48 * 24), ((200, 60), 72 * 36), ((250, 80), 96 * 48)]
)
async def test_a_picture_takes_three_fifths_of_a_large_screen(
    decoder: PictureDecoder, folder: Path, size: tuple[int, int], cells: int
) -> None:
    shown = painted("i", "red.png", size=(1024, 1024))
    async with stage([shown], decoder=decoder, folder=folder, size=size) as on:
        await until_cells(on, RED, cells)


def spinners(on: Stage) -> set[str]:
    """What stood before the words about a picture in the making, frame by frame."""
    return {frame.split("Generating")[0][-3:] for frame in on.app.frames if "Generating" in frame}


async def test_while_a_picture_is_made_percent_and_seconds_are_told_and_the_spinner_turns(
    decoder: PictureDecoder, folder: Path
) -> None:
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        on.pane.updates.image_progress("i", 40, 7.2)
        await on.wait_for("40 % · 7 s")
        await until(lambda: any(f"40 % · {seconds} s" in on.app.text() for seconds in range(8, 120)))
        await until(lambda: len(spinners(on)) > 3)


async def test_a_picture_grows_on_its_card_and_a_broken_preview_leaves_what_was_there(
    decoder: PictureDecoder, folder: Path
) -> None:
    """The last one is the picture's own; one that fails takes what it looked like with it."""
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        updates = on.pane.updates
        updates.begin_image("i", "A blue square", message_id=None, reply_to=None)
        updates.image_progress("i", 10, 1, preview=Preview(folder / "red.png", (1024, 1024)))
        await until(lambda: cells_of(on, RED) > 100)
        for name in ("broken.png", "gone.png"):
            updates.image_progress("i", 20, 2, preview=Preview(folder / name, (1024, 1024)))
            await on.settle_waiting()
            assert cells_of(on, RED) > 100
        assert "20 %" in on.app.text()
        updates.image_progress("i", 30, 3, preview=Preview(folder / "blue.png", (1024, 512)))
        await until(lambda: cells_of(on, BLUE) > 100 and cells_of(on, RED) == 0)
        updates.fail_image("i", "No picture", "It broke.")
        await until(lambda: cells_of(on, BLUE) == 0)
        updates.begin_image("i", "A blue square", message_id=None, reply_to=None)
        await on.wait_for("0 s   Esc Cancel")
        assert cells_of(on, BLUE) == 0
        updates.image_progress("i", 30, 3, preview=Preview(folder / "blue.png", (1024, 512)))
        await until(lambda: cells_of(on, BLUE) > 100)
        updates.finish_image("i", painted("i", "red.png", size=(1024, 1024)))
        await until(lambda: cells_of(on, RED) > 100 and cells_of(on, BLUE) == 0)


async def test_with_reduced_motion_nothing_moves_between_two_progress_events(
    decoder: PictureDecoder, folder: Path
) -> None:
    ui = UiConfig(reduced_motion=True)
    async with stage([said(0)], decoder=decoder, folder=folder, ui=ui) as on:
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        on.pane.updates.image_progress("i", None, 3.1)
        await on.settle()
        on.app.frames.clear()
        await on.pilot.pause(0.5)
        assert on.app.frames == []
        on.pane.updates.image_progress("i", None, 4.1)
        await on.wait_for("4 s   Esc Cancel")


async def test_a_busy_service_is_counted_down_on_the_card(
    decoder: PictureDecoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(animation, "time", clock)
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        on.pane.updates.count_down("Busy", 1.4, "i")
        await on.wait_for("Busy: trying again in 2 s")
        clock.now = 0.5
        await on.wait_for("Busy: trying again in 1 s")


async def test_a_failed_picture_says_why_and_is_tried_again_in_its_place(
    decoder: PictureDecoder, folder: Path
) -> None:
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        on.pane.updates.fail_image("i", "Out of credits", "The picture needs 2.")
        await on.wait_for("Out of credits — The picture needs 2.  ^T Retry")
        assert rows(on) == 2
        assert on.pane.content.failed() == [card(on)]
        await choose(on)
        await on.pilot.press("enter")
        await on.settle()
        (asked,) = [event for event in on.app.told if isinstance(event, RetryRequested)]
        assert asked.entry is card(on)
        assert card(on).image_id == "i"
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        await on.settle_waiting()
        assert rows(on) == 16
        assert "Out of credits" not in on.app.text()
        assert on.pane.content.failed() == []


async def test_a_promise_that_was_not_kept_is_a_card_that_says_so_and_paints_in_its_place(
    decoder: PictureDecoder, folder: Path
) -> None:
    promise = ChatMessage(id="p", role="assistant", content="Here it comes", image_prompt="A red square")
    async with stage([promise], decoder=decoder, folder=folder) as on:
        assert "Image not generated  ^T Generate" in on.app.text()
        await choose(on)
        await on.pilot.press("r")
        await on.settle()
        (asked,) = [event for event in on.app.told if isinstance(event, RetryRequested)]
        assert isinstance(asked.entry, ReplyEntry)
        assert asked.entry.id == "p"
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to="p")
        on.pane.updates.finish_image("i", painted("i", "red.png", size=(1024, 1024)))
        await until_cells(on, RED, 30 * 15)
        assert "Image not generated" not in on.app.text()
        assert on.pane.content.failed() == []


async def test_a_kept_promise_is_no_further_card(decoder: PictureDecoder, folder: Path) -> None:
    promise = ChatMessage(id="p", role="assistant", content="Here it comes", image_prompt="A red square")
    kept = painted("i", "red.png")
    talk = [promise, ChatMessage(id="i", role="assistant", image=kept.image, reply_to="p")]
    async with stage(talk, decoder=decoder, folder=folder) as on:
        assert card(on).message is not None
        assert "Image not generated" not in on.app.text()


async def test_a_reply_that_was_cut_short_before_its_picture_offers_it_at_once(
    decoder: PictureDecoder, folder: Path
) -> None:
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        on.pane.updates.finish_turn("p", said(1).timestamp, 0, "First turn")
        message = ChatMessage(
            id="p", role="assistant", content="First turn", image_prompt="A red square", outcome="cancelled"
        )
        on.pane.updates.describe(message)
        on.pane.updates.describe(message)
        await on.settle()
        assert "interrupted" in on.app.text()
        assert on.app.text().count("Image not generated") == 1


async def test_another_variant_keeps_the_picture_in_view_until_it_is_there(
    decoder: PictureDecoder, folder: Path
) -> None:
    first = painted("i", "red.png", size=(1024, 1024))
    async with stage([first], decoder=decoder, folder=folder) as on:
        await until_cells(on, RED, 30 * 15)
        height = rows(on)
        on.pane.updates.begin_image("job", "A blue one", message_id="i", reply_to=None)
        await on.wait_for("Generating…  A blue one")
        assert cells_of(on, RED) == 30 * 15
        assert rows(on) == height
        on.pane.updates.fail_image("job", "Stopped", "It was not waited for.")
        await on.wait_for("Stopped — It was not waited for.  ^T Retry")
        assert cells_of(on, RED) == 30 * 15


async def test_brackets_ask_for_the_variant_before_and_after_the_one_shown(
    decoder: PictureDecoder, folder: Path
) -> None:
    shown = painted("i", "red.png", size=(1024, 1024), variants=3)
    async with stage([shown], decoder=decoder, folder=folder) as on:
        assert "A red square · 1024×1024 · seed 2 · 3 of 3" in on.app.text()
        assert "[ ] variants" in on.app.text()
        await choose(on)
        await on.pilot.press("]", "[")
        await on.settle()
        asked = [event for event in on.app.told if isinstance(event, VariantRequested)]
        assert [(event.message_id, event.index) for event in asked] == [("i", 1)]
        assert on.pane.cursor.entry is card(on)


async def test_choosing_a_variant_while_another_is_made_does_not_end_the_waiting(
    decoder: PictureDecoder, folder: Path
) -> None:
    shown = painted("i", "red.png", size=(1024, 1024), variants=2)
    async with stage([shown], decoder=decoder, folder=folder) as on:
        on.pane.updates.begin_image("job", "A red square", message_id="i", reply_to=None)
        on.pane.updates.show_picture(shown)
        await on.wait_for("Generating")
        assert card(on).is_waiting


async def test_a_damaged_file_is_a_sentence_in_its_place(decoder: PictureDecoder, folder: Path) -> None:
    async with stage([painted("i", "broken.png", size=(64, 64))], decoder=decoder, folder=folder) as on:
        await on.wait_for("broken header; make it again.")


async def test_a_picture_that_took_too_long_is_drawn_later_without_being_asked_for(folder: Path) -> None:
    decoder = PictureDecoder(rest=1.0)
    await decoder.render(folder / "blue.png", columns=2, rows=1, background=RED)
    assert decoder.process_id is not None
    os.kill(decoder.process_id, signal.SIGSTOP)
    decoder.patience = 0.3
    shown = painted("i", "red.png", size=(1024, 1024))
    async with stage([shown], decoder=decoder, folder=folder) as on:
        await on.wait_for("it is tried again later.")
        decoder.patience = PATIENCE
        await until_cells(on, RED, 30 * 15)
        assert "tried again" not in on.app.text()
    await decoder.aclose()


async def test_a_file_that_is_gone_is_a_sentence_in_its_place(decoder: PictureDecoder, folder: Path) -> None:
    async with stage([painted("i", "gone.png", size=(64, 64))], decoder=decoder, folder=folder) as on:
        await on.wait_for("The picture's file is gone; make the picture again.")


async def test_without_a_decoder_a_picture_is_a_card_of_words(folder: Path) -> None:
    async with stage([painted("i", "red.png", size=(1024, 1024))], folder=folder) as on:
        assert "[picture] A red square" in on.app.text()
        assert "1024×1024" in on.app.text()
        on.pane.updates.begin_image("j", "A cat", message_id=None, reply_to=None)
        await on.wait_for("[picture] A cat")
        assert "Generating" in on.app.text()


@pytest.mark.parametrize("columns", [40, 63, 64, 110])
async def test_the_caption_takes_the_same_rows_while_a_picture_is_made_and_when_it_is_there(
    decoder: PictureDecoder, folder: Path, columns: int
) -> None:
    long = "A golden sunset over a calm ocean, long reflections, soft clouds, and very many words more"
    async with stage([said(0)], decoder=decoder, folder=folder, size=(columns, 30)) as on:
        on.pane.updates.begin_image("i", long, message_id=None, reply_to=None)
        await on.settle_waiting()
        height = rows(on)
        on.pane.updates.finish_image("i", painted("i", "red.png", size=(1024, 1024)))
        await on.settle()
        assert cells_of(on, RED)
        assert rows(on) == height
        assert max(len(line) for line in on.app.text().split("\n")) <= columns


async def test_only_pictures_that_are_in_view_are_decoded(decoder: PictureDecoder, folder: Path) -> None:
    album = [painted(f"i{number}", "red.png", size=(1024, 1024)) for number in range(30)]
    async with stage(album, decoder=decoder, folder=folder) as on:
        await until(lambda: any(entry.slot.cells for entry in cards(on)))
        await on.settle()
        assert 1 <= len(cards(on)) <= 4


async def test_what_a_prompt_holds_is_text(decoder: PictureDecoder, folder: Path) -> None:
    async with stage([said(0)], decoder=decoder, folder=folder) as on:
        on.pane.updates.begin_image(
            "i", "[red]cat[/]\n\x1b[2J\x1b]52;c;YQ==\x07 [/x]", message_id=None, reply_to=None
        )
        await on.settle_waiting()
        assert "[red]cat[/]   [/x]" in on.app.text() or "[red]cat[/]  [/x]" in on.app.text()
        on.pane.updates.fail_image("i", "[b]T[/b]", "\x1b[31m[/oops]")
        await on.wait_for("[b]T[/b] — [/oops]")


async def test_a_history_that_names_a_file_elsewhere_gets_a_sentence(
    decoder: PictureDecoder, folder: Path
) -> None:
    (folder / "conversation").mkdir()
    shown = painted("i", "../red.png", size=(1024, 1024))
    async with stage([], decoder=decoder, folder=folder) as on:
        on.pane.show(
            [shown],
            path_of=lambda file: path_inside(folder / "conversation", file),
            greeting="",
            suggestions=(),
        )
        await until(lambda: "not among those of this conversation" in on.app.text())
        assert cells_of(on, RED) == 0
