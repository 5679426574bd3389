"""Bodies of `/generate/image`, `/generation/*` and `/characters` → values. Pure.

What a job cost is spent by the time its answer comes, and one odd entry must not hide a whole list. So a field of
another type than promised counts as absent; only what cannot be done without, an id or a list, is insisted on. Unknown
fields are ignored, and a number may be written as text, a text as a number. The log counts what was left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.base.image_values import Ended, ImageOutput, ImageResult, JobProgress
from animus_tui.backends.http.answer_errors import looks_like_html, message_in
from animus_tui.backends.http.json_bodies import (
    ErrorFields,
    ReportedError,
    decoded,
    json_object,
    log_left_out,
    not_json,
    refuse_answer,
    texts_in,
)
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from collections.abc import Mapping

S = TypeVar("S", bound=Struct)
Text = str | int | float
"""An id or a word, which the service may also write as a number."""
Number = Annotated[float, Meta(ge=-1e300, le=1e300)]
"""A finite number."""
_ENDED_WELL = frozenset({"completed", "complete", "succeeded", "success", "done"})
_ENDED_BADLY = frozenset({"failed", "error", "cancelled", "canceled"})


class GenerationJob(JobProgress, frozen=True, kw_only=True):
    """State of a job of `/generation/*`."""

    status: str = ""
    """The service's own word, of no closed list; a new one shows that the job goes on."""


class BatchResult(Struct, frozen=True, kw_only=True):
    """What became of one prompt of a batch."""

    generation_id: str | None = None
    """The job; None when none was started."""
    error: str | None = None
    """Why none was started, in the service's words."""


class Batch(Struct, frozen=True, kw_only=True):
    """What became of a batch."""

    results: dict[int, BatchResult]
    """By the index of the prompt, which counts from 0. The service may leave some out."""
    message: str | None = None
    estimated_time: float | None = None
    """Seconds until the whole batch ends, as the service guesses."""
    credits_deducted: float | None = None
    remaining_balance: float | None = None


class Metadata(Struct, frozen=True):
    """What `performance_metadata` may hold; no names are promised."""

    model: str | None = None
    seed: int | None = None
    seeds: Any = None


class Entry(Struct, frozen=True, kw_only=True):
    """An entry of a list."""

    id: Text
    """Without a good one the entry is left out."""


class Group(Entry, frozen=True, kw_only=True):
    """An entry of `/generation/groups`."""

    id: Text = field(name="group_id")
    title: Text = ""
    generation_count: int | None = None
    created_at: Text = ""


class Generation(Entry, frozen=True, kw_only=True):
    """An entry of a group: a job and its results."""

    id: Text = field(name="generation_id")
    prompt: Text = ""
    status: Text = ""
    result_urls: Any = None
    created_at: Text = ""
    performance_metadata: Metadata = Metadata()


class Character(Entry, frozen=True, kw_only=True):
    """An entry of `/characters`: a character and how far its training is, in words of no closed list."""

    id: Text = field(name="character_id")
    name: Text = ""
    description: Text = ""
    status: Text = ""
    current_step: Text = ""
    dataset_status: Text = ""
    face_lora_status: Text = ""
    body_lora_status: Text = ""


E = TypeVar("E", bound=Entry)


class Page(Struct, Generic[E], frozen=True, kw_only=True):
    """One page of a list."""

    items: list[E]
    """What could be read of it."""
    came: int
    """Entries that the service sent, readable or not: the next page begins after them."""
    has_more: bool | None = None
    """What the service says; None when it says nothing."""


class _ImageAnswer(ErrorFields, frozen=True, kw_only=True):
    output: Any = None
    outputs: Any = None
    seed: Any = None


class _Job(Struct, frozen=True, kw_only=True):
    generation_id: Text = ""
    status: Text = ""
    progress: Text | None = None
    result_urls: Any = None
    estimated_time: Number | None = None
    credits_deducted: Number | None = None
    remaining_balance: Number | None = None
    seed: int | None = None
    seeds: Any = None
    performance_metadata: Metadata = Metadata()


class _Result(Struct, frozen=True):
    generation_id: Text = ""
    status: Text = ""
    prompt_index: int | None = None


