"""Makes the pilot wait until what it did has come to its end, however slow the machine is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import ScreenStackError
from textual.pilot import Pilot

from animus_tui.graphics.decoding.decoder import PictureDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

ROUNDS = 10
"""A key goes from the application to the widget, what that makes of it to its parents, and then all is painted: each
of these steps takes a message. In a round every widget takes the messages that wait for it."""

LONGEST = 110
"""Seconds for a round; pytest-timeout is hardly longer."""

_wait_for_screen = Pilot._wait_for_screen
_press = Pilot.press


async def _wait_for_rounds(self: Pilot[Any]) -> bool:
    for _ in range(ROUNDS):
        if not await _wait_for_screen(self, LONGEST):
            return False
        try:
            self.app.screen._on_timer_update()
        except ScreenStackError:  # the application has ended
            return False
    return True


async def _press_one_by_one(self: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await _press(self, key)


@pytest.fixture(scope="package", autouse=True)
def patient_pilot() -> Iterator[None]:
    """Textual's pilot goes on when little was computed in 20 ms, which on a busy machine means nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pilot, "_wait_for_screen", _wait_for_rounds)
        patch.setattr(Pilot, "press", _press_one_by_one)
        yield


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder
