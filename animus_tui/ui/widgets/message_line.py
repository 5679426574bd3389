"""The line in which the application says something: above the prompt, on other screens above the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.prompt import PromptBar

if TYPE_CHECKING:
    from typing import Any

    from textual.geometry import Size
    from textual.screen import Screen

    from animus_tui.ui.message_queue import Notice

RULE = "─"


class MessageLine(Widget):
    """Stands in the row of the rule above the prompt, so that nothing moves; a long message takes rows above it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"message-line--rule"}
    SCOPED_CSS = False
    DEFAULT_CSS = """
    MessageLine {
        overlay: screen;
        constrain: none inside;
        width: 100%;
        height: auto;
        padding: 0 0 0 1;
        color: $foreground;
        background: $background;
        &.-warning { color: $warning; }
        &.-error { color: $error; }
        .message-line--rule { color: $foreground 20%; }
    }
    .-theme-animus-contrast MessageLine .message-line--rule { color: $foreground; }
    """

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self._notice = notice

    def on_mount(self) -> None:
        """Show the first message."""
        self.show(self._notice)

    def show(self, notice: Notice) -> None:
        """Show a message in place of the one before."""
        self._notice = notice
        self.display = True
        self.set_class(notice.severity == "warning", "-warning")
        self.set_class(notice.severity == "error", "-error")
        self._place()
        self.refresh(layout=True)

    def hide(self) -> None:
        """Show no message."""
        if self.display:
            self.display = False
            self.screen.refresh()  # Textual leaves the rows of an overlay that goes while it waits to be painted

    def on_resize(self) -> None:
        """Wrap the message at the new width."""
        self._place()

    def _place(self) -> None:
        """End in the row of the rule, above the footer, or in the last row of a screen that has neither."""
        rows = len(self._lines(self.screen.size.width - self.gutter.width))
        if isinstance(self.parent, PromptBar):
            self.styles.offset = (0, 1 - rows)
        elif self.screen.query_children(KeyFooter):
            self.styles.offset = (0, -rows)
        else:
            self.styles.layer = "message"  # a box that is centred stays where it is
            # More than there is: it is kept inside the screen.
            self.styles.offset = (0, self.screen.size.height)

    def _lines(self, width: int) -> list[Content]:
        return Content(self._notice.words).wrap(max(1, width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows of the message at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The message; above the prompt the rule goes on behind it."""
        lines = self._lines(self.content_size.width)
        room = self.content_size.width - lines[-1].cell_length - 1
        if room > 0 and isinstance(self.parent, PromptBar) and not self.screen.has_class("-plain"):
            lines[-1] = Content.assemble(
                lines[-1], " ", (RULE * room, self.get_visual_style("message-line--rule"))
            )
        return Content("\n").join(lines)


def show_message(screen: Screen[Any], notice: Notice | None) -> None:
    """Show a message on a screen; with None, take the one away that is shown."""
    lines = list(screen.query(MessageLine))
    if notice is None:
        for line in lines:
            line.hide()
    elif lines:
        lines[0].show(notice)
    elif bars := list(screen.query(PromptBar)):
        bars[0].mount(MessageLine(notice), before="#prompt-row")
    else:
        screen.mount(MessageLine(notice), before=next(iter(screen.query_children(KeyFooter)), None))
