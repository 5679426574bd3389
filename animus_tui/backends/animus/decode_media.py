"""Bodies of `/generation/*` and `/characters/*` → values. Pure.

What a job cost is spent by the time its answer comes, and one odd entry must not hide a whole list. So here
a field of another type than promised counts as absent; only what cannot be done without, an id or a list, is
insisted on. Unknown fields are ignored, and a number may be written as text. The log counts what was left out.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from animus_tui.backends.animus.media_values import (
    BatchReceipt,
    BatchResult,
    Character,
    GenerationJob,
    GroupDetail,
    MediaGeneration,
    MediaGroup,
    Page,
    ServiceCapabilities,
    ending,
)
from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.http.answer_errors import looks_like_html, message_in
from animus_tui.backends.http.json_bodies import (
    ErrorFields,
    ReportedError,
    json_object,
    not_json,
    refuse_answer,
    texts_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

S = TypeVar("S", bound=Struct)

log = logging.getLogger("animus_tui.backends")


def decode_job(body: bytes, *, known_id: str | None = None) -> GenerationJob | ReportedError:
    """Answer of `generation/create` or `generation/status`. Raises AnswerError, also when it names no job.

    With `known_id` it must be about that one, or say of none that it is about.
    """
    raw = json_object(body)
    told_id = _text(raw.get("generation_id"))
    if known_id and told_id and told_id.strip() != known_id.strip():
        return refuse_answer("The service's answer is about another picture job. Try again.")
    named = {
        **raw,
        "generation_id": told_id or known_id,
        "progress": _percent(raw.get("progress")),
        "error": message_in(raw.get("error")),
    }
    job = _read(named, GenerationJob)
    if job is None or (known_id and raw.get("status") is None):
        return _reported(raw) or refuse_answer("The service's answer names no picture job. Try again.")
    ended = ending(job.status)
    model = job.performance_metadata.get("model")
    return msgspec.structs.replace(
        job,
        ended=ended,
        error=_reason(raw, is_failure=ended == "badly"),
        model=model if isinstance(model, str) and model.strip() else None,
        seed=_whole(job.performance_metadata.get("seed")) if job.seed is None else job.seed,
        seeds=_seeds(raw.get("seeds")) or _seeds(job.performance_metadata.get("seeds")),
    )


def decode_batch(body: bytes) -> BatchReceipt | ReportedError:
    """Answer of `generation/batch`. Raises AnswerError, also when it names neither a batch nor a job."""
    raw = json_object(body)
    results = sorted(_batch_results(raw.get("results")), key=lambda result: result.prompt_index)
    receipt = _read(raw, BatchReceipt) or BatchReceipt()
    if not receipt.batch_id and not results:
        return _reported(raw) or refuse_answer("The service's answer names no batch of pictures. Try again.")
    if not receipt.message:
        others = {name: value for name, value in raw.items() if name != "message"}
        receipt = msgspec.structs.replace(receipt, message=_reason(others, is_failure=True))
    done = sum(result.is_submitted for result in results)
    counted = {
        "total_requested": len(results),
        "successful_submissions": done,
        "failed_submissions": len(results) - done,
    }
    untold = {name: count for name, count in counted.items() if _whole(raw.get(name)) is None}
    return msgspec.structs.replace(receipt, results=results, **untold)


def decode_groups(body: bytes) -> Page[MediaGroup] | ReportedError:
    """One page of `generation/groups`. Raises AnswerError."""
    return _page(json_object(body), "groups", MediaGroup)


def decode_generations(body: bytes) -> Page[MediaGeneration] | ReportedError:
    """One page of a group's generations. Raises AnswerError."""
    return _page(json_object(body), "generations", MediaGeneration)


def decode_group(body: bytes, *, known_id: str) -> GroupDetail | ReportedError:
    """A group, its fields beside `generations` or in an object `group`. Raises AnswerError."""
    raw = json_object(body)
    page = _page(raw, "generations", MediaGeneration)
    if isinstance(page, ReportedError):
        return page
    inner = raw.get("group")
    fields = inner if isinstance(inner, dict) else raw
    group = _read({**fields, "group_id": _text(fields.get("group_id")) or known_id}, MediaGroup)
    return GroupDetail(
        group=group or MediaGroup(group_id=known_id),
        generations=page.items,
        has_more=bool(page.has_more),
    )


def decode_characters(body: bytes) -> Page[Character] | ReportedError:
    """One page of `characters`. Raises AnswerError."""
    return _page(json_object(body), "characters", Character)


def decode_character(body: bytes) -> Character | ReportedError:
    """One character, by itself or in an object `character`. Raises AnswerError."""
    raw = json_object(body)
    inner = raw.get("character")
    found = _read(inner if isinstance(inner, dict) else raw, Character)
    return found or _reported(raw) or refuse_answer("The service's answer names no character. Try again.")


def decode_capabilities(body: bytes) -> ServiceCapabilities | ReportedError:
    """The whole object as it is. Raises AnswerError."""
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


