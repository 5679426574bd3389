"""What is shown of the end of a long history is exactly what is shown once all of it has been read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.conversation.content import History
from tests.support.entries import canvas_of
from tests.support.stored_history import import_history

SIZE = 900
FILLING = "and so on, as people do when they have time. " * 8
PICTURE = ImageRecord(prompt="A hill", file="images/x.png", width=40, height=30)


def said(number: int) -> ChatMessage:
    """One of a conversation in which everything comes up: promises that are kept and not kept, days, other roles."""
    name, day = f"{number:032}", f"2026-01-{1 + number // 100:02}T10:00:00.000Z"
    match number % 9:
        case 0 | 4:
            return ChatMessage(id=name, role="user", content=f"{number} {FILLING}", timestamp=day)
        case 1 | 5:
            promise = "a hill" if number % 5 else None
            return ChatMessage(
                id=name, role="assistant", content=f"{number} {FILLING}", timestamp=day, image_prompt=promise
            )
        case 2 | 6 if number % 4:
            promised = f"{number - 1:032}"
            return ChatMessage(id=name, role="assistant", image=PICTURE, reply_to=promised, timestamp=day)
        case 7:
            return ChatMessage(id=name, role="system", content=FILLING, timestamp=day)
    return ChatMessage(id=name, role="assistant", content=f"{number} {FILLING}", timestamp=day)


def is_read(stored: StoredConversation) -> bool:
    return stored.tail is None


@pytest.mark.parametrize("from_end", [True, False])
def test_every_entry_is_set_as_if_all_had_been_read(tmp_path: Path, from_end: bool) -> None:
    store = ConversationStore(tmp_path)
    data = msgspec.json.encode([said(number) for number in range(SIZE)])
    import_history(store, data, Conversation(id="long")).close()
    context = canvas_of()
    with closing(store.open("long", tail_first=True)) as stored:
        assert stored.tail is not None
        known = len(stored.newest)
        tailed = History(stored.tail)
        order = range(SIZE - 1, SIZE - known - 3, -1) if from_end else range(SIZE - known - 2, SIZE)
        shown = {index: tailed.entry(index).layout(context) for index in order}
        last = tailed.before_next("2026-02-01T10:00:00.000Z", "user")
        assert is_read(stored)  # the oldest of these was not among the newest
    with closing(store.open("long")) as stored:
        read = History(stored.messages)
        for index in order:
            expected = read.entry(index).layout(context)
            assert shown[index].placed == expected.placed
            assert shown[index].lines == expected.lines
        assert last == read.before_next("2026-02-01T10:00:00.000Z", "user")
