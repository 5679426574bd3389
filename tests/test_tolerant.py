"""Values of the wrong type in data of other programs."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, field

from animus_tui.tolerant import tolerant


class Inner(Struct, frozen=True, kw_only=True):
    name: str
    size: Annotated[int, Meta(ge=0)] = 0


class Outer(Struct, frozen=True, kw_only=True):
    text: str | None = None
    words: list[str] | None = None
    calls: list[dict[str, Any] | None] | None = None
    inner: Inner | None = None
    inners: list[Inner] = field(default_factory=list)
    mixed: str | list[str | Inner] | None = None
    again: bool = False
    speed: float | None = field(default=None, name="fullSpeed")


GOOD = {
    "text": "words",
    "words": ["a"],
    "calls": [{"id": 1}, None],
    "inner": {"name": "x", "size": 2},
    "inners": [{"name": "y"}],
    "mixed": ["a", {"name": "z"}],
    "again": True,
    "fullSpeed": 1.5,
}
READ = Outer(
    text="words",
    words=["a"],
    calls=[{"id": 1}, None],
    inner=Inner(name="x", size=2),
    inners=[Inner(name="y")],
    mixed=["a", Inner(name="z")],
    again=True,
    speed=1.5,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def test_what_is_right_is_read_whole() -> None:
    assert tolerant(GOOD, Outer) == (READ, [])


def test_an_odd_value_costs_only_its_own_field() -> None:
    rows_of_odd: list[object] = [{"x": 1}, -7, 1.5, "odd", [5]]
    for odd in rows_of_odd:
        for key in list(GOOD):
            value, paths = tolerant({**GOOD, key: odd}, Outer)
            without, _ = tolerant({name: good for name, good in GOOD.items() if name != key}, Outer)
            assert value is not None
            named = "speed" if key == "fullSpeed" else key
            for name in Outer.__struct_fields__:
                if name != named:
                    assert getattr(value, name) == getattr(without, name)
            assert all(path.startswith(key) for path in paths)


def test_a_list_loses_only_its_odd_items_and_a_nested_object_only_its_odd_fields() -> None:
    raw = {
        "words": ["a", 5, "b"],
        "calls": [{"id": 1}, "odd"],
        "inner": {"name": "x", "size": "large"},
        "inners": [{"name": "y", "size": -1}, {"size": 3}, 7, {"name": "z"}],
        "mixed": ["a", 5, {"name": "m", "size": None}],
    }
    assert tolerant(raw, Outer) == (
        Outer(
            words=["a", "b"],
            calls=[{"id": 1}],
            inner=Inner(name="x"),
            inners=[Inner(name="y"), Inner(name="z")],
            mixed=["a", Inner(name="m")],
        ),
        [
            "words[1]",
            "calls[1]",
            "inner.size",
            "inners[0].size",
            "inners[1]",
            "inners[2]",
            "mixed[1]",
        ],
    )


def test_null_is_absent_also_where_the_type_does_not_allow_it() -> None:
    assert tolerant({"text": None, "again": None, "inners": None}, Outer) == (Outer(), [])


@pytest.mark.parametrize("raw", [None, 5, "x", [], [{}]])
def test_what_is_no_object_is_no_struct(raw: object) -> None:
    assert tolerant(raw, Outer) == (None, [""])


def test_a_missing_required_field_makes_no_struct() -> None:
    assert tolerant({"size": 1}, Inner) == (None, [""])
    assert tolerant({"name": 5}, Inner) == (None, ["name", ""])


def test_numbers_and_truth_values_written_as_text_are_taken_when_asked() -> None:
    raw = {"again": "true", "fullSpeed": "1.5", "words": "odd"}
    assert tolerant(raw, Outer, strict=False) == (Outer(again=True, speed=1.5), ["words"])
    assert tolerant(raw, Outer) == (Outer(), ["words", "again", "fullSpeed"])


@given(st.dictionaries(st.sampled_from(list(GOOD)), JSON))
def test_nothing_makes_a_crash(raw: dict[str, Any]) -> None:
    value, _ = tolerant(raw, Outer)
    assert isinstance(value, Outer)
