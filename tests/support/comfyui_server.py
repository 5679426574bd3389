"""A stand-in for ComfyUI: a queue of workflows, their history, their files, and what it says of wrong nodes.

Over `/ws` it tells how a job is, as `comfyui_events` says.
"""

from __future__ import annotations

import base64
import email
import email.policy
import threading
import uuid
from typing import Any

import msgspec

from tests.support.comfyui_events import Events
from tests.support.loopback_server import HTML, NOT_FOUND, Answer, Asked, LoopbackServer, Takeover, drawn

WORKFLOW: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": "{seed}",
            "steps": "{steps}",
            "cfg": "{guidance}",
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
        "_meta": {"title": "Sampler of the picture"},
    },
    "5": {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": "{width}", "height": "{height}", "batch_size": 1},
    },
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "masterpiece, {prompt}"}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "{negative}"}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "chat", "images": ["3", 0]}},
}
"""A workflow as a user writes it."""
_TYPES: dict[str, type] = {
    "seed": int,
    "steps": int,
    "cfg": float,
    "width": int,
    "height": int,
    "batch_size": int,
}
_CLASSES = {"KSampler", "EmptyLatentImage", "CLIPTextEncode", "SaveImage", "LoadImage", "PreviewImage"}


def changed(**inputs: Any) -> dict[str, Any]:
    """The workflow with other inputs of its nodes, `n3={…}`; None takes a node out."""
    nodes = msgspec.json.decode(msgspec.json.encode(WORKFLOW), type=dict[str, Any])
    for name, more in inputs.items():
        if more is None:
            del nodes[name[1:]]
        elif "class_type" in more:
            nodes[name[1:]] = more
        else:
            nodes[name[1:]]["inputs"] |= more
    return nodes


EDITING = changed(n4={"class_type": "LoadImage", "inputs": {"image": "{image}"}})


