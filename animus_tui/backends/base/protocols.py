"""What a service has to be able to do so that the chat layer can use it: two Protocols, and what is optional in them.

`ChatBackend` answers, `ImageBackend` makes images; one object may be both. What a service cannot do is told by its
capabilities. All failures are kinds of BackendError.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, NoReturn, Protocol

from msgspec import Struct

from animus_tui.backends.base.errors import AnswerError, BackendError

if TYPE_CHECKING:
    from animus_tui.backends.base.chat_values import ChatDelta, ChatReply, ChatRequest
    from animus_tui.backends.base.image_values import (
        AccountGroup,
        AccountPicture,
        CharacterChoice,
        ImageRequest,
        ImageResult,
        JobProgress,
        Picture,
        Video,
    )


class RetryNotice(Struct, frozen=True):
    """A request is sent again; told before the pause."""

    delay: float
    """Seconds until the coming try."""
    attempt: int
    """Number of the coming try: 2, 3…"""
    error: BackendError
    """Why the last try failed."""


OnRetry = Callable[[RetryNotice], None]
OnPiece = Callable[["ChatDelta"], None]
OnProgress = Callable[[float | None], None]
"""Called with percent, 0 to 100, or None when the service does not tell."""
OnPreview = Callable[[bytes], None]
"""Called with the file of what an image looks like so far, as it came: nobody has looked at it."""


class ChatCapabilities(Struct, frozen=True, kw_only=True):
    """What a chat service can do beside answering with one whole message."""

    streaming: bool = False
    """The answer can be shown while it is written."""
    turns: bool = False
    """The answer can come as several messages, `ChatReply.turns`."""
    follow_up: bool = False
    """The answer can ask for another one, `ChatReply.next`."""
    image_prompts: bool = False
    """The answer can promise a picture, `ChatReply.image_prompt`."""
    compliance: bool = False
    """The answer can be checked against content rules, `ChatReply.compliance_violations`."""
    tools: bool = False
    """It takes `ChatRequest.tools`; whether a model of it calls them is another question."""
    schemas: bool = False
    """It takes `ChatRequest.answer_schema`, which the answer then follows."""
    image_input: bool = False
    """It takes `RequestMessage.images`, for a model that can see them."""
    models: bool = False
    """It has a choice of models, and lists them: `ChatBackend.models`."""


IMAGE_OPTIONS = frozenset(
    {"size", "seed", "steps", "guidance", "negative", "strength", "count", "model", "sampler", "group"}
)
"""Options of an image that a service may take, as they are typed; those of a character come with characters."""


class ImageCapabilities(Struct, frozen=True, kw_only=True):
    """What an image service can do beside making one image of a prompt and a size within one request."""

    generates: bool = True
    """False for what stands in the place of a service where there is none."""
    jobs: bool = False
    """It can make images in jobs that are followed by their id, also by a later run of the program."""
    only_jobs: bool = False
    """It makes all images in jobs."""
    job_options: frozenset[str] = frozenset()
    """Fields of `ImageRequest` that only a job carries, which then chooses the model itself."""
    own_defaults: bool = False
    """It has good values of its own for what is not asked for; others are sent those of the configuration."""
    options: frozenset[str] = frozenset({"size"})
    """The options that it takes beside the prompt, as they are typed: those of `IMAGE_OPTIONS`."""
    edits: bool = False
    """It can change an image that it is given the address of, `ImageRequest.source_url`."""
    edits_bytes: bool = False
    """It can change an image that it is given the bytes of: a `data:` address as `ImageRequest.source_url`."""
    only_edits: bool = False
    """It makes an image of another one only."""
    edit_lacks: frozenset[str] = frozenset()
    """Options that it takes for a new image and not for a changed one."""
    cancels: bool = False
    """An image that is being made can be stopped, so that it takes no more of the service's time."""
    videos: bool = False
    """It can make a clip that begins as an image."""
    characters: bool = False
    """The account has characters whose face an image can get; `ImageBackend.account` lists them."""
    groups: bool = False
    """The account keeps images in groups; `ImageBackend.account` lists them."""

    @property
    def makes_new_images(self) -> bool:
        """Whether a prompt is enough for an image."""
        return self.generates and not self.only_edits