class _Batch(Struct, frozen=True, kw_only=True):
    batch_id: Text = ""
    estimated_time: Number | None = None
    credits_deducted: Number | None = None
    remaining_balance: Number | None = None


class _Pagination(Struct, frozen=True):
    has_more: bool | None = None


def ending(status: Text) -> Ended | None:
    """How a job with this status ended; None while it runs. The service's words are read without case."""
    word = str(status).strip().lower()
    if word in _ENDED_WELL:
        return "well"
    return "badly" if word in _ENDED_BADLY else None


def decode_image(body: bytes) -> ImageResult | ReportedError:
    """Answer of `generate/image`, all three shapes. Raises AnswerError, also when it names no picture."""
    answer = decoded(body, _ImageAnswer).value
    urls = [*texts_in(answer.output), *texts_in(answer.outputs)]
    if not urls:
        sentence = "The service's answer names no picture. Try again, or with other words."
        return answer.reported() or refuse_answer(sentence)
    seed = answer.seed if isinstance(answer.seed, int) and not isinstance(answer.seed, bool) else None
    return ImageResult(images=[ImageOutput(urls[0], seed)])


def decode_job(body: bytes, *, known_id: str | None = None) -> GenerationJob | ReportedError:
    """Answer of `generation/create` or `generation/status`. Raises AnswerError, also when it names no job.

    With `known_id` it must be about that one, or say of none that it is about.
    """
    raw = json_object(body)
    told = _read(raw, _Job) or _Job()
    identity = str(told.generation_id)
    if known_id and identity.strip() not in ("", known_id.strip()):
        return refuse_answer("The service's answer is about another picture job. Try again.")
    identity = identity if identity.strip() else known_id or ""
    if not identity or (known_id and raw.get("status") is None):
        return _reported(raw) or refuse_answer("The service's answer names no picture job. Try again.")
    ended, more = ending(told.status), told.performance_metadata
    return GenerationJob(
        generation_id=identity,
        status=str(told.status),
        progress=_percent(told.progress),
        ended=ended,
        result_urls=texts_in(told.result_urls),
        error=_reason(raw, is_failure=ended == "badly"),
        estimated_time=told.estimated_time,
        credits_deducted=told.credits_deducted,
        remaining_balance=told.remaining_balance,
        model=more.model if more.model and more.model.strip() else None,
        seed=more.seed if told.seed is None else told.seed,
        seeds=_seeds(told.seeds) or _seeds(more.seeds),
    )


def decode_batch(body: bytes) -> Batch | ReportedError:
    """Answer of `generation/batch`. Raises AnswerError, also when it names neither a batch nor a job."""
    raw = json_object(body)
    told = _read(raw, _Batch) or _Batch()
    results = _batch_results(raw.get("results"))
    if not results and not str(told.batch_id).strip():
        return _reported(raw) or refuse_answer("The service's answer names no batch of pictures. Try again.")
    message = raw.get("message")
    return Batch(
        results=results,
        message=message if isinstance(message, str) and message.strip() else _reason(raw, is_failure=True),
        estimated_time=told.estimated_time,
        credits_deducted=told.credits_deducted,
        remaining_balance=told.remaining_balance,
    )


def decode_page(body: bytes, *, name: str, kind: type[E]) -> Page[E] | ReportedError:
    """One page of the list `name`. Raises AnswerError, also when the answer holds no such list."""
    raw = json_object(body)
    entries, pagination = raw.get(name), raw.get("pagination")
    if entries is None and pagination is None:
        return _reported(raw) or refuse_answer(f"The service's answer holds no {name}. Try again.")
    if not isinstance(entries, list | None):
        sentence = f"The answer does not follow the protocol: expected a list at {name}. Try again."
        raise AnswerError("Answer not understood", sentence, retryable=True)
    items, left_out = list[E](), list[str]()
    for entry in entries or []:
        item, odd = tolerant(entry, kind, strict=False)
        left_out += [f"{name}.{path}" if path else name for path in odd]
        if item is not None and str(item.id).strip():
            items.append(item)
    log_left_out(left_out)
    told = _read(pagination, _Pagination) or _Pagination()
    return Page(items=items, came=len(entries or []), has_more=told.has_more)


