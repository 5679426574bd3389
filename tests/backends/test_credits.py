"""402: what it takes and what is left, as numbers, wherever an answer holds them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.backends.base.errors import OutOfCredits
from animus_tui.backends.http.answer_errors import reported_error, service_error
from tests.support.backend_client import ASKED, CAT, client_of, is_fit_for_the_screen
from tests.support.scripted_server import answer, error, scripted

BOTH = {"required": 4, "available": 1.5}


async def test_the_figures_of_a_402_are_numbers() -> None:
    rows: list[tuple[object, tuple[float | None, float | None]]] = [
        (BOTH, (4, 1.5)),
        ({"message": "Top up.", **BOTH}, (4, 1.5)),
        ({"required": "4", "available": " 1.50 "}, (4, 1.5)),
        ({"required": 4.0, "available": 0}, (4, 0)),
        ({"available": -2}, (None, -2)),
        ({"required_credits": 4, "available_credits": 1.5}, (4, 1.5)),
        ({"credits_required": 4, "credits_available": 1.5}, (4, 1.5)),
        ({"requiredCredits": 4, "availableCredits": 1.5}, (4, 1.5)),
        ({"cost": 4, "balance": 1.5}, (4, 1.5)),
        ({"needed": 4, "remaining_balance": 1.5}, (4, 1.5)),
        ({"error": BOTH}, (4, 1.5)),
        ({"error": {"code": 402, "credits": BOTH}}, (4, 1.5)),
        ({"detail": {"message": "Top up.", **BOTH}}, (4, 1.5)),
        ({"detail": [{"msg": "Top up.", "loc": ["body"], "ctx": BOTH}]}, (4, 1.5)),
        ([BOTH], (4, 1.5)),
        ({"required": 4, "error": {"required": 9, "available": 1.5}}, (4, 1.5)),
        ({"required": None, "available": True}, (None, None)),
        ({"required": "a lot", "available": {}}, (None, None)),
        ({"required": 1e300, "available": "1" * 40}, (None, None)),
        ({"message": "Top up.", "status": 402}, (None, None)),
        ({"shortfall": 2}, (None, None)),
        ("Payment required", (None, None)),
        (None, (None, None)),
    ]
    for body, figures in rows:
        async with scripted([error(402, body)]) as server, client_of(server) as client:
            with pytest.raises(OutOfCredits) as caught:
                await client.submit(CAT)
        assert (caught.value.required, caught.value.available) == figures
        assert caught.value.status == 402
        assert not caught.value.retryable
        assert caught.value.sentence.endswith("Add credits to the account and try again.")
        needed, owned = figures
        assert needed is None or f"The picture needs {needed:g}" in caught.value.sentence
        assert owned is None or f"account has {owned:g}." in caught.value.sentence


async def test_a_402_in_the_body_of_a_good_answer_has_them_too() -> None:
    body = {"error": {"code": 402, "message": "Top up.", **BOTH}}
    async with scripted([answer(msgspec.json.encode(body))]) as server, client_of(server) as client:
        with pytest.raises(OutOfCredits) as caught:
            await client.submit(CAT)
    assert (caught.value.required, caught.value.available) == (4, 1.5)


@pytest.mark.parametrize("depth", [5, 200, 800])
def test_figures_too_deep_down_are_not_looked_for(depth: int) -> None:
    what: Any = BOTH
    for _ in range(depth):
        what = {"error": what}
    caught = service_error(402, {}, msgspec.json.encode(what), ASKED)
    assert isinstance(caught, OutOfCredits)
    assert caught.required == (4 if depth == 5 else None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["required", "available", "error", "x"]), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_no_402_is_anything_but_out_of_credits(body: object) -> None:
    for caught in (
        service_error(402, {}, msgspec.json.encode(body), ASKED),
        reported_error({"code": 402, "error": body}, ASKED),
    ):
        assert isinstance(caught, OutOfCredits)
        assert is_fit_for_the_screen(caught.sentence)
        for figure in (caught.required, caught.available):
            assert figure is None or abs(figure) < 1e13
