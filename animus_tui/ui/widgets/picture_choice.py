"""Choosing one of many pictures: one virtual widget, whatever their number; subclasses paint its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView

from animus_tui.ui.textual_compat import around_size_update
from animus_tui.ui.widgets.row_list import sentence_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.strip import Strip

    from animus_tui.chat.images.catalog import FoundPicture

PictureName = tuple[str, str, str, str]
"""What names a picture also when variants before it were deleted: conversation, message, file, time."""


def selection_name(picture: FoundPicture) -> PictureName:
    """The name by which a picture is selected."""
    return picture.conversation_id, picture.message_id, picture.record.file, picture.record.created


class ChoiceLayout(NamedTuple):
    """Where the pictures stand: in rows of `across`."""

    across: int = 1
    stride: int = 1
    """Rows of cells from one row of pictures to the next."""
    edge: int = 0
    """Rows of cells more, below the last row of pictures."""
    pitch: int = 0
    """Cells from one picture to the next one beside it; 0 where one fills the row."""
    left: int = 0
    """Cells before the first picture of a row."""

    def top(self, index: int) -> int:
        """The first row of cells of a picture."""
        return index // self.across * self.stride

    def height(self, count: int) -> int:
        """Rows of cells of so many pictures."""
        return -(-count // self.across) * self.stride + self.edge if count else 0

    def between(self, top: int, bottom: int, count: int) -> range:
        """The indices of the pictures of which something stands in these rows of cells, `bottom` exclusive."""
        first, last = top // self.stride, -(-bottom // self.stride)
        return range(first * self.across, min(last * self.across, count))

    def index_at(self, x: int, y: int, count: int) -> int | None:
        """The picture that a cell belongs to."""
        column = (x - self.left) // self.pitch if self.pitch else 0
        index = y // self.stride * self.across + column
        return index if 0 <= column < self.across and index < count else None


class PictureChoice(ScrollView, can_focus=True):
    """Pictures of which one is the chosen one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"choice--quiet", "choice--frame"}
    BINDINGS = [
        Binding("enter", "screen.go", "Go there", show=False, tooltip="Go to its place in its conversation"),
        Binding("v", "screen.view", "View", show=False, tooltip="View it as large as the screen"),
        Binding("o", "screen.open", "Open", show=False, tooltip="Open it with the viewer of the system"),
        Binding("y", "screen.copy_path", "Copy path", show=False, tooltip="Copy the path of its file"),
        Binding("slash", "screen.filter", "Filter", show=False, tooltip="Only pictures with these words"),
        Binding("asterisk", "screen.star", "Star", show=False, tooltip="Give it a star, or take it away"),
        Binding(
            "f", "screen.choose_starred", "Starred", show=False, tooltip="Only pictures with a star, or all"
        ),
        Binding(
            "x", "screen.select", "Select", show=False, tooltip="Select several for the keys that follow"
        ),
        Binding(
            "X", "screen.choose_all", "Select all", show=False, tooltip="Select all that are shown, or none"
        ),
        Binding(
            "d,delete", "screen.delete", "Delete", show=False, tooltip="Delete it, or all that are selected"
        ),
        Binding("escape,q", "screen.back", "Back", show=False, tooltip="Back to the conversation"),
        Binding("left,h", "choose_step(-1)", "Picture before", show=False),
        Binding("right,l", "choose_step(1)", "Next picture", show=False),
        Binding("up,k", "choose_row(-1)", "Picture above", show=False),
        Binding("down,j", "choose_row(1)", "Picture below", show=False),
        Binding("pageup", "choose_page(-1)", "Page up", show=False),
        Binding("pagedown,space", "choose_page(1)", "Page down", show=False),
        Binding("home,g", "choose_end(-1)", "Newest picture", show=False),
        Binding("end,G", "choose_end(1)", "Oldest picture", show=False),
    ]
    DEFAULT_CSS = """
    PictureChoice {
        height: 1fr; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        &:focus { background-tint: $foreground 0%; }
        .choice--quiet { color: $text-muted; }
        .choice--frame { color: $accent; text-style: bold; }
    }
    """

    class Chosen(Message):
        """Another picture is the chosen one."""

    class Viewed(Message):
        """The chosen picture was clicked."""

    def __init__(self) -> None:
        super().__init__()
        around_size_update(self, self._reshaping)
        self.pictures: Sequence[FoundPicture] = ()
        self.at = 0
        """Index of the chosen one."""
        self.selected: frozenset[PictureName] = frozenset()
        """The names of the pictures that are selected."""
        self.choice_layout = ChoiceLayout()
        self._sentence = ""
        self._step = 1
        """The direction in which the reader went last: 1 down, -1 up."""

    # What there is

    @property
    def chosen(self) -> FoundPicture | None:
        """The picture that the keys are for."""
        return self.pictures[self.at] if self.at < len(self.pictures) else None

    def show(self, pictures: Sequence[FoundPicture], *, sentence: str = "") -> None:
        """Show these, or the sentence where there are none; the chosen one stays chosen, and where it is."""
        chosen, offset = self.chosen, self.choice_layout.top(self.at) - self._y
        was_first = self.at == 0
        self.pictures, self._sentence = pictures, sentence
        found = _index(pictures, chosen) if chosen is not None else None
        # Who did not move yet looks at the newest picture, whichever that is.
        self.at = 0 if found is None or (was_first and self._y == 0) else found
        self._sized()
        self._scroll(self.choice_layout.top(self.at) - offset if found is not None and self.at else 0)
        self._reveal()
        self.refresh()
        self.in_view_changed()
        self.post_message(self.Chosen())

    def choose(self, index: int) -> None:
        """Choose a picture and bring it into view."""
        index = max(0, min(index, len(self.pictures) - 1))
        if not self.pictures or index == self.at:
            self._reveal()
            return
        before, self.at = self.at, index
        self._step = 1 if index > before else -1
        self._reveal()
        for each in (before, index):
            self._refresh_picture(each)
        self.post_message(self.Chosen())

    def choose_picture(self, picture: FoundPicture) -> None:
        """Choose this one, if it is shown."""
        if (index := _index(self.pictures, picture)) is not None:
            self.choose(index)

    def select(self, names: frozenset[PictureName]) -> None:
        """Select these and no others."""
        self.selected = names
        self.refresh()

    def marks(self, picture: FoundPicture) -> str:
        """What stands at a picture: whether it is selected, and whether it has a star."""
        is_selected = bool(self.selected) and selection_name(picture) in self.selected
        return f"{'✓' if is_selected else ''}{'★' if picture.record.starred else ''}"

    # Where it stands

    def lay_out(self, width: int) -> ChoiceLayout:
        """Where the pictures stand in a width in cells."""
        return ChoiceLayout()

    def in_view_changed(self) -> None:
        """Other pictures are in view than before."""

    @property
    def in_view(self) -> range:
        """The indices of the pictures of which something is in view."""
        return self.choice_layout.between(self._y, self._y + self._height, len(self.pictures))

    @property
    def ahead(self) -> range:
        """The indices of those of the next page in the direction in which the reader went last."""
        seen = self.in_view
        count = max(len(seen), self.choice_layout.across)
        if self._step > 0:
            return range(seen.stop, min(seen.stop + count, len(self.pictures)))
        return range(max(seen.start - count, 0), seen.start)

    @property
    def _y(self) -> int:
        return self.scroll_offset.y

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _sized(self) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, self.choice_layout.height(len(self.pictures)))

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _reveal(self) -> None:
        top = self.choice_layout.top(self.at)
        bottom = top + self.choice_layout.stride + self.choice_layout.edge - self._height
        if top < self._y or bottom > self._y:
            self._scroll(min(top, max(bottom, self._y)) if top >= self._y else top)

    def _refresh_picture(self, index: int) -> None:
        """Paint the rows anew in which a picture stands."""
        top = self.choice_layout.top(index) - self._y
        height = self.choice_layout.stride + self.choice_layout.edge
        region = Region(0, top, self.size.width, height).intersection(self.size.region)
        if region.area:
            self.refresh(region)

    def _reshaping(self, update: Callable[[], bool]) -> bool:
        """There is another amount of room: the chosen picture stays where it is on the screen."""
        share = (self.choice_layout.top(self.at) - self._y) / self._height
        changed = update()
        if changed:
            self.choice_layout = self.lay_out(self.scrollable_content_region.width)
            self._sized()
            self._scroll(self.choice_layout.top(self.at) - round(share * self._height))
            self._reveal()
            self.in_view_changed()
        return changed

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note the direction of the scrolling, and that other pictures are in view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._step = 1 if new_value > old_value else -1
            self.in_view_changed()

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the widget; nothing surrounds them, and each is made for the whole width."""
        ground = self.rich_style
        background, filters = self.background_colors[1], self.get_line_filters()
        strips = []
        for y in range(crop.y, crop.bottom):
            shown = self.render_line(y).crop_extend(crop.x, crop.right, ground)
            for line_filter in filters:
                shown = shown.apply_filter(line_filter, background)
            strips.append(shown)
        return strips

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view."""
        if self._sentence and not self.pictures:
            size = self.scrollable_content_region.width, self._height
            quiet = self.get_component_rich_style("choice--quiet")
            return sentence_row(self._sentence, y, size, self.rich_style, quiet)
        row, within = divmod(y + self._y, self.choice_layout.stride)
        return self.row(row, within)

    def row(self, row: int, within: int) -> Strip:
        """Row of cells `within` (from 0) of row `row` of the pictures, which may be behind the last."""
        raise NotImplementedError

    # Moving

    def action_choose_step(self, step: int) -> None:
        """To the picture before (-1) or behind (1)."""
        self.choose(self.at + step)

    def action_choose_row(self, step: int) -> None:
        """To the picture above or below; from the last full row to the last picture."""
        across, last = self.choice_layout.across, len(self.pictures) - 1
        index = self.at + step * across
        if index > last and last // across > self.at // across:
            index = last
        if 0 <= index <= last:
            self.choose(index)

    def action_choose_page(self, step: int) -> None:
        """A page on, in the same column; the view goes as far as the choice."""
        shape = self.choice_layout
        rows = max(1, (self._height - shape.edge) // shape.stride)
        index = self.at + step * rows * shape.across
        if 0 <= index < len(self.pictures):
            self._scroll(self._y + step * rows * shape.stride)
            self.choose(index)
        else:
            self.action_choose_end(step)

    def action_choose_end(self, end: int) -> None:
        """To the newest picture (-1) or the oldest (1)."""
        self.choose(0 if end < 0 else len(self.pictures) - 1)

    def on_click(self, event: events.Click) -> None:
        """Choose the picture under the pointer; the chosen one is viewed."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = self.choice_layout.index_at(offset.x, offset.y + self._y, len(self.pictures))
        if index is None:
            return
        if index == self.at:
            self.post_message(self.Viewed())
        else:
            self.choose(index)


def _index(pictures: Sequence[FoundPicture], wanted: FoundPicture) -> int | None:
    """Where a picture is now, also when it was read anew meanwhile."""
    name = wanted.message_id
    return next(
        (at for at, each in enumerate(pictures) if each.message_id == name and each.key == wanted.key), None
    )
