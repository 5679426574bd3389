"""A picture of the account that nobody has asked for here: fetched when it is looked at, kept like a thumbnail."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from animus_tui.atomic import make_folder, write_atomically
from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.pictures import check_picture
from animus_tui.chat.account import AccountError
from animus_tui.chat.messages import ImageRecord
from animus_tui.chat.pictures import FoundPicture

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.account import Account, AccountPicture

MOST_KEPT = 40
"""Pictures that are kept; the oldest go first."""


async def fetched(account: Account, picture: AccountPicture, folder: Path) -> FoundPicture:
    """The picture as a file in `folder`, which is made if need be. AccountError, also when the disk refuses."""
    data = await account.fetch(picture.url)
    try:
        checked = check_picture(data)
        name = f"{hashlib.sha256(data).hexdigest()[:40]}.{checked.kind}"
        await asyncio.to_thread(_keep, folder, name, data)
    except PictureError as error:
        raise AccountError(error.title, error.sentence) from error
    except OSError as error:
        raise AccountError(
            "Not kept", f"{folder} cannot be written to: {error.strerror or error}."
        ) from error
    record = ImageRecord(
        prompt=picture.prompt,
        file=name,
        created=picture.created,
        width=checked.width,
        height=checked.height,
        settings={} if picture.seed is None else {"seed": picture.seed},
    )
    return FoundPicture("account", "", folder, picture.generation_id, record, 0, 1, is_shown=True)


def _keep(folder: Path, name: str, data: bytes) -> None:
    if not folder.is_dir():
        make_folder(folder)
    write_atomically(folder / name, data)
    kept = sorted(
        (file for file in folder.iterdir() if file.is_file()), key=lambda file: file.stat().st_mtime
    )
    for oldest in kept[:-MOST_KEPT]:
        oldest.unlink(missing_ok=True)
