"""What is sent to each service with OpenAI's chat API: only fields that it knows, and turns that it takes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import RequestMessage
from animus_tui.backends.openai.encode import LearnedFields, chat_fields, sendable, service_at
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


CALL, OTHER = {"id": "1", "function": {"name": "f"}}, {"id": "2", "function": {"name": "f"}}


def said(role: Any, content: str | None, **more: Any) -> RequestMessage:
    return RequestMessage(role=role, content=content, **more)


ANSWERED = [said("assistant", None, tool_calls=[CALL]), said("tool", "7", tool_call_id="1")]


def test_each_message_is_sent_as_it_is_but_for_tool_calls_that_nobody_answered() -> None:
    one, two = said("assistant", "One.", tool_calls=[OTHER]), said("assistant", "Two.")
    questions = [said("user", "b", name="Ada"), said("user", "c"), said("user", "d")]
    messages = [
        said("system", "s"),
        one,
        two,
        said("assistant", None, tool_calls=[OTHER]),
        *questions,
        *ANSWERED,
    ]
    plain = [messages[0], replace(one, tool_calls=None), two, *questions, *ANSWERED]
    assert sendable(messages, takes_turns=False) == plain
    service = service_at("https://api.groq.com/openai/v1")
    learned, request = LearnedFields(service.length), replace(REQUEST, messages=messages)
    fields = chat_fields(request, service, learned, stream=True)
    keys = {key for entry in fields["messages"] for key in entry}
    assert keys == {"role", "content", "name", "tool_calls", "tool_call_id"}
    assert fields["messages"][3] == {"role": "user", "content": "b", "name": "Ada"}


def test_strict_templates_get_turns_that_the_user_begins() -> None:
    shown = said("user", "c", images=["data:a"])
    messages = [
        said("system", "s"),
        said("assistant", "Hello!"),
        said("assistant", "One.", tool_calls=[OTHER]),
        said("user", "a"),
        *ANSWERED,
        said("assistant", "Two."),
        shown,
        said("user", None, images=["data:b"]),
        said("user", "d"),
    ]
    assert sendable(messages, takes_turns=True) == [
        messages[0],
        said("user", "…"),
        said("assistant", "Hello!\n\nOne."),
        said("user", "a"),
        *ANSWERED,
        said("assistant", "Two."),
        said("user", "c\n\nd", images=["data:a", "data:b"]),
    ]
