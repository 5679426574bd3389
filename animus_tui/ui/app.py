"""The Textual application around a chat session that lives outside of it."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import events, on
from textual.app import App
from textual.binding import Binding
from textual.message import Message
from textual.reactive import Reactive

from animus_tui.config.actions import BY_ID, KEY_ACTIONS
from animus_tui.config.keymap import key_names, keymap
from animus_tui.graphics.probe.capabilities import is_light
from animus_tui.printable import short_line
from animus_tui.ui.commands.key_bindings import binding_of, key_label
from animus_tui.ui.contrast import READABLE, without_colour
from animus_tui.ui.controllers.display import SETTLED
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.terminal.driver import BackgroundReported, EscapedKey, TerminalDriver
from animus_tui.ui.textual_compat import LinuxDriver, add_styles_only, driver_of, hide_traceback, is_bound
from animus_tui.ui.themes import DARK, FOLLOW, LIGHT, THEMES, variable_defaults
from animus_tui.ui.widgets.message_line import MessageQueue, Notice, TakenBack, show_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from rich.console import RenderableType
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.theme import Theme

    from animus_tui.chat.session import ChatSession
    from animus_tui.config.schema import Config
    from animus_tui.config.settings_file import SettingsFile
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.ui.controllers.first_frame import FirstFrameKeeper
    from animus_tui.ui.controllers.settings import SettingsController
    from animus_tui.ui.screens.connect import SessionConnector

YOUNG_OBJECTS, YOUNGER_PASSES, OLDER_PASSES = 5_000, 3, 200
"""New objects after which garbage is looked for among them; passes after which it is among what stayed, some 20,000
objects; and passes of that kind after which it is among all since the start. Keys wait for 1, 5 and 15 ms."""
STARTED = 0.15
"""Seconds after the first frame in which what is made is as little garbage as before it."""
LONGEST_PAINTING = 1.0
"""Seconds that a terminal has to take the first frame; nobody waits for one that reads nothing."""
LOOK_AT_PAINTING = 0.005
"""Seconds between two looks whether it has."""
OWN = {theme.name: theme for theme in THEMES}
CONNECT, QUIT, SUSPEND = BY_ID["connect"], BY_ID["quit"], BY_ID["suspend"]
NO_KEY = "none"
"""A key that no terminal sends, for an action whose default key the user gave to another one."""


class AnimusApp(App[None], inherit_bindings=False):
    """Shows one chat session. Leaving it ends nothing but the screen: the session's owner closes the session."""

    TITLE = "animus-chat"
    CSS_PATH = "screens/chat.tcss"  # Textual reads no style of a default screen
    _theme_used: str = THEMES[0].name
    """The theme in use, unless the user has just chosen another one."""
    theme: Reactive[str] = Reactive(THEMES[0].name)
    """The first of ours from the beginning: a change would have every style read once more."""
    BINDINGS = [
        *(binding_of(action) for action in KEY_ACTIONS if action.owner == "app"),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    class Said(Message):
        """The application has something to say; it may be sent from any thread."""

        def __init__(self, notice: Notice) -> None:
            super().__init__()
            self.notice = notice

    def __init__(
        self,
        session: ChatSession,
        *,
        terminal: Terminal,
        decoder: PictureDecoder | None,
        service: str,
        notice: str | None = None,
        settings_file: SettingsFile | None = None,
        connector: Callable[[], SessionConnector] | None = None,
        kept_theme: str | None = None,
        on_painted: Callable[[], object] | None = None,
        first_frame: FirstFrameKeeper | None = None,
    ) -> None:
        """`service` says in a few words where the answers come from; without a decoder pictures are text cards.

        Without a `settings_file` what is changed is forgotten at the end, and without a `connector` no other service
        can be connected. `kept_theme` is the one that an earlier version kept, which goes before the configured one.
        `on_painted` is called once, behind the first frame; what it raises ends the application. `first_frame` keeps
        what the next start shows first.
        """
        self._terminal = terminal  # asked for the variables of the style sheet, which is made next
        super().__init__()
        hide_traceback(self)  # the owner logs an unexpected error
        add_styles_only(self)
        self._session = session
        self._decoder = decoder
        self._service = service
        self._notice = notice
        self._on_painted = on_painted
        self._first_frame = first_frame
        self._keys = keymap(session.config.keys)
        self._messages = MessageQueue()
        self._is_ready = False
        self._exit_due: Callable[[], None] | None = None
        """What ends the application when the first screen is complete; None unless that was asked for before it is."""
        self._behind_escape: list[events.Event] | None = None
        """Keys that came before an Esc was done; None while none is under way."""
        for theme in THEMES:
            self.register_theme(theme)
        self._settings_file = settings_file
        self._make_connector = connector
        self._connector: SessionConnector | None = None
        """None until another service is looked for."""
        self._made_settings: SettingsController | None = None
        """None until a setting is changed."""
        self._begin_with_theme(kept_theme)
        self._usual_animations = self.animation_level
        self._set_motion(session.config)
        # Textual takes no keys for the default ones.
        self.set_keymap({action: keys or NO_KEY for action, keys in self._keys.items()})

    def on_mount(self) -> None:
        """A theme of which there is none is said, with those that there are."""
        self.screen_change_signal.subscribe(self, self._show_message)
        wanted = self._session.config.ui.theme
        if wanted != FOLLOW and wanted not in self.available_themes:
            known = ", ".join(sorted(self.available_themes))
            sentence = f"There is no theme “{short_line(wanted)}” for [ui] theme. There are: {known}."
            self.notify(sentence, severity="warning", markup=False)

    # The theme

    def _begin_with_theme(self, kept: str | None) -> None:
        """The theme that an earlier version kept, else the configured one, else the one for the terminal's ground."""
        config = self._session.configured
        if kept is not None and (kept == FOLLOW or kept in self.available_themes):
            self._session.configure(replace(config, ui=replace(config.ui, theme=kept)))
        self._use_wanted_theme()

    def _use_wanted_theme(self) -> None:
        wanted = self._session.config.ui.theme
        self._use_theme(wanted if wanted in self.available_themes else self._theme_of_terminal())

    def _theme_of_terminal(self) -> str:
        return LIGHT.name if self._terminal.is_light else DARK.name

    def _use_theme(self, name: str) -> None:
        """Use a theme that nobody has just chosen."""
        self._theme_used = name
        self.theme = name

    def watch_theme(self, name: str) -> None:
        """Keep a theme that the user has chosen."""
        if name not in ("", self._theme_used):
            self._theme_used = name
            self.settings.change(("ui", "theme"), name)

    def action_follow_terminal(self) -> None:
        """Use the light or the dark theme, as the terminal's background is, from now on."""
        self.settings.change(("ui", "theme"), FOLLOW)

    @on(BackgroundReported)
    def _follow_background(self, event: BackgroundReported) -> None:
        """Use the theme for the background that the terminal told after the start."""
        self._terminal = replace(self._terminal, background=event.colour, is_light=is_light(event.colour))
        if self._session.config.ui.theme == FOLLOW:
            self._use_theme(self._theme_of_terminal())
        elif self.native_ansi_color:
            self.get_css_variables()  # which keeps them
            for screen in self.screen_stack:
                if isinstance(screen, ChatScreen):
                    screen.pane.rendering.invalidate()

    # Settings

    @property
    def settings(self) -> SettingsController:
        """Changes settings, and keeps them."""
        if self._made_settings is None:
            from animus_tui.ui.controllers.settings import SettingsController  # for who changes something

            self._made_settings = SettingsController(
                self._session.configured,
                self._settings_file,
                apply=self._configure,
                keep=self._session.change_setting,
                holds=lambda: self._session.config,
                say=partial(self.notify, severity="warning"),
                run=self.run_worker,
            )
        return self._made_settings

    def _configure(self, config: Config) -> None:
        """Work by another configuration from now on; the screen shows it at once."""
        self._session.configure(config)
        self._set_motion(config)
        self._use_wanted_theme()
        for screen in self.screen_stack:
            if isinstance(screen, ChatScreen):
                screen.configure()

    def choose_model(self, name: str) -> None:
        """Have a model answer from now on, at the next start too."""
        self.settings.change(("chat", "model"), name)

    def _set_motion(self, config: Config) -> None:
        is_still = config.ui.reduced_motion or config.ui.plain
        self.animation_level = "none" if is_still else self._usual_animations

    def action_settings(self) -> None:
        """Show the settings, unless they are shown."""
        from animus_tui.ui.screens.settings import SettingsScreen  # for who wants to change something

        if not any(isinstance(screen, SettingsScreen) for screen in self.screen_stack):
            self.push_screen(
                SettingsScreen(
                    self.settings,
                    themes=[FOLLOW, *self._theme_names()],
                    abilities=self._session.abilities,
                )
            )

    def action_connect(self) -> None:
        """Ask which service is to answer, and go on with it."""
        from animus_tui.ui.screens.connect import ConnectScreen  # for who wants another one

        if self._make_connector is None:
            return
        self._connector = self._connector or self._make_connector()
        self.push_screen(ConnectScreen(self._connector), self._go_on_with_service)

    def _go_on_with_service(self, has_connected: bool | None) -> None:
        if not has_connected or self._connector is None:
            return
        words = self._connector.words
        if self._made_settings is not None:
            self._made_settings.adopt(self._session.configured)
        self._service, self._notice = words, None
        for screen in self.screen_stack:
            if isinstance(screen, ChatScreen):
                screen.use_service(words)
        said = (
            f"{self._connector.title} answers from now on, with the model {self._session.config.chat.model}."
        )
        self.notify(said, markup=False)

    def _begin_to_look_around(self, make_connector: Callable[[], SessionConnector]) -> None:
        self.run_worker(self._look_around(make_connector))

    async def _look_around(self, make_connector: Callable[[], SessionConnector]) -> None:
        """Say in the greeting which services run on this machine, while the demo answers for want of one."""
        connector = await asyncio.to_thread(make_connector)  # what it needs is imported
        found = [service.title for service in await connector.look_around()]
        if found and connector.is_fallback:
            verb = "is" if len(found) == 1 else "are"
            self._greet(
                f"{' and '.join(found)} {verb} running on this machine: {self._connect_key} connects."
            )

    def _greet(self, advice: str) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ChatScreen):
                screen.greet(self._with_advice(advice))

    @property
    def _connect_key(self) -> str:
        keys = key_names(self._keys["connect"])
        return key_label(keys[0]) if keys else "/connect"

    def _with_advice(self, advice: str) -> str | None:
        """Why the demo answers, and what to do about it."""
        return f"{self._notice}.\n{advice}" if self._notice and self._make_connector else self._notice

    def _theme_names(self) -> list[str]:
        """The names of all themes, our own first."""
        return [*OWN, *sorted(set(self.available_themes) - set(OWN))]

    async def finish(self) -> None:
        """Write the settings that were changed a moment before the end."""
        if self._made_settings is not None:
            await self._made_settings.finish()

    # Messages

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something in a quiet line above the prompt that goes with the next key; from any thread.

        The text is shown as it stands: nothing that anybody has to say is markup, whatever `markup` says.
        """
        text = short_line(f"{title} {message}" if title else message)
        self.post_message(self.Said(Notice(text, severity)))

    def action_help_quit(self) -> None:
        """Ctrl+C copies or does nothing: say which key quits, and in a box over the screen what closes that."""
        close = "Esc to close this, " if self.screen.is_modal else ""
        self.notify(f"Press {close}{key_label(key_names(self._keys[QUIT.id])[0])} to quit.", markup=False)

    def action_command_palette(self) -> None:
        """Everything that can be done, by a word of what one wants."""
        from animus_tui.ui.commands.palette import Palette, PaletteCommandProvider  # for who opens it

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette([PaletteCommandProvider], id="--command-palette"))

    @on(Said)
    @on(TakenBack)
    def _said(self, event: Said | TakenBack) -> None:
        now = time.monotonic()
        if isinstance(event, TakenBack):
            self._messages.take_back(event.text, now)
        else:
            self._messages.add(event.notice, now)
        self._show_message()

    async def on_event(self, event: events.Event) -> None:
        """A key or a click takes the message away that was there before it, and does what it does."""
        is_new = isinstance(event, events.InputEvent) and not event.is_forwarded
        if is_new and isinstance(event, events.Key | events.Paste) and self._behind_escape is not None:
            self._behind_escape.append(event)
            return
        if isinstance(event, EscapedKey):
            of_prompt = key_names(f"{self._keys['send']},{self._keys['newline']}")
            for key in event.keys(is_alt=event.key in of_prompt or is_bound(self.screen, event.key)):
                await self.on_event(key)
            return
        if (
            is_new
            and isinstance(event, events.Key | events.MouseDown | events.Paste)
            and self._messages.shown
        ):
            rest = self._messages.press(time.monotonic())
            self._show_message()
            if rest is not None:
                self.set_timer(rest, self._show_message)
        if is_new and isinstance(event, events.Key) and event.key == "escape":
            receiver = self.focused or self.screen
            await super().on_event(event)
            self._behind_escape = []
            self._follow_escape(receiver)
        else:
            await super().on_event(event)

    def _follow_escape(self, node: DOMNode | None) -> None:
        """Go the way of an Esc key, which bubbles from the focused widget up to here, and then do the keys behind it.

        A key of the application, such as Ctrl+P, would otherwise come before it: what it opens would be closed at once.
        """
        while node is not None and node is not self:
            if node.call_later(self._follow_escape, node.parent):
                return
            node = node.parent  # that one is being removed
        self.call_later(self._do_keys_behind_escape)

    async def _do_keys_behind_escape(self) -> None:
        held, self._behind_escape = self._behind_escape or [], None
        for event in held:  # behind another Esc they wait again
            await self.on_event(event)

    def _show_message(self, _: Screen[Any] | None = None) -> None:
        """Show the present message on the screen in front, once that has its widgets."""
        self._messages.expire(time.monotonic())
        if stack := self.screen_stack:
            stack[-1].call_later(self._show_message_in_front)

    def _show_message_in_front(self) -> None:
        stack = self.screen_stack
        for screen in stack:  # one behind may shine through the one in front
            if screen.is_mounted:
                show_message(screen, self._messages.shown if screen is stack[-1] else None)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Quit once the first screen is complete: Textual mounts no parts of it in an application that ends."""
        leave = partial(super().exit, result, return_code, message)
        if self._is_ready:
            leave()
        else:
            self._exit_due = leave

    def end_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Quit in the application's loop, also where that waits for the terminal; from any signal handler."""
        driver = driver_of(self)
        if isinstance(driver, TerminalDriver):
            driver.is_ending = True
        with suppress(RuntimeError):  # the loop is closed: all has ended already
            loop.call_soon_threadsafe(self.exit)

    def on_ready(self) -> None:
        """What waited until the first screen is complete and has its colours."""
        self._is_ready = True
        if self._exit_due is not None:
            self._exit_due()
            return
        self._tell_painted(time.monotonic() + LONGEST_PAINTING)
        self.set_timer(STARTED, self._collect)
        if self._make_connector is not None and self._notice is not None:
            self.set_timer(SETTLED, partial(self._begin_to_look_around, self._make_connector))

    def _tell_painted(self, latest: float) -> None:
        """Tell that the first frame is painted once the terminal has taken it, at `latest` on the monotonic clock."""
        driver = driver_of(self)
        if isinstance(driver, TerminalDriver) and not driver.is_taken and time.monotonic() < latest:
            self.set_timer(LOOK_AT_PAINTING, partial(self._tell_painted, latest))
        elif self._on_painted is not None:
            self._on_painted()

    def _collect(self) -> None:
        """What was made for the start stays: looking through it for garbage again and again would hold up keys."""
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, YOUNGER_PASSES, OLDER_PASSES)
        gc.enable()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The chat connects; where no shell could bring the application back, the prompt undoes with that key."""
        if action == SUSPEND.id:
            driver = driver_of(self)
            return isinstance(driver, TerminalDriver) and driver.is_stoppable
        if action == CONNECT.id:
            return isinstance(self.screen, ChatScreen)
        return super().check_action(action, parameters)

    def action_suspend(self) -> None:
        """Stop, as every program does at Ctrl+Z, until the shell goes on with it."""
        driver = driver_of(self)
        if isinstance(driver, TerminalDriver):
            driver.suspend()

    def watch_app_focus(self, has_focus: bool) -> None:
        """A browser's page has the focus later than the first screen looked for who should have it."""
        if has_focus and self.screen.focused is None and (wanted := self.screen.AUTO_FOCUS):
            self.screen.query(wanted).first().focus()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What is done to every painted line, as far as the colours are the terminal's own."""
        if self.no_color:
            return (without_colour(self.current_theme),)
        filters = super().get_line_filters()
        return (*filters, READABLE) if self.native_ansi_color else filters

    def get_theme(self, theme_name: str) -> Theme | None:
        """A theme by its name; ours are known before they are registered."""
        return OWN.get(theme_name) or super().get_theme(theme_name)

    def get_driver_class(self) -> type[Driver]:
        """The terminal's driver, which takes our pictures out of the terminal before it is given back."""
        driver_class = super().get_driver_class()
        return TerminalDriver if driver_class is LinuxDriver else driver_class

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours for themes that are not ours."""
        return variable_defaults(self.current_theme, self._terminal.background)

    def get_default_screen(self) -> Screen[None]:
        """The chat, painted complete with the first frame."""
        keeper = self._first_frame
        return ChatScreen(
            self._session,
            self._keys,
            terminal=self._terminal,
            decoder=self._decoder,
            service=self._service,
            choose_model=self.choose_model,
            notice=self._with_advice(f"{self._connect_key} connects a service."),
            on_show=keeper.begin if keeper is not None else None,
            on_change=keeper.changed if keeper is not None else None,
        )
