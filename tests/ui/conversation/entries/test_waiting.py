"""The place of a picture in the making: how far it has come, and that no more is painted than what changes."""

from __future__ import annotations

from itertools import pairwise

import pytest
import pytest_asyncio
from rich.style import Style

from animus_tui.config.schema import UiConfig
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.ui.conversation.entries.image_progress import BAR, FULL, waiting_rows
from animus_tui.ui.conversation.entries.render_context import Palette
from animus_tui.ui.markdown.text_layout import Row
from tests.support.pane_app import Stage, card, said, stage, until

ACCENT = "#dfa458"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def palette() -> Palette:
    async with stage([said(0)]) as on:
        assert on.pane.entries.context is not None
        return on.pane.entries.context.palette


def text(row: Row) -> str:
    return "".join(segment.text for segment in row.segments)


def lit(row: Row) -> int:
    """Cells of the line in the full accent."""
    styles = [
        (segment.style or Style(), len(segment.text)) for segment in row.segments if segment.text.strip()
    ]
    return sum(cells for style, cells in styles if style.color is not None and style.color.name == ACCENT)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (11, 4), (5, 2), (1, 1), (40, 1), (40, 2)])
def test_it_fills_its_place_exactly_however_small(palette: Palette, columns: int, rows: int) -> None:
    for percent in (None, 0, 0.4, 50, 99.6, 100, -3, 250):
        for frame in (None, *range(0, 60, 7)):
            placed = waiting_rows(columns, rows, palette, percent=percent, seconds=1234, frame=frame)
            assert len(placed) == rows
            assert {(row.cells, len(text(row))) for row in placed} == {(columns, columns)}


def test_the_bar_grows_with_the_percent_and_is_full_at_the_end(palette: Palette) -> None:
    def bar(percent: float) -> Row:
        return waiting_rows(60, 15, palette, percent=percent, seconds=0, frame=3)[7]

    done = [lit(bar(percent)) for percent in range(0, 101, 5)]
    assert done[0] == 0
    assert done[-1] == BAR
    assert all(one <= two for one, two in pairwise(done))
    assert lit(bar(50)) == BAR // 2
    assert "50 %" in text(waiting_rows(60, 15, palette, percent=50, seconds=0, frame=3)[8])


def test_without_a_percent_a_light_wanders_from_end_to_end_and_the_time_is_told(palette: Palette) -> None:
    places = []
    for frame in range(BAR + 11):
        rows = waiting_rows(60, 15, palette, percent=None, seconds=12, frame=frame)
        brightest = [
            sum(len(segment.text) for segment in rows[7].segments[:at])
            for at, segment in enumerate(rows[7].segments)
            if segment.style is not None
            and segment.style.color is not None
            and segment.style.color.name == ACCENT
        ]
        places += brightest
        assert "12 s" in text(rows[8])
        assert len(brightest) <= 1
    first = (60 - BAR) // 2
    assert places == list(range(first, first + BAR))


def test_without_motion_the_line_is_still(palette: Palette) -> None:
    row = waiting_rows(60, 15, palette, percent=None, seconds=3, frame=None)[7]
    assert text(row).strip() == FULL * BAR
    assert lit(row) == 0


async def begin(on: Stage) -> None:
    on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
    await on.settle_waiting()


def painted_rows(on: Stage) -> list[int]:
    """Rows of the screen that are to be painted anew after the next frame of the card."""
    on.pane._dirty_regions.clear()
    on.pane.animation.tick()
    return sorted(y for region in on.pane._dirty_regions for y in range(region.y, region.bottom))


@pytest.mark.parametrize("percent", [None, 40.0])
async def test_a_frame_paints_the_line_and_the_caption_and_nothing_else(
    decoder: PictureDecoder, percent: float | None
) -> None:
    async with stage([said(0)], decoder=decoder) as on:
        await begin(on)
        on.pane.updates.image_progress("i", percent, 5.2)
        on.pane.animation.frame = 20  # the light is in the middle
        card(on).tick(20)
        on.pane.viewport.entry_changed(card(on))
        caption = on.row_of("Generating")
        assert on.pane.animation.is_moving
        for timer in on.pane._timers:
            timer.pause()
        moving = [] if percent is not None else [on.row_of(FULL * 5)]
        # A second may pass meanwhile; then the words below the line change too.
        assert set(painted_rows(on)) - {on.row_of("5 s"), caption} <= {*moving}
        assert {*moving, caption} <= set(painted_rows(on))


async def test_out_of_view_nothing_is_set_or_painted(decoder: PictureDecoder) -> None:
    talk = [said(number, lines=3) for number in range(30)]
    async with stage(talk, decoder=decoder) as on:
        await begin(on)
        on.pane.action_scroll_home()
        await on.settle()
        before = card(on).revision
        for _ in range(5):
            assert painted_rows(on) == []
        assert card(on).revision == before
        on.pane.viewport.follow()
        await until(lambda: card(on).revision > before)


async def test_without_motion_no_timer_runs_and_each_second_is_told(decoder: PictureDecoder) -> None:
    async with stage([said(0)], decoder=decoder, ui=UiConfig(reduced_motion=True)) as on:
        await begin(on)
        assert not on.pane.animation.is_moving
        on.pane.updates.image_progress("i", None, 7.1)
        await on.wait_for("7 s")
        on.pane.updates.image_progress("i", 60, 8.1)
        await on.wait_for("60 %")
