"""Values of `/generation/*` and `/characters/*`, with the service's names. Times are ISO 8601, as they came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from animus_tui.backends.base.image_values import Ended, JobProgress

T = TypeVar("T")
_ENDED_WELL = frozenset({"completed", "complete", "succeeded", "success", "done"})
_ENDED_BADLY = frozenset({"failed", "error", "cancelled", "canceled"})


def ending(status: str) -> Ended | None:
    """How a job with this status ended; None while it runs. The service's words are read without case."""
    word = status.strip().lower()
    if word in _ENDED_WELL:
        return "well"
    return "badly" if word in _ENDED_BADLY else None


class GenerationJob(JobProgress, frozen=True, kw_only=True):
    """State of a job of `/generation/*`, with what only this service tells."""

    status: str = ""
    group_id: str | None = None
    generation_type: str | None = None
    message: str | None = None
    prompt: str | None = None
    created_at: str | None = None
    service: str | None = None
    performance_metadata: dict[str, Any] = field(default_factory=dict)
    """As it came: no names are promised."""


class BatchPrompt(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One picture of a batch. What is None is not sent."""

    prompt: str
    face_swap: bool | None = None
    use_face_lora: bool | None = None
    use_body_lora: bool | None = None
    source_image_url: str | None = None


class BatchResult(Struct, frozen=True, kw_only=True):
    """What became of one prompt of a batch: a job, or the reason why there is none."""

    prompt_index: int
    """Counts from 0, in the order in which the prompts were sent."""
    generation_id: str | None = None
    status: str = ""
    error: str | None = None

    @property
    def is_submitted(self) -> bool:
        """Whether there is a job to ask after."""
        return self.generation_id is not None and ending(self.status) != "badly"


class BatchReceipt(Struct, frozen=True, kw_only=True):
    """Answer to a batch. Numbers that the service leaves out are counted from `results`."""

    batch_id: str = ""
    group_id: str | None = None
    status: str = ""
    message: str | None = None
    total_requested: int = 0
    successful_submissions: int = 0
    failed_submissions: int = 0
    estimated_time: float | None = None
    """Seconds until the whole batch ends, as the service guesses."""
    credits_deducted: float | None = None
    remaining_balance: float | None = None
    results: list[BatchResult] = field(default_factory=list)
    """In the order of the prompts."""


class MediaGroup(Struct, frozen=True, kw_only=True):
    """A group of pictures in the account."""

    group_id: str
    title: str = ""
    description: str = ""
    group_type: str | None = None
    generation_count: int | None = None
    preview_image_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    status: str = ""
    character_id: str | None = None


class MediaGeneration(Struct, frozen=True, kw_only=True):
    """One entry of a group: a job and its results."""

    generation_id: str
    prompt: str = ""
    status: str = ""
    result_urls: list[str] = field(default_factory=list)
    created_at: str | None = None
    performance_metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> Ended | None:
        """How it ended; None while it runs."""
        return ending(self.status)


class GroupDetail(Struct, frozen=True, kw_only=True):
    """A group with the first page of its generations."""

    group: MediaGroup
    generations: list[MediaGeneration] = field(default_factory=list)
    has_more: bool = False


class Character(Struct, frozen=True, kw_only=True):
    """A character of the account and how far its training is. The words of its states are not a closed list."""

    character_id: str
    name: str = ""
    description: str = ""
    status: str = ""
    current_step: str | None = None
    face_images_count: int | None = None
    body_images_count: int | None = None
    dataset_status: str | None = None
    face_lora_status: str | None = None
    body_lora_status: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


ServiceCapabilities = Mapping[str, Any]
"""What the service says that it can do, as it came: no names are promised."""


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    items: list[T]
    """What could be read of it."""
    came: int
    """Entries that the service sent, readable or not: the next page begins after them."""
    has_more: bool | None = None
    """What the service says; None when it says nothing."""
