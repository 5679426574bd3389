"""The question before pictures are deleted: here only, at the service too, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult

Where = Literal["here", "everywhere"]


class DeletePicturesScreen(ModalScreen[Where | None]):
    """Asks once; dismissed with where the pictures are to be deleted, or with None."""

    DEFAULT_CSS = """
    DeletePicturesScreen {
        align: center middle;
        #delete-question {
            width: 56; max-width: 100%; height: auto; padding: 1 2;
            background: $panel; border: solid $error; color: $foreground;
        }
    }
    """
    BINDINGS = [
        Binding("d,enter", "answer('here')", "Delete", show=False),
        Binding("s", "answer('everywhere')", "Delete, at the service too", show=False),
        Binding("escape,n,q", "answer('')", "Keep", show=False),
    ]

    def __init__(self, count: int, *, at_service: int, are_selected: bool) -> None:
        """`count` pictures, the selected ones or the chosen one; `at_service` of them the service knows by a name."""
        super().__init__()
        self._count = count
        self._at_service = at_service
        self._are_selected = are_selected

    def compose(self) -> ComposeResult:
        """The question and the keys that answer it."""
        if not self._are_selected:
            what = "this picture"
        else:
            what = "the selected picture" if self._count == 1 else f"the {self._count:,} selected pictures"
        lines = [f"Delete {what}? It cannot be undone.", "", "d    Delete here"]
        if self._at_service:
            which = "" if self._at_service == self._count else f" ({self._at_service:,} of them)"
            lines.append(f"s    Delete here and at the service{which}")
        lines.append("Esc  Keep")
        with Vertical(id="delete-question"):
            yield Static("\n".join(lines), markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The service is only offered where it knows the pictures."""
        return bool(self._at_service) if parameters == ("everywhere",) else True

    def action_answer(self, where: Where | Literal[""]) -> None:
        """Leave with the answer."""
        self.dismiss(where or None)
