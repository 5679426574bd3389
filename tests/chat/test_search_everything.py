"""Searching all conversations finds exactly the messages that have all the words, whatever the files hold."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.search_everything import MOST_FOUND, EverythingSearch, FoundMessage, context
from animus_tui.chat.search_text import SearchText, VersionStep, folded_needle, ready_of, text_of
from animus_tui.chat.storage.history_format import decode, encode, layout
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.printable import printable
from tests.support.random_messages import messages, needles

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow
FORMAT = st.sampled_from(
    ["role", "user", "assistant", "content", "id", "timestamp", "20", "{", ",", ":", "null"]
)
"""What stands in each file, whatever was said."""


def write(
    data: Path, name: str, said: Sequence[ChatMessage], *, foreign: bool = False, used: int = 0
) -> Path:
    """A conversation on the disk, as it is written here or by somebody else; the path of its history."""
    ConversationStore(data).create(Conversation(id=name, title=f"Title of {name}")).close()
    history = data / "conversations" / name / "history.json"
    lines = [encode(message).line for message in said]
    if foreign:
        history.write_text(json.dumps([*map(json.loads, lines), {"no": "message"}], indent=1))
    else:
        history.write_bytes(layout(lines))
    if used:
        os.utime(history, (used, used))
    return history


def said(*texts: str) -> list[ChatMessage]:
    return [ChatMessage(id=text.split()[0], role="user", content=text) for text in texts]


def everything(search: EverythingSearch, needle: str) -> list[FoundMessage]:
    return [message for batch in search.found(needle) for message in batch]


def ids(search: EverythingSearch, needle: str) -> list[str]:
    return [each.message_id for each in everything(search, needle)]


def has(message: ChatMessage, needle: str) -> bool:
    """Whether all words stand in what is shown, or in the prompt of one picture, when all of it is decoded."""
    texts = [SearchText("", printable(each.prompt, newlines=False), True) for each in message.variants or ()]
    if (text := text_of(message)) is not None:
        texts.append(text)
    return any(all(word in ready_of(text) for word in folded_needle(needle).split()) for text in texts)


def fields(message: ChatMessage) -> dict[str, object]:
    told: dict[str, object] = json.loads(encode(message).line)
    return told


@st.composite
def entries_with_versions(draw: st.DrawFn) -> ChatMessage:
    """A message with other versions, or with whatever else a file says of one."""
    message = draw(messages())
    others = draw(st.lists(st.lists(messages(), min_size=1, max_size=2), max_size=2))
    branches: list[list[dict[str, object]] | None] = [list(map(fields, other)) for other in others]
    if branches:
        branches.insert(draw(st.integers(0, len(branches))), None)
    reason = draw(st.sampled_from([None, "length", "gold"]))
    return replace(message, branches=branches or None, finish_reason=reason, image_prompt=reason)


def versions(entry: ChatMessage) -> list[ChatMessage]:
    """The message, and those of its other versions."""
    others = [each for branch in entry.branches or () for each in branch or ()]
    return [entry, *(decode(json.dumps(each).encode()) for each in others)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.lists(entries_with_versions(), max_size=4), st.booleans()), max_size=3),
    st.lists(st.one_of(needles, FORMAT), min_size=1, max_size=3),
)
@example(
    [
        (
            [
                ChatMessage(role="user", content='a","timestamp":"role":"id":"b"},\\'),
                ChatMessage(role="assistant", content='\\"content":"role\\'),
            ],
            False,
        )
    ],
    ["role", "content", "time", "b", '"id', "idb"],
)
@example(
    [([ChatMessage(role="user", content="go\x08ld go\u202eld \u212a\u017f\u0130")], False)],
    ["gold ksi", "ksi"],
)
@example(
    [([ChatMessage(role="assistant", content="e*\u0301 <\u0338 ÄÖÜÀÈÌ")], False)],
    ["é", "äöüàèì", "≮", "\u0338"],
)
def test_it_finds_what_is_found_when_everything_is_decoded(
    conversations: list[tuple[list[ChatMessage], bool]], sought: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, (entries, foreign) in enumerate(conversations):
            write(Path(folder), f"c{number}", entries, foreign=foreign)
        search = EverythingSearch(Path(folder))
        for needle in (*sought, " ".join(sought)):
            wanted = {
                message.id
                for entries, _ in conversations
                for entry in entries
                for message in versions(entry)
                if folded_needle(needle).strip() and has(message, needle)
            }
            assert set(ids(search, needle)) == wanted


def test_the_newest_come_first_with_what_is_told_of_their_conversation(tmp_path: Path) -> None:
    write(tmp_path, "old", said("o1 the sea"), used=1_000)
    write(tmp_path, "new", said("n1 a SEA of grass", "n2 nothing", "n3 oversea"), used=2_000)
    found = everything(EverythingSearch(tmp_path), "sea")
    assert [each.message_id for each in found] == ["n3", "n1", "o1"]
    assert found[0].conversation.title == "Title of new"
    assert (found[2].role, found[2].text.source) == ("user", "o1 the sea")


def test_all_words_stand_in_one_message_in_any_order(tmp_path: Path) -> None:
    write(tmp_path, "c", said("a the night on the water", "b night", "c water", "d WATER, then **night**"))
    assert ids(EverythingSearch(tmp_path), "night water") == ["d", "a"]


def test_prompts_of_every_picture_and_texts_of_every_version_are_found(tmp_path: Path) -> None:
    first, second = (
        ImageRecord(prompt=prompt, file="images/a.png") for prompt in ("a red fox", "a blue fox")
    )
    picture = ChatMessage(id="p", role="assistant", content="", image=second, variants=[first, second])
    history = write(tmp_path, "c", [picture])
    entry = {
        "id": "b",
        "role": "user",
        "content": "shown words",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "hidden": True,
        "branches": [
            [
                {"id": "x", "role": "user", "content": "left behind"},
                {
                    "id": "y",
                    "role": "assistant",
                    "content": "an answer",
                    "branches": [None, [{"id": "z", "role": "assistant", "content": "deeper"}]],
                },
            ],
            None,
        ],
    }
    history.write_bytes(layout([encode(picture).line, json.dumps(entry, separators=(",", ":")).encode()]))
    search = EverythingSearch(tmp_path)
    (found,) = everything(search, "red")
    assert (found.message_id, found.record) == ("p", first)
    (found,) = everything(search, "fox")
    assert found.record == second  # the one that is shown
    (found,) = everything(search, "shown")
    assert (found.message_id, found.steps) == ("b", ())
    (found,) = everything(search, "behind")
    assert (found.message_id, found.role, found.steps) == ("x", "user", (VersionStep("b", 0),))
    (found,) = everything(search, "deeper")
    assert (found.message_id, found.steps) == ("z", (VersionStep("b", 0), VersionStep("y", 1)))


def test_ids_are_those_of_the_open_conversation(tmp_path: Path) -> None:
    history = write(tmp_path, "c", [])
    entries = [{"role": "user", "content": f"word {number}"} for number in range(3)]
    entries += [{"role": "user", "content": "word", "id": "twice", "timestamp": ""}] * 2
    history.write_bytes(layout([json.dumps(entry, separators=(",", ":")).encode() for entry in entries]))
    found = ids(EverythingSearch(tmp_path), "word")
    stored = ConversationStore(tmp_path).open("c")
    assert found == [message.id for message in stored.messages][::-1]
    stored.close()


def test_damaged_files_are_searched_as_far_as_they_can_be_read(tmp_path: Path) -> None:
    torn = write(tmp_path, "torn", said("a whole word", "b torn word"))
    torn.write_bytes(torn.read_bytes()[:-20])
    write(tmp_path, "binary", []).write_bytes(b"\xff\xfe\x00word")
    write(tmp_path, "empty", []).write_bytes(b"")
    (tmp_path / "conversations" / "pipe").mkdir()
    os.mkfifo(tmp_path / "conversations" / "pipe" / "history.json")
    (tmp_path / "conversations" / "nothing").mkdir()
    (tmp_path / "conversations" / "a file").write_text("word")
    bare = write(tmp_path, "bare", said("c word"))
    (bare.parent / "conversation.json").unlink()
    found = everything(EverythingSearch(tmp_path), "word")
    assert {(each.conversation.id, each.message_id) for each in found} == {("torn", "a"), ("bare", "c")}
    assert ids(EverythingSearch(tmp_path / "none"), "word") == []


def test_a_file_that_changes_is_searched_as_it_is_now(tmp_path: Path) -> None:
    # Another text of the same length, in place and within the same tick of the clock, as far as that can be had.
    history = write(tmp_path, "c", said("a cat"))
    search = EverythingSearch(tmp_path)
    search.prepare()
    for _ in range(50):
        assert ids(search, "cat") == ["a"]
        history.write_bytes(history.read_bytes().replace(b"cat", b"dog"))
        assert (ids(search, "cat"), ids(search, "dog")) == ([], ["a"])
        history.write_bytes(history.read_bytes().replace(b"dog", b"cat"))
    history.parent.rename(tmp_path / "trashed")
    assert ids(search, "cat") == []


def test_it_is_cancelled_between_two_files(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, f"c{number}", said(f"m{number} word"), used=1_000 - number)
    answers = iter([True, True, False])
    found = list(EverythingSearch(tmp_path).found("word", goes_on=lambda: next(answers)))
    assert len([message for batch in found for message in batch]) <= 2


def test_one_more_than_the_most_says_that_there_are_others(tmp_path: Path) -> None:
    write(tmp_path, "c", said(*(f"m{number} word" for number in range(MOST_FOUND + 50))))
    assert len(ids(EverythingSearch(tmp_path), "word")) == MOST_FOUND + 1


def test_the_context_has_the_words_and_says_where() -> None:
    text = SearchText("", "far " * 100 + "\n\nthe **Kä**se and  the wine" + " on" * 200, False)
    part = context(text, "käse WINE", before=20, length=60)
    assert part.text.startswith("…")
    assert part.text.endswith("…")
    assert [part.text[start:end] for start, end in part.spans] == ["Käse", "wine"]
    assert "\n" not in part.text
    assert context(SearchText("", "a word", True), "word", before=20, length=60).text == "a word"
