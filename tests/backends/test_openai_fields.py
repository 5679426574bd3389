"""What is sent to each service with OpenAI's chat API: only fields that it knows, and turns that it takes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import RequestMessage
from animus_tui.backends.openai.encode import chat_fields, sendable
from animus_tui.backends.openai.fields import LearnedFields, service_at
from tests.support.backend_client import FULL_REQUEST, REQUEST

OPEN_MODELS = {"max_tokens", "stream_options", "n", "top_k", "min_p", "best_of", "length_penalty"}
OPEN_MODELS |= {"repetition_penalty", "repeat_penalty"}
SENT: dict[str, set[str]] = {
    "https://api.openai.com/v1": {"max_completion_tokens", "stream_options", "n"},
    "https://openrouter.ai/api/v1": {"max_tokens", "n", "reasoning", "top_k", "min_p", "repetition_penalty"},
    "https://api.mistral.ai/v1": {"max_tokens", "n"},
    "https://api.groq.com/openai/v1": {"max_completion_tokens", "stream_options", "n"},
    "https://api.deepseek.com": {"max_tokens", "stream_options"},
    "http://127.0.0.1:11434/v1": OPEN_MODELS,
    "https://notopenrouter.ai/v1": OPEN_MODELS,
}
EVERYWHERE = {
    "tools",
    "tool_choice",
    "model",
    "messages",
    "stream",
    "temperature",
    "top_p",
    "stop",
    "presence_penalty",
}


@pytest.mark.parametrize("url", SENT)
def test_only_what_a_service_knows_is_sent(url: str) -> None:
    service = service_at(url)
    fields = chat_fields(FULL_REQUEST, service, LearnedFields(service.length), stream=True)
    assert fields.keys() == EVERYWHERE | SENT[url]
    plain = chat_fields(REQUEST, service, LearnedFields(service.length), stream=False)
    assert plain == {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": False}


def test_a_model_that_makes_pictures_is_asked_for_them() -> None:
    service = service_at("https://openrouter.ai/api/v1")
    request = replace(REQUEST, model="google/gemini-2.5-flash-image")
    fields = chat_fields(request, service, LearnedFields(service.length), stream=True)
    assert fields["modalities"] == ["image", "text"]


def said(role: Any, content: str | None, **more: Any) -> RequestMessage:
    return RequestMessage(role=role, content=content, **more)


def test_strict_services_get_turns_without_tool_calls_that_nobody_answered() -> None:
    call, other = {"id": "1", "function": {"name": "f"}}, {"id": "2", "function": {"name": "f"}}
    answered = [said("assistant", None, tool_calls=[call]), said("tool", "7", tool_call_id="1")]
    messages = [
        said("system", "s"),
        said("user", "a"),
        said("assistant", "One.", tool_calls=[other]),
        said("assistant", "Two."),
        said("assistant", None, tool_calls=[other]),
        said("user", "b", name="Ada"),
        *answered,
        said("user", "c"),
        said("user", "d"),
    ]
    one, two = said("assistant", "One.\n\nTwo."), said("user", "c\n\nd")
    assert sendable(messages) == [*messages[:2], one, messages[5], *answered, two]
    service = service_at("https://api.groq.com/openai/v1")
    fields = chat_fields(
        replace(REQUEST, messages=messages), service, LearnedFields(service.length), stream=True
    )
    keys = {key for entry in fields["messages"] for key in entry}
    assert keys == {"role", "content", "tool_calls", "tool_call_id"}
