"""Previews of images that are being generated: files for whoever draws them, in a private folder.

The newest two of each job are kept, for the older one may still be read to be drawn.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.files import check_picture

if TYPE_CHECKING:
    from animus_tui.locked_folders import LockedFolder

log = logging.getLogger(__name__)

KEPT = 2
"""Files of each job."""


class Preview(Struct, frozen=True):
    """The file of an image so far. Only its header was read."""

    path: Path
    width: int
    """Pixels."""
    height: int
    """Pixels."""


class PreviewFolder:
    """The folder of all previews of this process, which is made for the first one. For threads."""

    def __init__(self, *, is_used: bool = True) -> None:
        self.is_used = is_used
        """Whether previews are shown, so that the service is asked for them."""
        self._making = threading.Lock()
        self._folder: LockedFolder | None = None

    @property
    def path(self) -> Path:
        """Where the folder is, which is made for the first preview. OSError."""
        from animus_tui.chat.storage.temporary import PREVIEWS, private_folder  # 2 ms that no start needs

        with self._making:
            self._folder = self._folder or private_folder(PREVIEWS)
            return self._folder.path

    def close(self) -> None:
        """Remove the folder, if there is one."""
        with self._making:
            if self._folder is not None:
                self._folder.remove()
                self._folder = None


class JobPreviews:
    """The previews of one job."""

    def __init__(self, folder: PreviewFolder, name: str) -> None:
        """`name` is what the files are called, with a number behind it."""
        self._folder = folder
        self._name = name
        self._count = 0
        self._files: deque[Path] = deque()

    def write(self, data: bytes) -> Preview | None:
        """Write the next one; None where it cannot be shown, which is only logged. For a thread."""
        try:
            picture = check_picture(data)
            self._count += 1
            path = self._folder.path / f"{self._name}-{self._count}.{picture.kind}"
            path.write_bytes(picture.data)
        except (PictureError, OSError) as error:
            log.info("a preview cannot be shown: %s", error)
            return None
        self._files.append(path)
        while len(self._files) > KEPT:
            self._files.popleft().unlink(missing_ok=True)
        return Preview(path, picture.width, picture.height)

    def remove(self) -> None:
        """Remove all of them. For a thread."""
        while self._files:
            path = self._files.popleft()
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.info("%s could not be removed: %s", path, error)
