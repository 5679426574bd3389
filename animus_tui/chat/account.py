"""The account with the image service: characters and groups of images that it stores, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.backends.base.image_values import AccountGroup, AccountPicture, CharacterChoice
from animus_tui.chat.abilities import LACKS
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from animus_tui.backends.base.protocols import AccountBackend, ImageBackend

# The screens, which import nothing of the services, take the three values from here.
__all__ = ["Account", "AccountGroup", "AccountPicture", "CharacterChoice"]


class Account:
    """The account with the image service. All methods raise UserError; lists are fetched page by page."""

    def __init__(self, images: ImageBackend) -> None:
        self._images = images

    @property
    def exists(self) -> bool:
        """Whether the service keeps anything."""
        return self._images.account is not None

    def characters(self) -> AsyncGenerator[CharacterChoice, None]:
        """The account's characters."""
        return self._kept().characters()

    def groups(self, *, character_id: str | None = None) -> AsyncGenerator[AccountGroup, None]:
        """The account's groups; of one character, when it is named."""
        return self._kept().groups(character_id=character_id)

    def pictures(self, group_id: str) -> AsyncGenerator[AccountPicture, None]:
        """The pictures and clips of a group that were made."""
        return self._kept().pictures(group_id)

    async def fetch(self, url: str) -> bytes:
        """The checked bytes of a picture, not of a clip."""
        return (await self._images.download(url)).data

    async def delete_group(self, group_id: str) -> None:
        """Delete a group in the account, with what is in it."""
        await self._kept().delete_group(group_id)

    async def delete_generation(self, generation_id: str) -> None:
        """Delete the pictures of a job in the account. Gone when the service does not know it."""
        await self._kept().delete_generation(generation_id)

    def _kept(self) -> AccountBackend:
        account = self._images.account
        if account is None:
            raise UserError(LACKS["characters"], title="No account")
        return account
