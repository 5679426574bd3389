"""A stand-in for AUTOMATIC1111's WebUI: its image API with its faults. One picture at a time."""

from __future__ import annotations

import base64
import threading
from typing import Any

import msgspec

from tests.support.loopback_server import HTML, NOT_FOUND, Answer, Asked, LoopbackServer, drawn, encoded, huge

STEPS = 10
"""Steps that a picture takes here, whatever is asked for."""
STABLE_DIFFUSION_CPP = "stable-diffusion.cpp: no progress, info empty"
NO_MEMORY = {"error": "OutOfMemoryError", "detail": "", "body": "", "errors": "CUDA out of memory."}


class Job(msgspec.Struct):
    """What the server makes now."""

    stamp: str
    task: str
    width: int
    height: int
    seed: int
    step: int = 0


class WebUIServer(LoopbackServer):
    """`hold` keeps each picture at its half until it is set."""

    def __init__(self, *, sign_in: str = "", fault: str = "", names_tasks: bool = True) -> None:
        """`fault` is one of those in `answer`; `names_tasks`: whether `progress` tells `current_task`."""
        super().__init__()
        self.hold = threading.Event()
        self.hold.set()
        self.fault = fault
        self.interruptions = 0
        self.job: Job | None = None
        self._sign_in = sign_in
        self._names_tasks = names_tasks
        self._queue = threading.Lock()
        self._begun = 0
        self._interrupted = threading.Event()

    def answer(self, asked: Asked) -> Answer | None:
        expected = "Basic " + base64.b64encode(self._sign_in.encode()).decode()
        if self._sign_in and asked.headers.get("authorization") != expected:
            detail = {"detail": "Incorrect username or password"}
            return Answer(detail, status=401, headers={"WWW-Authenticate": "Basic"})
        if self.fault == "no api":
            return NOT_FOUND
        if self.fault == "html":
            return HTML
        match asked.path.removeprefix("/sdapi/v1/"):
            case "txt2img" | "img2img":
                return self._picture(asked.json)
            case "progress":
                return NOT_FOUND if "no progress" in self.fault else Answer(self._progress())
            case "interrupt":
                self.interruptions += 1
                self._interrupted.set()
                return Answer({})
            case "sd-models":
                return Answer(
                    [{"title": "photo.safetensors [abc]", "model_name": "photo"}, {"title": "anime.ckpt"}]
                )
            case "samplers":
                return Answer([{"name": "Euler a", "aliases": []}, {"name": "DPM++ 2M", "aliases": []}])
        return NOT_FOUND

    def make_for_another(self, done: threading.Event) -> threading.Thread:
        """Make a picture for somebody else until `done` is set; returns once it has begun."""
        begun = threading.Event()

        def make() -> None:
            with self._queue:
                self.job = Job(self._next_stamp(), "task(another)", 64, 64, seed=7, step=STEPS // 2)
                begun.set()
                done.wait()
                self.job = None

        thread = threading.Thread(target=make, daemon=True)
        thread.start()
        begun.wait()
        return thread

    def _next_stamp(self) -> str:
        self._begun += 1
        return f"202601311200{self._begun:02}"

    def _picture(self, body: dict[str, Any]) -> Answer | None:
        if self.fault == "no memory":
            return Answer(NO_MEMORY, status=500)
        if self.fault == "asleep":
            self.closing.wait()
        seed, count = body["seed"], body.get("batch_size", 1)
        size = body.get("width", 512), body.get("height", 512)
        with self._queue:
            self._interrupted.clear()
            job = self.job = Job(self._next_stamp(), body.get("force_task_id", ""), *size, seed)
            for job.step in range(STEPS):
                if job.step == STEPS // 2:
                    while not (self.hold.wait(0.01) or self._interrupted.is_set() or self.closing.is_set()):
                        pass
            self.job = None
        if self.fault == "dies":
            return None
        info: dict[str, Any] = {
            "seed": seed,
            "all_seeds": [seed + index for index in range(count)],
            "sd_model_name": "photo",
            "index_of_first_image": 0,
        }
        pictures = [encoded(drawn(*size, seed + index)) for index in range(count)]
        if self.fault == "grid":
            pictures.insert(0, encoded(drawn(8, 8, 1)))
            info["index_of_first_image"] = 1
        if self.fault == "truncated":
            pictures = [picture[: len(picture) // 8 * 4] for picture in pictures]
        if self.fault == "huge":
            pictures = [encoded(huge())]
        told = {"info empty": "", STABLE_DIFFUSION_CPP: "", "info not json": "Steps: 20, Seed: 5"}.get(
            self.fault, msgspec.json.encode(info).decode()
        )
        return Answer({"images": pictures, "parameters": body, "info": told})

    def _progress(self) -> dict[str, Any]:
        job = self.job
        done = 0.0 if job is None else 0.01 if self.fault == "stuck" else 0.01 + job.step / STEPS
        answer: dict[str, Any] = {
            "progress": done,
            "eta_relative": 1.0,
            "state": {
                "job": "scripts_txt2img" if job else "",
                "job_count": 1 if job else 0,
                "job_timestamp": job.stamp if job else "0",
                "sampling_step": job.step if job else 0,
                "sampling_steps": STEPS,
            },
            "current_image": None,
        }
        if job is not None and job.step and self.fault != "stuck":
            preview = encoded(drawn(job.width // 8, job.height // 8, job.seed, part=job.step / STEPS))
            answer["current_image"] = preview[:10] if self.fault == "broken preview" else preview
        return answer | ({"current_task": job.task if job else None} if self._names_tasks else {})
