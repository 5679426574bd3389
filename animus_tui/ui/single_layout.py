"""A screen that is laid out and painted once when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.screen import Screen

from animus_tui.ui.textual_compat import forget_refreshes, resume

if TYPE_CHECKING:
    from textual import events, messages
    from textual.geometry import Region


class SingleLayoutScreen(Screen[None]):
    """Leaves out what Textual does again behind the first frame of a screen, with the same result.

    Textual gives every widget its styles once more, paints the whole screen once more, and lays it out again for each
    report of the size that it has, and for what the widgets asked for while they were made: 18 to 34 ms of a start.
    """

    _was_shown = False
    _is_first_layout = False
    _has_older_requests = False
    """Messages may still come with which widgets asked for a layout or for painting before the first layout."""

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Lay the screen out once when it is first shown: all widgets have just got their styles."""
        if self._was_shown:
            return
        self._was_shown = self._is_first_layout = True
        event.prevent_default()
        event.refresh_styles = False
        for toasts in self.query("ToastRack"):
            # As Textual sets it behind the first frame, for which it would lay the screen out again.
            toasts.display = False
        try:
            resume(self, event)
        finally:
            self._is_first_layout = False
        forget_refreshes(self)
        self._has_older_requests = True
        self.call_later(self._receive_requests)

    def _receive_requests(self) -> None:
        """From here on every message was sent behind the first layout."""
        self._has_older_requests = False

    def on_layout(self, message: messages.Layout) -> None:
        """Ignore a layout that was asked for before the first one."""
        if self._has_older_requests:
            message.stop()
            message.prevent_default()

    def on_update(self, message: messages.Update) -> None:
        """Ignore that a widget asked to be painted before it was."""
        if self._has_older_requests:
            message.stop()
            message.prevent_default()

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
