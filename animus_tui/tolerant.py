"""Reads JSON values that other programs wrote: a value of the wrong type is left out by itself, the rest is kept."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import Struct

S = TypeVar("S", bound=Struct)

_LEFT_OUT: Any = object()


def tolerant(raw: object, kind: type[S], *, strict: bool = True) -> tuple[S | None, list[str]]:
    """A struct from JSON values as `msgspec.convert` makes it, and the paths of the values that were left out.

    A field of the wrong type counts as absent, a list loses only its odd items, and a nested struct only its odd
    fields. Null counts as absent where a field does not allow it. The struct is None when `raw` is no object or lacks
    a required field. A path such as `choices[0].message` holds only names of known fields, never foreign text; "" is
    `raw` itself. `strict=False` also takes numbers and truth values that are written as text.
    """
    odd: list[str] = []
    value = _read(raw, kind, "", odd, strict)
    return (None if value is _LEFT_OUT else value), odd


def _read(raw: object, kind: Any, path: str, odd: list[str], strict: bool) -> Any:  # noqa: ANN401 (any type)
    """The value, or `_LEFT_OUT`, whose path is then in `odd`."""
    try:
        return msgspec.convert(raw, kind, strict=strict)
    except (msgspec.ValidationError, RecursionError):
        pass
    value = _LEFT_OUT
    for part in _parts(kind):
        if isinstance(raw, dict) and isinstance(part, type) and issubclass(part, Struct):
            value = _read_struct(raw, part, path, odd, strict)
        elif isinstance(raw, list) and get_origin(part) is list:
            (of,) = get_args(part)
            items = (_read(item, of, f"{path}[{at}]", odd, strict) for at, item in enumerate(raw))
            value = [item for item in items if item is not _LEFT_OUT]
    if value is _LEFT_OUT:
        odd.append(path)
    return value


def _read_struct(raw: dict[str, Any], kind: type[Struct], path: str, odd: list[str], strict: bool) -> Any:  # noqa: ANN401
    told: dict[str, Any] = {}
    for field in _fields(kind):
        value = raw.get(field.encode_name)
        if value is None:
            continue
        where = f"{path}.{field.encode_name}" if path else field.encode_name
        read = _read(value, field.type, where, odd, strict)
        if read is not _LEFT_OUT:
            told[field.name] = read
    lacks = any(field.required and field.name not in told for field in _fields(kind))
    return _LEFT_OUT if lacks else kind(**told)


@cache
def _fields(kind: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


@cache
def _parts(kind: object) -> tuple[object, ...]:
    """The types that a value of this type may have."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _parts(cast("Any", get_args(kind)[0]))
    if origin is Union or origin is UnionType:
        return tuple(part for member in get_args(kind) for part in _parts(member))
    return (kind,)
