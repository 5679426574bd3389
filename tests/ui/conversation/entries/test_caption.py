"""The line below a picture: bounded in what it costs, whatever the picture is of."""

from __future__ import annotations

import time

from msgspec.structs import replace

from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.ui.conversation.entries.entry import Predecessor
from animus_tui.ui.conversation.entries.picture import PictureEntry
from tests.support.entries import canvas_of

FRAMES = 20


async def seconds_of_frames(prompt: str) -> float:
    """Processor time of some frames of a picture that is waited for."""
    context = canvas_of()
    decoder = PictureDecoder()
    context = replace(context, options=replace(context.options, decoder=decoder))
    entry = PictureEntry("i0", prompt, "", Predecessor(), size=(64, 48))
    entry.wait("i0", prompt, began=None, pictures=1, is_video=False)
    first = entry.layout(context)
    assert any("a boat" in segment.text for placed in first.placed for segment in placed.row.segments)
    began = time.process_time()
    for frame in range(FRAMES):
        entry.tick(frame)
        entry.layout(context)
    seconds = time.process_time() - began
    await decoder.aclose()
    return seconds


async def test_a_frame_costs_no_more_for_a_prompt_of_a_megabyte() -> None:
    long = await seconds_of_frames("a boat\x1b[1m " * 100_000)
    assert long < 100 * await seconds_of_frames("a boat " * 100)
