"""The widget of the conversation: passes events, keys and actions on to its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar

from animus_tui.chat.images.options import MOST_PICTURES
from animus_tui.printable import printable
from animus_tui.ui.conversation.actions import EntryActions, PaneRequested, RestoreRequested, Typed
from animus_tui.ui.conversation.animation import RelativeTimes, StreamPainter, WaitingAnimation
from animus_tui.ui.conversation.content import Content
from animus_tui.ui.conversation.cursor import EntryCursor
from animus_tui.ui.conversation.highlights import SearchHighlights
from animus_tui.ui.conversation.keys import KeyQueue
from animus_tui.ui.conversation.message_marks import MessageMarks
from animus_tui.ui.conversation.rendering import BackgroundLayout, Rendering
from animus_tui.ui.conversation.row_renderer import RowRenderer
from animus_tui.ui.conversation.selection import MouseSelection
from animus_tui.ui.conversation.updates import PlainUpdates, Updates
from animus_tui.ui.conversation.viewport import Viewport
from animus_tui.ui.conversation.virtual_list import RowPosition, VirtualList
from animus_tui.ui.conversation.visible_images import VisibleImages
from animus_tui.ui.day_change import DayChange
from animus_tui.ui.images.renderer import ImageRenderer
from animus_tui.ui.textual_compat import around_size_update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from textual import events
    from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
    from textual.strip import Strip

    from animus_tui.chat.messages import ChatMessage, FormerCharacter
    from animus_tui.chat.storage.history import Messages
    from animus_tui.config.schema import UiConfig
    from animus_tui.ui.conversation.entries.render_context import DisplayOptions


class ConversationPane(ScrollView, can_focus=True):
    """One widget for all messages, whatever their number: only what is in view is laid out and painted."""

    ALLOW_SELECT = False  # Textual's own selection knows only what is on the screen
    FOCUS_ON_CLICK = False
    COMPONENT_CLASSES = {"pane--selection", "pane--hit", "pane--hit-chosen"}
    DEFAULT_CSS = """
    ConversationPane {
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        &:focus { background-tint: $foreground 0%; }
        &.-plain { scrollbar-size-vertical: 0; }
        .pane--selection { background: $input-selection-background; }
        .pane--hit { color: $background; background: $secondary; }
        .pane--hit-chosen { color: $background; background: $primary; }
    }
    """
    BINDINGS = [
        Binding("up,k", "choose(-1)", "Message above", show=False),
        Binding("down,j", "choose(1)", "Message below", show=False),
        Binding("left", "choose_picture(-1)", "Picture above", show=False),
        Binding("right", "choose_picture(1)", "Picture below", show=False),
        Binding("enter", "entry('take')", "Choose", show=False),
        Binding("enter,g", "entry('promise', 'accept')", "Generate", show=False),
        Binding("p", "entry('promise', 'reword')", "Change prompt", show=False),
        Binding("x", "entry('promise', 'decline')", "Decline", show=False),
        Binding("enter,r", "entry('act')", "Try again", show=False),
        Binding("r", "entry('message', 'regenerate')", "Regenerate", show=False),
        Binding("e", "entry('message', 'edit')", "Edit", show=False),
        Binding("enter,v", "entry('picture', 'view')", "View", show=False),
        Binding("i", "entry('picture', 'details')", "Details", show=False),
        Binding("space", "entry('toggle_reasoning')", "Reasoning", show=False),
        Binding("y", "entry('copy_message')", "Copy", show=False),
        Binding("y", "entry('picture', 'copy')", "Copy path", show=False),
        Binding("c", "entry('copy_code')", "Copy code", show=False),
        Binding("o", "entry('open_link')", "Open link", show=False),
        Binding("o", "entry('picture', 'open')", "Open", show=False),
        Binding("left_square_bracket", "entry('variant', -1)", "Previous", show=False),
        Binding("right_square_bracket", "entry('variant', 1)", "Next", show=False),
        Binding("g", "entry('message', 'continue')", "Go on", tooltip="Continue the cut reply", show=False),
        Binding("q", "entry('message', 'quote')", "Quote", show=False),
        Binding("f", "entry('message', 'fork')", "Fork", tooltip="New conversation up to here", show=False),
        Binding(
            "h", "entry('message', 'hide')", "Hide", tooltip="Hide it from the model, or not", show=False
        ),
        Binding("d", "entry('message', 'delete')", "Delete", show=False),
        Binding("u", "restore", "Undo delete", show=False),
        Binding("escape", "entry('cancel')", "Cancel this", show=False),
        Binding(
            "p", "entry('change', 'prompt')", "Other prompt", tooltip="Same seed, another prompt", show=False
        ),
        Binding(
            "s", "entry('change', 'size')", "Other size", tooltip="Same prompt, another size", show=False
        ),
        *(
            Binding(f"{number}", f"choose_number({number})", show=False)
            for number in range(1, MOST_PICTURES + 1)
        ),
    ]
    """Of several actions of one key the first is done that can be done."""

    def __init__(self, options: DisplayOptions) -> None:
        super().__init__(classes="-plain" if options.ui.plain else None)
        self.entries = VirtualList()
        self.viewport = Viewport(
            self.entries, size=self._size_of_view, on_layout=self._on_layout, repaint=self._repaint
        )
        self.selection = MouseSelection(self, self.viewport)
        self.cursor = EntryCursor(self, self.viewport)
        self.content = Content(self.viewport, self.cursor, self.selection)
        self.highlights = SearchHighlights(self, self.content, self.viewport, self.cursor)
        self.actions = EntryActions(self, self.content, self.viewport, self.cursor, self.selection)
        self.key_queue = KeyQueue(self, self.cursor)
        self.rendering = Rendering(self, self.content, self.viewport, options)
        self.relative_times = RelativeTimes(self, self.viewport, self.rendering)
        self._day_change = DayChange(self, self.rendering.invalidate)
        self.background_layout = BackgroundLayout(self, self.viewport, self.selection, self.rendering)
        renderer = ImageRenderer(self, options.decoder, lambda: self.rendering.options.terminal)
        self.images = VisibleImages(self, self.viewport, renderer)
        self.streaming = StreamPainter(self, self.viewport)
        self.animation = WaitingAnimation(self, self.viewport, is_reduced=options.ui.reduced_motion)
        self.marks = MessageMarks(self.content, self.viewport, is_plain=options.ui.plain)
        self.updates = (PlainUpdates if options.ui.plain else Updates)(
            self, self.content, self.viewport, self.cursor, self.streaming, self.animation, self.rendering
        )
        self._renderer = RowRenderer(
            self,
            self.viewport,
            self.highlights,
            self.selection,
            self.cursor,
            shows_new_mark=not options.ui.plain,
        )
        self.after_layout: Callable[[], object] = lambda: None
        """Is called when other rows may be in view."""
        self._is_sizing = False
        around_size_update(self, self._sizing)

    def on_mount(self) -> None:
        """Follow the theme in the step in which it changes, so that no frame mixes the colours of two."""
        self.app.theme_changed_signal.subscribe(self, self.rendering.follow_theme)
        self.app.app_resume_signal.subscribe(self, self.images.come_back)
        self._day_change.begin()

    def on_unmount(self) -> None:
        """Give back what is drawn."""
        self.images.close()

    def notify_style_update(self) -> None:
        """Follow the theme once Textual has set the component styles, which it does after this call."""
        super().notify_style_update()
        self.call_next(self.rendering.follow_theme)

    # The conversation

    def show(
        self,
        messages: Sequence[ChatMessage],
        *,
        path_of: Callable[[str], Path],
        greeting: str,
        suggestions: Sequence[str],
    ) -> None:
        """Replace what is shown; `path_of` finds a picture's file."""
        self.images.forget()
        self.rendering.path_of = path_of
        self.rendering.long_texts.clear()
        self.updates.clear()
        self.content.open(messages, greeting=greeting, suggestions=suggestions)
        self.rendering.invalidate()

    def show_changed(
        self,
        messages: Sequence[ChatMessage],
        *,
        greeting: str,
        suggestions: Sequence[str],
        chosen: str | None,
        size: int | None = None,
    ) -> None:
        """Show these messages of the same conversation, and keep the position of the reader.

        `chosen` is the id of the message to choose where the keys of entries work; `size` is how many are shown.
        """
        reading = self.viewport.reading
        top = self.content.id_at(reading)
        self.updates.clear()
        self.content.open(messages, greeting=greeting, suggestions=suggestions, size=size)
        self.rendering.invalidate()
        if not reading.following and (index := self.content.index_of(top)) is not None:
            self.viewport.return_to(replace(reading, place=RowPosition(index, reading.place.row)))
        if chosen is not None and (index := self.content.index_of(chosen)) is not None:
            self.cursor.chosen = self.entries[index]
            if self.has_focus and (reading.following or index in self.viewport.in_view):
                self.cursor.come_to(self.cursor.chosen)
        elif self.has_focus:
            self.cursor.choose_in_view()
        self.refresh_bindings()

    def set_full_history(self, messages: Messages) -> None:
        """Show these messages, of which only the end was read before: they look the same, so nothing is painted."""
        self.content.set_full_history(messages)

    def configure(
        self,
        ui: UiConfig,
        name: str,
        accent: str,
        image_size: tuple[int, int],
        former: Iterable[FormerCharacter] = (),
    ) -> None:
        """Draw the conversation by other settings from now on; what the reader looks at stays in view.

        Whether it is drawn for a screen reader stays as it was.
        """
        before = self.options
        ui = replace(ui, plain=before.ui.plain)
        options = replace(
            before, ui=ui, name=name, accent=accent, image_size=image_size, former=tuple(former)
        )
        if options == before:
            return
        self.rendering.options = options
        self.animation.reduce(ui.reduced_motion)
        self.rendering.invalidate(resized=True)

    @property
    def options(self) -> DisplayOptions:
        """How the conversation is drawn now."""
        return self.rendering.options

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its words, its pictures and the colours of its code."""
        is_drawn = self.images.is_complete and self.background_layout.is_complete
        return is_drawn and not self.streaming.is_pending

    # What the parts need of the widget

    def _size_of_view(self) -> tuple[int, int]:
        return self.scrollable_content_region.size

    def _on_layout(self) -> None:
        """The viewport has found its rows, which may differ from those before."""
        self._show_position()
        self.after_layout()
        self.images.draw()
        self.background_layout.begin()
        self.relative_times.begin()
        self._day_change.look()

    def _repaint(self, rows: Sequence[range] | None) -> None:
        width = self.viewport.width
        self.refresh(*(Region(0, span.start, width, len(span)) for span in rows or ()))

    def _show_position(self) -> None:
        """Tell the scrollbar and Textual, without a new layout of the screen."""
        rows, y, (width, height) = self.entries.rows, self.viewport.y, self._size_of_view()
        size = Size(width, rows)
        if self.virtual_size != size:
            self.set_reactive(ScrollView.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = rows
                self.vertical_scrollbar.window_size = height
        if self.scroll_y != y:
            self.set_reactive(ScrollView.scroll_y, float(y))
            self.set_reactive(ScrollView.scroll_target_y, float(y))
        if self.show_vertical_scrollbar and self.vertical_scrollbar.position != y:
            self.vertical_scrollbar.set_reactive(ScrollBar.position, float(y))
            self.vertical_scrollbar.refresh()

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the widget.

        The pane has no border and no padding, so what Textual does for these, most of the time of a frame, is left
        out. A row that has not changed is the same strip as before, with its caches.
        """
        self.images.cover(not self.screen.is_active)
        context = self.entries.context
        ground = context.palette.page.text if context else None
        background, filters = self.background_colors[1], self.get_line_filters()
        strips = []
        for strip in self._renderer.rows(crop.y, crop.height):
            shown = strip.crop_extend(crop.x, crop.right, ground)
            for line_filter in filters:
                shown = shown.apply_filter(line_filter, background)
            strips.append(shown)
        return strips

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view, exactly as wide as it."""
        return next(self._renderer.rows(y, 1))

    # Scrolling. Motion is for what is being waited for: scrolling is immediate.

    def _sizing(self, update: Callable[[], bool]) -> bool:
        """Update the size without the scrolling that Textual does for it, and lay out for the new size at once."""
        self._is_sizing = True
        try:
            has_changed = update()
        finally:
            self._is_sizing = False
        self.rendering.resized()
        return has_changed

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel or the scrollbar: move the view by as much."""
        if not self._is_sizing:
            rows = round(new_value) - round(old_value)
            self.viewport.scroll(rows, reaches_end=new_value >= self.max_scroll_y)

    # At once: an animation would go on by the numbers of rows that were estimated when it began.

    def on_scroll_to(self, message: ScrollTo) -> None:
        """Scroll to where the scrollbar was dragged."""
        message.prevent_default()
        message.stop()
        if message.y is not None:
            self.scroll_y = message.y

    def on_scroll_up(self, message: ScrollUp) -> None:
        """Scroll a page up after a click above the scrollbar's thumb."""
        message.prevent_default()
        message.stop()
        self.action_page_up()

    def on_scroll_down(self, message: ScrollDown) -> None:
        """Scroll a page down after a click below the scrollbar's thumb."""
        message.prevent_default()
        message.stop()
        self.action_page_down()

    def action_scroll_up(self) -> None:
        """Scroll one row up."""
        self.viewport.scroll(-1)

    def action_scroll_down(self) -> None:
        """Scroll one row down."""
        self.viewport.scroll(1)

    def action_page_up(self) -> None:
        """Scroll one page up; two of its rows stay in view."""
        self.viewport.scroll(-self.viewport.page)

    def action_page_down(self) -> None:
        """Scroll one page down; two of its rows stay in view."""
        self.viewport.scroll(self.viewport.page)

    def action_scroll_home(self) -> None:
        """Scroll to the first message."""
        self.viewport.scroll_home()

    def action_scroll_end(self) -> None:
        """Scroll to the end, and follow what is added."""
        self.viewport.follow()

    # Keys

    def on_focus(self) -> None:
        """Show that the keys of entries work, and of which entry."""
        self.cursor.choose_in_view()
        self.cursor.show_picture_keys()
        self.refresh()

    def on_blur(self) -> None:
        """Show that the keys of entries do not work."""
        self.cursor.show_picture_keys()
        self.refresh()

    async def on_key(self, event: events.Key) -> None:
        """Tell keys for an entry from the beginning of a message."""
        await self.key_queue.take(event)

    def on_paste(self, event: events.Paste) -> None:
        """Hand a pasted text to the prompt."""
        event.stop()
        self.post_message(Typed(printable(event.text)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key of an entry works now."""
        match action, parameters:
            case "entry", (str(name), *rest):
                return self.actions.can(name, *rest)
            case "choose_number", (number,):
                return self.actions.can("choose_number", number)
            case "restore", _:
                return self.actions.can_restore()
            case _:
                return True

    async def action_entry(self, name: str, argument: str | int = "") -> None:
        """Do something with the chosen entry."""
        await self.actions.do(name, argument)

    def action_restore(self) -> None:
        """Put back the message that was deleted last."""
        self.post_message(PaneRequested(RestoreRequested()))

    def action_choose(self, step: int) -> None:
        """Choose the message above (-1) or below (1), or one of several pictures."""
        self.cursor.move(step)

    def action_choose_picture(self, step: int) -> None:
        """Choose the picture above (-1) or below (1), or one of several to the left or right."""
        self.cursor.move_to_picture(step)

    def action_choose_number(self, number: int) -> None:
        """Choose the picture of this number among several."""
        self.actions.choose_number(number)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a drag, unless the mark of new entries is below the pointer."""
        if event.button == 1 and len(self.entries):
            self.selection.select(None)
            if not self._renderer.is_on_new_mark(event.x, event.y):
                self.selection.press(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the selection while the button is held."""
        self.selection.move(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the drag."""
        self.selection.end_drag()

    def on_hide(self) -> None:
        """End the drag: the pane is hidden."""
        self.selection.end_drag()

    def on_mouse_release(self) -> None:
        """End the drag when something else captures the mouse, such as another screen."""
        if self.app.mouse_captured is not self:
            self.selection.end_drag()

    def on_click(self, event: events.Click) -> None:
        """Do what was clicked; a double click selects the word, a third one the whole line."""
        width, height = self._size_of_view()
        is_inside = 0 <= event.x < width and 0 <= event.y < height
        if event.button != 1 or self.selection.selected or not len(self.entries) or not is_inside:
            return
        if self._renderer.is_on_new_mark(event.x, event.y):
            self.viewport.follow()
        elif event.chain > 1:
            self.selection.select_word(event.x, event.y, whole_line=event.chain > 2)
        elif clicked := self.selection.clicked(event.x, event.y):
            self.actions.click(clicked.entry, clicked.action)
