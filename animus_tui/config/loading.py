"""How the configuration is loaded from options, environment and file; what cannot be used is refused in a sentence."""

from __future__ import annotations

import difflib
import math
import os
import select
import tomllib
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, cast, get_args

import msgspec

from animus_tui import addresses
from animus_tui.config.keymap import KeyConflictError, keymap
from animus_tui.config.schema import (
    AUTO_MODEL,
    LARGEST,
    NAMED,
    SAMPLING,
    SECTIONS,
    AutoTurnConfig,
    Config,
    Schema,
    allowed,
    in_toml,
    introduction,
    named_schema,
    schema,
    variable,
)
from animus_tui.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


MOST_BYTES = 1024 * 1024
"""Bytes that are read at most."""
PATIENCE = 10.0
"""Seconds of silence after which a named pipe, which nobody may ever write into, is given up."""
SHOWN_LENGTH = 60
"""Characters of a value that an error shows."""
LONGEST_NAME = 100
"""Characters of the name of a character or of a style."""


class Setting(NamedTuple):
    """One value, not yet typed, and where it came from."""

    table: str
    key: str
    value: object
    origin: str
    """Path of the file, name of the environment variable, or the option."""
    is_text: bool = False
    """Whether the value is text that stands for a number or the like."""

    def __repr__(self) -> str:
        return f"Setting({self.origin}: [{self.table}] {self.key} = {self._shown()})"

    def refused(self, must_be: str) -> ConfigError:
        """The error that says why this value cannot be used; a secret is never in it."""
        stated = f"{self.origin}: [{self.table}] {self.key} = {self._shown()}"
        return ConfigError(f"{stated} is not allowed; it must be {must_be}.", must_be)

    def _shown(self) -> str:
        if self.key.endswith("api_key"):
            return "(hidden)"
        if self.key.endswith("_url"):
            is_text = isinstance(self.value, str)
            return in_toml(addresses.without_secrets(str(self.value))) if is_text else "(hidden)"
        if isinstance(self.value, dict):
            return "a table"
        text = in_toml(self.value)
        return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def load_config(
    path: Path | None,
    env: Mapping[str, str],
    *,
    explicit: bool = False,
    flags: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
) -> Config:
    """What options (`flags`: table → key → value), environment, file and defaults say; the first one wins.

    `explicit`: somebody named the file, so it must exist. Signing in is one setting: the first that says how
    replaces what the others say, and a token provider goes before a key that stands beside it. A blank key or
    provider is unset. Raises ConfigError.
    """
    file = read_file(path, schema(), must_exist=explicit) if path else ()
    return combine(file, env, flags)


def combine(
    file: Iterable[Setting], env: Mapping[str, str], flags: Mapping[str, Mapping[str, object]]
) -> Config:
    """What options, environment, the settings of a file and defaults say, as `load_config`. Raises ConfigError.

    A conversation's own settings go before those of the file, and behind those of options and environment, which the
    configuration therefore names as `fixed`.
    """
    tables = schema()
    names = {variable(table, key): (table, key) for table, keys in tables.items() for key in keys}
    options = (Setting(table, key, flags[table][key], f"--{key}") for table in flags for key in flags[table])
    named, plain = _parted(file)
    settings: Settings = {}
    fixed: frozenset[tuple[str, str]] = frozenset()
    for layer in (plain, read_environment(env, names), options):
        stated = {(s.table, s.key): typed(s, tables[s.table][s.key]) for s in layer}
        _settle_sign_in(settings, stated)
        settings |= stated
        fixed = frozenset() if layer is plain else frozenset({*fixed, *stated})
    _check_services(settings)
    _check_addresses(settings)
    values: dict[str, dict[str, object]] = {table: {} for table in tables}
    if name := settings.get(("chat", "name")):
        values["chat"]["system_message"] = introduction(str(name.value))
    if _chosen(settings, _BACKEND) == "openai":
        values["chat"]["model"] = AUTO_MODEL
    for (table, key), setting in settings.items():
        values[table][key] = setting.value
    # Each value has its type already; converting the whole would read the types of every section.
    built: dict[str, Any] = {table: SECTIONS[table](**values[table]) for table in SECTIONS}
    config = Config(**built, keys=cast("dict[str, str]", values["keys"]))
    _check_pauses(config.auto_turn, settings)
    _check_keys(config.keys, settings)
    sections = {table: MappingProxyType(_named(table, named, config)) for table in NAMED}
    keys = MappingProxyType(dict(config.keys))
    return msgspec.structs.replace(config, keys=keys, fixed=fixed, **sections)


