"""Temporary folders that are removed with their process, or by a later one when it was killed.

A folder is locked for as long as its process, or a child that inherited the lock, lives. So a folder that a killed
process left can be told from one in use. Where the file system knows no locks, no folder is ever taken for abandoned.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

log = logging.getLogger(__name__)

LOCK = "lock"
"""The file in the folder that is locked."""
_NEW = ".new"
"""How the name of a folder ends until it is locked."""


class LockedFolder:
    """A new folder that nobody else may look into; `with` removes it with all that is in it."""

    def __init__(self, within: Path, prefix: str) -> None:
        """`prefix` begins its name and that of no folder of another kind. OSError."""
        new = Path(tempfile.mkdtemp(prefix=prefix, suffix=_NEW, dir=within))
        self.lock = os.open(new / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        """Open for as long as the folder is in use; another process may have it, too."""
        with suppress(OSError):
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.path = new.with_name(new.name.removesuffix(_NEW))
        new.rename(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder; what cannot be removed is only logged."""
        remove_tree(self.path)
        os.close(self.lock)


def remove_abandoned(within: Path, prefix: str) -> None:
    """Remove the folders that killed processes of this user left; for a thread."""
    with suppress(OSError):
        for path in [*within.glob(f"{prefix}*")]:
            with suppress(OSError):  # one that cannot be looked at does not keep the others
                if not path.name.endswith(_NEW):
                    _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        return
    lock = os.open(path / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_tree(path)
    except OSError:  # its process lives, or nothing can be locked there
        return
    finally:
        os.close(lock)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it; what cannot be removed is only logged."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("%s could not be removed: %s", folder, error)