def decode_group(body: bytes, *, known_id: str) -> Group | ReportedError:
    """One group, its fields by themselves or in an object `group`. Raises AnswerError."""
    raw = json_object(body)
    fields = _fields(raw, "group")
    if raw.get("generations") is None and fields.get("group_id") is None:
        return _reported(raw) or refuse_answer("The service's answer names no group. Try again.")
    return _read({"group_id": known_id, **fields}, Group) or Group(id=known_id)


def decode_character(body: bytes) -> Character | ReportedError:
    """One character, its fields by themselves or in an object `character`. Raises AnswerError."""
    raw = json_object(body)
    character = _read(_fields(raw, "character"), Character)
    if character is None or not str(character.id).strip():
        return _reported(raw) or refuse_answer("The service's answer names no character. Try again.")
    return character


def decode_capabilities(body: bytes) -> Mapping[str, Any] | ReportedError:
    """The whole object as it came. Raises AnswerError."""
    raw = json_object(body)
    return (_reported(raw) if raw.get("error") else None) or raw


def decode_deleted(body: bytes) -> ReportedError | None:
    """Answer of a deletion: anything but an error object, `success: false` or a page. Raises AnswerError."""
    if looks_like_html(body):
        raise not_json(body)
    if not body.lstrip().startswith(b"{"):
        return None
    raw = json_object(body)
    return (_reported(raw) or ReportedError({})) if raw.get("error") or raw.get("success") is False else None


def _reported(raw: Mapping[str, Any]) -> ReportedError | None:
    return msgspec.convert(raw, ErrorFields).reported()


def _fields(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = raw.get(name)
    return inner if isinstance(inner, dict) else raw


def _batch_results(raw: object) -> dict[int, BatchResult]:
    """The results by the index of their prompt.

    One that has no index, or an impossible one, has that of its place in the list; so have all when two share one. A
    job that was named already is no second one's.
    """
    entries = raw if isinstance(raw, list) else []
    told = {
        place: (entry, result)
        for place, entry in enumerate(entries)
        if isinstance(entry, dict) and (result := _read(entry, _Result)) is not None
    }
    indices = {
        place: place if result.prompt_index is None or result.prompt_index < 0 else result.prompt_index
        for place, (_, result) in told.items()
    }
    if len(set(indices.values())) < len(indices):
        indices = {place: place for place in told}
    results, named = dict[int, BatchResult](), set[str]()
    for place, (entry, result) in told.items():
        identity = str(result.generation_id)
        has_failed = not identity.strip() or ending(result.status) == "badly"
        error = _reason(entry, is_failure=has_failed)
        if identity in named and not has_failed:
            error = error or "The service named the job of another prompt."
        is_started = not has_failed and identity not in named
        named.add(identity)
        results[indices[place]] = BatchResult(generation_id=identity if is_started else None, error=error)
    return results


def _reason(raw: Mapping[str, Any], *, is_failure: bool) -> str | None:
    """Why something failed, in the service's words; `is_failure`: it did, so that any sentence of it says why."""
    names = ("error", "error_message", "failure_reason", "reason", "detail", "message")
    told = (message_in(raw.get(name)) for name in (names if is_failure else names[:1]))
    return next(filter(None, told), None)


def _read(raw: object, kind: type[S]) -> S | None:
    """What can be read of an object; None when it is none. The log says what was left out."""
    if not isinstance(raw, dict):
        return None
    value, left_out = tolerant(raw, kind, strict=False)
    log_left_out(left_out)
    return value


def _seeds(value: object) -> list[int]:
    """The seeds of several results, all or none."""
    try:
        return msgspec.convert(value, list[int], strict=False)
    except msgspec.ValidationError:
        return []


def _percent(progress: Text | None) -> float | None:
    """0 to 100; None for what is no number. How far a job is must never end it."""
    if progress is None:
        return None
    try:
        number = float(progress.strip().removesuffix("%") if isinstance(progress, str) else progress)
    except (ValueError, OverflowError):
        return None
    return min(100.0, max(0.0, number)) if math.isfinite(number) else None