def replace_setting(config: Config, setting: Setting) -> Config:
    """The configuration with another value of one setting; with None, with its default. Raises ConfigError.

    While nothing else is said, what the character is told about itself goes by its name.
    """
    table, key, value, *_ = setting
    section = getattr(config, table)
    kind = schema()[table][key]
    value = default_of(config, table, key) if value is None else typed(setting, kind).value
    changes = {key: value}
    if (table, key) == ("chat", "name") and section.system_message == introduction(section.name):
        changes["system_message"] = introduction(str(value))
    replaced = msgspec.structs.replace(section, **changes)
    if isinstance(replaced, AutoTurnConfig):
        _check_pauses(replaced, {(table, key): setting._replace(value=value)})
    return msgspec.structs.replace(config, **{table: replaced})


def default_of(config: Config, table: str, key: str) -> object:
    """What a setting is while nothing says otherwise."""
    if (table, key) == ("chat", "system_message"):
        return introduction(config.chat.name)
    if (table, key) == ("chat", "model") and config.api.backend == "openai":
        return AUTO_MODEL
    return getattr(SECTIONS[table](), key)


Settings = dict[tuple[str, str], Setting]
_PROVIDER, _KEY = ("api", "token_provider_url"), ("api", "api_key")
_BACKEND, _BASE_URL = ("api", "backend"), ("api", "base_url")
_IMAGE_BACKEND, _IMAGE_BASE_URL, _IMAGE_KEY = (
    ("image", "backend"),
    ("image", "base_url"),
    ("image", "api_key"),
)
_WORKFLOW = ("image", "workflow")
_MIN_DELAY, _MAX_DELAY = ("auto_turn", "min_delay"), ("auto_turn", "max_delay")


def _settle_sign_in(below: Settings, stated: Settings) -> None:
    """Blank ways to sign in go; a way that is stated here goes before all that is stated below.

    A key is for the kind of service that its own layer names, which for `[api]` is Animus when it names none: no key
    is ever sent to a service that another layer chose.
    """
    for place in (_PROVIDER, _KEY, _IMAGE_KEY):
        if (setting := stated.get(place)) is None:
            continue
        value = str(setting.value).strip()
        stated[place] = setting._replace(value=value)
        if not value:
            del stated[place]
        elif place != _PROVIDER and not (value.isascii() and value.isprintable() and " " not in value):
            raise setting.refused("one word of plain ASCII characters")
    backend = _chosen({**below, **stated}, _BACKEND)
    if _chosen(stated, _BACKEND) != backend:
        stated.pop(_KEY, None)
    if _chosen(below, _BACKEND) != backend:
        below.pop(_KEY, None)
    if _IMAGE_BACKEND in stated and _chosen(below, _IMAGE_BACKEND) != _chosen(stated, _IMAGE_BACKEND):
        below.pop(_IMAGE_KEY, None)
    if backend == "animus" and not stated.keys().isdisjoint((_PROVIDER, _KEY)):
        below.pop(_PROVIDER, None)
        below.pop(_KEY, None)
    if backend == "animus" and _PROVIDER in stated:
        stated.pop(_KEY, None)


def _chosen(settings: Settings, place: tuple[str, str]) -> object:
    """The kind of service that these settings name."""
    default = "animus" if place == _BACKEND else None
    return settings[place].value if place in settings else default


def _check_services(settings: Settings) -> None:
    """A service is asked at an address that is stated, and Animus with a way to sign in."""
    is_openai = _chosen(settings, _BACKEND) == "openai"
    if is_openai and _BASE_URL not in settings:
        must_be = (
            '"animus" while base_url does not say where the service is, such as "http://127.0.0.1:11434/v1"'
        )
        raise settings[_BACKEND].refused(must_be)
    must_be = ""
    match _chosen(settings, _IMAGE_BACKEND):
        case "openai" if not is_openai and _IMAGE_BASE_URL not in settings:
            must_be = 'another one while [image] base_url does not say where it is, such as "http://127.0.0.1:8080/v1"'
        case "animus" if is_openai and settings.keys().isdisjoint((_PROVIDER, _IMAGE_KEY)):
            must_be = (
                "another one while nothing signs in to Animus: [image] api_key or [api] token_provider_url"
            )
        case "comfyui" if _WORKFLOW not in settings:
            must_be = "another one while [image] workflow does not name the file of the workflow"
    if must_be:
        raise settings[_IMAGE_BACKEND].refused(must_be)


def _check_addresses(settings: Settings) -> None:
    """Each address must be one, and a secret must not travel where it can be read on the way."""
    ways = {"api": (_PROVIDER, _KEY), "image": (_IMAGE_KEY,)}
    for setting in settings.values():
        if setting.table not in ways or not setting.key.endswith("_url"):
            continue
        url = str(setting.value)
        if not addresses.is_service(url):
            raise setting.refused('an address that begins with "https://" or "http://" and a host')
        if setting.key != _PROVIDER[1] and addresses.has_more_than_a_path(url):
            must_be = 'an address without "?", "#", user name and password: paths are added to it'
            names = "api_key or token_provider_url sign" if setting.table == "api" else "api_key signs"
            raise setting.refused(f"{must_be}, and {names} you in")
        if not settings.keys().isdisjoint(ways[setting.table]) and addresses.is_unprotected(url):
            raise setting.refused('an "https://" address, or what signs you in can be read on the way')


