"""A session goes on with other services: the conversation stays, and what the former ones do ends as at a quit."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.automatic1111.client import Automatic1111Client
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.chat.events import ImageGenerationError
from animus_tui.chat.images.options import PictureOptions
from animus_tui.config.schema import ApiConfig
from tests.support.chat_service import Answer, Service, reply
from tests.support.image_jobs import Works
from tests.support.talk import SOON, Talk
from tests.support.webui_server import WebUIServer

OTHER_KEY = "another-key-2208"
AS_JOB = PictureOptions(negative="text", width=512)


def client_of(service: Service) -> AnimusClient:
    api = ApiConfig(api_key=OTHER_KEY, base_url=f"{service.url}/v3", generation_url=f"{service.url}/v2")
    return AnimusClient(api, retry=RetryPolicy(tries=1), timeouts=SOON)


async def test_an_answer_and_a_picture_under_way_end_and_the_next_ones_are_the_other_services(
    talk: Talk, works: Works, service: Service
) -> None:
    service.say(reply("I am the first."))
    await talk.say("Who are you?")
    image_id = talk.session.images.start("a boat", options=AS_JOB)
    await works.polled("gen-1")
    service.chat.append(Answer(reply("Too late."), gate=asyncio.Event()))
    await talk.session.send("Are you still there?")
    redact = Redactor()
    with WebUIServer() as pictures:
        async with (
            Service().running() as other,
            client_of(other) as client,
            Automatic1111Client(pictures.url, None, redact) as images,
        ):
            config = replace(talk.session.config, chat=replace(talk.session.config.chat, model="other"))
            await talk.session.use_services(client, images, config, outlives_program=True)
            assert talk.outcomes() == ["complete", "cancelled"]
            assert talk.of(ImageGenerationError)[0].image_id == image_id
            assert [*talk.root.glob("conversations/*/jobs/*.json")], "the former service goes on with it"
            other.say(reply("I am the second."))
            await talk.say("And you?")
            (asked,) = other.chat_bodies
            assert asked["model"] == "other"
            assert [m["content"] for m in asked["messages"]][1:3] == ["Who are you?", "I am the first."]
            talk.session.images.retry(image_id)
            await talk.session.wait()
            assert len(works.jobs) == 1, "the former service is asked for nothing more"
            drawn = [asked for asked in pictures.asked if asked.path.endswith("txt2img")]
            assert [asked.json["prompt"] for asked in drawn] == ["a boat"]
    said = [message.content for message in talk.messages if message.image is None]
    assert said == ["Who are you?", "I am the first.", "Are you still there?", "And you?", "I am the second."]
    assert talk.messages[-1].image is not None
    assert [*talk.root.glob("conversations/*/jobs/*.json")] == []
