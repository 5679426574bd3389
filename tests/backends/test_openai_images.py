"""OpenAI's image API, as services answer it, against a scripted server."""

import base64
import email
import email.policy
import json

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.backends.openai.images import OpenAIImageClient
from tests.support.image_clients import ONCE, SOON, made_by
from tests.support.loopback_server import drawn, encoded, huge
from tests.support.scripted_server import Received, Script, answer, error, events, scripted, stream_head

PICTURE = drawn(64, 48, 3)
SOURCE = drawn(32, 32, 5)
FOX = ImageRequest(prompt="a fox", width=1024, height=1024)
GROWING = replace(FOX, model="gpt-image-1")
KEY = "planted-key-8Wq2"


def images(*entries: dict[str, str]) -> Script:
    return [answer(msgspec.json.encode({"created": 1, "data": list(entries)}))]


def event(kind: str, picture: bytes, **more: object) -> str:
    return json.dumps({"type": f"image_generation.{kind}", "b64_json": encoded(picture), **more})


HALF = drawn(64, 48, 3, part=0.5)
ROWS: dict[str, tuple[ImageRequest, list[Script], str, int]] = {
    "base64": (FOX, [images({"b64_json": encoded(PICTURE)})], "", 0),
    "an address without a host": (FOX, [images({"url": "/generated/fox.png"})], "", 0),
    "both": (FOX, [images({"b64_json": encoded(PICTURE), "url": "http://gone.invalid/"})], "", 0),
    "a picture that grows": (
        GROWING,
        [
            [
                stream_head(),
                events(event("partial_image", HALF, partial_image_index=0)),
                events("{", event("partial_image", b"", partial_image_index=1)),
                events(event("completed", PICTURE, usage={"total_tokens": 1})),
            ]
        ],
        "",
        1,
    ),
    "a stream that was asked for comes at once": (GROWING, [images({"b64_json": encoded(PICTURE)})], "", 0),
    "a stream that is not allowed": (
        GROWING,
        [
            [error(400, {"error": {"message": "Your organization must be verified to stream this model."}})],
            images({"b64_json": encoded(PICTURE)}),
        ],
        "",
        0,
    ),
    "moderation": (
        FOX,
        [[error(400, {"error": {"message": "Your request was rejected by the safety system."}})]],
        "The service answered 400: Your request was rejected by the safety system.",
        0,
    ),
    "an error within a stream": (
        GROWING,
        [[stream_head(), events(json.dumps({"type": "error", "error": {"message": "No capacity."}}))]],
        "The service broke off the picture: No capacity.",
        0,
    ),
    "a stream that breaks off": (
        GROWING,
        [[stream_head(), events(event("partial_image", HALF))]],
        "The answer ended before the picture was there",
        1,
    ),
    "nothing": (FOX, [images()], "The answer holds no picture", 0),
    "an address of another kind": (FOX, [images({"url": "file:///etc/passwd"})], "named a file: address", 0),
    "an address with half a host": (
        FOX,
        [images({"url": "//[::1"})],
        "The service named a broken address",
        0,
    ),
    "no base64": (FOX, [images({"b64_json": "!!!!"})], "Nothing came instead of a PNG", 0),
    "words in base64": (FOX, [images({"b64_json": encoded(b"no picture")})], "Text came instead of a PNG", 0),
    "LocalAI: an address below its own": (FOX, [images({"url": "/generated/fox.png"})], "", 0),
    "stable-diffusion.cpp: base64 beside what was asked": (
        FOX,
        [
            [
                answer(
                    msgspec.json.encode(
                        {"output_format": "png", "data": [{"b64_json": encoded(PICTURE), "index": 0}]}
                    )
                )
            ]
        ],
        "",
        0,
    ),
    "a page": (FOX, [[answer(b"<html>", kind="text/html")]], "an HTML page came instead of JSON", 0),
    "a page for a stream": (GROWING, [[answer(b"<html>")]], "an HTML page came instead of JSON", 0),
    "half of one": (FOX, [images({"b64_json": encoded(PICTURE)[:60]})], "cut off", 0),
    "too large": (FOX, [images({"b64_json": encoded(huge())})], "Picture too large", 0),
    "a wrong key": (
        FOX,
        [[error(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})]],
        "Incorrect API key provided: [secret]. Check api_key in [image]",
        0,
    ),
}


@pytest.mark.parametrize("row", ROWS)
async def test_what_comes_is_a_picture_or_one_sentence(row: str) -> None:
    request, scripts, sentence, previews = ROWS[row]
    async with scripted(*scripts) as server:
        server.by_path["/v1/generated/fox.png"] = server.by_path["/generated/fox.png"] = [
            [answer(PICTURE, kind="image/png")]
        ]
        async with client_of(f"{server.url}/v1") as client:
            made = await made_by(client, request)
        asked = [received for received in server.received if received.path == "/v1/images/generations"]
        assert {received.headers["authorization"] for received in server.received} == {f"Bearer {KEY}"}
    assert sentence in made.sentence if sentence else made.sentence == ""
    assert [picture.data for picture in made.pictures] == ([] if sentence else [PICTURE])
    assert [preview for preview in made.previews if preview] == [HALF] * previews
    streams = {"stream": True, "partial_images": 3} if request is GROWING else {}
    model = {"model": "gpt-image-1"} if request is GROWING else {}
    assert asked[0].json == {"prompt": "a fox", "n": 1, "size": "1024x1024", **model, **streams}
    assert len(asked) == len(scripts)


async def test_a_picture_at_another_host_is_fetched_without_the_key() -> None:
    async with scripted([answer(PICTURE, kind="image/png")]) as elsewhere:
        address = f"{elsewhere.url.replace('127.0.0.1', 'localhost')}/fox.png"
        async with scripted(images({"url": address})) as server, client_of(server.url) as client:
            made = await made_by(client)
        assert made.sentence == ""
        assert ["authorization" in received.headers for received in elsewhere.received] == [False]


async def test_a_picture_is_changed_by_its_bytes_in_a_form() -> None:
    async with scripted(images({"b64_json": encoded(PICTURE)})) as server, client_of(server.url) as client:
        made = await made_by(client, replace(FOX, source_url=_address(SOURCE), count=2))
        (asked,) = server.received
    assert (made.sentence, asked.path) == ("", "/images/edits")
    assert _form(asked) == {"prompt": b"a fox", "n": b"2", "size": b"1024x1024", "image": SOURCE}


def client_of(url: str) -> OpenAIImageClient:
    return OpenAIImageClient(url, KEY, Redactor(), timeouts=SOON, retry=ONCE)


def _address(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _form(asked: Received) -> dict[str, bytes]:
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
    fields: dict[str, bytes] = {}
    for part in form.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        fields[str(part.get_param("name", header="content-disposition"))] = content
    return fields