def _check_pauses(config: AutoTurnConfig, settings: Settings) -> None:
    if config.min_delay <= config.max_delay:
        return
    if _MIN_DELAY in settings:
        raise settings[_MIN_DELAY].refused(f"at most max_delay, which is {config.max_delay}")
    raise settings[_MAX_DELAY].refused(f"at least min_delay, which is {config.min_delay}")


def _check_keys(own: Mapping[str, str], settings: Settings) -> None:
    try:
        keymap(own)
    except KeyConflictError as conflict:
        raise settings["keys", conflict.action].refused(conflict.must_be) from None


def _parted(file: Iterable[Setting]) -> tuple[list[Setting], list[Setting]]:
    """The tables with names of the user's own, each of which is one setting, and all other settings."""
    named: list[Setting] = []
    plain: list[Setting] = []
    for setting in file:
        (named if setting.table in NAMED else plain).append(setting)
    return named, plain


def _named(table: str, settings: Iterable[Setting], config: Config) -> dict[str, Any]:
    """Name → section, of the tables within a table. ConfigError."""
    return {
        setting.key: msgspec.convert(_values(setting, config), NAMED[table])
        for setting in settings
        if setting.table == table
    }


def _values(setting: Setting, config: Config) -> dict[str, Any]:
    """The values of a table with a name, each checked, as the fields of its section. ConfigError."""
    table, name, content, origin, _ = setting
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        words = f"a name is one line of 1 to {LONGEST_NAME} characters"
        raise ConfigError(f"{origin}: [{table}] has a table {in_toml(name[:LONGEST_NAME])}; {words}.")
    known = named_schema(table)
    title = f"{table}.{name}"
    if not isinstance(content, dict):
        raise setting.refused(f"a table of its own, [{table}.NAME]")
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key in known and key:
            if not isinstance(value, dict):
                raise Setting(title, key, value, origin).refused(f"a table, [{title}.{key}]")
            inner = f"{title}.{key}"
            values[key] = {k: _value(Setting(inner, k, v, origin), known[key]) for k, v in value.items()}
        elif key in SAMPLING and table == "characters":
            sampling = values.setdefault("sampling", {})
            sampling[key] = _value(Setting(title, key, value, origin), known[""])
        else:
            values[key] = _value(Setting(title, key, value, origin), known[""])
    if pauses := values.get("auto_turn"):
        stated = {("auto_turn", k): Setting(f"{title}.auto_turn", k, v, origin) for k, v in pauses.items()}
        if not stated.keys().isdisjoint((_MIN_DELAY, _MAX_DELAY)):
            _check_pauses(msgspec.structs.replace(config.auto_turn, **pauses), stated)
    if (size := values.get("size")) and not all(64 <= int(side) <= 4096 for side in size.split("x")):
        raise Setting(title, "size", size, origin).refused(allowed(known[""]["size"]))
    return values


def _value(setting: Setting, keys: Mapping[str, object]) -> object:
    if setting.key not in keys:
        tables = {setting.table: keys}
        hint = _hint(setting.table, setting.key, {**schema(), **tables})
        raise ConfigError(f"{setting.origin}: [{setting.table}] has no key {in_toml(setting.key)}; {hint}")
    return typed(setting, keys[setting.key]).value


def read_file(path: Path, schema: Schema, *, must_exist: bool) -> Iterator[Setting]:
    """The settings of a TOML file. ConfigError when it cannot be read or holds what is not in the schema."""
    for table, content in _parse(path, must_exist=must_exist).items():
        if table not in schema and table not in NAMED:
            raise ConfigError(f"{path}: {_unknown_table(table, content, schema)}")
        if not isinstance(content, dict):
            raise ConfigError(f"{path}: [{table}] must be a table.")
        for key, value in content.items():
            if table not in NAMED and key not in schema[table]:
                raise ConfigError(f"{path}: [{table}] has no key {in_toml(key)}; {_hint(table, key, schema)}")
            yield Setting(table, key, value, str(path))


def read_environment(env: Mapping[str, str], names: Mapping[str, tuple[str, str]]) -> Iterator[Setting]:
    """The settings in environment variables; `names`: variable → table and key. A blank one is unset."""
    for name, (table, key) in names.items():
        if text := env.get(name, "").strip():
            yield Setting(table, key, text, name, is_text=True)


