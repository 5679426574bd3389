"""Every fault, seen from the client's side of the wire."""

import asyncio
import time

import httpx
import pytest

from animus_tui.demo import faults
from animus_tui.demo.data import data_file
from tests.support.demo_visitor import Visitor, events


async def test_any_status_with_a_json_body(visitor: Visitor) -> None:
    rows: list[tuple[str, int, dict[str, object]]] = [
        ("401", 401, {"message": ...}),
        ("404 detail", 404, {"detail": ...}),
        ("500 detail-list", 500, {"detail": ...}),
        ("500 error", 500, {"error": ...}),
        ("503 error-object", 503, {"error": ...}),
        ("402", 402, {"error": ..., "message": ..., "required": ..., "available": ...}),
        ("429", 429, {"message": ...}),
    ]
    for words, status, body in rows:
        response = await visitor.chat(f"!fault {words}")
        assert response.status_code == status
        assert response.json().keys() == body.keys()


async def test_shapes_differ_inside_too(visitor: Visitor) -> None:
    [detail] = (await visitor.chat("!fault 422 detail-list")).json()["detail"]
    assert detail["msg"]
    assert (await visitor.chat("!fault 422 error-object")).json()["error"]["message"]
    figures = (await visitor.chat("!fault 402")).json()
    assert (figures["required"], figures["available"]) == (2, 0.5)
    assert (await visitor.chat("!fault 500 text")).headers["content-type"].startswith("text/plain")
    assert (await visitor.chat("!fault 500 empty")).content == b""


async def test_seconds_become_retry_after(visitor: Visitor) -> None:
    assert (await visitor.chat("!fault 429 7")).headers["retry-after"] == "7"
    both = await visitor.chat("!fault 503 detail 3")
    assert both.headers["retry-after"] == "3"
    assert "detail" in both.json()
    assert "retry-after" not in (await visitor.chat("!fault 429")).headers


async def test_html_is_an_error_page(visitor: Visitor) -> None:
    response = await visitor.chat("!fault html 502")
    assert response.status_code == 502
    assert response.headers["content-type"].startswith("text/html")


async def test_204_has_no_content(visitor: Visitor) -> None:
    response = await visitor.chat("!fault 204")
    assert (response.status_code, response.content) == (204, b"")


async def test_empty_has_no_text_plain_streamed_or_in_turns(visitor: Visitor) -> None:
    assert (await visitor.message("!fault empty"))["content"] == ""
    assert (await visitor.message("!fault empty", autoTurn=True))["turns"] == []
    chunks = events((await visitor.chat("!fault empty", stream=True)).text)[:-1]
    assert not any(chunk["choices"][0]["delta"].get("content") for chunk in chunks)


@pytest.mark.parametrize("stream", [False, True])
async def test_slow_waits_before_the_headers(visitor: Visitor, *, stream: bool) -> None:
    started = time.perf_counter()
    assert (await visitor.chat("!fault slow 0.2", stream=stream)).status_code == 200
    assert time.perf_counter() - started >= 0.19


async def read_until_break(
    visitor: Visitor, text: str, *, stream: bool, silence: float | None = None
) -> bytes:
    """What comes before the connection breaks, or (given `silence`) before it says nothing for that many seconds."""
    url = f"{visitor.server.base_url}/chat/completions"
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream}
    got = b""
    async with visitor.http.stream("POST", url, json=body) as response:
        chunks = response.aiter_raw()
        while True:
            try:
                async with asyncio.timeout(silence if got else None):
                    got += await anext(chunks)
            except (httpx.RemoteProtocolError, TimeoutError):
                return got


async def test_cut_breaks_after_exactly_that_many_bytes(visitor: Visitor) -> None:
    rows_of_size: list[int] = [0, 1, 100]
    for size in rows_of_size:
        rows_of_stream: list[bool] = [False, True]
        for stream in rows_of_stream:
            assert len(await read_until_break(visitor, f"!fault cut {size}", stream=stream)) == size


