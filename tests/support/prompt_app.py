"""A screen with the prompt, the status line and the footer, on which tests type; it keeps what was submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Static

from animus_tui.config.actions import KEY_ACTIONS
from animus_tui.config.keymap import key_names, keymap
from animus_tui.ui.commands.key_bindings import binding_of
from animus_tui.ui.commands.palette import PaletteCommandProvider
from animus_tui.ui.screens.help import HelpScreen, help_of_chat
from animus_tui.ui.themes import THEMES, variable_defaults
from animus_tui.ui.widgets.completion_list import CompletionList
from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import PromptBar
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult


NO_PROMISE = {"accept", "reword", "decline"}
"""Actions that rest: no card waits."""


class Card(Static, can_focus=True):
    """Something in the conversation with a key of its own."""

    BINDINGS = [Binding("left_square_bracket", "act", "Variant before", show=False)]

    def action_act(self) -> None:
        self.app.exit()


class PromptScreen(Screen[None]):
    """Where the prompt stands; each action that is carried out is noted."""

    AUTO_FOCUS = "Prompt"
    BINDINGS = [
        binding_of(action, f"note('{action.id}')", is_priority=False)
        for action in KEY_ACTIONS
        if action.id not in ("send", "newline", "suspend")
    ]

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        self.keys = keys
        self.submitted: list[str] = []
        self.done: list[str] = []
        self.resting: set[str] = set(NO_PROMISE)

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Card("a card", id="conversation")
        yield PromptBar(send_keys=key_names(self.keys["send"]), newline_keys=key_names(self.keys["newline"]))
        yield KeyFooter(self.keys)

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        self.submitted.append(event.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        return not (action == "note" and parameters[0] in self.resting)

    def action_note(self, name: str) -> None:
        self.done.append(name)
        if name == "help":
            self.app.push_screen(help_of_chat(self.keys, self.active_bindings))


class PromptApp(App[None], inherit_bindings=False):
    """Runs a PromptScreen with our themes."""

    COMMANDS = {PaletteCommandProvider}
    CSS = "#conversation { height: 1fr; }"

    def __init__(self, own_keys: Mapping[str, str] | None = None, theme: str = "animus-dark") -> None:
        super().__init__()
        for ours in THEMES:
            self.register_theme(ours)
        self.theme = theme
        keys = keymap(own_keys or {})
        self.chat = PromptScreen(keys)
        self.set_keymap(keys)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def get_default_screen(self) -> Screen[None]:
        return self.chat

    def help_is_open(self) -> bool:
        return isinstance(self.screen, HelpScreen)

    @property
    def prompt(self) -> Prompt:
        return self.chat.query_one(Prompt)

    @property
    def offers(self) -> CompletionList:
        return self.chat.query_one(CompletionList)

    @property
    def footer(self) -> str:
        return str(self.chat.query_one(KeyFooter).render())
