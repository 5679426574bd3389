"""The file of the log; most runs have nothing to log and do without what Python needs for files of logs."""

from __future__ import annotations

import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.atomic import ensure_folder

if TYPE_CHECKING:
    from io import TextIOWrapper


class PrivateFile(RotatingFileHandler):
    """A log file that only its owner can read; it is made with the first line."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        ensure_folder(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
