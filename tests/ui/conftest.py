"""Makes the pilot wait until what it did has come to its end, however slow the machine is, and no longer than that."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
import textual.app
import textual.pilot
from textual.app import ScreenStackError
from textual.css.stylesheet import Stylesheet
from textual.events import Callback
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout

from animus_tui.graphics.decoding.decoder import PictureDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from textual.app import App
    from textual.css.model import RuleSet
    from textual.css.types import CSSLocation
    from textual.message import Message

ROUNDS = 10
"""A key goes from the application to the widget, what that makes of it to its parents, and then all is painted: each
of these steps takes a message. In a round every widget takes the messages that wait for it; so many are enough."""

QUIET = 2
"""After so many rounds in which nobody was sent a message and nothing was computed, there is nothing to wait for."""

LONGEST = 0.5
"""Seconds for a round: a widget that is removed meanwhile never takes its message, and is not in the next round."""

FRAME = 1 / 50
"""Seconds after which a pause goes on: what waits for the next frame, as another size does, is then done."""

_wait_for_screen = Pilot._wait_for_screen
_press = Pilot.press
_post_message = MessagePump.post_message
_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}
_sent = 0


def _post_and_count(self: MessagePump, message: Message) -> bool:
    global _sent
    if not _is_of_a_round(message):
        _sent += 1
    return _post_message(self, message)


def _is_of_a_round(message: Message) -> bool:
    """Whether it is the one by which a widget tells that it has taken all that waited before."""
    return (
        type(message) is Callback
        and getattr(getattr(message.callback, "func", None), "__name__", "") == "decrement_counter"
    )


async def _wait_for_rounds(self: Pilot[Any]) -> bool:
    rounds = quiet = 0
    while rounds < ROUNDS and quiet < QUIET:
        before = _sent
        try:
            if not _is_idle(self.app) and not await _wait_for_screen(self, LONGEST):
                return False
        except WaitForScreenTimeout:  # pytest-timeout ends what goes on for ever
            continue
        rounds += 1
        try:
            self.app.screen._on_timer_update()
        except ScreenStackError:  # the application has ended
            return False
        await _let_others_go_on()
        computing = any(getattr(worker._work, "__name__", "") != "_listen" for worker in self.app.workers)
        quiet = 0 if computing or _sent != before else quiet + 1
    return True


def _is_idle(app: App[Any]) -> bool:
    """Whether all widgets wait for a message and none has one: then none needs to be sent one to find that out."""
    if not app.screen_stack:
        return False
    pumps: list[MessagePump] = [app, *app.screen.walk_children(with_self=True)]
    for pump in pumps:
        queue: Any = pump._message_queue
        if queue.values or not queue.ready_event._waiters or pump._next_callbacks:
            return False
    return True


async def _let_others_go_on(_least: float = 0, _most: float = 0) -> None:
    """What is no widget's, such as a key on its way from the driver, goes on too."""
    for _ in range(ROUNDS):
        await asyncio.sleep(0)


async def _wait_for_a_frame(_least: float = 0, _most: float = 0) -> None:
    await asyncio.sleep(FRAME)


def _parse_once(
    self: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    """The rules of a style, which every application of every test has again."""
    colours = frozenset(self._variables.items())
    key = (css, read_from, is_default_rules, tie_breaker, scope, colours)
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, read_from, is_default_rules, tie_breaker, scope)
    return _parsed[key]


async def _press_one_by_one(self: Pilot[Any], *keys: str) -> None:
    """Letters in a row come as a terminal sends them, and every other key when all before it has come to its end."""
    for is_character, group in groupby(keys, lambda key: len(key) == 1):
        for part in [tuple(group)] if is_character else [(key,) for key in group]:
            await _press(self, *part)


@pytest.fixture(scope="package", autouse=True)
def patient_pilot() -> Iterator[None]:
    """Textual's pilot goes on when little was computed in 20 ms: nothing on a busy machine, and on any an idle wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pilot, "_wait_for_screen", _wait_for_rounds)
        patch.setattr(Pilot, "press", _press_one_by_one)
        patch.setattr(MessagePump, "post_message", _post_and_count)
        patch.setattr(Stylesheet, "_parse_rules", _parse_once)
        patch.setattr(textual.app, "wait_for_idle", _let_others_go_on)
        patch.setattr(textual.pilot, "wait_for_idle", _wait_for_a_frame)
        yield


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder
