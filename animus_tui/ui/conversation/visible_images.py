"""The pictures of the conversation: drawn when they come into view, and given back when nobody has looked for long."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from textual.app import App
    from textual.widget import Widget
    from textual.worker import Worker

    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.ui.conversation.viewport import Viewport
    from animus_tui.ui.images.cache import CachedImage, ImageKey
    from animus_tui.ui.images.renderer import ImageRenderer
    from animus_tui.ui.images.slot import ImageSlot

COVER_AFTER = 0.05
"""Seconds until the mosaic of a picture that is shown in pixels is drawn: these are painted and written first."""


class Job:
    """An image that is on its way."""

    def __init__(self, slots: list[ImageSlot]) -> None:
        self.slots = slots
        """Those that wait for it."""
        self.worker: Worker[None] | None = None
        self.is_sending = False
        """Whether the terminal has part of it: then it gets the rest, too."""

    def begin_sending(self) -> bool:
        """The terminal is given the pixels from now on."""
        self.is_sending = True
        return True


class VisibleImages:
    """Draws the pictures that are in view; those that go out of it before their turn are not drawn.

    Where the terminal holds pictures, a dialog above would tint the colours that say which picture is meant: as long
    as there is one, a mosaic stands in their place.
    """

    def __init__(self, host: Widget, viewport: Viewport, renderer: ImageRenderer) -> None:
        """`host` runs the workers."""
        self._host = host
        self._viewport = viewport
        self._entries = viewport.entries
        self.renderer = renderer
        self._cache = renderer.cache
        self._jobs: dict[ImageKey, Job] = {}
        """What is being drawn now."""
        self._covering: ImageKey | None = None
        """The image whose mosaic is being drawn for below a dialog."""
        self._is_covered = False
        self._are_mosaics = False
        """Whether everything is painted as a mosaic for a moment."""
        self.kept: dict[ImageKey, Cells] = {}
        """Mosaics that stood on the screen when the application started."""

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its picture."""
        return not self._jobs and self._covering is None

    def close(self) -> None:
        """Free all images here and in the terminal: the pane is removed."""
        self.forget()
        self.renderer.transmission.give_back()

    def forget(self) -> None:
        """Drop the images of the conversation, here and in the terminal, but for those that another screen shows."""
        self._give_up_all()
        self._cache.clear(self)

    def come_back(self, _: App[Any]) -> None:
        """The terminal was lent to somebody else, and comes back without our pictures."""
        self._give_up_all()
        if self.renderer.row_protocol is None:
            self._cache.clear()
        self.renderer.transmission.come_back()
        self.draw()
        self._host.refresh()

    # What is in view

    def in_view(self) -> list[ImageSlot]:
        """The slots of which something is in view, from the top."""
        return [slot for index in self._viewport.in_view for slot in self._entries[index].slots]

    def draw(self) -> None:
        """Begin with what is in view and not drawn, from the top; give up what is no longer in view."""
        context = self._entries.context
        if context is None or self.renderer.decoder is None or not self._host.is_attached:
            return
        if self.renderer.transmission.is_away:
            return
        wanted: dict[ImageKey, list[ImageSlot]] = {}
        differs = False
        slots = self.in_view()
        for slot in slots:
            differs |= slot.cover(self._is_covered)
            key = slot.wanted(context)
            if key is None:
                continue
            image = self._found(key)
            if image is not None and image.is_drawn:
                self._show(image, slot)
                differs = True
            else:
                differs |= image is not None and slot.lend(image)
                wanted.setdefault(key, []).append(slot)
        self._cache.look_at(self, [slot.key for slot in slots if slot.key is not None])
        for key in [given for given in self._jobs if given not in wanted]:
            if not self._jobs[key].is_sending:
                self._give_up(key)
        for key, waiting in wanted.items():
            self._begin(key, waiting)
        if not self._jobs and self._covering is None:
            self._cover_next(slots)
        if differs:
            self._host.refresh()

    def _found(self, key: ImageKey) -> CachedImage | None:
        """What there is of an image."""
        if self._cache.get(key) is None and (mosaic := self.kept.pop(key, None)) is not None:
            return self._cache.put_mosaic(key, mosaic)
        return self._cache.get(key)

    def _begin(self, key: ImageKey, waiting: list[ImageSlot]) -> None:
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = Job(waiting)
            job.worker = self._run(partial(self._draw, key, job))
        job.slots = waiting

    def _give_up(self, key: ImageKey) -> None:
        job = self._jobs.pop(key)
        if job.worker is not None:
            job.worker.cancel()

    def _give_up_all(self) -> None:
        for key in list(self._jobs):
            self._give_up(key)

    def _show(self, image: CachedImage, slot: ImageSlot) -> None:
        """Show an image in a slot; what it showed before goes, unless somebody else shows it too."""
        if slot.key is not None and slot.key != image.key:
            self._cache.release(slot.key, slot)
        self._cache.use(image.key, slot)
        slot.show(image)

    # Drawing

    def _run(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        return self._host.run_worker(work)

    async def _draw(self, key: ImageKey, job: Job) -> None:
        image, sentence, again_in = None, "", None
        try:
            if key.cell is None:
                image = await self.renderer.draw_mosaic(key)
            else:
                if self._cache.get(key) is None and not self.renderer.are_pixels_soon(key):
                    self._show_all(await self.renderer.draw_mosaic(key), job)  # the pixels take a moment more
                image = await self.renderer.draw_pixels(key, sending=job.begin_sending)
        except PictureUnreadable as error:
            sentence, again_in = printable(error.sentence, newlines=False), error.again_in
        finally:
            if self._jobs.get(key) is job:
                del self._jobs[key]
        if image is not None:
            self._show_all(image, job)
        for slot in job.slots if image is None else ():
            if sentence and not slot.pass_over(key):
                if slot.key is not None:
                    self._cache.release(slot.key, slot)
                slot.refuse(key, sentence, again_in=again_in)
            self._viewport.entry_changed(slot.entry)
        if again_in is not None:
            self._host.set_timer(again_in + 0.1, self.draw)  # a little later, so that it is time for sure
        self.draw()

    def _show_all(self, image: CachedImage, job: Job) -> None:
        """Show an image in all slots that wait for it."""
        for slot in job.slots:
            self._show(image, slot)
            self._viewport.entry_changed(slot.entry)

    # As mosaics

    @contextmanager
    def as_mosaics(self) -> Iterator[None]:
        """Within this block what is painted shows no pixels."""
        self._are_mosaics = True
        was_covered = self._is_covered
        self.cover(True)
        try:
            yield
        finally:
            self._are_mosaics = False
            self.cover(was_covered)

    def mosaics_in_view(self) -> list[tuple[ImageKey, Cells]]:
        """The mosaics of the pictures in view, as far as they are drawn."""
        keys = dict.fromkeys(slot.key for slot in self.in_view() if slot.key is not None)
        images = [(key, self._cache.get(key)) for key in keys]
        return [
            (key, image.mosaic) for key, image in images if image is not None and image.mosaic is not None
        ]

    # Below a dialog

    def cover(self, is_covered: bool) -> None:
        """A dialog stands above the pane, or none does any more."""
        is_covered |= self._are_mosaics
        if is_covered != self._is_covered:
            self._is_covered = is_covered
            for slot in self.in_view():
                slot.cover(is_covered)

    def _cover_next(self, slots: list[ImageSlot]) -> None:
        """Draw the mosaics of pictures that the terminal holds, when there is nothing else to do."""
        for slot in slots:
            image = self._cache.get(slot.key) if slot.key is not None else None
            if image is not None and image.lacks_mosaic:
                self._covering = image.key
                self._run(partial(self._draw_cover, image))
                return

    async def _draw_cover(self, image: CachedImage) -> None:
        try:
            if not self._is_covered:
                await asyncio.sleep(COVER_AFTER)
            await self.renderer.draw_mosaic(image.key)
        except PictureUnreadable:
            image.lacks_mosaic = False  # its file went meanwhile: below a dialog the place is empty
        finally:
            self._covering = None
        if image.is_empty:
            self._cache.discard(image.key)
        elif self._is_covered:
            for slot in self.in_view():
                if slot.key == image.key:
                    self._viewport.entry_changed(slot.entry)
        self.draw()
