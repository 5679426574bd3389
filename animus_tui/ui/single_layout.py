"""A screen that is laid out and painted once when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.screen import Screen

from animus_tui.ui.textual_compat import resume

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Region


class SingleLayoutScreen(Screen[None]):
    """Leaves out what Textual does again behind the first frame of a screen, with the same result.

    Textual gives every widget its styles once more, paints the whole screen once more, and lays it out again for each
    report of the size that it has: 10 to 15 ms of a start.
    """

    _was_shown = False
    _is_first_layout = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Lay the screen out once when it is first shown: all widgets have just got their styles."""
        if self._was_shown:
            return
        self._was_shown = self._is_first_layout = True
        event.prevent_default()
        event.refresh_styles = False
        try:
            resume(self, event)
        finally:
            self._is_first_layout = False

    def on_resize(self, event: events.Resize) -> None:
        """Ignore the report of a size for which the screen is laid out already."""
        if event.size == self.outer_size:
            event.stop()
            event.prevent_default()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Ignore what the first layout asks for: it paints every widget itself."""
        if self._is_first_layout:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
