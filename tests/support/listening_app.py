"""The application that keeps what it said: on the screen a message goes with the next key."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.ui.app import AnimusApp

if TYPE_CHECKING:
    from typing import Any

    from textual.notifications import SeverityLevel


class ListeningApp(AnimusApp):
    """`said` holds every message, the newest last."""

    CSS_PATH = str(Path(inspect.getfile(AnimusApp)).parent / AnimusApp.CSS_PATH)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.said: list[str] = []

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        self.said.append(message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
