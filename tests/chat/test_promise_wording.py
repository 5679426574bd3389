"""Which replies are worth the question whether they promise a picture, measured on replies as models write them.

`recorded_replies.jsonl` has a reply a line, with what the user had said before. The replies of the part `aside` were
not looked at while the check was built.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from animus_tui.chat.promises.wording import may_promise

REPLIES = Path(__file__).with_name("recorded_replies.jsonl")


class Recorded(Struct, frozen=True):
    part: str
    promise: bool
    language: str
    kind: str
    follows_picture: bool
    asked: str
    reply: str


RECORDED = [msgspec.json.decode(line, type=Recorded) for line in REPLIES.read_bytes().splitlines()]


def judged(each: Recorded) -> bool:
    return may_promise(each.reply, each.asked, follows_picture=each.follows_picture)


def share(part: str, *, promise: bool) -> tuple[float, list[Recorded]]:
    """How many replies are judged rightly, and those that are not."""
    replies = [each for each in RECORDED if each.part == part and each.promise == promise]
    wrong = [each for each in replies if judged(each) != promise]
    return 1 - len(wrong) / len(replies), wrong


@pytest.mark.parametrize("part", ["building", "aside"])
def test_promises_are_asked_about_and_most_other_replies_are_not(part: str) -> None:
    found, missed = share(part, promise=True)
    spared, asked_about = share(part, promise=False)
    assert found >= 0.95, missed
    assert spared >= 0.8, asked_about


def test_the_recorded_replies_are_many_and_of_all_kinds() -> None:
    assert len(RECORDED) >= 60
    assert 0.4 < sum(each.promise for each in RECORDED) / len(RECORDED) < 0.6
    assert len({each.language for each in RECORDED}) >= 10
    assert {"refusal", "joke", "past", "prose", "code", "chat"} <= {each.kind for each in RECORDED}
