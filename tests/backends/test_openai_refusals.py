"""What services with OpenAI's chat API refuse, which is sent in another form once they have said so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import RequestMessage
from animus_tui.backends.base.errors import ServiceError
from tests.support.backend_client import FULL_REQUEST, REQUEST
from tests.support.openai_client import client_of, stream, streamed
from tests.support.scripted_server import Script, ScriptedServer, chunk, error, reply, scripted

REFUSALS: dict[str, tuple[int, dict[str, Any], str, str]] = {
    "OpenAI: an unknown argument": (
        400,
        {
            "error": {
                "message": "Unrecognized request argument supplied: top_k",
                "type": "invalid_request_error",
            }
        },
        "top_k",
        "",
    ),
    "OpenAI: max_tokens of a newer model": (
        400,
        {
            "error": {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model."
                " Use 'max_completion_tokens' instead.",
                "param": "max_tokens",
                "code": "unsupported_parameter",
            }
        },
        "max_tokens",
        "max_completion_tokens",
    ),
    "OpenAI: a temperature of a newer model": (
        400,
        {
            "error": {
                "message": "Unsupported value: 'temperature' does not support 0.5 with this model."
                " Only the default (1) value is supported.",
                "param": "temperature",
                "code": "unsupported_value",
            }
        },
        "temperature",
        "",
    ),
    "Mistral: an extra field": (
        422,
        {
            "object": "error",
            "message": {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "stream_options"],
                        "msg": "Extra inputs are not permitted",
                    }
                ]
            },
        },
        "stream_options",
        "",
    ),
    "Ollama: a model without tools": (
        400,
        {
            "error": {
                "message": "registry.ollama.ai/library/gemma:2b does not support tools",
                "type": "api_error",
            }
        },
        "tools",
        "tool_choice",
    ),
    "Groq: an unsupported property": (
        400,
        {"error": {"message": "property 'min_p' is unsupported", "type": "invalid_request_error"}},
        "min_p",
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_field_that_is_refused_is_left_out_from_then_on(case: str) -> None:
    status, body, refused, instead = REFUSALS[case]
    good: Script = stream(chunk("Hello"))
    async with scripted([error(status, body)], good) as server, client_of(server) as client:
        assert (await streamed(client, FULL_REQUEST)).content == "Hello"
        assert (await streamed(client, FULL_REQUEST)).content == "Hello"
        first, *later = [request.json.keys() for request in server.received]
    assert refused in first
    assert [keys ^ first for keys in later] == [{refused} | ({instead} if instead else set())] * 2


TALK = [
    RequestMessage(role="user", content="first", name="Ada"),
    RequestMessage(role="user", content="second"),
    RequestMessage(role="assistant", content="One."),
    RequestMessage(role="assistant", content="Two."),
    RequestMessage(role="user", content="third"),
]
IN_TURNS = ["first\n\nsecond", "One.\n\nTwo.", "third"]
MUST = (
    "After the optional system message, conversation roles must alternate user/assistant/user/assistant/..."
)
JINJA = (
    "\n------------\nWhile executing CallExpression at line 19, column 27 in source:\n"
    '{{ raise_exception("Conversation roles must alternate user...\nError: Jinja Exception: Conversation roles'
    " must alternate user/assistant/user/assistant/..."
)
MIXED = {"object": "error", "message": "Unexpected role 'user' after role 'user'", "code": "3230"}
ANTHROPIC = (
    'messages: roles must alternate between "user" and "assistant", but found multiple "user" roles in a row'
)
DEEPSEEK = (
    "deepseek-reasoner does not support successive user or assistant messages (messages[1] and messages[2] in your"
    " input). You should interleave the user/assistant messages in the message sequence."
)
OUT_OF_TURN: dict[str, Script] = {
    "vLLM": [error(400, {"object": "error", "message": MUST, "type": "BadRequestError", "code": 400})],
    "llama.cpp": [error(500, {"error": {"code": 500, "message": JINJA, "type": "server_error"}})],
    "LM Studio: within the stream": stream(
        {"error": {"message": f'Error rendering prompt with jinja template: "{MUST}".'}}
    ),
    "Mistral": [error(400, {**MIXED, "type": "invalid_request_message_order", "param": None})],
    "OpenRouter: in the words of the service behind it": [
        error(400, {"error": {"message": "Provider returned error", "metadata": {"raw": json.dumps(MIXED)}}})
    ],
    "DeepSeek": [error(400, {"error": {"message": DEEPSEEK, "type": "invalid_request_error"}})],
    "Bedrock": [error(400, {"message": ANTHROPIC})],
    "Perplexity": [
        error(
            400,
            {
                "error": {
                    "message": "After the (optional) system message(s), user and assistant roles should be alternating."
                }
            },
        )
    ],
    "Google": [
        error(
            400,
            {"error": {"message": "Please ensure that multiturn requests alternate between user and model."}},
        )
    ],
}


def contents(server: ScriptedServer) -> list[list[object]]:
    """What was said in the messages of each request."""
    bodies: list[Any] = [request.json for request in server.received]
    return [[entry["content"] for entry in body["messages"]] for body in bodies]


@pytest.mark.parametrize("case", OUT_OF_TURN)
async def test_messages_are_merged_into_turns_only_where_the_service_wants_turns(case: str) -> None:
    request, plain = replace(REQUEST, messages=TALK), [message.content for message in TALK]
    good: Script = stream(chunk("Hello"))
    async with scripted(good, OUT_OF_TURN[case], good) as server, client_of(server) as client:
        for _ in range(3):
            assert (await streamed(client, request)).content == "Hello"
        assert contents(server) == [plain, plain, IN_TURNS, IN_TURNS]
    async with scripted(OUT_OF_TURN[case], [reply("Hello")]) as server, client_of(server) as client:
        assert (await client.complete(request)).content == "Hello"
        assert contents(server) == [plain, IN_TURNS]


async def test_a_refusal_that_turns_would_not_change_is_told() -> None:
    last = "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"
    refused: Script = [error(400, {"object": "error", "message": last, "type": "invalid_request_error"})]
    async with scripted(refused) as server, client_of(server) as client:
        with pytest.raises(ServiceError, match="Expected last role"):
            await streamed(client, replace(REQUEST, messages=TALK))
        assert len(server.received) == 1
    refused = OUT_OF_TURN["vLLM"]
    async with scripted(refused) as server, client_of(server) as client:
        with pytest.raises(ServiceError, match="must alternate"):
            await streamed(client, REQUEST)
        with pytest.raises(ServiceError, match="must alternate"):
            await streamed(client, replace(REQUEST, messages=TALK))
        assert len(server.received) == 3


NAMELESS = {
    "Mistral": (
        422,
        {
            "object": "error",
            "message": {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "messages", 0, "user", "name"],
                        "msg": "Extra inputs are not permitted",
                    }
                ]
            },
        },
    ),
    "Groq": (
        400,
        {
            "error": {
                "message": "'messages.0' : property 'name' is unsupported",
                "type": "invalid_request_error",
            }
        },
    ),
    "OpenAI": (
        400,
        {
            "error": {
                "message": "Invalid 'messages[0].name': string does not match pattern. Expected a string that"
                " matches the pattern '^[^\\s<|\\\\/>]+$'.",
                "param": "messages[0].name",
                "code": "invalid_value",
            }
        },
    ),
}


@pytest.mark.parametrize("case", NAMELESS)
async def test_the_name_of_a_message_is_sent_until_the_service_refuses_it(case: str) -> None:
    status, body = NAMELESS[case]
    async with scripted([error(status, body)], stream(chunk("Hello"))) as server, client_of(server) as client:
        for _ in range(2):
            assert (await streamed(client, replace(REQUEST, messages=TALK))).content == "Hello"
        sent: list[Any] = [request.json for request in server.received]
    assert [each["messages"][0].get("name") for each in sent] == ["Ada", None, None]


FINAL = {
    "a value that is wrong": {"error": {"message": "temperature must be at most 2", "param": "temperature"}},
    "a field that was not sent": {
        "error": {"message": "Unknown parameter: 'logprobs'.", "param": "logprobs"}
    },
    "a field without which it is no request": {"error": {"message": "Unsupported model", "param": "model"}},
}


@pytest.mark.parametrize("case", FINAL)
async def test_no_other_refusal_leads_to_another_request(case: str) -> None:
    async with scripted([error(400, FINAL[case])]) as server, client_of(server) as client:
        with pytest.raises(ServiceError):
            await streamed(client, FULL_REQUEST)
        assert len(server.received) == 1
