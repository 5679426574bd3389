"""One picture as large as there is room, or what is known of it; both with the same keys."""

from __future__ import annotations

from contextlib import suppress
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.printable import printable, short_line
from animus_tui.ui.conversation.entries.entry import clock, day_of
from animus_tui.ui.themes import ground_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from animus_tui.chat.messages import ImageRecord
    from animus_tui.graphics.decoding.protocol import Rgb
    from animus_tui.ui.images.cache import CachedImage, ImageKey, Shown
    from animus_tui.ui.images.renderer import ImageRenderer

KEYS: list[BindingType] = [
    Binding("escape,q", "screen.back", "Back", show=False, tooltip="Back to the conversation"),
    Binding("f,enter", "screen.full_quality", "Full quality", show=False, tooltip="Show it in full quality"),
    Binding("i", "screen.details", "Details", show=False, tooltip="Show what it was generated from"),
    Binding("o", "screen.open", "Open", show=False, tooltip="Open it with the viewer of the system"),
    Binding("y", "screen.copy_path", "Copy path", show=False, tooltip="Copy the path of its file"),
]
"""They stand on what has the focus, so that the footer and the help name them."""
NAMES = 16
"""Cells of the column of names."""
NAMED_SETTINGS = {
    "seed": "Seed",
    "model": "Model",
    "guidance_scale": "Guidance scale",
    "num_inference_steps": "Steps",
}
"""Settings of a picture that have a line, in this order. Width and height are told by the picture itself."""

LONGEST_DETAIL = 10_000
"""Characters that are shown of a detail; a table of more takes long to wrap."""


