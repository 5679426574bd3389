"""What ComfyUI answers: a queued job, its history, its errors by node. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from msgspec import Struct

from animus_tui.backends.base.image_values import JobProgress
from animus_tui.backends.comfyui.job_watch import NO_REASON, Place, QueuedJob, failure_in
from animus_tui.backends.comfyui.workflow import Workflow
from animus_tui.backends.http.answer_errors import message_in
from animus_tui.backends.http.json_bodies import decoded, json_object, refuse_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MARK = "animus_chat"
"""The key in a job's `extra_data` under which the seed is found again."""
MOST_ERRORS = 3
"""Node errors that one sentence tells."""


class _Queued(Struct, frozen=True):
    prompt_id: str | None = None


class _Uploaded(Struct, frozen=True):
    name: str | None = None
    subfolder: str | None = None


def decode_queued(body: bytes) -> str:
    """The name of the job that `/prompt` has taken. AnswerError."""
    name = (decoded(body, _Queued).value.prompt_id or "").strip()
    return name or refuse_answer("The server took the workflow and named no job. Try again.")


def decode_uploaded(body: bytes) -> str:
    """What `LoadImage` calls the picture that `/upload/image` has taken. AnswerError."""
    answer = decoded(body, _Uploaded).value
    if not answer.name:
        refuse_answer("The server took the picture to change and gave it no name. Try again.")
    return f"{answer.subfolder}/{answer.name}" if answer.subfolder else answer.name


def node_errors(workflow: Workflow) -> Callable[[object], str]:
    """Finds the sentence in a refusal of `/prompt`: what is wrong with which node, else what is wrong at all."""

    def find(answer: object) -> str:
        match answer:
            case {"node_errors": dict(nodes)} if nodes:
                told = [
                    sentence
                    for name, node in nodes.items()
                    for sentence in _of_node(workflow, str(name), node)
                ]
                if told:
                    more = f"; and {len(told) - MOST_ERRORS} more" if len(told) > MOST_ERRORS else ""
                    return "; ".join(told[:MOST_ERRORS]) + more
            case {"error": {"message": str(message), "details": str(details)}} if (
                details and details != message
            ):
                return f"{message.rstrip('.')}: {details}"
        return message_in(answer)

    return find


def _of_node(workflow: Workflow, name: str, node: object) -> Iterator[str]:
    match node:
        case {"errors": list(errors)}:
            for error in errors:
                match error:
                    case {"message": str(message), "details": str(details)} if details.strip():
                        yield f"{workflow.title(name)}: {message} ({details})"
                    case _:
                        yield f"{workflow.title(name)}: {message_in(error) or 'an error without words'}"


def decode_queue(body: bytes, generation_id: str) -> QueuedJob:
    """Where a job stands in the answer of `/queue`, and what it is there. AnswerError."""
    answer = json_object(body)
    for key in ("queue_running", "queue_pending"):
        entries = answer.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if _names(entry, generation_id):
                return _queued(entry, generation_id, "running" if key == "queue_running" else "waiting")
    return QueuedJob(name=generation_id, place="unknown")


def _queued(entry: list[Any], name: str, place: Place) -> QueuedJob:
    """An entry of the queue: number, name, nodes, what came with them, and the nodes that put something out."""
    _, _, nodes, extra, outputs, *_ = [*entry, None, None, None]
    client_id = extra.get("client_id") if isinstance(extra, dict) else None
    return QueuedJob(
        name=name,
        place=place,
        nodes=nodes if isinstance(nodes, dict) else {},
        outputs=[each for each in outputs if isinstance(each, str)] if isinstance(outputs, list) else [],
        client_id=client_id if isinstance(client_id, str) else "",
    )


def _names(entry: object, generation_id: str) -> bool:
    return isinstance(entry, list) and len(entry) > 1 and entry[1] == generation_id


def decode_history(body: bytes, generation_id: str, *, view: str) -> JobProgress | None:
    """What became of a job; None while the answer of `/history/{id}` does not have it. AnswerError.

    `view` is the address of `/view`.
    """
    entry = json_object(body).get(generation_id)
    if not isinstance(entry, dict):
        return None
    urls = [f"{view}?{urlencode(picture)}" for picture in _pictures(entry.get("outputs"))]
    failure = _failure(entry.get("status"), _nodes(entry.get("prompt")))
    if failure or not urls:
        reason = (
            failure or "The workflow put out no picture. It needs a node that saves one, such as SaveImage."
        )
        return JobProgress(generation_id=generation_id, ended="badly", error=reason)
    return JobProgress(
        generation_id=generation_id,
        progress=100.0,
        ended="well",
        result_urls=urls,
        seed=_seed(entry.get("prompt")),
    )


def _pictures(outputs: object) -> list[dict[str, str]]:
    """What `/view` takes for each picture, in the order of the nodes; previews only where nothing was saved."""
    found: list[dict[str, str]] = []
    if isinstance(outputs, dict):
        for output in outputs.values():
            images = output.get("images") if isinstance(output, dict) else None
            for image in images if isinstance(images, list) else []:
                match image:
                    case {"filename": str(name)} if name:
                        folder, kind = image.get("subfolder") or "", image.get("type") or "output"
                        found.append({"filename": name, "subfolder": str(folder), "type": str(kind)})
    saved = [picture for picture in found if picture["type"] == "output"]
    return saved or found


def _nodes(prompt: object) -> Workflow:
    """The nodes that a history has beside a job."""
    match prompt:
        case [_, _, dict(nodes), *_]:
            return Workflow(nodes, frozenset())
    return Workflow({}, frozenset())


def _failure(status: object, workflow: Workflow) -> str:
    """Why the job failed; empty when it did not."""
    match status:
        case {"status_str": "error", "messages": list(messages)}:
            pass
        case {"status_str": "error"}:
            messages = []
        case _:
            return ""
    for message in messages:
        match message:
            case [kind, data, *_] if failure := failure_in(kind, data, workflow):
                return failure
    return NO_REASON


def _seed(prompt: object) -> int | None:
    """The seed that this program kept beside the job: a history holds number, name, nodes and what came with them."""
    match prompt:
        case [_, _, _, dict(extra), *_]:
            match extra.get(MARK):
                case {"seed": int(seed)} if not isinstance(seed, bool):
                    return seed
    return None


def job_body(nodes: dict[str, object], client_id: str, seed: int | None) -> dict[str, Any]:
    """The body of `/prompt`."""
    body: dict[str, Any] = {"prompt": nodes, "client_id": client_id}
    return body if seed is None else body | {"extra_data": {MARK: {"seed": seed}}}
