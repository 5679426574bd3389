"""What an entry is laid out for: how wide, in which colours, for which terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

from msgspec import Struct, field
from rich.style import Style

from animus_tui.chat.messages import FormerCharacter
from animus_tui.config.schema import UiConfig
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.decoding.protocol import Rgb
from animus_tui.graphics.probe.capabilities import Terminal
from animus_tui.ui.conversation.entries.long_text_cache import LongTextCache
from animus_tui.ui.markdown.text_layout import TextStyles

COLUMN = 100
"""Cells that the conversation is wide at most; on a wider screen it is in the middle."""
LEAST_ROOM = 20
"""Rows that a picture may take where three fifths of the screen are fewer, as far as there are so many."""
ROWS_AROUND = 9
"""Rows that a picture leaves free on the screen, for the words around it and the prompt."""
NARROW = 50
"""Columns up to which the user's messages are not pushed to the right."""


class DisplayOptions(Struct, frozen=True):
    """How the conversation is drawn, as configured."""

    ui: UiConfig
    name: str
    """The character's."""
    decoder: PictureDecoder | None
    """None: pictures are cards of words."""
    terminal: Terminal
    retry_key: str
    """As the user sees it."""
    image_size: tuple[int, int] = (1024, 1024)
    """Pixels that a new picture is asked for with: its place is kept from the first frame."""
    accent: str = ""
    """The colour of the character's name, `#rrggbb`; empty where it has none of its own."""
    former: tuple[FormerCharacter, ...] = ()
    """The characters that answered before."""

    @property
    def has_full_quality(self) -> bool:
        """Whether this terminal can show a picture better than the application does: as pixels, all by itself."""
        return self.decoder is not None and self.terminal.viewer is not None


class Palette(Struct, frozen=True):
    """The theme's colours as complete styles."""

    page: TextStyles
    """On the page itself."""
    bubble: TextStyles
    """On the ground of the user's messages."""
    name: Style
    you: Style
    """The user's name, where there is no bubble."""
    accent: Style
    warning: Style
    error: Style
    card: Style
    """Text of a card in the conversation."""
    card_title: Style
    card_hint: Style
    place: Style
    """The empty place of a picture."""
    bar: Style
    """Beside the chosen entry, and beside a picture that is being made."""
    error_bar: Style
    new_mark: Style
    """What arrived below what the reader looks at."""
    frame: Style | None
    """The line around the user's messages; None where their ground is enough."""


class RenderContext(Struct, frozen=True):
    """All that the layout of an entry depends on, besides the entry. Replaced as a whole."""

    width: int
    """Cells of the pane without its scrollbar."""
    screen_rows: int
    """Rows of the whole screen: they bound a picture."""
    palette: Palette
    options: DisplayOptions
    path_of: Callable[[str], Path]
    """Finds the file of a picture."""
    today: date
    """The user's own day."""
    now: datetime
    """The user's own time, of which relative times are told."""
    background: Rgb = (0, 0, 0)
    """Of the page, which pictures are laid on."""
    long_texts: LongTextCache = field(default_factory=LongTextCache)
    """What is laid out in a thread."""
    former_names: Mapping[str, Style] = {}
    """How the names of former characters are drawn, by their accents; `""` is that of those without one."""

    @property
    def plain(self) -> bool:
        """Whether everything begins at the left, without boxes."""
        return self.for_reader or self.options.ui.layout == "plain"

    @property
    def for_reader(self) -> bool:
        """Whether it is drawn for a screen reader: plain, nothing side by side, no marks that are not read well."""
        return self.options.ui.plain

    @property
    def is_compact(self) -> bool:
        """Whether there are no blank rows between the entries."""
        return self.options.ui.density == "compact"

    @property
    def left(self) -> int:
        """Cell where the column begins."""
        return 0 if self.for_reader else (self.width - self.column) // 2

    @property
    def column(self) -> int:
        """Width in cells of the column that the conversation takes."""
        return max(1, min(self.width, COLUMN))

    @property
    def text_x(self) -> int:
        """Cell where text begins, with room for the mark of the chosen entry before it."""
        return min(self.left + 1, self.width - 1)

    @property
    def text_width(self) -> int:
        """Cells that text may take."""
        return max(1, self.column - 2)

    @property
    def picture_rows(self) -> int:
        """Rows that a picture, or a grid of several, takes at most."""
        configured = self.options.ui.image_rows
        wanted = max(LEAST_ROOM, self.screen_rows * 3 // 5) if configured is None else configured
        return max(4, min(wanted, self.screen_rows - ROWS_AROUND))

    @property
    def is_narrow(self) -> bool:
        """Whether there is no room for pushing messages to the right."""
        return self.width <= NARROW
