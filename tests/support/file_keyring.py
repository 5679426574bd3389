"""A keyring of the package `keyring` that keeps its passwords in a file, for programs of the tests.

`PYTHON_KEYRING_BACKEND=tests.support.file_keyring.FileKeyring`; the file is what `TEST_KEYRING` names. Without such a
file to write it refuses, as a locked one does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """One JSON object: service and name → password."""

    priority = 1

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(Path(os.environ["TEST_KEYRING"]).read_text())
        return found

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        kept = self._read() | {f"{service} {username}": password}
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(kept))
