"""Finding in the bytes of a history finds exactly what finding in all of its decoded texts does."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from animus_tui.chat.folded_lines import LineFilter
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.search import HistorySearch
from animus_tui.chat.search_text import MOST_HITS, SearchText, composed, ready_of
from animus_tui.chat.storage.history_format import encode, layout
from animus_tui.chat.storage.store import ConversationStore
from tests.support.random_messages import messages, needles
from tests.support.searched_texts import DecodedTexts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.storage.conversation import StoredConversation

pytestmark = pytest.mark.slow


def stored(folder: Path, said: Sequence[ChatMessage], *, foreign: bool = False) -> StoredConversation:
    """A conversation on the disk: as it is written here, or as somebody else writes it."""
    store = ConversationStore(folder)
    made = store.create(Conversation(id="c"))
    lines = [encode(message).line for message in said]
    history = made.folder / "history.json"
    made.close()
    if foreign:
        history.write_text(json.dumps([*map(json.loads, lines), {"no": "message"}], indent=1))
    else:
        history.write_bytes(layout(lines))
    return store.open("c")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(messages(), max_size=6), st.lists(needles, min_size=1, max_size=3), st.booleans())
@example(
    [ChatMessage(role="assistant", content="**go**ld and e*\u0301 and e\u0301")], ["gold", "e*", "é"], False
)
@example(
    [ChatMessage(role="user", content="go\x08ld go\u202eld go\x9b31mld \u212a\u017f\u0130")],
    ["gold", "ksi"],
    False,
)
def test_bytes_and_decoded_texts_have_the_same_hits(
    said: list[ChatMessage], sought: list[str], foreign: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        conversation = stored(Path(name), said, foreign=foreign)
        search, reference = HistorySearch(conversation.messages), DecodedTexts(conversation.messages)
        for needle in sought:
            for typed in (needle[:length] for length in range(1, len(needle) + 1)):
                hits, wanted = search.hits(typed), reference.hits(typed)
                assert len(hits) == len(wanted)
                assert list(hits) == list(wanted)
                assert [hits[at] for at in range(len(hits))] == list(wanted)
        conversation.close()


def test_what_is_put_in_is_found_in_place_of_what_stands_on_the_disk(tmp_path: Path) -> None:
    said = [ChatMessage(id=f"m{number}", role="user", content=f"word {number}") for number in range(5)]
    conversation = stored(tmp_path, said)
    search = HistorySearch(conversation.messages)
    before = search.hits("word")
    search.put("m1", "nothing", plain=True)
    search.put("new", "a **word** and a word")
    assert [(hit.key, hit.index) for hit in search.hits("word")] == [
        ("m0", 0),
        ("m2", 0),
        ("m3", 0),
        ("m4", 0),
        ("new", 0),
        ("new", 1),
    ]
    assert [hit.key for hit in before] == ["m0", "m1", "m2", "m3", "m4"]
    assert search.hits("word").first_from("new") == 4
    assert search.hits("word").first_from("m1") == 1
    assert search.hits("nothing")[0].key == "m1"
    search.put("new", "else")
    assert [hit.key for hit in search.hits("else")] == ["new"]
    conversation.close()


def test_messages_that_were_added_since_the_history_was_read_are_found(tmp_path: Path) -> None:
    conversation = stored(tmp_path, [ChatMessage(id="m0", role="user", content="a word")])
    for number in (1, 2):
        conversation.put(ChatMessage(id=f"m{number}", role="assistant", content=f"**wo**rd {number}"))
    conversation.put(ChatMessage(id="m1", role="assistant", content="another word"))
    search = HistorySearch(conversation.messages)
    assert [hit.key for hit in search.hits("word")] == ["m0", "m1", "m2"]
    assert [hit.key for hit in search.hits("another word")] == ["m1"]
    conversation.close()


def test_hits_beyond_the_most_that_are_counted_in_a_message_can_be_gone_to(tmp_path: Path) -> None:
    said = [ChatMessage(id=f"m{number}", role="user", content="e " * 12_000) for number in range(2)]
    conversation = stored(tmp_path, said)
    hits = HistorySearch(conversation.messages).hits("e")
    assert len(hits) == 2 * MOST_HITS
    assert [(hits[at].key, hits[at].index) for at in (MOST_HITS - 1, MOST_HITS, -1)] == [
        ("m0", MOST_HITS - 1),
        ("m1", 0),
        ("m1", MOST_HITS - 1),
    ]
    conversation.close()


def test_what_another_program_took_out_meanwhile_is_still_a_hit(tmp_path: Path) -> None:
    said = [ChatMessage(id=f"m{number}", role="user", content="a word " * 3) for number in range(200)]
    conversation = stored(tmp_path, said)
    hits = HistorySearch(conversation.messages).hits("word")
    history = next(tmp_path.rglob("history.json"))
    history.write_bytes(history.read_bytes().replace(b"word", b"----"))
    assert [(hit.key, hit.index) for hit in (hits[0], hits[-1])] == [("m0", 0), ("m199", 2)]
    conversation.close()


def test_gaps_of_a_long_text_are_as_wide_as_those_of_a_short_one() -> None:
    part = "Füße, WORD\u0301 \t\n word\n\n"
    for text in (part * 50_000, "x" * 250_000 + part, part + "\n" * 250_000 + part):
        ready = ready_of(SearchText("m0", text, True))
        assert ready == " ".join("".join(map(str.lower, composed(text).text)).split())


def test_a_search_ends_when_nobody_waits_for_it(tmp_path: Path) -> None:
    conversation = stored(tmp_path, [ChatMessage(role="user", content="word") for _ in range(50)])
    search = HistorySearch(conversation.messages)
    asked: list[bool] = []

    def goes_on() -> bool:
        asked.append(True)
        return len(asked) < 10

    assert len(search.hits("word", goes_on=goes_on)) == 0
    assert len(asked) == 10
    assert len(search.hits("word")) == 50
    conversation.close()


def test_few_lines_are_decoded() -> None:
    rows: list[tuple[str, bytes, bool]] = [
        ("gold", b'{"content":"The Golden Gate"}', True),
        ("gold", b'{"content":"a **go**ld ring"}', True),
        ("gold", b'{"content":"nothing here"}', False),
        ("gold", '{"content":"nichts über Gänse"}'.encode(), False),
        ("gold", '{"content":"Gold für Gänse"}'.encode(), True),
        ("жар", '{"content":"ЖАРА"}'.encode(), True),
        ("жар", b'{"content":"nothing here"}', False),
        ("gold", b'{"content":"a &amp; b"}', True),
        ("gold", b'{"content":"\\u001b[31m"}', True),
    ]
    for needle, line, is_picked in rows:
        other = b'{"content":"of no interest"}'
        picked = LineFilter(needle).picked([other, line, other])
        assert list(picked) == ([1] if is_picked else [])
