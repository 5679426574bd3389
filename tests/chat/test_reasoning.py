"""The section "Reasoning" of the contract."""

from collections.abc import Callable
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from animus_tui.chat.reply_text import ReasoningSplitter, split_reasoning, split_reasoning_of_turns

BACKENDS = ("animus", "openai")


def streamed(pieces: list[str]) -> tuple[str, str | None]:
    splitter = ReasoningSplitter()
    shown = thought = ""
    feeds: list[Callable[[], tuple[str, str]]] = [partial(splitter.feed, piece) for piece in pieces]
    for feed in (*feeds, splitter.finish):
        was_recalled = splitter.is_recalled
        visible, more = feed()
        shown = visible if splitter.is_recalled and not was_recalled else shown + visible
        thought += more
    return shown, thought or None


def test_a_think_block_becomes_reasoning() -> None:
    assert split_reasoning("<think>\nHm.\n</think>\n\nHello") == ("Hello", "Hm.")


def test_a_think_block_that_is_never_closed_is_reasoning_to_its_end() -> None:
    assert split_reasoning("Well <think>and on and on") == ("Well", "and on and on")


def test_only_the_first_think_block_is_taken_out() -> None:
    assert split_reasoning("<think>a</think>b <think>c</think>") == ("b <think>c</think>", "a")


def test_all_before_a_block_that_is_closed_and_never_opened_is_reasoning() -> None:
    rows: list[tuple[str, str, str | None]] = [
        ("Hm.\nSo.\n</think>\n\nHello", "Hello", "Hm.\nSo."),
        ("</think>Hello", "Hello", None),
        (" \n </think> Hello", "Hello", None),
        ("Hm.</think>", "", "Hm."),
        ("a </think> b </think> c", "b </think> c", "a"),
        ("a </think> b <think> c </think>", "b <think> c </think>", "a"),
    ]
    for text, visible, reasoning in rows:
        assert split_reasoning(text) == (visible, reasoning)
        for at in range(len(text)):
            assert streamed([text[:at], text[at:]]) == (visible, reasoning)
        assert streamed(list(text)) == (visible, reasoning)


def test_the_rest_of_the_text_keeps_its_white_space() -> None:
    assert split_reasoning("  a\n\n  b<think>x</think>\n\n    c  \n") == ("a\n\n  b\n\n    c", "x")


def test_a_text_without_a_block_has_no_reasoning() -> None:
    assert split_reasoning("1 < 2 and <thin air>") == ("1 < 2 and <thin air>", None)


def test_a_blank_block_is_no_reasoning() -> None:
    assert split_reasoning("<think> \n </think>Hi") == ("Hi", None)


def test_a_think_block_that_reaches_over_several_turns_never_becomes_one() -> None:
    rows: list[tuple[list[str], list[str], str | None]] = [
        (["One.", "Two."], ["One.", "Two."], None),
        (["<think>Hm.</think>One.", "Two."], ["One.", "Two."], "Hm."),
        (["<think>Hm.", "Hm!", "So.</think> One.", "Two."], ["", "", "One.", "Two."], "Hm.\nHm!\nSo."),
        (["Well, <think>Hm.", "</think>", "Two."], ["Well,", "", "Two."], "Hm."),
        (["Hm.", "So.</think> One.", "Two."], ["", "One.", "Two."], "Hm.\nSo."),
        (["Hm.</think>", "Two.</think>"], ["", "Two.</think>"], "Hm."),
        (["One.", "<think>and on", "and on"], ["One.", "", ""], "and on\nand on"),
    ]
    for turns, visible, reasoning in rows:
        assert split_reasoning_of_turns(turns) == (visible, reasoning)


def test_a_tag_cut_at_every_place_never_flashes_up() -> None:
    text = "Oh <think>secret</think> hello"
    for first in range(len(text)):
        for second in range(first, len(text)):
            pieces = [text[:first], text[first:second], text[second:]]
            splitter = ReasoningSplitter()
            shown = "".join(splitter.feed(piece)[0] for piece in pieces) + splitter.finish()[0]
            assert shown == "Oh  hello"
            assert "secret" not in shown
            assert "think" not in shown


@given(
    st.lists(
        st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</", " ", "\n", "a", "b", "<", "🙂"]),
        max_size=20,
    )
)
def test_streaming_in_any_pieces_gives_the_same_as_the_whole_text(pieces: list[str]) -> None:
    assert streamed(pieces) == split_reasoning("".join(pieces))


@given(st.text(alphabet="<think>/ ab\n", max_size=60), st.data())
def test_streaming_cut_at_random_places_gives_the_same_as_the_whole_text(
    text: str, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces) == split_reasoning(text)
