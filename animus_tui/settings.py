"""Settings of a tree of tables: read from a file or the environment, typed, refused in one sentence.

Nothing here knows which settings there are: a `Schema` says so, table by table.
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import msgspec
from msgspec import inspect

from animus_tui.addresses import without_secrets
from animus_tui.errors import ConfigError
from animus_tui.settings_file import UnfitFileError, settings_text

if TYPE_CHECKING:
    from pathlib import Path


Schema = Mapping[str, Mapping[str, object]]
"""Table → key → type, a type as msgspec reads it."""

LARGEST = 2**53 - 1
"""Largest whole number that every JSON reader keeps exact (RFC 8259, section 6)."""
SHOWN_LENGTH = 60
"""Characters of a value that an error shows."""


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
            return _literal(without_secrets(str(self.value))) if is_text else "(hidden)"
        if isinstance(self.value, dict):
            return "a table"
        text = _literal(self.value)
        return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def read_file(path: Path, schema: Schema, *, must_exist: bool) -> Iterator[Setting]:
    """The settings of a TOML file. ConfigError when it cannot be read or holds what is not in the schema."""
    for table, content in _parse(path, must_exist=must_exist).items():
        if table not in schema:
            raise ConfigError(f"{path}: {_unknown_table(table, content, schema)}")
        if not isinstance(content, dict):
            raise ConfigError(f"{path}: [{table}] must be a table.")
        for key, value in content.items():
            if key not in schema[table]:
                raise ConfigError(
                    f"{path}: [{table}] has no key {_literal(key)}; {_hint(table, key, schema)}"
                )
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
        return _convert(_toml(f"list = {text}")["list"], kind)


def _toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. ValueError: it is none, or it is more than can be read."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def allowed(kind: object) -> str:
    """What a type allows, in words: `a number from 0 to 2`; its own (`Meta(title=…)`) go before ours."""
    return _in_words(inspect.type_info(kind))


def example(kind: object) -> object:
    """The example that stands beside the type (`Meta(examples=…)`); None when there is none."""
    found = inspect.type_info(kind)
    parts = found.types if isinstance(found, inspect.UnionType) else (found,)
    schemas = (part.extra_json_schema or {} for part in parts if isinstance(part, inspect.Metadata))
    return next((schema["examples"][0] for schema in schemas if "examples" in schema), None)


def _in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.UnionType():
            return " or ".join(
                _in_words(part) for part in kind.types if not isinstance(part, inspect.NoneType)
            )
        case inspect.Metadata():
            own_words: str | None = (kind.extra_json_schema or {}).get("title")
            return own_words or _in_words(kind.type)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range(kind)
        case inspect.FloatType():
            return "a number" + _range(kind)
        case inspect.StrType():
            return "a text that is not blank" if kind.pattern else "a text"
        case inspect.LiteralType():
            return _either(_literal(value) for value in kind.values)
        case inspect.VarTupleType():
            return "a list, each of it " + _in_words(kind.item_type)
        case _:
            raise TypeError(f"No setting has the type {kind}")


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.gt is not None:
        return f" above {kind.gt:g}"
    if kind.ge is None:
        return ""
    return f" of at least {kind.ge}" if kind.le in (None, LARGEST) else f" from {kind.ge} to {kind.le}"


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _literal(value: object) -> str:
    """The value as TOML writes it, near enough for a sentence."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # hexadecimal digits can make a number that Python does not write in decimal ones
        return "a number of thousands of digits"


def _parse(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return _toml(settings_text(path))
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(f'{path}: there is no such file; "animus-chat init" writes one.') from None
        return {}
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: this is not UTF-8 text (at byte {error.start}).") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is not TOML: {str(error)[0].lower()}{str(error)[1:]}.") from None
    except ValueError as error:  # a number of thousands of digits, lists in lists in lists
        raise ConfigError(f"{path}: this cannot be read as TOML: {_first_part(error)}.") from None
    except UnfitFileError as error:
        raise ConfigError(f"{path}: the file cannot be read: {error}.") from None
    except OSError as error:
        raise ConfigError(f"{path}: the file cannot be read: {error.strerror or error}.") from None


def _first_part(error: ValueError) -> str:
    """The words of an error up to its advice to programmers."""
    words = str(error).partition(";")[0]
    return words[0].lower() + words[1:]


def _unknown_table(name: str, content: object, schema: Schema) -> str:
    if not isinstance(content, dict):
        return f"{_literal(name)} stands outside of every table; {_hint('', name, schema)}"
    near = difflib.get_close_matches(name, schema, n=1)
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
    return f"the tables are {', '.join(f'[{table}]' for table in schema)}."
