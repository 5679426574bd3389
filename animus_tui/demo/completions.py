"""`POST /chat/completions` and `POST /media/completions`: plain JSON, or server-sent events of a word each."""

import re
import secrets
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.commands import answer
from animus_tui.demo.faults import STREAM_ERROR, Effect, asked_effect, json_answer
from animus_tui.demo.http_messages import Delivery
from animus_tui.demo.persona import Reply, as_wished, listen, rest_of
from animus_tui.demo.state import demo_of, read

Penalty = Annotated[float, Meta(ge=-2, le=2)]
Positive = Annotated[int, Meta(ge=1)]
DONE = b"data: [DONE]\n\n"
NOT_SEEN = "I am only a demo without a model behind me, so I cannot see what you show me; all I know is that {} come."
"""What is said to images."""
_PIECES = re.compile(r"\s*\S+\s*")


class ImageAddress(Struct):
    """Where an image is, or the image itself."""

    url: Annotated[str, Meta(pattern=r"^(https?://|data:image/)")]


class Part(Struct):
    """A part of a message: words, or an image."""

    type: Literal["text", "image_url"]
    text: str | None = None
    image_url: ImageAddress | None = None


class Message(Struct):
    """One entry of the history."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    name: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None

    @property
    def words(self) -> str | None:
        """What it says; the texts among its parts, a line each."""
        if not isinstance(self.content, list):
            return self.content
        return "\n".join(part.text for part in self.content if part.text is not None)

    @property
    def images(self) -> int:
        """How many images it has."""
        parts = self.content if isinstance(self.content, list) else []
        return sum(part.image_url is not None for part in parts)


class Function(Struct):
    """What a tool says about the function behind it."""

    name: str


class Tool(Struct):
    """One tool that may be called."""

    function: Function


class ChatRequest(Struct, rename={"auto_turn": "autoTurn"}):
    """The request's body. Fields that the API does not name are let through, as the service does."""

    model: Annotated[str, Meta(min_length=1)]
    messages: Annotated[list[Message], Meta(min_length=1)]
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    n: Annotated[int, Meta(ge=1, le=8)] | None = None
    max_tokens: Positive | None = None
    stop: list[str] | str | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    best_of: Positive | None = None
    top_k: Annotated[int, Meta(ge=-1)] | None = None
    repetition_penalty: Annotated[float, Meta(ge=0)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    length_penalty: float | None = None
    stream: bool = False
    compliance: bool = True
    reasoning: bool = False
    show_reasoning: bool = False
    check_image_generation: bool = False
    auto_turn: bool = False
    tools: list[Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None


async def complete(request: Request) -> Response:
    """`POST /chat/completions`."""
    return await _complete(request, sees=False)


async def complete_media(request: Request) -> Response:
    """`POST /media/completions`, which takes images in the messages of the user."""
    return await _complete(request, sees=True)


async def _complete(request: Request, *, sees: bool) -> Response:
    demo = demo_of(request)
    demo.stats.chats += 1
    chat = await read(request, ChatRequest)
    _check(chat, sees=sees)
    last = chat.messages[-1]
    said = last.words if last.role == "user" else None
    effect = await asked_effect(request, said, wait=demo.options.think_ms / 1000)
    reply = _reply(chat, effect, demo.attempts(said, (chat.stream, chat.messages)))
    if reply.credits is not None:
        demo.set_credits(reply.credits)
    completion = Completion(chat, reply)
    if not chat.stream or effect.stream == "json":
        return json_answer(completion.whole(), effect)
    events = _damaged([_event(chunk) for chunk in completion.chunks()], effect)
    return Delivery(
        events,
        "text/event-stream",
        headers={"Cache-Control": "no-cache"},
        pause=demo.options.token_delay_ms / 1000,
        limit=effect.limit_of(sum(map(len, events))),
        hang=effect.hang,
    )


def _check(chat: ChatRequest, *, sees: bool) -> None:
    """What the types cannot say; 400 with a sentence."""
    if chat.stream and chat.auto_turn:
        raise HTTPException(400, "stream and autoTurn cannot both be true.")
    asked: set[str] = set()
    for index, message in enumerate(chat.messages):
        if message.role == "system" and index:
            raise HTTPException(400, f"messages[{index}]: a system message must come first.")
        if message.images and not (sees and message.role == "user"):
            where = "the messages of the user" if sees else "/media/completions"
            raise HTTPException(400, f"messages[{index}]: images belong into {where}.")
        if message.content is None and not message.tool_calls:
            raise HTTPException(400, f"messages[{index}]: content is missing.")
        if message.role == "user" and not (message.words or "").strip() and not message.images:
            raise HTTPException(400, f"messages[{index}]: content is blank.")
        asked |= {str(call.get("id")) for call in message.tool_calls or []}
        if message.role == "tool" and message.tool_call_id not in asked:
            raise HTTPException(
                400, f"messages[{index}]: no tool call before it has the id {message.tool_call_id!r}."
            )


def _reply(chat: ChatRequest, effect: Effect, attempt: int) -> Reply:
    """The persona's reply, as the request and a fault want it; `attempt` is how often the same was asked before."""
    names = [tool.function.name for tool in chat.tools or []]
    if (images := chat.messages[-1].images) and effect.says is None:
        sentence = NOT_SEEN.format("your picture has" if images == 1 else f"your {images} pictures have")
        return Reply(turns=(sentence,), content=sentence)
    history = [{"role": message.role, "content": message.words} for message in chat.messages]
    talk = listen(
        history, pictures=chat.check_image_generation, tools=list(filter(None, names)), attempt=attempt
    )
    rest = rest_of(history, answer)
    reply = as_wished(answer(talk), talk.wish) if rest is None else Reply(turns=(rest,), content=rest)
    if effect.says is not None:
        reply = Reply(turns=(effect.says,) if effect.says else (), content=effect.says)
    if effect.image_prompt is not None and chat.check_image_generation:
        reply = replace(reply, image_prompt=effect.image_prompt)
    if not (chat.reasoning or chat.show_reasoning):
        reply = replace(reply, reasoning=None)
    return reply if chat.compliance else replace(reply, compliance=())


def _event(value: object) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"


def _damaged(events: list[bytes], effect: Effect) -> list[bytes]:
    """The events of a whole answer with what a fault does to them."""
    middle = len(events) // 2
    match effect.stream:
        case "malformed":
            broken = b'data: {"id": "chatcmpl-broken", "choices": [{"ind\n\n'
            return [*events[:middle], broken, *events[middle:], DONE]
        case "error-in-stream":
            return [*events[:middle], _event(STREAM_ERROR)]
        case "nodone":
            return events
        case _:
            return [*events, DONE]


class Completion:
    """One reply in the forms that the wire knows."""

    def __init__(self, chat: ChatRequest, reply: Reply) -> None:
        self.chat = chat
        self.reply = reply
        self.id = f"chatcmpl-{secrets.token_hex(12)}"
        self.created = int(time.time())
        self.pieces, self.cut = self._within_limits()
        self.calls = [
            {
                "id": f"call_{secrets.token_hex(8)}",
                "type": "function",
                "function": {"name": c.name, "arguments": c.arguments},
            }
            for c in reply.tool_calls
        ]

    def _within_limits(self) -> tuple[list[str], bool]:
        """The content's words up to a stop text and to `max_tokens`, and whether the latter cut them."""
        content = self.reply.content
        stops = [self.chat.stop] if isinstance(self.chat.stop, str) else self.chat.stop or []
        for stop in filter(None, stops):
            content = content.split(stop, 1)[0]
        pieces = _PIECES.findall(content) or ([content] if content else [])
        limit = self.chat.max_tokens or len(pieces)
        return pieces[:limit], len(pieces) > limit

    @property
    def finish_reason(self) -> str:
        """Why the reply ends."""
        return "tool_calls" if self.calls else "length" if self.cut else "stop"

    def usage(self) -> dict[str, int]:
        """Token figures; a word counts as a token."""
        sent = sum(len((message.words or "").split()) + 4 for message in self.chat.messages)
        made = len(self.pieces) + len((self.reply.reasoning or "").split())
        return {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made}

    def extras(self) -> dict[str, Any]:
        """The fields of a message that are only present when they say something."""
        extras: dict[str, Any] = {}
        if self.reply.image_prompt is not None:
            extras["image_prompt"] = self.reply.image_prompt
        if self.reply.next or self.chat.auto_turn:
            extras["next"] = self.reply.next
        return extras

    def whole(self) -> dict[str, Any]:
        """The JSON answer."""
        content = "".join(self.pieces)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if self.calls and not content else content,
        }
        if self.reply.reasoning is not None:
            message["reasoning"] = self.reply.reasoning
        message["tool_calls"] = self.calls
        if self.chat.auto_turn:
            message["turns"] = self._turns(content)
        message |= self.extras()
        choice = {"finish_reason": self.finish_reason, "message": message}
        answer = self._envelope("chat.completion", [{"index": i} | choice for i in range(self.chat.n or 1)])
        return answer | {"usage": self.usage()} | self._compliance()

    def _turns(self, content: str) -> list[str]:
        whole = content == self.reply.content
        return list(self.reply.turns) if whole else [content] if content.strip() else []

    def chunks(self) -> Iterator[dict[str, Any]]:
        """The stream's chunks: the role, reasoning, the words, tool calls, the rest."""
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in _PIECES.findall(self.reply.reasoning or ""):
            yield self._chunk({"reasoning": piece})
        for piece in self.pieces:
            yield self._chunk({"content": piece})
        for index, call in enumerate(self.calls):
            yield from self._call_chunks(index, call)
        if self.extras():
            yield self._chunk(self.extras())
        yield self._chunk({}, self.finish_reason) | {"usage": self.usage()} | self._compliance()

    def _call_chunks(self, index: int, call: dict[str, Any]) -> Iterator[dict[str, Any]]:
        arguments = call["function"]["arguments"]
        named = call | {"function": {"name": call["function"]["name"], "arguments": ""}}
        yield self._chunk({"tool_calls": [{"index": index} | named]})
        for start in range(0, len(arguments), 8):
            part = {"index": index, "function": {"arguments": arguments[start : start + 8]}}
            yield self._chunk({"tool_calls": [part]})

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        return self._envelope(
            "chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
        )

    def _envelope(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.chat.model,
            "choices": choices,
        }

    def _compliance(self) -> dict[str, list[str]]:
        return {"compliance_violations": list(self.reply.compliance)} if self.reply.compliance else {}
