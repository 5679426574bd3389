"""Neutral chat requests → the fields of `POST /chat/completions` that a service takes. Pure.

Which it takes is told by its address, and learned from its refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import MoreSampling, RequestMessage, Sampling, content_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.backends.base.chat_values import ChatRequest

SAMPLING = frozenset(Sampling.__struct_fields__)
"""Sampling settings of OpenAI's own API."""
OF_OPEN_MODELS = frozenset(MoreSampling.__struct_fields__)
"""Sampling settings that servers of open models know, and others refuse."""
NEW_LENGTH, OLD_LENGTH = "max_completion_tokens", "max_tokens"
NEEDED = frozenset(("model", "messages", "stream"))
"""Fields without which it would be another request."""
NAME = "name"
"""Of a message, the field that is refused by several services."""
OPENING = "…"
"""What the user says where the first word is the character's, and the service wants it to be the user's."""
LOCAL_NAMES = {"repetition_penalty": "repeat_penalty"}
"""What servers around llama.cpp call a setting, beside the name that others have for it."""


class KnownService(Struct, frozen=True, kw_only=True):
    """What is known of a service before it is asked."""

    host: str
    """End of its host name; empty for a server of open models, wherever it is."""
    sampling: frozenset[str] = SAMPLING
    """Names of the settings that it takes."""
    length: str = OLD_LENGTH
    """Its name for the longest answer."""
    usage: bool = True
    """Whether a stream tells what it took only when `stream_options` asks for it."""
    reasoning: bool = False
    """Whether `reasoning: {"enabled": true}` asks for thoughts."""
    modalities: bool = False
    """Whether a model that makes pictures has to be asked for them, with `modalities`."""


SERVICES = (
    KnownService(host="api.openai.com", length=NEW_LENGTH),
    KnownService(
        host="openrouter.ai",
        sampling=SAMPLING | {"top_k", "min_p", "repetition_penalty"},
        usage=False,  # it always tells
        reasoning=True,
        modalities=True,
    ),
    KnownService(host="api.mistral.ai", usage=False),  # it always tells, and refuses what it does not know
    KnownService(host="api.groq.com", length=NEW_LENGTH),
    KnownService(host="api.deepseek.com", sampling=SAMPLING - {"n"}),
    # llama.cpp, vLLM, Ollama, LM Studio, LocalAI, KoboldCpp: most ignore what they do not know.
    KnownService(host="", sampling=SAMPLING | OF_OPEN_MODELS),
)


def service_at(base_url: str) -> KnownService:
    """The known service at an address; the last one where nothing is known."""
    host = urlsplit(base_url).hostname or ""
    return next(each for each in SERVICES if not each.host or f".{host}".endswith(f".{each.host}"))


class LearnedFields:
    """What the service refused so far, which is not sent to it again as long as it is connected."""

    def __init__(self, length: str) -> None:
        self.length = length
        """The name under which the longest answer is sent."""
        self.refused: frozenset[str] = frozenset()
        self.takes_turns = False
        """Whether messages of one speaker in a row have to be sent as one."""

    def learn(self, names: frozenset[str], sent: frozenset[str]) -> bool:
        """Whether a request with fewer fields is to be sent: the refusal has `names`, and these fields were `sent`."""
        refused = names & (sent - self.refused)
        if OLD_LENGTH in refused and NEW_LENGTH not in self.refused:
            # Newer models of OpenAI: "Use 'max_completion_tokens' instead."
            self.length = NEW_LENGTH
        elif NEW_LENGTH in refused and OLD_LENGTH not in self.refused:
            self.length = OLD_LENGTH
        self.refused |= refused
        return bool(refused)


