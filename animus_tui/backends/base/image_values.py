"""What an image service is asked and what it answers. Neutral: names on the wire belong to each service."""

from __future__ import annotations

from typing import Literal, TypeVar

from msgspec import Struct, field

from animus_tui.backends.base.errors import JobFailed

Ended = Literal["well", "badly"]
J = TypeVar("J", bound="JobProgress")


class CharacterOptions(Struct, frozen=True, kw_only=True):
    """How an image gets the face and body of a character that the account has trained."""

    id: str
    face_lora: bool | None = None
    """Use what was learned of the face."""
    body_lora: bool | None = None
    """Use what was learned of the body."""
    face_swap: bool | None = None
    """Put the face in place of the generated one."""


class ImageRequest(Struct, frozen=True, kw_only=True):
    """A request for images of one prompt, or for a clip. What is None is left to the service."""

    prompt: str
    source_url: str | None = None
    """The image to change, or to begin a clip with: `http(s)`, or `data:` for a service that wants the bytes."""
    video: bool = False
    """Whether `source_url` becomes a clip."""
    width: int | None = None
    """Pixels."""
    height: int | None = None
    """Pixels."""
    steps: int | None = None
    guidance: float | None = None
    """Guidance scale: how closely to follow the prompt."""
    seed: int | None = None
    count: int | None = None
    """How many images are made of the prompt."""
    negative: str | None = None
    """Negative prompt."""
    model: str | None = None
    sampler: str | None = None
    """Name of the sampler: how noise becomes an image."""
    strength: float | None = None
    """Of a change: how much of the new image is seen, from 0 to 1."""
    character: CharacterOptions | None = None
    """Only for services whose `ImageCapabilities.characters` is true."""
    group: str | None = None
    """Title of the account's group to file the image under; only with `ImageCapabilities.groups`."""


class ImageOutput(Struct, frozen=True):
    """One image or clip that a service made, by its address."""

    url: str
    """`http(s)`, or `data:` when the service sent the bytes themselves."""
    seed: int | None = None
    """The seed that was used, when the service told."""


class ImageResult(Struct, frozen=True, kw_only=True):
    """What was made within one request; at least one image."""

    images: list[ImageOutput]
    model: str | None = None
    """What the images were made with, when the service told."""


class JobProgress(Struct, frozen=True, kw_only=True):
    """State of an image job. Each answer tells a part of it; what it leaves out is None or empty."""

    generation_id: str
    """The service's name of the job, by which it can be followed later, also by another run of the program."""
    progress: float | None = None
    """0 to 100."""
    ended: Ended | None = None
    """How the job ended; None while it runs."""
    result_urls: list[str] = field(default_factory=list)
    error: str | None = None
    """Why it ended badly, in the service's words."""
    estimated_time: float | None = None
    """Seconds from its creation to its end, as the service guesses."""
    credits_deducted: float | None = None
    remaining_balance: float | None = None
    """Credits of the account after this job."""
    model: str | None = None
    """What the images were made with."""
    seed: int | None = None
    """The seed that was used."""
    seeds: list[int] = field(default_factory=list)
    """One for each of several results; empty unless all are known."""

    @property
    def images(self) -> list[ImageOutput]:
        """All that was made, with the seeds where they can be told apart."""
        seeds: list[int | None] = [None] * len(self.result_urls)
        if len(self.seeds) == len(self.result_urls):
            seeds = [*self.seeds]
        elif len(self.result_urls) == 1:
            seeds = [self.seed]
        return [ImageOutput(url, seed) for url, seed in zip(self.result_urls, seeds, strict=True)]


class Picture(Struct, frozen=True, kw_only=True):
    """Fetched and checked bytes of a picture."""

    data: bytes
    kind: Literal["png", "jpeg", "webp"]
    width: int
    height: int


class Video(Struct, frozen=True, kw_only=True):
    """Fetched and checked bytes of a clip."""

    data: bytes
    kind: Literal["mp4"]


class CharacterChoice(Struct, frozen=True, kw_only=True):
    """A character whose face images can have."""

    id: str
    name: str
    description: str = ""
    training: str = ""
    """State of its training in a few words: `ready`, `training: step 3 of 5`."""
    is_ready: bool = False
    """Whether its face is learned, as far as the service's words can be understood."""


class AccountGroup(Struct, frozen=True, kw_only=True):
    """A group of images in the account."""

    id: str
    title: str
    count: int | None = None
    """How many images and clips, when the service tells."""
    created: str = ""
    """ISO 8601, as the service writes it; empty when it does not tell."""


class AccountPicture(Struct, frozen=True, kw_only=True):
    """An image or a clip in a group of the account."""

    generation_id: str
    prompt: str
    url: str
    created: str = ""
    """ISO 8601, as the service writes it; empty when it does not tell."""
    seed: int | None = None

    @property
    def is_video(self) -> bool:
        """Whether the address names a clip."""
        return self.url.partition("?")[0].lower().endswith(".mp4")


def finished(job: J) -> J:
    """The job, which ended well and has at least one of `result_urls`. Raises JobFailed with the service's reason."""
    if job.ended == "well" and job.result_urls:
        return job
    sentence = f"The picture could not be made: {job.error or 'the service gave no reason.'} Try again."
    raise JobFailed("No picture", sentence, retryable=True)
