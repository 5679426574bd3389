"""Neutral chat requests → the fields of `POST /chat/completions` that a service knows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import content_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.backends.base.chat_values import ChatRequest, RequestMessage
    from animus_tui.backends.openai.fields import KnownService, LearnedFields

NEEDED = frozenset(("model", "messages", "stream"))
"""Fields without which it would be another request."""
LOCAL_NAMES = {"repetition_penalty": "repeat_penalty"}
"""What servers around llama.cpp call a setting, beside the name that others have for it."""


def chat_fields(
    request: ChatRequest, service: KnownService, learned: LearnedFields, *, stream: bool
) -> dict[str, Any]:
    """The fields of a request: what the service knows and has not refused."""
    fields: dict[str, Any] = {
        "model": request.model,
        "messages": [_entry(message) for message in sendable(request.messages)],
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


def _entry(message: RequestMessage) -> dict[str, Any]:
    """A message without its `name`, which several services refuse; with images its content is a list of parts."""
    entry: dict[str, Any] = msgspec.to_builtins(replace(message, name=None, images=[]))
    if message.images:
        entry["content"] = content_parts(message)
    return entry


def sendable(messages: Sequence[RequestMessage]) -> list[RequestMessage]:
    """The messages as strict services take them.

    A tool call without a result is left out, and so is a message that says nothing then. Messages of one speaker
    that follow each other are one: templates of many open models refuse anything but turns.
    """
    answered = {message.tool_call_id for message in messages if message.role == "tool"}
    sent: list[RequestMessage] = []
    for message in _with_results(messages, answered):
        last = sent[-1] if sent else None
        if last is not None and _is_same_speaker(last, message):
            sent[-1] = replace(last, content="\n\n".join(filter(None, (last.content, message.content))))
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
    return speaks and not (one.tool_calls or other.tool_calls or one.images or other.images)
