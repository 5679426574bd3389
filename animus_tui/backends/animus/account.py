"""The account's characters and groups of pictures, as neutral values."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from animus_tui.backends.base.image_values import AccountGroup, AccountPicture, CharacterChoice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from animus_tui.backends.animus.media import MediaClient
    from animus_tui.backends.animus.media_values import Character

READY = frozenset({"ready", "trained", "completed", "complete", "active", "succeeded", "success", "done"})
"""Words for a training that has ended; the service promises no list."""


class AnimusAccount:
    """Questions about the account, an AccountBackend. Lists are asked for page by page, as they are used up."""

    def __init__(self, media: MediaClient) -> None:
        self._media = media

    async def characters(self) -> AsyncGenerator[CharacterChoice, None]:
        """The account's characters."""
        async with aclosing(self._media.characters()) as characters:
            async for character in characters:
                yield _choice(character)

    async def groups(self, *, character_id: str | None = None) -> AsyncGenerator[AccountGroup, None]:
        """The account's groups; of one character, when it is named."""
        async with aclosing(self._media.groups(character_id=character_id)) as groups:
            async for group in groups:
                yield AccountGroup(
                    id=group.group_id,
                    title=group.title,
                    count=group.generation_count,
                    preview_url=group.preview_image_url,
                    created=group.created_at or "",
                )

    async def pictures(self, group_id: str) -> AsyncGenerator[AccountPicture, None]:
        """The pictures and clips of a group that were made. Raises Gone."""
        async with aclosing(self._media.generations(group_id)) as generations:
            async for generation in generations:
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

    async def delete_group(self, group_id: str) -> None:
        """Delete a group with what is in it. Raises Gone when the service does not know it."""
        await self._media.delete_group(group_id)

    async def delete_generation(self, generation_id: str) -> None:
        """Delete the pictures or the clip of a job. Raises Gone when the service does not know it."""
        await self._media.delete_generation(generation_id)


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