async def test_cut_without_a_number_breaks_in_the_middle(visitor: Visitor) -> None:
    got = await read_until_break(visitor, "!fault cut", stream=True)
    assert got.count(b"data:") > 3
    assert b"[DONE]" not in got


async def test_a_cut_beyond_the_end_changes_nothing(visitor: Visitor) -> None:
    assert (await visitor.chat("!fault cut 1000000")).json()["choices"]
    assert events((await visitor.chat("!fault cut 1000000", stream=True)).text)[-1] == "[DONE]"


@pytest.mark.parametrize("stream", [False, True])
async def test_stall_sends_a_part_and_keeps_the_connection(visitor: Visitor, *, stream: bool) -> None:
    started = time.perf_counter()
    assert await read_until_break(visitor, "!fault stall", stream=stream, silence=0.5)
    assert time.perf_counter() - started >= 0.5


async def test_malformed_is_one_broken_chunk_among_the_good(visitor: Visitor) -> None:
    text = (await visitor.chat("!fault malformed", stream=True)).text
    blocks = [block for block in text.split("\n\n") if block]
    broken = [block for block in blocks if not block.endswith(("}", "[DONE]"))]
    assert len(broken) == 1
    rest = events("\n\n".join(block for block in blocks if block not in broken))
    words = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in rest[:-1])
    assert words.startswith("You asked for a fault")
    assert words.endswith("survive.")


async def test_malformed_json_breaks_off(visitor: Visitor) -> None:
    response = await visitor.chat("!fault malformed")
    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        response.json()


async def test_nodone_ends_cleanly_without_done(visitor: Visitor) -> None:
    chunks = events((await visitor.chat("!fault nodone", stream=True)).text)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


async def test_error_in_stream_ends_with_an_error_object(visitor: Visitor) -> None:
    *chunks, last = events((await visitor.chat("!fault error-in-stream", stream=True)).text)
    assert last["error"]["message"]
    assert any(chunk["choices"][0]["delta"].get("content") for chunk in chunks)
    assert (await visitor.chat("!fault error-in-stream")).json().keys() == {"error"}


async def test_json_comes_in_place_of_a_stream(visitor: Visitor) -> None:
    response = await visitor.chat("!fault json", stream=True)
    assert response.headers["content-type"] == "application/json"
    assert response.json()["object"] == "chat.completion"


async def test_once_fails_a_single_time_for_each_text(visitor: Visitor) -> None:
    codes = [
        (await visitor.chat(f"!fault once 503 {word}")).status_code for word in ("a", "a", "b", "b", "a")
    ]
    assert codes == [503, 200, 503, 200, 200]


async def test_a_header_asks_for_a_fault_too(visitor: Visitor) -> None:
    assert (await visitor.chat("Hello", header="418")).status_code == 418
    assert (await visitor.chat("Hello", header="!fault 418")).status_code == 418
    codes = [(await visitor.chat("Hello", header="once 500")).status_code for _ in range(2)]
    assert codes == [500, 200]


async def test_only_the_last_message_of_the_user_asks(visitor: Visitor) -> None:
    earlier = [
        {"role": "user", "content": "!fault 500"},
        {"role": "assistant", "content": "Oh."},
        {"role": "user", "content": "Hello"},
    ]
    assert (await visitor.send(earlier)).status_code == 200
    assert (await visitor.send(earlier[:2])).status_code == 200


async def test_an_image_fault_promises_a_picture_that_fails(visitor: Visitor) -> None:
    message = await visitor.message("!fault image 402", check_image_generation=True)
    assert message["image_prompt"] == "!fault 402"
    assert message["content"]
    assert (await visitor.generate(message["image_prompt"])).status_code == 402
    assert "image_prompt" not in await visitor.message("!fault image 402")


BEGINNINGS = {
    "garbage": b"This is not",
    "truncated": b"\x89PNG",
    "html": b"<!DOCTYPE",
    "gif": b"GIF89a",
    "bomb": b"\x89PNG",
    "empty": b"",
    "mpo": b"\xff\xd8",
    "jpeg": b"\xff\xd8",
    "webp": b"RIFF",
}


