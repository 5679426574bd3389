"""Whatever the media endpoints answer is a value or an error with a sentence."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from animus_tui.backends.animus import decode_media
from animus_tui.backends.animus.decode_media import (
    Batch,
    Character,
    Generation,
    GenerationJob,
    Group,
)
from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.http.answer_errors import reported_error
from animus_tui.backends.http.json_bodies import ReportedError
from tests.support.backend_client import ASKED

MODELS: list[type[Struct]] = [Batch, Character, GenerationJob, Generation, Group]
DECODERS: dict[str, Any] = {
    "job": decode_media.decode_job,
    "status": partial(decode_media.decode_job, known_id="g"),
    "batch": decode_media.decode_batch,
    "groups": partial(decode_media.decode_page, name="groups", kind=Group),
    "generations": partial(decode_media.decode_page, name="generations", kind=Generation),
    "characters": partial(decode_media.decode_page, name="characters", kind=Character),
    "deletion": decode_media.decode_deleted,
}
NAMES = sorted({name for kind in MODELS for name in kind.__struct_encode_fields__})
NAMES += [
    "groups",
    "generations",
    "characters",
    "pagination",
    "has_more",
    "detail",
    "prompt_index",
    "batch_id",
]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)


def well_typed(value: object, kind: type[Struct]) -> bool:
    """Whether each field holds what its annotation says, which building a Struct does not check."""
    return msgspec.convert(msgspec.to_builtins(value), kind) == value


@given(values)
def test_any_json_is_a_value_of_the_promised_types_or_an_error(value: object) -> None:
    body = msgspec.json.encode(value)
    for decode in DECODERS.values():
        try:
            decoded = decode(body)
        except AnswerError:
            continue
        if isinstance(decoded, ReportedError):
            assert reported_error(decoded.what, ASKED).sentence
        elif isinstance(decoded, Struct):
            for item in getattr(decoded, "items", [decoded]):
                assert well_typed(item, type(item))


@given(st.binary(max_size=100))
def test_any_bytes_are_a_value_or_an_error(body: bytes) -> None:
    for decode in DECODERS.values():
        with suppress(AnswerError):
            decode(body)


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("depth", [300, 3000, 100_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"error":', b"}"), (b'{"groups":[', b"]}")])
def test_nesting_of_any_depth_is_no_crash(name: str, depth: int, brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets
    body = opening * depth + b"1" + closing * depth
    try:
        decoded = DECODERS[name](body)
    except AnswerError:
        return
    assert not isinstance(decoded, ReportedError) or reported_error(decoded.what, ASKED).sentence


def test_the_seed_is_read_exactly_from_either_place() -> None:
    rows: list[tuple[dict[str, Any], int | None]] = [
        ({"seed": 7}, 7),
        ({"seed": "7"}, 7),
        ({"seed": 0, "performance_metadata": {"seed": 9}}, 0),
        ({"seed": None, "performance_metadata": {"seed": 9}}, 9),
        ({"seed": "random", "performance_metadata": {"seed": "9"}}, 9),
        ({"seed": 2**64 - 1}, 2**64 - 1),
        ({"seed": 1.0}, 1),
        ({"seed": 1.5}, None),
        ({"seed": True}, None),
        ({"seed": "1" * 5000}, None),
        ({"performance_metadata": [1]}, None),
    ]
    for body, seed in rows:
        job = decode_media.decode_job(msgspec.json.encode({"generation_id": "g", **body}))
        assert isinstance(job, GenerationJob)
        assert job.seed == seed


def test_seeds_of_several_results_are_read_all_or_none() -> None:
    rows: list[tuple[object, list[int]]] = [
        ([1, "2", 3.0], [1, 2, 3]),
        ([1, None], []),
        ([1, "x"], []),
        ("12", []),
        ({"a": 1}, []),
        ([], []),
    ]
    for told, seeds in rows:
        for body in ({"seeds": told}, {"performance_metadata": {"seeds": told}}):
            job = decode_media.decode_job(msgspec.json.encode({"generation_id": "g", **body}))
            assert isinstance(job, GenerationJob)
            assert job.seeds == seeds
