"""Changing settings while the application runs: at once on the screen, and then in the configuration file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.conversation_settings import KEPT
from animus_tui.config.loading import Setting, replace_setting
from animus_tui.errors import ConfigError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from animus_tui.config.schema import Config
    from animus_tui.config.settings_file import SettingsFile

Place = tuple[str, str]
"""Table and key of a setting."""
AT_START = {
    *(("ui", key) for key in ("graphics", "glyphs", "plain")),
    *(("image", key) for key in ("backend", "base_url", "api_key", "workflow", "edit_workflow")),
}
"""Settings that are looked at only when the application starts."""


class SettingsController:
    """Knows what is chosen, what of it works already, and writes it."""

    def __init__(
        self,
        config: Config,
        file: SettingsFile | None,
        *,
        apply: Callable[[Config], None],
        keep: Callable[[Place, object], None],
        holds: Callable[[], Config],
        say: Callable[[str], None],
        run: Callable[[Coroutine[None, None, None]], object],
    ) -> None:
        """`apply` has the application work by a configuration, `say` tells a warning, `run` runs in the background.

        `keep` has the open conversation keep another value of a setting, and `holds` is the configuration that holds in
        it.

        Without a file what is changed holds until the end.
        """
        self.config = config
        """As it is chosen: at the latest the next start goes by it."""
        self._started = config
        self._file = file
        self._apply = apply
        self._keep = keep
        self._holds = holds
        self._say = say
        self._run = run
        self._unwritten: dict[Place, object] = {}
        self._writing = asyncio.Lock()

    @property
    def path(self) -> str:
        """Where it is written; empty where nothing is."""
        return "" if self._file is None else str(self._file.path)

    def overruled_by(self, place: Place) -> str | None:
        """The option or environment variable that says a setting; None when there is none."""
        return None if self._file is None else self._file.overruled_by(*place)

    def value(self, place: Place) -> object:
        """What a setting is: in the open conversation, where that keeps it."""
        table, key = place
        value: object = getattr(getattr(self._holds() if place in KEPT else self.config, table), key)
        return value

    def of_new(self, place: Place) -> object:
        """What a setting is in new conversations."""
        table, key = place
        value: object = getattr(getattr(self.config, table), key)
        return value

    async def stated(self) -> set[Place]:
        """The settings that the file holds. ConfigError."""
        async with self._writing:
            return set() if self._file is None else await asyncio.to_thread(self._file.stated)

    async def made_file(self) -> Path:
        """The path of the file, which is there. UserError when it cannot be."""
        if self._file is None:
            raise UserError("There is no configuration file here.")
        await self.finish()
        async with self._writing:
            await asyncio.to_thread(self._file.make)
        return self._file.path

    async def reload(self) -> None:
        """Work by what the file says now; who answers and which keys there are is looked at only at a start.

        ConfigError: it cannot be used, as the next start would say.
        """
        if self._file is None:
            return
        async with self._writing:
            found = await asyncio.to_thread(self._file.load)
        self.config = found
        self._use(replace(found, api=self._started.api, keys=self._started.keys))

    def _use(self, working: Config) -> None:
        """Work by a configuration, but for what is looked at only at a start."""
        for table, key in AT_START:
            section = replace(getattr(working, table), **{key: getattr(getattr(self._started, table), key)})
            working = replace(working, **{table: section})
        self._apply(working)

    def adopt(self, config: Config) -> None:
        """Take over the services that were connected and written meanwhile."""
        self.config = replace(self.config, api=config.api, chat=config.chat, image=config.image)
        self._started = replace(self._started, api=config.api, image=config.image)

    def change(self, place: Place, value: object) -> None:
        """Use another value of a setting, the default with None, and write it. ConfigError: it is not allowed.

        A setting that conversations keep is changed in the open one and for new ones. What an option or a variable says
        goes before what a conversation keeps, so there it is not changed.
        """
        config, name = replace_setting(self.config, Setting(*place, value, "")), self.overruled_by(place)
        if place in KEPT and not name:
            self._keep_in_conversation(place, value)
        self.config = config
        self._use(replace(config, api=self._started.api, keys=self._started.keys))
        if name:
            self._say(f"{name} goes before the configuration file, so this holds until you quit.")
        elif self._file is not None:
            self._unwritten[place] = value
            self._run(self.finish())

    def _keep_in_conversation(self, place: Place, value: object) -> None:
        try:
            self._keep(place, value)
        except ConfigError:
            raise
        except UserError as error:  # it can only be read
            self._say(f"{error} What you chose is for new conversations.")

    async def finish(self) -> None:
        """Write what is not written yet; what cannot be written is told."""
        async with self._writing:  # the last choice is the last one that is written
            while self._file is not None and self._unwritten:
                place = next(iter(self._unwritten))
                value = self._unwritten.pop(place)
                try:
                    await asyncio.to_thread(self._file.change, *place, value)
                except ConfigError as error:
                    self._say(f"{error} What you chose holds until you quit.")
