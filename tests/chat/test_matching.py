"""Finding: what a reader sees of a text, comparing without case, and the hits of a conversation."""

from __future__ import annotations

import re
import sys
import threading
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.chat.search import HistorySearch, Hit
from animus_tui.chat.search_text import composed, fold, spans
from animus_tui.markdown.visible_text import visible_text
from tests.support.searched_texts import replies

if TYPE_CHECKING:
    from collections.abc import Iterable

LETTERS = "aAbßẞİıſςΣσée\u0301\u0323ﬁǰ世각\u1100\u1161\u11a8 \n\t\xa0"
MARKDOWN = LETTERS + "*_`~[]()#>|-\\&;!<"
text_of_letters = st.text(LETTERS, max_size=40)
text_with_marks = st.text(MARKDOWN, max_size=60)
needles = st.text(LETTERS.replace("\n", ""), min_size=1, max_size=4)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", fold(normalize("NFC", text)))


ADVERSE = [
    *(
        "*a ",
        "**a",
        "`",
        "`` ` ",
        "`a``b",
        "[",
        "](",
        "![a](",
        '](http:a "',
        "_a_ ",
        "\\`",
        " ",
        "> ",
        "- ",
        "|",
        "-|",
    ),
    *(
        "a|b\n-|-\n",
        "&a",
        "~~",
        "<http://",
        "<a",
        "<a@",
        "\n```",
        "\n- - x",
        "#",
        "| ",
        "\n=",
        "- - -\t",
        " \t",
    ),
]
"""What would keep careless expressions busy when it is repeated."""

# What a reader sees


