"""Ctrl+P: everything that can be done, found by a word of what one wants."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider
from textual.theme import ThemeProvider
from textual.widgets import Input, OptionList, TextArea

from animus_tui.config.actions import COMMANDS, KEY_ACTIONS
from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.widgets.line_input import literal
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.binding import ActiveBinding
    from textual.command import Hits

    from animus_tui.config.action import Action


class Palette(CommandPalette):
    """Textual's palette; it says, as the other boxes do, how to leave it."""

    DEFAULT_CSS = """
    Palette SearchIcon { display: none; }  /* an emoji that many fonts of terminals lack */
    """
    BINDINGS = [Binding("ctrl+c", "app.help_quit", show=False, system=True)]
    _has_chosen = False

    def on_mount(self) -> None:
        """Have the cursor stand still: a blinking one would write to an idle terminal for ever."""
        self.query_one(Input).cursor_blink = False

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _choose_once(self, event: OptionList.OptionSelected | Input.Submitted) -> None:
        """Take one choice: that of a second Enter in a burst of keys comes when the first one is being done."""
        if self._has_chosen:
            event.stop()
            event.prevent_default()
        elif isinstance(event, OptionList.OptionSelected):
            self._has_chosen = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Page up and down do nothing before the list has its place on the screen: Textual fails for want of rows."""
        if action == "command_list" and not self.query_one(OptionList).scrollable_content_region:
            return False
        return super().check_action(action, parameters)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it, unless it is closed: an Esc right behind Enter comes before the choice, which is then none."""
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()  # type: ignore[no-untyped-call]  # no types in Textual


class PaletteCommand(NamedTuple):
    """One line of the palette."""

    title: str
    how: str
    """Command and key that do the same."""
    run: Callable[[], object]


class PaletteCommandProvider(Provider):
    """The commands, the actions that have only a key, and the themes."""

    async def discover(self) -> Hits:
        """Everything, as long as nothing is typed."""
        for command in self._palette_commands():
            yield DiscoveryHit(
                literal(command.title), command.run, text=command.title, help=_literal(command.how)
            )

    async def search(self, query: str) -> Hits:
        """What has the typed letters in its words, its command or its key."""
        matcher = self.matcher(query)
        for command in self._palette_commands():
            score = max(matcher.match(command.title), matcher.match(command.how))
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(command.title),
                    command.run,
                    text=command.title,
                    help=_literal(command.how),
                )

    def _palette_commands(self) -> Iterator[PaletteCommand]:
        live: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.id and active.enabled:
                live.setdefault(active.binding.id, active)
        yield from self._here()
        abilities = next((prompt.abilities for prompt in self.screen.query(Prompt)), None)
        commands = [each for each in COMMANDS if abilities is not None and each.needs in {"", *abilities}]
        for command in commands:
            keys = key_label(live[command.id].binding.key) if command.id in live else ""
            how = " · ".join(filter(None, (command.command, keys)))
            yield PaletteCommand(command.help, how, partial(self._command, command))
        for action in KEY_ACTIONS:
            if action.id in live and action not in commands:
                binding, node = live[action.id].binding, live[action.id].node
                run = partial(self.app.run_action, binding.action, node)
                yield PaletteCommand(action.help, key_label(binding.key), run)
        yield PaletteCommand(
            "Choose a theme",
            "dark, light, high contrast and others",
            self._choose_theme,
        )
        yield PaletteCommand(
            "Follow the terminal: light or dark theme, as its background is",
            "theme auto",
            partial(self.app.run_action, "app.follow_terminal"),
        )

    def _choose_theme(self) -> None:
        self.app.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def _here(self) -> Iterator[PaletteCommand]:
        """What can be done with what is focused, such as a picture that fills the screen."""
        focused, seen = self.screen.focused, set()
        if focused is None or isinstance(focused, TextArea | Input):
            return
        for active in self.screen.active_bindings.values():
            binding = active.binding
            is_plain = binding.id is not None or binding.action.startswith(("scroll", "page_", "choose"))
            if active.node is focused and active.enabled and not is_plain and binding.action not in seen:
                seen.add(binding.action)
                run = partial(focused.run_action, binding.action)
                yield PaletteCommand(binding.tooltip or binding.description, key_label(binding.key), run)

    def _command(self, command: Action) -> None:
        """As if it had been typed; one that needs words waits in the prompt for them."""
        prompt = self.screen.query_one(Prompt)
        prompt.focus()
        if command.needs_argument:
            prompt.restore(f"/{command.id} ")
        else:
            prompt.post_message(Prompt.Submitted(f"/{command.id}"))


def _literal(text: str) -> str:
    """The palette reads its help as markup, in which `[PATH]` would be a style."""
    return text.replace("[", "\\[")
