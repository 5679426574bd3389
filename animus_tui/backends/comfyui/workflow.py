"""The user's workflow in ComfyUI's API form, with places in it for what is asked for. Pure.

A place is written as `{prompt}`, `{seed}` … within a text of the file. Where it is the whole text, it becomes the value
itself, so that a number is a number; within other words it becomes text. What is filled in is never looked through
for places again, and whatever stands in a prompt is one JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from animus_tui.errors import UserError

PLACES = (
    "prompt",
    "negative",
    "seed",
    "width",
    "height",
    "steps",
    "guidance",
    "image",
    "count",
    "strength",
    "model",
    "sampler",
)
"""Names of the places that a workflow can have."""
_PLACE = re.compile(r"\{(" + "|".join(PLACES) + r")\}")
MOST_BYTES = 16 << 20
"""Bytes of a workflow's file, at most."""
EXPORT = 'Export it in ComfyUI with "Export (API)".'


class Workflow(Struct, frozen=True):
    """A workflow that was read and can be filled in."""

    nodes: Mapping[str, Any]
    """Name of the node → `class_type`, `inputs` and `_meta`."""
    places: frozenset[str]
    """The places that are in it."""

    def filled(self, values: Mapping[str, Any]) -> dict[str, object]:
        """The nodes with these values, of which there is one for each place."""
        return {name: _filled(node, values) for name, node in self.nodes.items()}

    def title(self, name: str) -> str:
        """How a person knows a node: its title or its class, and its number."""
        match self.nodes.get(name):
            case {"_meta": {"title": str(title)}} if title.strip():
                return f"{title.strip()} (node {name})"
            case {"class_type": str(kind)}:
                return f"{kind} (node {name})"
        return f"node {name}"


def read_workflow(data: bytes, file: str) -> Workflow:
    """The workflow in a file, which `file` names. UserError when it cannot be used, with what to do."""
    try:
        raw = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        hint = (
            ' A place stands in quotation marks: "seed": "{seed}".'
            if re.search(rb":\s*\{(?:seed|width|height|steps|guidance)\}", data)
            else f" {EXPORT}"
        )
        raise UserError(f"The workflow {file} is not JSON: {error}.{hint}") from None
    if isinstance(raw, dict) and isinstance(raw.get("prompt"), dict):
        raw = raw["prompt"]  # as it is sent, or stands in a picture
    if isinstance(raw, dict) and isinstance(raw.get("nodes"), list):
        raise UserError(
            f"The workflow {file} is in the form of ComfyUI's editor, which its API does not take. {EXPORT}"
        )
    if not isinstance(raw, dict) or not raw or not all(_is_node(node) for node in raw.values()):
        raise UserError(f"{file} holds no workflow in the form of ComfyUI's API. {EXPORT}")
    try:
        places = frozenset(_places(raw))
    except RecursionError:
        raise UserError(f"The workflow {file} is nested too deeply.") from None
    if "prompt" not in places:
        advice = "Write {prompt} as the text of the node that takes it."
        raise UserError(f"The workflow {file} has no place for the prompt. {advice}")
    return Workflow(raw, places)


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str)


def _places(value: object) -> set[str]:
    match value:
        case str():
            return set(_PLACE.findall(value))
        case list():
            return set[str]().union(*map(_places, value))
        case dict():
            return set[str]().union(*map(_places, value.values()))
    return set()


def _filled(value: object, values: Mapping[str, Any]) -> object:
    match value:
        case str():
            whole = _PLACE.fullmatch(value)
            return values[whole[1]] if whole else _PLACE.sub(lambda found: str(values[found[1]]), value)
        case list():
            return [_filled(item, values) for item in value]
        case dict():
            return {key: _filled(item, values) for key, item in value.items()}
    return value
