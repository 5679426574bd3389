"""One picture on the whole screen, and from it to all the others of the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import SuspendNotSupported
from textual.binding import Binding
from textual.screen import Screen

from animus_tui.errors import UserError
from animus_tui.graphics.full_quality.launch import show_full_quality
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_VIEWER
from animus_tui.ui.controllers.controller import Reporter
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.picture_view import DetailsView, PictureLine, PictureView, details_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path
    from typing import Any

    from textual.app import App, ComposeResult
    from textual.theme import Theme

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.images.picture_source import ImageFiles, PictureSource


NO_FULL_QUALITY = "This terminal has no finer view of a picture; o opens it with the system's viewer."


class ViewerScreen(Screen[str]):
    """Shows a picture of a source; dismissed with the id of the one that was shown last."""

    AUTO_FOCUS = None  # what is shown first has the focus
    BINDINGS = [
        *bindings_of("save", "help"),
        Binding("s", "save", "Save", show=False),
        # Reached where the same keys on what has the focus do nothing.
        Binding("f,enter", "miss_full_quality", show=False, system=True),
        Binding("left,pageup", "step(-1)", "Picture before", show=False),
        Binding("right,pagedown,space", "step(1)", "Next picture", show=False),
        Binding("up,left_square_bracket", "variant(-1)", "Variant before", show=False),
        Binding("down,right_square_bracket", "variant(1)", "Next variant", show=False),
    ]

    def __init__(
        self,
        source: PictureSource,
        message_id: str,
        pane: ConversationPane,
        files: ImageFiles,
        keys: Mapping[str, str],
        *,
        choose_variant: Callable[[str, int], object] | None = None,
        with_details: bool = False,
    ) -> None:
        """`message_id` names the picture to begin with; `with_details` shows what is known of it in its place.

        `choose_variant` has the conversation show another variant of a message; without it none is chosen.
        """
        super().__init__()
        self._source = source
        self._pane = pane
        self._files = files
        self._choose_variant = choose_variant
        self._reporter = Reporter(self)
        self._keys = keys
        self._message = source.message(message_id)
        self._record = self._message.image
        self._has_pictures = pane.options.decoder is not None
        self._shows_details = with_details or not self._has_pictures
        self._is_full_quality = False
        self._way = -1
        """Towards which pictures the user goes."""

    def compose(self) -> ComposeResult:
        """The picture, below it what it is and the keys."""
        if self._has_pictures:
            yield PictureView(self._pane.images.renderer)
        yield DetailsView()
        yield PictureLine()
        yield KeyFooter(self._keys)

    def on_mount(self) -> None:
        """Show the picture."""
        self._show()
        self.app.app_resume_signal.subscribe(self, self._come_back)
        self.app.theme_changed_signal.subscribe(self, self._follow_theme)

    @on(events.ScreenSuspend)
    @on(events.ScreenResume)
    def _repaint_pictures(self) -> None:
        """Below a box the picture is drawn of other cells than above it."""
        for view in self.query(PictureView):
            view.refresh()

    def _come_back(self, _: App[Any]) -> None:
        """The terminal was lent to somebody else, and knows nothing of our picture any more."""
        if not self._shows_details:
            self._draw_picture()

    # What is shown

    @property
    def message(self) -> ChatMessage:
        """The picture that is shown."""
        return self._message

    def renew(self) -> None:
        """Pictures came: say how many there are now."""
        self._message = self._source.message(self._message.id)
        self._show_line()

    def _show(self) -> None:
        """Show the present picture or its details, and the line below."""
        self._show_line()
        details = self.query_one(DetailsView)
        details.set_class(not self._shows_details, "-hidden")
        if self._has_pictures:
            self.query_one(PictureView).display = not self._shows_details
        if self._shows_details:
            record, is_attached = self._record, self._message.role == "user"
            details.show(
                [] if record is None else details_of(record, self._path(record), is_attached=is_attached)
            )
            details.focus()
        else:
            self.query_one(PictureView).focus()
            self._draw_picture()
        self.refresh_bindings()

    def _show_line(self) -> None:
        variants = self._message.variants or []
        count = len(self._source)
        number = f"{self._source.number(self._message.id)} of {count}"
        variant = ""
        if self._record in variants and len(variants) > 1:
            variant = f"variant {variants.index(self._record) + 1} of {len(variants)}"
        hints = ("← → pictures" if count > 1 else "", "[ ] variants" if variant else "")
        prompt = self._record.prompt if self._record is not None else ""
        self.query_one(PictureLine).show(
            joined((number, variant)), prompt, "   ".join(hint for hint in hints if hint)
        )

    def _path(self, record: ImageRecord | None) -> Path | None:
        """The file of a picture; None when the record names none that could be."""
        try:
            return self._source.path(record) if record is not None else None
        except UserError:
            return None

    @work(exclusive=True, group="picture")
    async def _draw_picture(self) -> None:
        """Draw it for the room that there is, and have the one at hand that comes next the same way."""
        record, path, view = self._record, self._path(self._record), self.query_one(PictureView)
        if record is None:
            return
        if path is None:
            view.tell("The picture's file is not one of this conversation.")
            return
        await view.draw(path, (record.width, record.height))
        beside = self._source.beside(self._message.id, self._way)
        following = beside.image if beside is not None else None
        if following is not None and (path := self._path(following)) is not None:
            await view.prepare(path, (following.width, following.height))

    @on(PictureView.Sized)
    def _sized(self) -> None:
        self._draw_picture()

    def notify_style_update(self) -> None:
        """Styles have changed; those of the parts of the screen are set only after this call."""
        super().notify_style_update()
        self.call_next(self._follow_theme)

    def _follow_theme(self, _: Theme | None = None) -> None:
        """Draw the picture anew where another colour shines through it now."""
        views = self.query(PictureView)
        if not self._shows_details and any(view.is_on_another_background for view in views):
            self._draw_picture()

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the keys work now."""
        match action:
            case "details":
                return self._has_pictures
            case "full_quality":
                return self._pane.options.has_full_quality
            case "variant":
                return len(self._message.variants or []) > 1
            case "step":
                return len(self._source) > 1
            case _:
                return True

    def action_step(self, step: int) -> None:
        """To the picture before (-1) or after (1) this one."""
        message = self._source.beside(self._message.id, step)
        if message is not None:
            self._message, self._record, self._way = message, message.image, step
            self._show()

    def action_variant(self, step: int) -> None:
        """To the variant before or after this one; the conversation then shows it too."""
        self._message = self._source.message(self._message.id)
        variants = self._message.variants or []
        at = (variants.index(self._record) if self._record in variants else 0) + step
        if not 0 <= at < len(variants):
            return
        self._record = variants[at]
        if self._source.is_writable and self._choose_variant is not None:
            self._choose_variant(self._message.id, at)
        self._show()

    def action_details(self) -> None:
        """What is known of the picture, or the picture again."""
        self._shows_details = not self._shows_details
        self._show()

    def action_open(self) -> None:
        """Show it with the viewer of the system."""
        self._do(self._files.open)

    def action_copy_path(self) -> None:
        """Put the path of its file on the clipboard."""
        self._do(lambda record: self._files.copy_path(record, self.app))

    def action_save(self) -> None:
        """Save it as a file of its own."""
        self._do(self._files.save)

    def action_help(self) -> None:
        """Show keys and commands."""
        self.app.push_screen(
            help_of_place(
                self,
                IN_VIEWER,
                has_full_quality=self._pane.options.has_full_quality,
                abilities=self._pane.actions.abilities,
            )
        )

    def action_back(self) -> None:
        """Back to the conversation."""
        self.dismiss(self._message.id)

    @on(PictureView.Clicked)
    def _clicked(self) -> None:
        if self._pane.options.has_full_quality:
            self.action_full_quality()
        else:
            self.action_miss_full_quality()

    def action_full_quality(self) -> None:
        """Show it in full quality on the whole terminal."""
        if not self._is_full_quality:
            self._is_full_quality = True
            self._show_full_quality()

    def action_miss_full_quality(self) -> None:
        """Say why the key of full quality does nothing."""
        self._reporter.say(NO_FULL_QUALITY)

    @work
    async def _show_full_quality(self) -> None:
        """Step aside, without painting anything, until a key is pressed there; the session goes on meanwhile."""
        sentence, path, record = None, self._path(self._record), self._record
        try:
            if path is None or record is None:
                return
            with self.app.batch_update(), self.app.suspend():
                size = record.width, record.height
                sentence = await show_full_quality(path, size=size, terminal=self._pane.options.terminal)
        except SuspendNotSupported:
            sentence = "This terminal belongs to somebody else, who shows the pictures: o opens it outside."
        finally:
            self._is_full_quality = False
        if sentence is not None:
            self._reporter.say(sentence, severity="warning")

    def _do(self, doing: Callable[[ImageRecord], Coroutine[Any, Any, str]]) -> None:
        """Do something with the picture that is shown, and say what came of it."""
        if self._record is None:
            self._reporter.say("There is no picture here any more.", severity="warning")
        else:
            self._reporter.run(doing(self._record))
