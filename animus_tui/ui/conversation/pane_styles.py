"""The theme's colours, as the conversation is set in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.canvas import Palette
from animus_tui.ui.markdown.inks import Inks

if TYPE_CHECKING:
    from rich.style import Style
    from textual.widget import Widget

    from animus_tui.ui.markdown.inks import Languages

PAGE = ("text", "quiet", "heading", "code", "code-block", "link", "line")
TOKENS = ("comment", "keyword", "name", "number", "operator", "string")
CARDS = ("card", "card-title", "card-hint", "place", "bar", "error-bar", "new-mark")
OTHERS = ("name", "accent", "warning", "error", *CARDS)
CLASSES = {
    "pane--bubble",
    "pane--bubble-quiet",
    "pane--frame",
    "pane--selection",
    "pane--hit",
    "pane--hit-chosen",
    *(f"pane--{name}" for name in (*PAGE, *OTHERS)),
    *(f"pane--token-{name}" for name in TOKENS),
}
"""The component classes of the pane."""
CSS = """
    .pane--text { color: $foreground; }
    .pane--quiet { color: $text-muted; }
    .pane--heading { color: $primary; text-style: bold; }
    .pane--code { color: $foreground; background: $panel; }
    .pane--code-block { color: $foreground; background: $surface; }
    .pane--link { color: $secondary; text-style: underline; }
    .pane--line { color: $foreground 30%; }
    .pane--name { color: $primary; text-style: bold; }
    .pane--accent { color: $accent; }
    .pane--warning { color: $warning; }
    .pane--error { color: $error; text-style: bold; }
    .pane--card { color: $foreground; background: $surface; }
    .pane--card-title { color: $error; background: $surface; text-style: bold; }
    .pane--card-hint { color: $text-muted; background: $surface; }
    .pane--place { background: $panel; }
    .pane--bar { color: $accent; }
    .pane--error-bar { color: $error; }
    .pane--new-mark { color: $accent; background: $panel; }
    .pane--bubble { color: $foreground; background: $bubble-user; }
    .pane--bubble-quiet { color: $text-muted; background: $bubble-user; }
    .pane--frame { color: $secondary; }
    .pane--selection { background: $input-selection-background; }
    .pane--hit { color: $background; background: $secondary; }
    .pane--hit-chosen { color: $background; background: $primary; }
    .pane--token-comment { color: $text-muted; background: $surface; text-style: italic; }
    .pane--token-keyword { color: $primary; background: $surface; }
    .pane--token-name { color: $secondary; background: $surface; }
    .pane--token-number { color: $warning; background: $surface; }
    .pane--token-operator { color: $foreground; background: $surface; }
    .pane--token-string { color: $success; background: $surface; }
"""


def palette_of(pane: Widget, languages: Languages, *, framed: bool) -> Palette:
    """The component styles of the pane, and the languages whose colours are at hand.

    `framed`: messages have a frame, since their ground does not stand out.
    """

    def style(name: str) -> Style:
        return pane.get_component_rich_style(f"pane--{name}")

    page = {name.replace("-", "_"): style(name) for name in PAGE}
    bubble = {**page, "text": style("bubble"), "quiet": style("bubble-quiet")}
    tokens = {name: style(f"token-{name}") for name in TOKENS}
    others = {name.replace("-", "_"): style(name) for name in OTHERS}
    return Palette(
        page=Inks(**page, tokens=tokens, languages=languages),
        bubble=Inks(**bubble, tokens=tokens, languages=languages),
        frame=style("frame") if framed else None,
        **others,
    )