class ChatBackend(Protocol):
    """A service that answers in a conversation."""

    @property
    def chat_capabilities(self) -> ChatCapabilities:
        """What the service can do. The chat layer asks for nothing else."""

    @property
    def usual_model(self) -> str | None:
        """The model that answers where none is named; None where that is not known."""

    async def complete(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None, on_piece: OnPiece | None = None
    ) -> ChatReply:
        """One whole reply. An error that comes after a part of the reply has it in `said`.

        `on_piece` gets the pieces of the reply where the service sends it so, as they come.
        """

    def stream_chat(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of a reply as they come. Only with the capability `streaming`."""

    async def models(self) -> list[str]:
        """The names of the models that can answer, in the service's order. Empty without the capability `models`."""

    async def count_tokens(self, texts: Sequence[str]) -> list[int] | None:
        """How many tokens its model makes of each text; None where it does not tell. Raises BackendError."""


class AccountBackend(Protocol):
    """What an account with an image service keeps there. Lists are asked for page by page, as they are used up."""

    def characters(self) -> AsyncGenerator[CharacterChoice, None]:
        """The account's characters."""

    def groups(self, *, character_id: str | None = None) -> AsyncGenerator[AccountGroup, None]:
        """The account's groups; of one character, when it is named."""

    def pictures(self, group_id: str) -> AsyncGenerator[AccountPicture, None]:
        """The images and clips of a group that were made. Raises Gone."""

    async def delete_group(self, group_id: str) -> None:
        """Delete a group with what is in it. Raises Gone when the service does not know it."""

    async def delete_generation(self, generation_id: str) -> None:
        """Delete the pictures or the clip of a job. Raises Gone when the service does not know it."""


class ImageBackend(Protocol):
    """A service that makes images. What a service does not override refuses, or returns nothing."""

    @property
    def identity(self) -> str:
        """Tells this service from others, so that a job is asked after where it was begun; empty for Animus."""

    @property
    def image_capabilities(self) -> ImageCapabilities:
        """What the service can do."""

    @property
    def account(self) -> AccountBackend | None:
        """What the account keeps; None for a service that keeps nothing."""
        return None

    async def generate(
        self,
        request: ImageRequest,
        *,
        on_retry: OnRetry | None = None,
        on_progress: OnProgress | None = None,
        on_preview: OnPreview | None = None,
    ) -> ImageResult:
        """Make images within one request. Never sent again once it may have arrived.

        With the capability `cancels`, a cancellation stops the service as well.
        """
        refuse("This image service makes all pictures in jobs.")

    async def submit(self, request: ImageRequest, *, on_retry: OnRetry | None = None) -> JobProgress:
        """Start an image job. Never sent again once it may have arrived. Only with the capability `jobs`."""
        refuse("This image service makes pictures at once and knows no jobs.")

    def can_batch(self, request: ImageRequest) -> bool:
        """Whether `submit_batch` can carry everything that the request asks for."""
        return False

    async def submit_batch(self, requests: Sequence[ImageRequest]) -> list[JobProgress | AnswerError]:
        """Start a job for each request, all alike but for their prompts, in one request; in the same order.

        An error stands in the place of a job that was not started.
        """
        refuse("This image service takes one prompt at a time.")

    async def follow(
        self,
        generation_id: str,
        *,
        on_progress: OnProgress,
        on_preview: OnPreview | None = None,
        estimated: float | None = None,
    ) -> JobProgress:
        """Ask after a job until it has ended well; the job then has at least one of `result_urls`.

        `estimated`: seconds from now until the expected end. Cancelling leaves the job to the service. Raises JobFailed
        and Gone: then the job is over. After any other BackendError the same job can be followed again.
        """
        refuse("This image service knows no jobs. The picture was begun with another one.")

    async def abandon(self, generation_id: str) -> None:
        """Have the service stop a job that nobody wants any more; with the capability `cancels`. Raises nothing."""
        return

    async def image_models(self) -> list[str]:
        """The names of the models that can be chosen, as far as the service tells them. Raises BackendError."""
        return []

    async def samplers(self) -> list[str]:
        """The names of the samplers that can be chosen, as far as the service tells them. Raises BackendError."""
        return []

    async def download(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """Fetch and check an image at an `http(s)` or `data:` address. Raises PictureError.

        `is_new`: it was made a moment ago, so that it may take a while until it is there.
        """

    async def download_video(
        self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None
    ) -> Video:
        """Fetch and check a clip as `download` does an image. Raises PictureError."""
        refuse("This image service makes no clips.")


def refuse(sentence: str) -> NoReturn:
    """Raises BackendError: the service cannot do what it is asked for, as its capabilities say."""
    raise BackendError("Cannot be done", sentence)
