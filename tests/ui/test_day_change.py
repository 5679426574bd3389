"""What says `Today` says something else once it is midnight, also where no timer could tell that."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.day_change import until_next_day
from animus_tui.ui.screens.conversation_list import ConversationListScreen
from tests.support.chat_app import open_chat
from tests.support.pane_app import stage, until
from tests.support.talk import StartTalk

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def zone_of_before() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


def live_ahead(seconds: int) -> None:
    """Have the user live where it is so many seconds later than universal time, less than a day."""
    own = f"{abs(seconds) // 3600}:{abs(seconds) % 3600 // 60:02}:{abs(seconds) % 60:02}"
    os.environ["TZ"] = f"<own>{'-' if seconds > 0 else ''}{own}"  # POSIX counts the other way round
    time.tzset()


def live_before_midnight(seconds: int) -> int:
    """Have the user live where the day ends in so many seconds; how much later it is there, which is not positive."""
    now = datetime.now(UTC)
    ahead = -seconds - (now.hour * 3600 + now.minute * 60 + now.second)
    ahead += DAY if ahead <= -DAY else 0
    live_ahead(ahead)
    return ahead


def said_now(said: str, *, ago: timedelta = timedelta(0)) -> ChatMessage:
    return ChatMessage(role="user", content=said, timestamp=(datetime.now(UTC) - ago).isoformat())


async def test_the_days_of_the_conversation_are_others_shortly_after_midnight() -> None:
    live_before_midnight(3)
    talk = [said_now("Words of before", ago=timedelta(days=1)), said_now("Late words")]
    async with stage(talk) as on:
        assert "Today" in on.app.text()
        await until(lambda: "Today" not in on.app.text())
        text = on.app.text()
        assert text.count("Yesterday") == 1
        assert text.index("Words of before") < text.index("Yesterday") < text.index("Late words")


async def test_who_comes_back_on_another_day_sees_it_and_stays_where_they_read() -> None:
    """The machine slept meanwhile, or its clock was set: no timer knows of that."""
    ahead = live_before_midnight(HOUR)
    async with stage([said_now(f"Words {number}") for number in range(60)]) as on:
        on.pane.action_scroll_home()
        on.app.app_focus = False
        await on.settle()
        before = on.app.text()
        live_ahead(ahead + 10 * HOUR)
        await on.settle()
        assert on.app.text() == before
        on.app.app_focus = True
        await until(lambda: "Yesterday" in on.app.text())
        text = on.app.text().replace("▌", " ")  # beside the chosen one
        assert text.split("\n")[2:] == before.split("\n")[2:]


async def test_what_is_said_on_another_day_begins_it() -> None:
    ahead = live_before_midnight(HOUR)
    async with stage([said_now("Late words")]) as on:
        live_ahead(ahead + 2 * HOUR)
        on.pane.updates.add_user(said_now("Early words"))
        await until(lambda: "Yesterday" in on.app.text() and "Today" in on.app.text())


async def test_the_list_of_conversations_groups_them_by_the_day_of_now(
    start_talk: StartTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    stored = ConversationStore(tmp_path).create(Conversation(id="sea", title="About the sea", name="Vivian"))
    stored.put(said_now("Is it deep?"))
    stored.close()
    live_before_midnight(3)
    async with open_chat(start_talk()) as chat:
        await chat.pilot.press("ctrl+l")
        await until(lambda: isinstance(chat.app.screen, ConversationListScreen))
        await until(lambda: "Yesterday" in chat.text())
        assert "Today" not in chat.text()


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("UTC", datetime(2026, 12, 31), 24),  # noqa: DTZ001 (the user's)
        ("Europe/Berlin", datetime(2026, 3, 29), 23),  # noqa: DTZ001
        ("Europe/Berlin", datetime(2026, 10, 25), 25),  # noqa: DTZ001
        ("Asia/Beirut", datetime(2026, 3, 28), 24),  # noqa: DTZ001 (no midnight follows it, but 1:00)
        ("America/Havana", datetime(2026, 10, 31), 24),  # noqa: DTZ001 (two midnights follow it)
    ],
)
def test_a_day_has_as_many_hours_as_it_has(
    zone: str, now: datetime, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert until_next_day(now.astimezone()) == hours * HOUR
