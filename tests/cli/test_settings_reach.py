"""Each setting of `[chat]` and `[image]` arrives in the request, and what is not set is not sent."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from animus_tui.config.schema import ChatConfig, introduction, variable
from tests.support.program import PLANTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.program import Program

pytestmark = pytest.mark.slow

SAMPLING: dict[str, Any] = {
    "temperature": 0.5,
    "top_p": 0.75,
    "n": 1,
    "max_tokens": 321,
    "stop": ["END", "S T O P"],
    "presence_penalty": -0.5,
    "frequency_penalty": 0.25,
    "best_of": 3,
    "top_k": -1,
    "repetition_penalty": 1.25,
    "min_p": 0.125,
    "length_penalty": -2.5,
}
PICTURE: dict[str, Any] = {
    "model": "flux-dev",
    "width": 512,
    "height": 640,
    "guidance_scale": 3.5,
    "num_inference_steps": 7,
    "seed": 42,
}


class Recorder(ThreadingHTTPServer):
    """Answers every request with "Hello." and keeps path, headers and body of each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.authorizations: set[str] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """One request to a Recorder."""

    server: Recorder

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append((self.path, body))
        self.server.authorizations.add(self.headers["Authorization"])
        message = {"role": "assistant", "content": "Hello."}
        answer = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the base class's)
        """Nothing is printed."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def recorded(program: Program, recorder: Recorder) -> Program:
    """animus-chat, signed in to the recorder and with its own settings only."""
    program.env |= {
        "ANIMUS_API_KEY": PLANTED,
        "ANIMUS_BASE_URL": f"{recorder.url}/v3",
        "ANIMUS_GENERATION_URL": f"{recorder.url}/v2",
        "ANIMUS_IMAGE_WIDTH": "",
        "ANIMUS_IMAGE_HEIGHT": "",
    }
    return program


def toml(table: str, settings: dict[str, Any]) -> str:
    return f"[{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def test_what_is_not_set_is_not_sent(recorded: Program, recorder: Recorder) -> None:
    assert recorded("send", "Hi").returncode == 0
    ((path, body),) = recorder.bodies
    assert path == "/v3/chat/completions"
    assert body == {
        "model": ChatConfig().model,
        "messages": [
            {"role": "system", "content": ChatConfig().system_message},
            {"role": "user", "content": "Hi"},
        ],
        "stream": False,
        "autoTurn": True,
        "compliance": True,
        "check_image_generation": True,
    }
    assert recorder.authorizations == {f"Bearer {PLANTED}"}


def test_every_sampling_parameter_is_in_the_table() -> None:
    unset = {key for key, value in msgspec.to_builtins(ChatConfig()).items() if value is None}
    unset -= {"appearance", "history_tokens"}  # of pictures, and of what is sent: no parameters
    assert set(SAMPLING) == unset


def test_every_sampling_parameter_of_the_file_is_sent_as_it_is(recorded: Program, recorder: Recorder) -> None:
    recorded.configure(toml("chat", SAMPLING))
    assert recorded("send", "Hi").returncode == 0
    _, body = recorder.bodies[0]
    assert {key: body.get(key) for key in SAMPLING} == SAMPLING


def test_every_sampling_parameter_of_the_environment_is_sent_too(
    recorded: Program, recorder: Recorder
) -> None:
    recorded.configure(toml("chat", {"temperature": 1.5, "stop": ["file"]}))
    recorded.env |= {
        variable("chat", key): json.dumps(value) if isinstance(value, list) else str(value)
        for key, value in SAMPLING.items()
    }
    assert recorded("send", "Hi").returncode == 0
    _, body = recorder.bodies[0]
    assert {key: body.get(key) for key in SAMPLING} == SAMPLING


def test_the_other_settings_of_the_chat_reach_it(recorded: Program, recorder: Recorder) -> None:
    own = {"model": "luna-70b", "name": "Luna", "check_image_generation": False, "compliance": False}
    recorded.configure(toml("chat", own | {"reasoning": True}) + toml("auto_turn", {"enabled": False}))
    assert recorded("send", "Hi").returncode == 0
    _, body = recorder.bodies[0]
    assert (body["model"], body["stream"], body["autoTurn"]) == ("luna-70b", True, False)
    assert (body["compliance"], body["reasoning"], body["show_reasoning"]) == (False, True, True)
    assert not body.get("check_image_generation")
    assert body["messages"][0] == {"role": "system", "content": introduction("Luna")}


def test_the_size_of_the_history_and_the_system_message_are_obeyed(
    recorded: Program, recorder: Recorder
) -> None:
    for size, sent in ((0, ["Three"]), (1, ["Hello.", "Three"])):
        recorded.configure(toml("chat", {"history_size": size, "system_message": "You are brief."}))
        first = json.loads(recorded("send", "--json", "One").stdout.splitlines()[0])["conversationId"]
        recorded.configure(toml("chat", {"history_size": 9, "system_message": "You are long."}))
        assert recorded("send", "--conversation", first, "Three").returncode == 0
        _, body = recorder.bodies[-1]
        assert [message["content"] for message in body["messages"]] == ["You are brief.", *sent]


def test_pictures_are_asked_for_with_what_was_changed_and_no_more(
    recorded: Program, recorder: Recorder
) -> None:
    recorded("image", "A fox")
    recorded.configure(toml("image", PICTURE))
    recorded("image", "A fox")
    recorded("image", "A fox", "--seed", "7", "--edit", "https://pictures.example/fox.png")
    assert [path for path, _ in recorder.bodies] == ["/v3/generate/image"] * 3
    plain, changed, edited = (body for _, body in recorder.bodies)
    assert plain == {"prompt": "A fox"}
    assert changed == {"prompt": "A fox", **PICTURE}
    assert edited == {
        "prompt": "A fox",
        "input_image": "https://pictures.example/fox.png",
        **PICTURE,
        "seed": 7,
    }


def test_the_endpoint_for_jobs_is_asked_when_it_is_configured(recorded: Program, recorder: Recorder) -> None:
    recorded.configure(toml("image", {"endpoint": "generation/create"}))
    recorded("image", "A fox")
    assert recorder.bodies[0] == ("/v2/generation/create", {"prompt": "A fox"})


def test_jobs_are_told_no_model_for_they_know_none(recorded: Program, recorder: Recorder) -> None:
    recorded.configure(toml("image", PICTURE | {"endpoint": "generation/create"}))
    recorded("image", "A fox")
    others = {key: value for key, value in PICTURE.items() if key != "model"}
    assert recorder.bodies[0] == ("/v2/generation/create", {"prompt": "A fox", **others})