def test_marks_are_not_seen_and_words_are() -> None:
    rows: list[tuple[str, str]] = [
        ("**bold** word", "bold word"),
        ("a *very* __nice__ _day_", "a very nice day"),
        ("***both*** and ~~gone~~", "both and gone"),
        ("**bold *and* more**", "bold and more"),
        ("un*frigging*believable", "unfriggingbelievable"),
        ("snake_case_name and __init__", "snake_case_name and init"),
        ("2 * 3 * 4 and 5* hotels", "2 * 3 * 4 and 5* hotels"),
        ("call `f(*args)` now", "call f(*args) now"),
        ("``a ` b`` `open", "a ` b `open"),
        ("`C:\\` and `x`", "C:\\ and x"),
        ("\\*no\\* emphasis", "*no* emphasis"),
        ('see [the *docs*](https://x.y/a_b_(c) "Title") now', "see the docs now"),
        ("[a [b] c](mailto:x@y.z 'T') and [not a link] [x]", "a [b] c and [not a link] [x]"),
        ("![a cat](HTTP://x.y/cat.png)", "a cat"),
        ("[x](file.html) and ![y](y.png)", "[x](file.html) and ![y](y.png)"),
        ("<x@y.z> and <mailto:x@y.z>", "x@y.z and mailto:x@y.z"),
        ("<https://x.y/a_b> and a < b > c", "https://x.y/a_b and a < b > c"),
        ("Tom &amp; Jerry &#169; &nonsense;", "Tom & Jerry © &nonsense;"),
        ("# Title\ntext\n### More", "Title\ntext\nMore"),
        ("#tag and #1", "#tag and #1"),
        ("Title\n=====\ntext\n---\nend", "Title\n\ntext\n\nend"),
        ("- one\n* two\n+ three\n  - four", "one\ntwo\nthree\nfour"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("> said\n>> more\n> - item", "said\nmore\nitem"),
        ("-5 degrees, a - b", "-5 degrees, a - b"),
        ("one\n\n* * *\n\ntwo", "one\n\n\n\ntwo"),
        ("*open\n\nclosed*", "*open\n\nclosed*"),
        (
            "before\n```python\nx = a * b * c  # **no**\n```\n*after*",
            "before\nx = a * b * c  # **no**\nafter",
        ),
        ("```\nstill *open*", "still *open*"),
        ("~~~~\n~~~\n``` x\n~~~~\n**b**", "~~~\n``` x\nb"),
        ("- item\n  ```\n  code\n  ```", "item\n  code"),
        ("```not a fence```", "not a fence"),
        ("| a | **b** |\n|---|:-:|\n| c \\| d | e |\nend", "a\tb\nc | d\te\nend"),
        ("a | b\n--- | ---\nc | d", "a\tb\nc\td"),
        ("a | b, not a table", "a | b, not a table"),
        ("", ""),
        ("-", "-"),
    ]
    for source, visible in rows:
        assert visible_text(source).split("\n") == visible.split("\n")


@given(st.text(LETTERS + "!?.,;:'()/", max_size=60))
def test_a_text_without_marks_is_the_same_object(text: str) -> None:
    assert visible_text(text) is text


def test_a_text_whose_marks_mark_nothing_is_the_same_object_too() -> None:
    rows: list[str] = [
        "a -> b",
        "Fish & chips",
        "a_b",
        "1 * 2",
        "[x]",
        "a\n\nb",
        "5 < 6 > 4",
        "a | b",
        "C# and F#",
    ]
    for text in rows:
        assert visible_text(text) is text


@given(text_with_marks)
def test_letters_are_neither_lost_nor_moved(text: str) -> None:
    # A link's address and the words beside a fence are not seen, nor are entities as they stand.
    if not re.search(r"\]\(|```|~~~|&", text):
        assert re.findall(r"\w", visible_text(text).replace("_", "")) == re.findall(
            r"\w", text.replace("_", "")
        )


@pytest.mark.slow
def test_no_text_takes_more_than_its_length() -> None:
    # Were the time the square of the length, each of these would take minutes.
    for part in (*ADVERSE, *(f"{part}\n" for part in ADVERSE)):
        visible_text((part * 100_000)[:100_000])


# Comparing


def test_folding_keeps_every_letter_in_its_place() -> None:
    for first in range(0, sys.maxunicode + 1, 0x1000):
        letters = [chr(code) for code in range(first, first + 0x1000)]
        folded = fold("".join(letters))
        assert list(folded) == [fold(letter) for letter in letters]
        for letter, own in zip(letters, folded, strict=True):
            assert own == letter.casefold() or len(letter.casefold()) > 1


@given(text_of_letters, text_of_letters)
def test_folding_is_done_letter_by_letter(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)
    assert fold(fold(one)) == fold(one)


def test_hits_in_a_line() -> None:
    rows: list[tuple[str, str, list[str]]] = [
        ("Straße, STRAẞE", "straße", ["Straße", "STRAẞE"]),
        ("İstanbul istanbul ISTANBUL", "istanbul", ["İstanbul", "istanbul", "ISTANBUL"]),
        ("ΟΔΟΣ οδός οδος", "οδοσ", ["ΟΔΟΣ", "οδος"]),
        ("a ﬁne fine", "fine", ["fine"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("the  sea, the\tsea, the\n sea", "The Sea", ["the  sea", "the\tsea", "the\n sea"]),
        ("to be or  not", "  or ", [" or  "]),
        ("(a+b) a+b", "a+b", ["a+b", "a+b"]),
        ("anything", "", []),
        ("any thing", " ", []),
        ("世界世界", "界世", ["界世"]),
    ]
    for line, needle, found in rows:
        assert [line[start:end] for start, end in spans(line, needle)] == found


@given(text_of_letters, needles)
def test_what_stands_at_a_hit_is_the_needle(line: str, needle: str) -> None:
    places = spans(line, needle)
    assert all(squeezed(line[start:end]) == squeezed(needle) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    if squeezed(needle).strip():
        assert bool(places) == (squeezed(needle) in squeezed(line))


@pytest.mark.timeout(60)
def test_a_wide_gap_costs_no_more_than_its_width() -> None:
    assert spans(" " * 1_000_000 + "a", " b") == []
    assert len(spans("a" + " " * 1_000_000 + "b", "a b")) == 1


# A conversation

CONVERSATION = [
    ("m1", "A **golden** sunset"),
    ("m2", "Golden\nsunset, golden sunset"),
    ("m3", "nothing"),
    ("m4", "> the [golden](http://golden)   sunset"),
]


def search_in(texts: Iterable[tuple[str, str]]) -> HistorySearch:
    """A search in replies of these ids and texts."""
    return HistorySearch(replies(texts))


def test_hits_come_in_the_order_of_the_conversation() -> None:
    hits = search_in(CONVERSATION).hits("golden sunset")
    assert list(hits) == [
        Hit("m1", 0, 2, 15),
        Hit("m2", 0, 0, 13),
        Hit("m2", 1, 15, 28),
        Hit("m4", 0, 4, 19),
    ]
    assert hits[1:3] == list(hits)[1:3]
    assert hits[-1].key == "m4"
    with pytest.raises(IndexError):
        hits[4]


def test_the_first_hit_from_a_message_on() -> None:
    hits = search_in(CONVERSATION).hits("golden")
    assert [hits.first_from(key) for key in ("m1", "m2", "m3", "m4")] == [0, 1, 3, 3]
    assert search_in(CONVERSATION).hits("nothing").first_from("m4") is None
    assert hits.first_from("somewhere else") == 0


def test_what_is_added_or_replaced_is_found_and_hits_from_before_stay_as_they_were() -> None:
    search = search_in(CONVERSATION)
    before = search.hits("golden")
    search.put("m5", "a golden end")
    search.put("m2", "silver")
    search.put("m4", "")
    assert [hit.key for hit in search.hits("golden")] == ["m1", "m5"]
    assert [hit.key for hit in search.hits("golden e")] == ["m5"]
    assert [hit.key for hit in before] == ["m1", "m2", "m2", "m4"]


def test_a_plain_text_is_seen_as_it_stands() -> None:
    search = search_in([("m1", "2*3*4")])
    search.put("m2", "2*3*4", plain=True)
    search.put("m3", "`x`")
    search.put("m3", "and 2*3*4", plain=True)
    assert [(hit.key, hit.start) for hit in search.hits("2*3")] == [("m2", 0), ("m3", 4)]
    assert [hit.key for hit in search.hits("234")] == ["m1"]


@pytest.mark.parametrize("needle", ["", " ", "\t \n"])
def test_nothing_is_found_for_a_blank_needle(needle: str) -> None:
    hits = search_in(CONVERSATION).hits(needle)
    assert len(hits) == 0
    assert list(hits) == []
    assert hits.first_from("m1") is None


@given(st.lists(text_with_marks, max_size=6), needles)
def test_every_hit_is_counted_and_located_alike(sources: list[str], needle: str) -> None:
    hits = search_in((str(index), source) for index, source in enumerate(sources)).hits(needle)
    located = list(hits)
    assert len(hits) == len(located)
    assert located == [hits[index] for index in range(len(hits))]
    for hit in located:
        visible = visible_text(sources[int(hit.key)])
        assert squeezed(visible[hit.start : hit.end]) == squeezed(needle)
        if needle == needle.strip():
            assert spans(visible, needle)[hit.index] == (hit.start, hit.end)


@given(st.lists(text_of_letters, max_size=6), st.text(LETTERS, max_size=5), st.data())
def test_a_needle_that_changes_finds_what_it_finds_anew(
    sources: list[str], needle: str, data: st.DataObject
) -> None:
    texts = [(str(index), source) for index, source in enumerate(sources)]
    search = search_in(texts)
    for _ in range(4):
        search.hits(needle[: data.draw(st.integers(0, 5))])
        assert list(search.hits(needle)) == list(search_in(texts).hits(needle))


def test_it_is_searched_while_another_thread_adds_to_it() -> None:
    search = HistorySearch(replies(()))

    def add() -> None:
        for number in range(2_000):
            search.put(str(number), "a word")

    adding = threading.Thread(target=add)
    adding.start()
    counts: list[int] = []
    while adding.is_alive():
        counts += (len(search.hits(needle)) for needle in ("wo", "wor", "word"))
    adding.join()
    assert counts == sorted(counts)
    assert len(search.hits("word")) == 2_000


@pytest.mark.parametrize("word", ["Café", "Ångström", "Việt Nam", "각하", "ḍ̇"])
def test_a_word_is_found_however_its_accents_are_written(word: str) -> None:
    decomposed, whole = normalize("NFD", word), normalize("NFC", word)
    assert decomposed != whole
    for needle in (decomposed, whole, decomposed.upper(), whole.lower()):
        for written in (decomposed, whole):
            text = f"a {written} and {written}!"
            assert [text[slice(*span)] for span in spans(text, needle)] == [written, written]
            hits = search_in([("m", f"**{text}**")]).hits(needle)
            assert [(hit.start, hit.end) for hit in hits] == spans(text, needle)


def test_a_letter_is_not_found_in_an_accented_one_in_either_form() -> None:
    for form in ("NFC", "NFD"):
        assert spans(normalize("NFC", normalize(form, "é e")), "e") == [(2, 3)]
        assert len(search_in([("m", normalize(form, "é e"))]).hits("e")) == 1


@given(st.text(LETTERS + "\u0345\u0627\u0653\U000110a5\U000110ba", max_size=30))
def test_a_composed_text_is_the_usual_form_and_knows_where_each_part_was(text: str) -> None:
    whole = composed(text)
    assert whole.text == normalize("NFC", text)
    assert whole.span_before(0, len(whole.text)) == (0, len(text))
    for at in range(len(whole.text)):
        start, end = whole.span_before(at, at + 1)
        assert whole.text[at] in normalize("NFC", text[start:end])
