"""The configuration file while the application runs: which settings it holds, and changing one of them in it."""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import contextmanager, suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from animus_tui.atomic import ensure_folder, read_regular, write_atomically
from animus_tui.config.loading import MOST_BYTES, Setting, combine, load_config, toml_tables, utf8_text
from animus_tui.config.schema import SECTIONS, Config, example, introduction, schema, variable
from animus_tui.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Data = dict[str, Any]
SECRET = frozenset({"api_key", "token_provider_url"})
"""Settings that nobody else may read."""


class SettingsFile:
    """Reads and changes the file; what others wrote into it meanwhile stays."""

    def __init__(
        self,
        path: Path,
        env: Mapping[str, str],
        flags: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
        *,
        former_theme: Path | None = None,
    ) -> None:
        """`flags`: table → key → value; they go before the environment, which goes before the file.

        `former_theme` is the file in which an earlier version kept the chosen theme, which went before this one.
        """
        self.path = path
        self._env = env
        self._flags = flags
        self._former_theme = former_theme

    def overruled_by(self, table: str, key: str) -> str | None:
        """The option or the variable that says a setting, so that the file has no say; None when there is none."""
        if key in self._flags.get(table, {}):
            return f"--{key}"
        name = variable(table, key)
        return name if self._env.get(name, "").strip() else None

    def stated(self) -> set[tuple[str, str]]:
        """Table and key of all settings that the file holds now. ConfigError."""
        try:
            data = toml_tables(_text(self.path) or "")
        except (OSError, ValueError) as error:
            raise self._refused("read", error) from None
        return {(setting.table, setting.key) for setting in self._known(data)}

    def load(self) -> Config:
        """What options, environment and the file say now. ConfigError, as at a start."""
        return load_config(self.path, self._env, flags=self._flags)

    def make(self) -> None:
        """Make the file, with all settings as comments, unless there is one. ConfigError."""
        try:
            target = self.path.resolve()
            ensure_folder(target.parent)
            with _alone_in(target.parent):
                if not target.exists():
                    write_atomically(target, _template().encode())
        except (OSError, RuntimeError) as error:
            raise self._refused("made", error) from None

    def change(self, table: str, key: str, value: object) -> None:
        """Write another value of a setting, or with None take it out, and change nothing else. ConfigError.

        Where there is no file one is made, with all settings as comments.
        """
        self.change_all({(table, key): value})

    def change_all(self, values: Mapping[tuple[str, str], object]) -> Callable[[], None]:
        """Change several settings, by table and key, or none of them. ConfigError.

        What is returned puts the file back as it was, unless somebody else has changed it since. ConfigError.
        """
        try:
            target = self.path.resolve()  # a link stays a link
            ensure_folder(target.parent)
            with _alone_in(target.parent):
                mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
                before, after = self._change(target, values)
            if ("ui", "theme") in values and self._former_theme is not None:
                self._former_theme.unlink(missing_ok=True)
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise self._refused("changed", error) from None
        return partial(self._put_back, target, before, after, mode)

    def _put_back(self, target: Path, before: str | None, after: str | None, mode: int) -> None:
        try:
            with _alone_in(target.parent):
                if after == before or _text(target) != after:
                    return
                if before is None:
                    target.unlink()
                else:
                    write_atomically(target, before.encode(), mode=mode)
        except (OSError, ValueError) as error:
            raise self._refused("changed", error) from None

    def _change(
        self, target: Path, values: Mapping[tuple[str, str], object]
    ) -> tuple[str | None, str | None]:
        """The text of the file before and after; None where there is none."""
        from animus_tui.config.toml_edit import change_setting  # tomlkit, 17 ms of a start

        before = _text(target)
        if before is None and not any(value is not None for value in values.values()):
            return None, None
        after = _template() if before is None else before
        for (table, key), value in values.items():
            default = _as_comment(toml_tables(after), table, key)
            after = change_setting(after, table, key, value, default=default)
        combine(self._known(toml_tables(after)), self._env, self._flags)
        if after == before:
            return before, after
        mode = 0o600 if before is None else stat.S_IMODE(target.stat().st_mode)
        if any(value is not None and key in SECRET for (_, key), value in values.items()):
            mode &= 0o700  # from now on it is for its owner alone
        if before is not None and not os.access(target, os.W_OK):
            raise ValueError("is read-only")
        write_atomically(target, after.encode(), mode=mode)
        return before, after

    def _known(self, data: Data) -> Iterator[Setting]:
        """The settings in the file's data; what nobody knows is left to the next start, which tells of it."""
        for table, keys in schema().items():
            section = data.get(table, {})
            for key in keys:
                if isinstance(section, dict) and key in section:
                    yield Setting(table, key, section[key], str(self.path))

    def _refused(self, done: str, error: Exception) -> ConfigError:
        if isinstance(error, OSError):
            return ConfigError(f"{self.path} cannot be {done}: {error.strerror or error}.")
        return ConfigError(f"{self.path} cannot be {done}, for it {error}.")


def _text(path: Path) -> str | None:
    """The text of the file; None when there is none. OSError; ValueError with the words behind "the file"."""
    try:
        data = read_regular(path)
    except FileNotFoundError:
        return None
    if len(data) > MOST_BYTES:
        raise ValueError("is longer than 1 MiB")
    return utf8_text(data)


def _template() -> str:
    from animus_tui.config.template import settings_text  # 4 ms, for who has no file yet

    return settings_text(Config(), show_defaults=False)


def _as_comment(data: Data, table: str, key: str) -> object:
    """The value that stands in a comment where a setting is not set."""
    if (table, key) == ("chat", "system_message"):
        return introduction(str(data.get("chat", {}).get("name", Config().chat.name)))
    default: object = getattr(SECTIONS[table](), key)
    return example(schema()[table][key]) if default is None else default


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait for others that change a file in the folder, where the file system knows locks. OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