def _page(raw: dict[str, Any], name: str, kind: type[S]) -> Page[S] | ReportedError:
    entries, pagination = raw.get(name), raw.get("pagination")
    if entries is None and pagination is None:
        return _reported(raw) or refuse_answer(f"The service's answer holds no {name}. Try again.")
    if not isinstance(entries, list | None):
        sentence = f"The answer does not follow the protocol: expected a list at {name}. Try again."
        raise AnswerError("Answer not understood", sentence, retryable=True)
    odd = Counter[str]()
    found = [_read_counting(entry, kind, odd) for entry in entries or []]
    items = [item for item in found if item is not None]
    odd[f"{kind.__name__} as a whole"] = len(found) - len(items)
    _note(odd)
    return Page(
        items=items,
        came=len(found),
        has_more=_truth(pagination.get("has_more")) if isinstance(pagination, dict) else None,
    )


def _batch_results(raw: object) -> list[BatchResult]:
    """One that has no index, or an impossible one, has that of its place in the list; so have all when two share one.

    A job that was named already is no second one's.
    """
    entries = {
        place: entry
        for place, entry in enumerate(raw if isinstance(raw, list) else [])
        if isinstance(entry, dict)
    }
    told = {place: _whole(entry.get("prompt_index")) for place, entry in entries.items()}
    indices = {place: place if index is None or index < 0 else index for place, index in told.items()}
    if len(set(indices.values())) < len(indices):
        indices = {place: place for place in entries}
    results, odd = list[BatchResult](), Counter[str]()
    named = set[str | None]()
    for place, entry in entries.items():
        index = indices[place]
        known = {"prompt_index": index, "error": message_in(entry.get("error"))}
        result = _read_counting({**entry, **known}, BatchResult, odd)
        if result is None:
            continue
        error = _reason(entry, is_failure=not result.is_submitted)
        if result.generation_id in named:
            result = msgspec.structs.replace(result, generation_id=None)
            error = error or "The service named the job of another prompt."
        named |= {result.generation_id} - {None}
        results.append(msgspec.structs.replace(result, error=error))
    _note(odd)
    return results


def _reason(raw: Mapping[str, Any], *, is_failure: bool) -> str | None:
    """Why something failed, in the service's words; `is_failure`: it did, so that any sentence of it says why."""
    names = ("error", "error_message", "failure_reason", "reason", "detail", "message")
    told = (message_in(raw.get(name)) for name in (names if is_failure else names[:1]))
    return next(filter(None, told), None)


def _read(raw: object, kind: type[S]) -> S | None:
    """As `_read_counting`, and the log says what was left out."""
    odd = Counter[str]()
    value = _read_counting(raw, kind, odd)
    _note(odd)
    return value


def _read_counting(raw: object, kind: type[S], odd: Counter[str]) -> S | None:
    """The value whose fields `raw` holds; None when it is no object or a field without a default is missing.

    `odd` counts, by their names, the fields of another type than promised.
    """
    if not isinstance(raw, dict):
        return None
    readers = _readers(kind)
    told = {name: readers[name](raw[name]) for name in readers.keys() & raw.keys()}
    known = {name: value for name, value in told.items() if value is not None}
    odd.update(f"{kind.__name__}.{name}" for name in told if not told[name] and _says_something(raw[name]))
    if any(field.required and field.name not in known for field in msgspec.structs.fields(kind)):
        return None
    return kind(**known)


def _says_something(value: object) -> bool:
    return bool(value.strip() if isinstance(value, str) else value) and value != "0"


def _note(odd: Counter[str]) -> None:
    """Log how many fields were left out, by names of ours: what came in them is not told."""
    if counted := ", ".join(f"{name} ({count})" for name, count in sorted(odd.items()) if count):
        log.warning("Left out of an answer, as it is not what was promised: %s", counted)


@cache
def _readers(kind: type[Struct]) -> dict[str, Callable[[object], Any]]:
    """How each field of a model is read, by its type; fields of other types are left to the caller."""
    return {
        field.name: _READERS[field.type] for field in msgspec.structs.fields(kind) if field.type in _READERS
    }


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _whole(value: object) -> int | None:
    """Without a detour over `float`, which would round a seed of 64 bits."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if len(value) < 40:
            try:
                return int(value)
            except ValueError:
                return None
    return None


def _seeds(value: object) -> list[int]:
    seeds = [_whole(item) for item in value] if isinstance(value, list) else []
    return [] if None in seeds else [seed for seed in seeds if seed is not None]


def _truth(value: object) -> bool | None:
    match value:
        case bool():
            return value
        case 0 | 1:
            return value == 1
        case str():
            return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
    return None


def _percent(progress: object) -> float | None:
    """0 to 100; None for what is no number. How far a job is must never end it."""
    number = _number(progress.strip().removesuffix("%") if isinstance(progress, str) else progress)
    return None if number is None else min(100.0, max(0.0, number))


def _mapping(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


_READERS: dict[object, Callable[[object], Any]] = {
    str: _text,
    str | None: _text,
    int: _whole,
    int | None: _whole,
    float | None: _number,
    list[str]: texts_in,
    dict[str, Any]: _mapping,
}
