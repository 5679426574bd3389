"""Odd and hostile requests: each gets a 4xx with a sentence, and the server goes on."""

import pytest

from animus_tui.demo.state import BODY_LIMIT
from tests.support.demo_visitor import Visitor

ENDPOINTS = ("v3/chat/completions", "v3/generate/image", "v2/generation/create")
USER = {"role": "user", "content": "Hello"}


async def test_a_body_that_is_none_of_the_documented_ones_is_a_400(visitor: Visitor) -> None:
    bodies = [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b'{"prompt": 1, "model": 1}',
        b'{"prompt": null, "model": null}',
    ]
    for endpoint in (*ENDPOINTS, "v2/generation/batch"):
        for body in bodies:
            response = await visitor.http.post(f"{visitor.server.url}/{endpoint}", content=body)
            assert response.status_code == 400
            assert response.json()["message"]
    assert (await visitor.message("Hello"))["content"]


async def test_settings_out_of_range_are_a_400_for_both_ways_to_a_picture(visitor: Visitor) -> None:
    rows: list[dict[str, object]] = [
        {"prompt": "  "},
        {"width": "wide"},
        {"width": -5},
        {"height": 100_000},
        {"seed": -1},
        {"seed": 2**64},
        {"seed": 1.5},
        {"guidance_scale": "much"},
        {"num_inference_steps": 0},
        {"model": 7},
    ]
    for fields in rows:
        for endpoint in ENDPOINTS[1:]:
            body = {"prompt": "The sea"} | fields
            response = await visitor.http.post(f"{visitor.server.url}/{endpoint}", json=body)
            assert response.status_code == 400
            assert response.json()["message"]


async def test_a_picture_to_change_that_cannot_be_had_is_a_400(visitor: Visitor) -> None:
    rows: list[str] = [
        "",
        "file:///etc/passwd",
        "http://[bad",
        "https://example.com/images/x.png",
        "http://127.0.0.1:1/images/x.png",
        "http://127.0.0.1:1/images/x.png?again=AAAA",
        "data:text/plain,hello",
        "data:image/png;base64,!!!!",
        "data:image/png;base64,AAAA",
    ]
    for url in rows:
        response = await visitor.generate("at night", input_image=url)
        assert response.status_code == 400
        assert response.json()["message"]


async def test_a_chat_field_of_the_wrong_type_is_a_400(visitor: Visitor) -> None:
    rows: list[dict[str, object]] = [
        {"messages": "Hello"},
        {"messages": [1]},
        {"messages": [{"role": "user", "content": ["Hello"]}]},
        {"stream": "yes"},
        {"n": 99},
        {"stop": 5},
        {"tools": [1]},
        {"tools": [{"function": 3}]},
        {"tools": [{"function": {"name": {}}}]},
        {"tools": [{"type": "function"}]},
    ]
    for fields in rows:
        body = {"model": "m", "messages": [USER]} | fields
        response = await visitor.http.post(f"{visitor.server.base_url}/chat/completions", json=body)
        assert response.status_code == 400
        assert response.json()["message"]


async def test_a_body_that_is_too_large_is_a_413(visitor: Visitor) -> None:
    body = b"x" * (BODY_LIMIT + 1)
    response = await visitor.http.post(f"{visitor.server.base_url}/chat/completions", content=body)
    assert response.status_code == 413
    assert "MiB" in response.json()["message"]


@pytest.mark.parametrize("text", ["x" * 2_000_000, "a boat " * 100_000, '<image description="' * 20_000])
async def test_a_huge_message_is_answered(visitor: Visitor, text: str) -> None:
    assert (await visitor.message(text))["content"]
    told = [{"role": "assistant", "content": text}, USER]
    assert (await visitor.send(told)).status_code == 200


async def test_a_token_lifetime_that_is_none_is_a_400(visitor: Visitor) -> None:
    rows: list[str] = ["abc", "nan", "inf", "-inf", "1e400", "1e30"]
    for seconds in rows:
        response = await visitor.http.post(f"{visitor.server.token_url}&expires={seconds}")
        assert response.status_code == 400
        assert response.json()["message"]


async def test_a_fault_with_odd_arguments_is_still_an_answer(visitor: Visitor) -> None:
    rows: list[str] = [
        "html 99",
        "html 1000",
        "slow nan",
        "429 ²",
        "429 message 99999999999",
        "once once once",
        "²",
        "once " * 3000,
    ]
    for words in rows:
        response = await visitor.chat(f"!fault {words}")
        assert 200 <= response.status_code < 600
        if response.headers["content-type"].startswith("application/json"):
            assert response.json()