def chat_fields(
    request: ChatRequest, service: KnownService, learned: LearnedFields, *, stream: bool
) -> dict[str, Any]:
    """The fields of a request: what the service knows and has not refused."""
    fields: dict[str, Any] = {
        "model": request.model,
        "messages": [
            _entry(message, with_name=NAME not in learned.refused)
            for message in sendable(request.messages, takes_turns=learned.takes_turns)
        ],
        "stream": stream,
        **_sampling(request, service, learned),
    }
    if stream and service.usage:
        fields["stream_options"] = {"include_usage": True}
    if request.reasoning and service.reasoning:
        fields["reasoning"] = {"enabled": True}
    if service.modalities and "image" in request.model:  # as all that make pictures are called there
        fields["modalities"] = ["image", "text"]
    if request.tools and "tools" not in learned.refused:  # one without the other is refused
        fields |= {"tools": request.tools, "tool_choice": request.tool_choice or "auto"}
    if request.answer_schema is not None:
        schema = {"name": "answer", "strict": True, "schema": request.answer_schema}
        fields["response_format"] = {"type": "json_schema", "json_schema": schema}
    return {name: value for name, value in fields.items() if name in NEEDED or name not in learned.refused}


def _sampling(request: ChatRequest, service: KnownService, learned: LearnedFields) -> dict[str, Any]:
    asked: dict[str, Any] = msgspec.to_builtins(request.sampling) | msgspec.to_builtins(request.more_sampling)
    known = {name: value for name, value in asked.items() if name in service.sampling}
    if (most := known.pop("max_tokens", None)) is not None:
        known[learned.length] = most
    if not service.host:
        known |= {LOCAL_NAMES[name]: value for name, value in known.items() if name in LOCAL_NAMES}
    return known


def refusable(fields: dict[str, Any]) -> frozenset[str]:
    """The names of what may be left out of a request when the service refuses it."""
    named = {NAME} if any(NAME in entry for entry in fields["messages"]) else set()
    return frozenset(fields) - NEEDED | named


def _entry(message: RequestMessage, *, with_name: bool) -> dict[str, Any]:
    """A message as it is sent; with images its content is a list of parts."""
    name = message.name if with_name else None
    entry: dict[str, Any] = msgspec.to_builtins(replace(message, name=name, images=[]))
    if message.images:
        entry["content"] = content_parts(message)
    return entry


def sendable(messages: Sequence[RequestMessage], *, takes_turns: bool) -> list[RequestMessage]:
    """The messages without tool calls that have no result, which strict services refuse.

    A message that says nothing then is left out. `takes_turns`: user and assistant take turns, and the user begins, as
    the templates of many open models have it. So messages of one speaker that follow each other are one.
    """
    answered = {message.tool_call_id for message in messages if message.role == "tool"}
    known = list(_with_results(messages, answered))
    return in_turns(known) if takes_turns else known


def in_turns(messages: Iterable[RequestMessage]) -> list[RequestMessage]:
    """The messages, with those of one speaker that follow each other as one, and the user's as the first."""
    sent: list[RequestMessage] = []
    for message in messages:
        last = sent[-1] if sent else None
        if message.role == "assistant" and (last is None or last.role == "system"):
            sent += [RequestMessage(role="user", content=OPENING), message]
        elif last is not None and _is_same_speaker(last, message):
            content = "\n\n".join(filter(None, (last.content, message.content)))
            sent[-1] = replace(last, content=content, images=[*last.images, *message.images])
        else:
            sent.append(message)
    return sent


def _with_results(messages: Iterable[RequestMessage], answered: set[str | None]) -> Iterable[RequestMessage]:
    """The messages, with those tool calls alone that are answered all together."""
    known: set[object] = set()
    for message in messages:
        calls = {call.get("id") for call in message.tool_calls or []}
        if calls and calls <= answered and None not in calls:
            known |= calls
            yield message
        elif message.role == "tool":
            if message.tool_call_id in known:
                yield message
        elif message.role != "assistant" or (message.content or "").strip():
            yield replace(message, tool_calls=None)


def _is_same_speaker(one: RequestMessage, other: RequestMessage) -> bool:
    speaks = one.role == other.role and one.role in ("user", "assistant")
    return speaks and not (one.tool_calls or other.tool_calls)
