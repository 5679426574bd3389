"""What is in the account beside this machine: characters and groups of pictures, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.backends.base.errors import AnimusError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from typing import TypeVar

    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.backends.base.models import Character

    T = TypeVar("T")

READY = frozenset({"ready", "trained", "completed", "complete", "active", "succeeded", "success", "done"})
"""Words for a training that has ended; the service promises no list."""


class AccountError(Exception):
    """The service did not answer; `title` in a word or two, `str()` in one sentence."""

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__(sentence)
        self.title = title


class CharacterChoice(Struct, frozen=True, kw_only=True):
    """A character that pictures can have the face of."""

    id: str
    name: str
    description: str = ""
    training: str = ""
    """How far its training is, in a few words: `ready`, `training: step 3 of 5`."""
    is_ready: bool = False
    """Whether its face is learned, as far as the service's words can be understood."""


class AccountGroup(Struct, frozen=True, kw_only=True):
    """A group of pictures in the account."""

    id: str
    title: str
    count: int | None = None
    """How many pictures and clips, when the service tells."""
    preview_url: str | None = None
    created: str = ""
    """ISO 8601, as the service writes it; empty when it does not tell."""


class AccountPicture(Struct, frozen=True, kw_only=True):
    """A picture or a clip in a group."""

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


class Account:
    """Questions to the service. All raise AccountError; the lists are asked for page by page, as they are used up."""

    def __init__(self, client: AnimusClient) -> None:
        self._client = client

    async def characters(self) -> AsyncIterator[CharacterChoice]:
        """The account's characters."""
        async for character in _told(self._client.characters()):
            yield _choice(character)

    async def groups(self, *, character_id: str | None = None) -> AsyncIterator[AccountGroup]:
        """The account's groups; of one character, when it is named."""
        async for group in _told(self._client.groups(character_id=character_id)):
            yield AccountGroup(
                id=group.group_id,
                title=group.title,
                count=group.generation_count,
                preview_url=group.preview_image_url,
                created=group.created_at or "",
            )

    async def pictures(self, group_id: str) -> AsyncIterator[AccountPicture]:
        """The pictures and clips of a group that were made."""
        async for generation in _told(self._client.generations(group_id)):
            if generation.ended == "badly":
                continue
            told = generation.performance_metadata.get("seed")
            for url in generation.result_urls:
                yield AccountPicture(
                    generation_id=generation.generation_id,
                    prompt=generation.prompt,
                    url=url,
                    created=generation.created_at or "",
                    seed=told if isinstance(told, int) and len(generation.result_urls) == 1 else None,
                )

    async def fetch(self, url: str) -> bytes:
        """The checked bytes of a picture, not of a clip."""
        try:
            return (await self._client.download(url)).data
        except AnimusError as error:
            raise AccountError(error.title, error.sentence) from error

    async def delete_group(self, group_id: str) -> None:
        """Delete a group in the account, with what is in it."""
        try:
            await self._client.delete_group(group_id)
        except AnimusError as error:
            raise AccountError(error.title, error.sentence) from error


async def _told(items: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    try:
        async for item in items:
            yield item
    except AnimusError as error:
        raise AccountError(error.title, error.sentence) from error
    finally:
        await items.aclose()


def _choice(character: Character) -> CharacterChoice:
    status = _words(character.status)
    face = _words(character.face_lora_status)
    is_ready = (status or face) in READY
    parts = [status] if status else []
    if character.current_step:
        parts.append(f"step {character.current_step}")
    details = {
        "dataset": _words(character.dataset_status),
        "face": face,
        "body": _words(character.body_lora_status),
    }
    parts += [f"{what} {words}" for what, words in details.items() if words and words not in READY]
    return CharacterChoice(
        id=character.character_id,
        name=character.name or character.character_id,
        description=character.description,
        training="ready" if is_ready else ", ".join(parts) or "unknown",
        is_ready=is_ready,
    )


def _words(state: str | None) -> str:
    return (state or "").replace("_", " ").strip().lower()