def typed(setting: Setting, kind: object) -> Setting:
    """The setting with its value as the schema's type. ConfigError when it does not fit."""
    try:
        converted = _from_text(str(setting.value), kind) if setting.is_text else _convert(setting.value, kind)
    except UnicodeEncodeError:  # bytes of the environment that are no text arrive as lone surrogates
        raise setting.refused("UTF-8 text") from None
    except ValueError:
        words = allowed(kind)
        if _is_huge(setting.value) and words.startswith("a whole number of at least"):
            words += f", at most {LARGEST}"
        raise setting.refused(words) from None
    if isinstance(converted, float) and not math.isfinite(converted):
        raise setting.refused(allowed(kind))
    return setting._replace(value=converted, is_text=False)


def _is_huge(value: object) -> bool:
    """Whether a number, or a text that is one, is larger than the largest that is allowed anywhere."""
    if isinstance(value, str) and value.isdecimal():
        return len(value) > len(str(LARGEST)) or int(value) > LARGEST
    return isinstance(value, int) and value > LARGEST


def _convert(value: object, kind: object, *, strict: bool = True) -> object:
    """The value as this type. ValueError (msgspec.ValidationError is one) when it does not fit."""
    return msgspec.convert(value, type=kind, strict=strict)


def _from_text(text: str, kind: object) -> object:
    """What a text stands for: a number, true or false, a list in TOML's notation, or just the text. ValueError."""
    text.encode()
    # Without None in the type: msgspec would take the word "null" for it.
    if NoneType in (parts := get_args(kind)):
        kind = next(part for part in parts if part is not NoneType)
    try:
        return _convert(text, kind, strict=False)
    except msgspec.ValidationError:
        if not text.startswith("["):
            raise
        return _convert(toml_tables(f"list = {text}")["list"], kind)


def toml_tables(text: str) -> dict[str, Any]:
    """The tables of a TOML text, with a byte order mark or not.

    A ValueError is the predicate of a sentence about the file: `is not TOML: …`.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return tomllib.loads(plain)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {_clause(error)}") from None
    except RecursionError:
        raise ValueError("cannot be read as TOML: it is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise ValueError(f"cannot be read as TOML: {_clause(error)}") from None


def utf8_text(data: bytes) -> str:
    """The bytes of a file as text. A ValueError as that of `toml_tables`."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (at byte {error.start})") from None


def _parse(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return toml_tables(utf8_text(_read(path)))
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(f'{path}: there is no such file; "animus-chat init" writes one.') from None
        return {}
    except ValueError as error:
        raise ConfigError(f"{path}: this {error}.") from None
    except OSError as error:
        raise ConfigError(f"{path}: the file cannot be read: {error.strerror or error}.") from None


def _read(path: Path) -> bytes:
    """What is in a file, what a shell hands on, or something without an end, up to a limit. ConfigError, OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        data = b""
        while len(data) <= MOST_BYTES:
            if not select.select([descriptor], [], [], PATIENCE)[0]:
                raise ConfigError(
                    f"{path}: the file cannot be read: nothing came out of it for {PATIENCE:g} s."
                )
            part = os.read(descriptor, MOST_BYTES + 1)
            if not part:
                return data
            data += part
    finally:
        os.close(descriptor)
    raise ConfigError(
        f"{path}: the file cannot be read: it is longer than 1 MiB, so it cannot be a configuration."
    )


def _clause(error: ValueError) -> str:
    """The words of an error, up to its advice to programmers, as a part of a sentence."""
    words = str(error).partition(";")[0]
    return words[0].lower() + words[1:]


def _unknown_table(name: str, content: object, schema: Schema) -> str:
    if not isinstance(content, dict):
        return f"{in_toml(name)} stands outside of every table; {_hint('', name, schema)}"
    near = difflib.get_close_matches(name, [*schema, *NAMED], n=1)
    if near and near[0] in NAMED:
        return f"there is no table [{name}]; did you mean [{near[0]}.NAME]?"
    return f"there is no table [{name}]; " + (f"did you mean [{near[0]}]?" if near else _tables(schema))


def _hint(table: str, key: str, schema: Schema) -> str:
    """Where the nearest known key is, as the end of a sentence."""
    own = schema.get(table, {})
    if near := difflib.get_close_matches(key, own, n=1):
        return f'did you mean "{near[0]}"?'
    everywhere = {known for keys in schema.values() for known in keys}
    for known in difflib.get_close_matches(key, everywhere, n=1, cutoff=0.8):
        homes = [f"[{other}]" for other, keys in schema.items() if known in keys]
        return f'"{known}" belongs in {" or ".join(homes)}.'
    return f"its keys are {', '.join(own)}." if own else _tables(schema)


def _tables(schema: Schema) -> str:
    titles = [*(f"[{table}]" for table in schema), *(f"[{table}.NAME]" for table in NAMED)]
    return f"the tables are {', '.join(titles)}."
