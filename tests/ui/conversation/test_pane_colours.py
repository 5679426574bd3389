"""The colours of the conversation are what a style sheet would make of them, in each theme."""

from __future__ import annotations

from msgspec import structs
from rich.style import Style
from textual.app import App, ComposeResult
from textual.theme import BUILTIN_THEMES
from textual.widget import Widget

from animus_tui.ui.conversation.pane_colours import palette_of
from animus_tui.ui.markdown.text_layout import Languages
from animus_tui.ui.themes import THEMES, variable_defaults

CSS = """
    .text, .card, .bubble-text, .code, .code_block, .token-operator, .place { color: $foreground; }
    .quiet, .bubble-quiet, .card_hint, .token-comment { color: $text-muted; }
    .heading, .name, .token-keyword { color: $primary; }
    .link, .you, .token-name, .frame { color: $secondary; }
    .accent, .bar, .new_mark { color: $accent; }
    .warning, .token-number { color: $warning; }
    .error, .card_title, .error_bar { color: $error; }
    .token-string { color: $success; }
    .line { color: $foreground 30%; }
    .code, .place, .new_mark { background: $panel; }
    .code_block, .card, .card_title, .card_hint { background: $surface; }
    .token-comment, .token-keyword, .token-name { background: $surface; }
    .token-number, .token-operator, .token-string { background: $surface; }
    .bubble-text, .bubble-quiet { background: $bubble-user; }
    .heading, .name, .you, .error, .card_title { text-style: bold; }
    .link { text-style: underline; }
    .token-comment { text-style: italic; }
"""


class Sheet(Widget):
    COMPONENT_CLASSES = {
        word.removesuffix(",").removeprefix(".") for word in CSS.split() if word.startswith(".")
    }
    DEFAULT_CSS = f"Sheet {{ background: $background; {CSS} }}"


class Themes(App[None]):
    def compose(self) -> ComposeResult:
        yield Sheet()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)


def styles_of(app: Themes) -> dict[str, Style]:
    """Ours, by the classes above."""
    palette = palette_of(
        app.theme_variables, app.query_one(Sheet).background_colors[1], Languages(), framed=True
    )
    found = structs.asdict(palette)
    page, bubble = structs.asdict(found.pop("page")), structs.asdict(found.pop("bubble"))
    tokens = {f"token-{name}": style for name, style in page["tokens"].items()}
    both = {name: page[name] for name in page if isinstance(page[name], Style)}
    on_bubble = {f"bubble-{name}": bubble[name] for name in ("text", "quiet")}
    return {**found, **both, **tokens, **on_bubble}


async def test_they_are_those_of_a_style_sheet() -> None:
    app = Themes()
    for theme in THEMES:
        app.register_theme(theme)
    async with app.run_test() as pilot:
        for name in [*BUILTIN_THEMES, *(theme.name for theme in THEMES)]:
            app.theme = name
            await pilot.pause()
            sheet, ours = app.query_one(Sheet), styles_of(app)
            assert set(ours) == Sheet.COMPONENT_CLASSES
            for part, style in ours.items():
                assert style == sheet.get_component_rich_style(part), (name, part)
