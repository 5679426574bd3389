"""The terminal as Textual drives it, told when it is about to be given back, and asked whether it keeps up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import App


class FarewellDriver(LinuxDriver):
    """Calls back while what is written still reaches the screen that the application has drawn on.

    However the application ends, by quitting, an error, SIGTERM, or for a while in the background, Textual leaves the
    alternate screen here before it tells any widget; and the images of a terminal belong to one of its two screens.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.farewells: list[Callable[[], None]] = []
        """What is to be done before the terminal is given back, each time it is."""
        self._is_given_back = False

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._is_given_back = False
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's has no annotation

    def stop_application_mode(self) -> None:
        """Say farewell, then restore the terminal."""
        for farewell in self.farewells:
            farewell()
        super().stop_application_mode()
        self._is_given_back = True

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Open an address in the user's browser, which gets no secret of ours with its environment."""
        from animus_tui.ui.opening import browse

        browse(url)

    def write(self, data: str) -> None:
        """Write to the terminal, while it is ours: nobody would take it, and the queue would fill up for ever."""
        if not self._is_given_back:
            super().write(data)

    def write_slice(self, data: str) -> None:
        """Write something that frames and keys must not wait for; the next slice only when this one `is_taken`."""
        self.write(data)
        self.write("")  # the thread that writes takes it up when it is done with the slice

    @property
    def is_taken(self) -> bool:
        """Whether the terminal has taken all that was written."""
        thread = self._writer_thread
        return thread is None or thread._queue.empty()  # noqa: SLF001 (there is no other way to know)