class PictureView(Widget, can_focus=True):
    """A drawn picture in the middle, or a sentence in its place."""

    BINDINGS = KEYS
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PictureView { height: 1fr; background: $background; color: $text-muted; }
    """

    class Sized(Message):
        """The widget has another size."""

    class Clicked(Message):
        """The picture was clicked."""

    def __init__(self, renderer: ImageRenderer) -> None:
        """`renderer` draws what is shown here."""
        super().__init__()
        self._renderer = renderer
        self._image: CachedImage | None = None
        self._background: Rgb | None = None
        """What the picture that is drawn or being drawn stands on."""
        self._sentence = ""

    async def draw(self, path: Path, pixels: tuple[int, int]) -> None:
        """Show a file, of `pixels` (width, height), in the room that there is: as a mosaic first, then as pixels.

        Until it comes what was shown before stays. The terminal holds nothing but the one that is shown.
        """
        if not all(self.size):
            return
        key = self._key(path, pixels)
        self._background = key.background
        try:
            image = await self._renderer.draw_mosaic(key)
            self._show(image)
            if not image.is_drawn:
                await self._renderer.draw_pixels(key, sending=lambda: self._image is image)
        except PictureUnreadable as error:
            self.tell(error.sentence)
        if (
            self._image is None or self._image.key != key
        ):  # another one, or none: this widget was removed meanwhile
            self._renderer.cache.discard(key)
        self.refresh()

    async def prepare(self, path: Path, pixels: tuple[int, int]) -> None:
        """Have the decoder keep the mosaic of a file that will probably be wanted next."""
        if all(self.size):
            with suppress(PictureUnreadable):
                key = self._key(path, pixels)
                await self._renderer.draw_mosaic(key)
                self._renderer.cache.discard(key)

    @property
    def is_on_another_background(self) -> bool:
        """Whether the widget has another colour since the picture was drawn."""
        return self._background not in (None, ground_of(self))

    def tell(self, sentence: str) -> None:
        """Say why there is no picture."""
        self._let_go()
        self._sentence = short_line(sentence)
        self.refresh()

    def _key(self, path: Path, pixels: tuple[int, int]) -> ImageKey:
        width, height = self.size
        background = ground_of(self)
        return self._renderer.key(path, pixels, max_columns=width, max_rows=height, background=background)

    def _show(self, image: CachedImage) -> None:
        if not self.is_attached:
            return
        if image is not self._image:
            self._let_go()
            self._image = self._renderer.cache.use(image.key, self)
        self._renderer.cache.look_at(self, [image.key])
        self._sentence = ""
        self.refresh()

    def _let_go(self) -> None:
        """Drop the image that was shown, unless somebody else shows it too."""
        image, self._image = self._image, None
        self._renderer.cache.leave(self)
        if image is not None:
            self._renderer.cache.release(image.key, self)

    def image_changed(self) -> None:
        """The image was dropped, since the terminal was lent to somebody else."""
        self.refresh()

    def on_unmount(self) -> None:
        """Drop the image, here and in the terminal."""
        self._let_go()

    def on_resize(self, event: events.Resize) -> None:
        """Ask for a picture of the new size; until it comes the old one stands in the middle."""
        self.post_message(self.Sized())

    def on_click(self, event: events.Click) -> None:
        """Tell the screen that the picture was clicked."""
        self.post_message(self.Clicked())

    @property
    def _cells(self) -> Shown | None:
        return self._image.cells(is_covered=not self.screen.is_active) if self._image is not None else None

    def render_line(self, y: int) -> Strip:
        """Row `y`, exactly as wide as the widget."""
        width, height = self.size
        ground = self.rich_style
        shown: list[Segment] = []
        if self._sentence:
            lines = wrap(self._sentence, max(1, min(width - 4, 60)))
            row = y - (height - len(lines)) // 2
            if 0 <= row < len(lines):
                shown = [Segment(lines[row], ground)]
        elif (cells := self._cells) is not None:
            row = y - (height - cells.rows) // 2
            if 0 <= row < cells.rows:
                shown = cells.segments(row)
        strip = Strip(shown, sum(cell_len(segment.text) for segment in shown))
        left = (width - strip.cell_length) // 2
        if left < 0:  # drawn for more room than there is now
            return strip.crop(-left, width - left)
        return Strip([Segment(" " * left, ground), *strip]).extend_cell_length(width, ground)


class Detail(NamedTuple):
    """What is known of a picture under one name."""

    name: str
    words: str


def details_of(record: ImageRecord, path: Path | None, *, is_attached: bool = False) -> list[Detail]:
    """Prompt, size, what it was made with, when, and where its file is; what the record does not have is left out.

    `is_attached`: it is one of the user's, of which the name is known and not a prompt.
    """
    day = day_of(record.created)
    known = [
        ("Name" if is_attached else "Prompt", record.prompt),
        ("Sent prompt", record.sent_prompt or ""),
        ("Size", f"{record.width}×{record.height}" if record.width and record.height else ""),
        *((name, _words(record.settings.get(key))) for key, name in NAMED_SETTINGS.items()),
        ("Changed", "from an earlier picture" if record.is_edit or record.source_url else ""),
        ("Attached" if is_attached else "Made", f"{day.isoformat()} {clock(record.created)}" if day else ""),
        ("File", str(path) if path is not None else ""),
    ]
    return [Detail(name, printable(words[:LONGEST_DETAIL], newlines=False)) for name, words in known if words]


def _words(value: object) -> str:
    return "" if value is None else str(value)


class DetailsView(VerticalScroll, can_focus=True):
    """Names and words, one detail below the other; it scrolls where there are more than fit."""

    BINDINGS = KEYS
    DEFAULT_CSS = """
    DetailsView {
        height: 1fr; padding: 1 2; background: $background; scrollbar-size-vertical: 1;
        &.-hidden { display: none; }
    }
    """

    def compose(self) -> ComposeResult:
        """The table of details."""
        yield DetailsTable()

    def show(self, details: Sequence[Detail]) -> None:
        """Show these, from the first one on."""
        self.query_one(DetailsTable).show(details)
        self.scroll_home(animate=False)


class DetailsTable(Static):
    """The details, their words wrapped."""

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, details: Sequence[Detail]) -> None:
        """Show these."""
        if self.app.size.width < 3 * NAMES:
            text = Text("\n").join(Text.assemble((f"{name}: ", "dim"), words) for name, words in details)
            self.update(text)
            return
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=NAMES, style="dim")
        table.add_column(ratio=1, overflow="fold")
        for name, words in details:
            table.add_row(Text(name), Text(words))
        self.update(table)


class PictureLine(Widget):
    """Which picture it is and what it shows, on the right how to go on."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PictureLine { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._place = self._words = self._hints = ""

    def show(self, place: str, words: str, hints: str) -> None:
        """`3 of 12`, the prompt, and the keys that lead to the others."""
        self._place, self._words, self._hints = place, short_line(words), hints
        self.refresh()

    def render(self) -> Content:
        """One line of exactly the width there is; the prompt gives way first, then the keys."""
        width = self.content_size.width
        place = Content.styled(self._place, "$foreground").truncate(width, ellipsis=True)
        hints = Content(self._hints)
        if place.cell_length + hints.cell_length + 2 > width:
            hints = Content("")
        room = width - place.cell_length - hints.cell_length - 4
        words = Content(f"  {self._words}").truncate(room + 2, ellipsis=True) if room > 8 else Content("")
        gap = width - place.cell_length - words.cell_length - hints.cell_length
        return Content.assemble(place, words, " " * gap, hints)
