"""A service that is not Animus, made of the neutral values and the HTTP parts alone, in a session of its own.

It answers as OpenAI-compatible servers do, makes pictures within one request as AUTOMATIC1111 does, and has no turns,
jobs, characters or account.
"""

from __future__ import annotations

import base64
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from animus_tui.addresses import Redactor
from animus_tui.backends.base.chat_values import ChatDelta, ChatReply, ChatRequest
from animus_tui.backends.base.errors import SignedOut
from animus_tui.backends.base.image_values import (
    ImageOutput,
    ImageRequest,
    ImageResult,
)
from animus_tui.backends.base.protocols import (
    ChatBackend,
    ChatCapabilities,
    ImageBackend,
    ImageCapabilities,
    OnPiece,
    OnPreview,
    OnProgress,
    OnRetry,
)
from animus_tui.backends.http.chat_endpoint import ChatEndpoint
from animus_tui.backends.http.connection import open_client
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.image_client import ImageClient
from animus_tui.backends.http.json_bodies import decoded, encoded
from animus_tui.backends.http.requests import Request, RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.http.transport import Transport
from animus_tui.chat.attachments import Attachment
from animus_tui.chat.events import MessageComplete, MessageError, SessionEvent
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import AutoTurnConfig, ChatConfig, Config, ImageConfig
from animus_tui.errors import UserError
from tests.support.backend_client import picture
from tests.support.scripted_server import (
    Script,
    ScriptedServer,
    answer,
    chunk,
    error,
    events,
    reply,
    scripted,
    stream_head,
)

STREAMED = AutoTurnConfig(enabled=False)
IN_TURNS = AutoTurnConfig(min_delay=0, max_delay=0)


class Images(Struct, frozen=True):
    images: list[str]


def decode_images(body: bytes) -> ImageResult:
    images = decoded(body, Images).value.images
    return ImageResult(images=[ImageOutput(f"data:image/png;base64,{image}") for image in images])