class ComfyUIServer(LoopbackServer):
    """`hold` keeps the job that runs, at half of its sampler's steps, until it is set."""

    def __init__(
        self,
        *,
        fault: str = "",
        socket: str = "",
        awaits_listener: bool = False,
        pace: float = 0.0,
        sign_in: str = "",
        path: str = "",
        leads_to: str = "http://127.0.0.2:9",
    ) -> None:
        """`fault` is one of those in `answer` and `_run`, `socket` one of those in `comfyui_events`.

        `awaits_listener`: each job begins when somebody listens to it. `pace`: seconds that a step takes.
        `path`: below which all of it is.
        """
        super().__init__()
        self.events = Events(socket, self.closing, leads_to)
        self._path = path
        self._awaits_listener = awaits_listener
        self._pace = pace
        self._sign_in = sign_in
        self.hold = threading.Event()
        self.hold.set()
        self.fault = fault
        self.uploads: dict[str, bytes] = {}
        self.interruptions = 0
        self.deletions: list[str] = []
        self.is_down = False
        self._files: dict[str, bytes] = {}
        self._history: dict[str, Any] = {}
        self._queue: list[list[Any]] = []
        self._running: list[list[Any]] = []
        self._turn = threading.Lock()
        self._interrupted = threading.Event()
        self._generation = 0

    @property
    def prompts(self) -> list[dict[str, Any]]:
        """The workflows that were sent."""
        return [asked.json["prompt"] for asked in self.of("/prompt")]

    def restart(self) -> None:
        """Forget the queue and the history, as a new process does."""
        self._generation += 1
        self._queue, self._running, self._history = [], [], {}

    def answer(self, asked: Asked) -> Answer | Takeover | None:
        if self.is_down:
            return None
        expected = "Basic " + base64.b64encode(self._sign_in.encode()).decode()
        if self._sign_in and asked.headers.get("authorization") != expected:
            return Answer({"error": "Unauthorized"}, status=401, headers={"WWW-Authenticate": "Basic"})
        if self.fault == "html":
            return HTML
        match asked.path.removeprefix(self._path).strip("/").split("/"):
            case ["ws"]:
                return self.events.opened(asked)
            case ["prompt"]:
                return self._take(asked.json)
            case ["history", name]:
                return Answer({name: self._history[name]} if name in self._history else {})
            case ["queue"] if asked.method == "GET":
                return Answer({"queue_running": self._running, "queue_pending": self._queue})
            case ["queue"]:
                self.deletions += asked.json["delete"]
                self._queue = [entry for entry in self._queue if entry[1] not in asked.json["delete"]]
                return Answer(b"")
            case ["interrupt"]:
                self.interruptions += 1
                self._interrupted.set()
                return Answer(b"")
            case ["view"]:
                file = self._files.get(asked.query.get("filename", ""))
                return NOT_FOUND if file is None else Answer(file, kind="image/png")
            case ["upload", "image"]:
                return self._upload(asked)
        return NOT_FOUND

    def _upload(self, asked: Asked) -> Answer:
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
        for part in form.iter_parts():
            name = part.get_filename()
            content = part.get_payload(decode=True)
            if name and isinstance(content, bytes):
                self.uploads[name] = content
                return Answer({"name": name, "subfolder": "chat", "type": "input"})
        return Answer({"error": "no image"}, status=400)

    def _take(self, body: dict[str, Any]) -> Answer:
        nodes = body["prompt"]
        for name, node in nodes.items():
            if node["class_type"] not in _CLASSES:
                message = f"Cannot execute because node {node['class_type']} does not exist."
                error = {"type": "invalid_prompt", "message": message, "details": f"Node ID '#{name}'"}
                return Answer({"error": error, "node_errors": {}}, status=400)
        wrong = {
            name: {"errors": errors, "dependent_outputs": ["9"], "class_type": node["class_type"]}
            for name, node in nodes.items()
            if (errors := self._wrong_inputs(node["inputs"]))
        }
        if wrong:
            error = {
                "type": "prompt_outputs_failed_validation",
                "message": "Prompt outputs failed validation",
            }
            return Answer({"error": error | {"details": ""}, "node_errors": wrong}, status=400)
        name = str(uuid.uuid4())
        extra = {**body.get("extra_data", {}), "client_id": body["client_id"]}
        entry = [len(self.prompts), name, nodes, extra, ["9"]]
        self._queue.append(entry)
        threading.Thread(target=self._run, args=(entry, self._generation), daemon=True).start()
        return Answer({"prompt_id": name, "number": entry[0], "node_errors": {}})

    def _wrong_inputs(self, inputs: dict[str, Any]) -> list[dict[str, Any]]:
        wrong = [
            {
                "type": "invalid_input_type",
                "message": "Failed to convert an input value",
                "details": f"{name}, {inputs[name]}",
            }
            for name, kind in _TYPES.items()
            if name in inputs and not isinstance(inputs[name], (int, float) if kind is float else kind)
        ]
        if isinstance(image := inputs.get("image"), str) and image.removeprefix("chat/") not in self.uploads:
            wrong.append(
                {"type": "custom_validation_failed", "message": "Invalid image file", "details": image}
            )
        return wrong

    def _run(self, entry: list[Any], generation: int) -> None:
        name, nodes, client = entry[1], entry[2], entry[3]["client_id"]
        with self._turn:
            if entry not in self._queue:
                return
            self._queue.remove(entry)
            self._running = [entry]
            self._interrupted.clear()
            telling = self.events.of_job(name, nodes, client)
            if self._awaits_listener:
                telling.await_listener()
            steps = max(1, int(nodes.get("3", {}).get("inputs", {}).get("steps", 1)))
            telling.begin()
            for step in range(1, steps + 1):
                telling.step(step, steps, self._picture(nodes, step / steps) if step < steps else None)
                self.closing.wait(self._pace)
                while step == (steps + 1) // 2 and not self._goes_on():
                    if generation != self._generation:
                        return
                if self._interrupted.is_set():
                    break
            if generation != self._generation:
                return
            ended = self._ended(entry, nodes)
            telling.end(ended["status"]["messages"][-1])
            self._history[name] = ended
            self._running = []
            telling.done()

    def _goes_on(self) -> bool:
        return self.hold.wait(0.01) or self._interrupted.is_set() or self.closing.is_set()

    def _picture(self, nodes: dict[str, Any], part: float) -> bytes:
        latent = nodes.get("5", {}).get("inputs", {})
        return drawn(
            latent.get("width", 64), latent.get("height", 64), nodes["3"]["inputs"]["seed"], part=part
        )

    def _ended(self, entry: list[Any], nodes: dict[str, Any]) -> dict[str, Any]:
        messages: list[Any] = [["execution_start", {"prompt_id": entry[1]}]]
        outputs: dict[str, Any] = {}
        if self._interrupted.is_set():
            messages.append(["execution_interrupted", {"node_id": "3", "node_type": "KSampler"}])
        elif self.fault == "node fails":
            what = {"node_id": "3", "node_type": "KSampler", "exception_message": "CUDA out of\nmemory"}
            messages.append(["execution_error", what])
        else:
            latent, sampler = nodes["5"]["inputs"], nodes["3"]["inputs"]
            name = f"chat_{len(self._files):05}_.png"
            self._files[name] = drawn(latent["width"], latent["height"], sampler["seed"])
            if self.fault == "half a file":
                self._files[name] = self._files[name][:-20]
            shown = {"filename": "preview.png", "subfolder": "", "type": "temp"}
            saved = {"filename": name, "subfolder": "", "type": "output"}
            outputs = {"8": {"images": [shown]}, "9": {"images": [saved]}}
        outputs = {} if self.fault == "no picture" else outputs
        ended = "success" if outputs or self.fault == "no picture" else "error"
        status = {"status_str": ended, "completed": ended == "success", "messages": messages}
        return {"prompt": entry, "outputs": outputs, "status": status}