async def test_bad_pictures_have_the_bytes_that_they_are_named_for(visitor: Visitor) -> None:
    for kind in BEGINNINGS:
        data = await visitor.picture(f"!fault badimage {kind}")
        assert data.startswith(BEGINNINGS[kind])
        match kind:
            case "bomb":
                assert int.from_bytes(data[16:20]) == int.from_bytes(data[20:24]) == 30_000
                assert len(data) < 10_000
            case "truncated":
                assert b"IEND" not in data
            case "mpo":
                assert b"MPF\x00" in data
            case "empty":
                assert data == b""


async def test_a_download_can_fail(visitor: Visitor) -> None:
    gone = (await visitor.generate("!fault badimage gone")).json()["output"][0]
    assert (await visitor.http.get(gone)).status_code == 410
    cut = (await visitor.generate("!fault badimage cut")).json()["output"][0]
    with pytest.raises(httpx.RemoteProtocolError):
        await visitor.http.get(cut)
    stall = (await visitor.generate("!fault badimage stall")).json()["output"][0]
    with pytest.raises(httpx.ReadTimeout):
        await visitor.http.get(stall, timeout=httpx.Timeout(20, read=0.5))


async def test_the_address_comes_in_every_shape(visitor: Visitor) -> None:
    async def shape(kind: str) -> dict[str, object]:
        # A cheap picture: its shape matters here, not its looks.
        answer: dict[str, object] = (await visitor.generate(f"!fault image-shape {kind}")).json()
        return answer

    assert isinstance((await shape("output-string"))["output"], str)
    assert isinstance((await shape("outputs"))["outputs"], list)
    data = (await shape("data-url"))["output"]
    assert isinstance(data, list)
    assert data[0].startswith("data:image/png;base64,")
    assert (await shape("none")).keys() == {"status"}
    assert (await visitor.generate("!fault image-shape round")).status_code == 400


async def test_an_unknown_fault_says_how_to_list_them(visitor: Visitor) -> None:
    for words in ("nonsense", "600", "badimage nonsense"):
        response = await visitor.generate(f"!fault {words}")
        assert response.status_code == 400
        assert response.json()["message"]
    assert "!fault help" in (await visitor.chat("!fault nonsense")).json()["message"]


async def test_help_lists_every_fault_and_every_one_is_documented(visitor: Visitor) -> None:
    listed = (await visitor.message("!fault help"))["content"]
    usages = list(data_file("texts")["faults"])
    assert {usage.split()[0] for usage in usages} == {"STATUS", *faults.FAULTS}
    for usage in usages:
        assert f"`!fault {usage}`" in listed


async def test_faults_leave_the_server_whole(visitor: Visitor) -> None:
    await asyncio.gather(*(read_until_break(visitor, "!fault cut 10", stream=True) for _ in range(20)))
    assert (await visitor.message("Hello"))["content"]


async def test_faults_in_the_plural_lists_them_with_what_they_do(visitor: Visitor) -> None:
    listed = (await visitor.message("!faults"))["content"]
    assert listed == (await visitor.message("!fault help"))["content"]
    assert "- `!fault nodone` the stream ends cleanly, without [DONE]" in listed
    assert "X-Demo-Fault" in listed


async def test_the_studios_endpoints_fail_by_the_header(visitor: Visitor) -> None:
    rows: list[tuple[str, str]] = [
        ("GET", "generation/groups"),
        ("GET", "characters"),
        ("GET", "generation/status/x"),
        ("POST", "generation/batch"),
    ]
    for method, path in rows:
        answer = await visitor.http.request(
            method,
            f"{visitor.server.generation_url}/{path}",
            headers={"X-Demo-Fault": "503 detail 7"},
            json={"prompts": [{"prompt": "A lake"}]} if method == "POST" else None,
        )
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
        assert set(answer.json()) == {"detail"}