class PlainService(ImageClient):
    """The other service: a ChatBackend and an ImageBackend."""

    chat_capabilities = ChatCapabilities(streaming=True)
    usual_model: str | None = None
    image_capabilities = ImageCapabilities(options=frozenset({"size", "steps", "count"}))

    def __init__(self, url: str) -> None:
        def open_transport(timeouts: Timeouts, redact: Redactor) -> Transport:
            auth = httpx.BasicAuth("me", "key")
            return Transport(open_client(url), auth=auth, own=[url], timeouts=timeouts, redact=redact)

        super().__init__(url, open_transport, Redactor(), retry=RetryPolicy(tries=1), rng=random.Random(1))
        self._chat = ChatEndpoint(f"{url}/chat", self.requests)

    async def complete(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None, on_piece: OnPiece | None = None
    ) -> ChatReply:
        body = self._body(request, stream=False)
        return await self._chat.complete(body, on_retry=on_retry, on_piece=on_piece)

    def stream_chat(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        return self._chat.stream(self._body(request, stream=True), on_retry=on_retry)

    async def models(self) -> list[str]:
        return []

    async def count_tokens(self, texts: Sequence[str]) -> list[int] | None:
        return [len(text.split()) for text in texts]

    def _body(self, request: ChatRequest, *, stream: bool) -> bytes:
        sampling = msgspec.to_builtins(request.sampling)
        return encoded({"model": request.model, "messages": request.messages, "stream": stream, **sampling})

    async def generate(
        self,
        request: ImageRequest,
        *,
        on_retry: OnRetry | None = None,
        on_progress: OnProgress | None = None,
        on_preview: OnPreview | None = None,
    ) -> ImageResult:
        body = encoded({"prompt": request.prompt, "steps": request.steps, "batch_size": request.count or 1})
        asking = Request(method="POST", url=f"{self.base}/txt2img", body=body, subject="picture", seconds=30)
        return await self.requests.make(asking, decode_images, on_retry)


class Talk:
    """A session with the service, and all that it told."""

    def __init__(self, session: ChatSession, server: ScriptedServer) -> None:
        self.session, self.server = session, server
        self.events: list[SessionEvent] = []

    @property
    def body(self) -> dict[str, object]:
        """Of the first request."""
        return self.server.received[0].json


@asynccontextmanager
async def talk(folder: Path, *scripts: Script, auto_turn: AutoTurnConfig = STREAMED) -> AsyncIterator[Talk]:
    config = Config(
        chat=ChatConfig(temperature=0.5, top_k=5),
        auto_turn=auto_turn,
        image=ImageConfig(num_inference_steps=9),
    )
    async with scripted(*scripts) as server:
        service = PlainService(server.url)
        chat: ChatBackend = service
        images: ImageBackend = service
        async with ChatSession(chat, images, ConversationStore(folder), config) as session:
            with session.events.subscribe() as subscription:
                started = Talk(session, server)
                yield started
                started.events += subscription.pending()
        await service.requests.aclose()


async def test_its_streamed_answer_is_shown_and_kept_and_it_is_asked_for_nothing_that_it_does_not_know(
    tmp_path: Path,
) -> None:
    script: Script = [stream_head(), events(chunk("Hello"), chunk(" there"), "[DONE]")]
    async with talk(tmp_path, script) as talking:
        await talking.session.send("Hi")
        await talking.session.wait()
        assert [message.content for message in talking.session.conversation.messages] == ["Hi", "Hello there"]
    assert talking.body.keys() == {"model", "messages", "stream", "temperature"}
    assert (talking.body["stream"], talking.body["temperature"]) == (True, 0.5)
    assert talking.server.received[0].headers["authorization"].startswith("Basic ")


async def test_its_whole_answer_comes_in_bubbles_also_without_turns_of_its_own(tmp_path: Path) -> None:
    async with talk(tmp_path, [reply("One.\nTwo.")], auto_turn=IN_TURNS) as talking:
        await talking.session.send("Hi")
        await talking.session.wait()
    bubbles = [event.content for event in talking.events if isinstance(event, MessageComplete)]
    assert bubbles == ["One.", "Two."]
    assert talking.body["stream"] is False


async def test_its_refusal_is_an_error_that_a_person_can_act_on(tmp_path: Path) -> None:
    async with talk(tmp_path, [error(401, {"error": {"message": "no such key"}})]) as talking:
        await talking.session.send("Hi")
        await talking.session.wait()
        with pytest.raises(SignedOut, match="no such key"):
            await talking.session.complete("Hi")
    told = [event for event in talking.events if isinstance(event, MessageError)]
    assert [event.title for event in told] == ["Signed out"]


async def test_a_picture_whose_bytes_come_in_the_answer_is_in_the_history(tmp_path: Path) -> None:
    script = answer(msgspec.json.encode({"images": [base64.b64encode(picture("PNG")).decode()]}))
    async with talk(tmp_path, [script]) as talking:
        made = await talking.session.generate_image("a lake")
        assert (made.record.prompt, made.record.url, made.record.width) == ("a lake", None, 37)
        assert made.path.read_bytes() == picture("PNG")
        assert talking.session.conversation.messages[-1].image == made.record
    assert talking.body == {"prompt": "a lake", "steps": 9, "batch_size": 1}


async def test_what_it_cannot_do_with_pictures_is_said_before_it_is_asked(tmp_path: Path) -> None:
    async with talk(tmp_path, [reply()]) as talking:
        with pytest.raises(UserError, match="cannot change a picture"):
            await talking.session.generate_image("at night", input_image_url="https://x.example/a.png")
        with pytest.raises(UserError, match="makes no clips"):
            talking.session.images.start_video()
    assert talking.server.received == []


async def test_a_picture_that_it_could_not_see_is_not_said(tmp_path: Path) -> None:
    async with talk(tmp_path, [reply()]) as talking:
        shown = Attachment(name="a.png", data=picture("PNG"), width=37, height=21)
        with pytest.raises(UserError, match="cannot see pictures"):
            await talking.session.send("Who is this?", [shown])
        assert len(talking.session.conversation.messages) == 0
    assert talking.server.received == []


async def test_several_pictures_of_one_prompt_come_without_a_job(tmp_path: Path) -> None:
    one, other = (base64.b64encode(picture("PNG", size)).decode() for size in ((30, 20), (20, 30)))
    script = answer(msgspec.json.encode({"images": [one, other]}))
    async with talk(tmp_path, [script]) as talking:
        made = await talking.session.generate_image("a lake", settings={"num_images": 2})
    assert [(record.width, record.height) for record in made.records] == [(30, 20), (20, 30)]
    assert talking.body["batch_size"] == 2


async def test_it_has_no_account_and_that_is_said(tmp_path: Path) -> None:
    async with talk(tmp_path, [reply()]) as talking:
        with pytest.raises(UserError, match="keeps no characters"):
            [character async for character in talking.session.account.characters()]
        with pytest.raises(UserError, match="keeps no characters"):
            await talking.session.account.delete_group("g")
