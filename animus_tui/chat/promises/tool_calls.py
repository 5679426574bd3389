"""The function that a model calls to send a picture, and its calls: as data, or written into the text.

Small models know the call from their training and write it down, each family in a form of its own: JSON alone or in a
code block, `<tool_call>…</tool_call>` (Qwen, Hermes), `<function=…>` (Llama, Qwen Coder), `[TOOL_CALLS]` (Mistral), a
function call in Python (Gemma, Llama).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from animus_tui.chat.promises.markup import Markup, Promise, Read

NAME: Final = "generate_image"
TOOL: Final[dict[str, Any]] = {
    "type": "function",
    "function": {
        "name": NAME,
        "description": (
            "Sends the user a picture. Call it whenever you agree to show, send, draw or take a picture, a photo or a "
            "selfie, together with a few words to the user. Do not say that you send a picture without calling it."
        ),
        "parameters": {
            "type": "object",
            "properties": {
                "description": {
                    "type": "string",
                    "description": "What is to be seen in the picture: subject, place, light and style.",
                },
                "shows_you": {
                    "type": "boolean",
                    "description": "Whether you yourself are to be seen in the picture.",
                },
            },
            "required": ["description"],
        },
    },
}
"""The function as OpenAI's API describes functions."""

STARTS: Final = re.compile(r"[<\[{`~]|\b[gpdft](?=\Z|[eruo])")
"""Where a call may begin that is written into the text, or the tag."""

_ARGUMENTS = ("arguments", "parameters", "args", "kwargs", "action_input", "function", "tool_input", "input")
_DESCRIPTIONS = (
    "description",
    "prompt",
    "image_description",
    "image_prompt",
    "text",
    "query",
    "caption",
    "subject",
)
_WRAPPERS = (
    ("<tool_call>", "</tool_call>"),
    ("<function_call>", "</function_call>"),
    ("<function=", "</function>"),
    ("<|tool_call|>", "<|/tool_call|>"),
    ("<|python_tag|>", "<|eom_id|>"),
)
_MISTRAL = "[TOOL_CALLS]"
_CALLEES = tuple(
    f"{place}{NAME}" for place in ("", "print(", "default_api.", "print(default_api.", "functions.", "tools.")
)
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})[\w-]*[ \t]*\n(?P<body>.*)\Z", re.DOTALL)
_FENCE_BEGUN = re.compile(r"(?:`{1,3}|~{1,3}|(?:`{3,}|~{3,})[\w-]*[ \t]*)\Z")
_JSON_BEGUN = re.compile(r"\[?\s*(?:\{\s*(?:[\"']|\Z)|(?P<name>\w*))")
_ENOUGH = 600
"""Characters of JSON within which the name of the function stands, when it is a call."""
_NAMED = re.compile(
    rf"(?:\b(?:{'|'.join(_DESCRIPTIONS)})[\"']?\s*[=:]\s*|{NAME}\s*\(\s*)(?P<quote>[\"'])(?P<text>.*?)(?<!\\)(?P=quote)"
    rf"(?=\s*(?:[,)}}\]]|\Z))",
    re.DOTALL,
)
_PARAMETER = re.compile(r"<(?:parameter=)?(?:description|prompt)>\s*(?P<text>.*?)\s*</", re.DOTALL)
_TAG_LIKE = re.compile("image|picture|photo|selfie")


def split_calls(calls: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Promise]]:
    """Calls of other functions, and the promises that the rest of the calls make."""
    others: list[dict[str, Any]] = []
    promises: list[Promise] = []
    for call in calls:
        function = call.get("function")
        name = function.get("name") if isinstance(function, Mapping) else None
        if not (isinstance(function, Mapping) and isinstance(name, str) and _TAG_LIKE.search(name.lower())):
            others.append(dict(call))
        elif promise := _promise(function.get("arguments")):
            promises.append(promise)
    return others, promises


def read_call(text: str, final: bool, begins_line: bool) -> Read:
    """A call that is written into the text."""
    for opening, closing in _WRAPPERS:
        if text.startswith(opening):
            return _wrapped(text, len(opening), closing, final=final)
        if opening.startswith(text):
            return None if final else "unfinished"
    if text[0] == "[" and (text.startswith(_MISTRAL) or _MISTRAL.startswith(text)):
        return _bracketed(text, len(_MISTRAL), final=final)
    if begins_line and text[0] in "{[":
        begun = _JSON_BEGUN.match(text)
        is_call = begun is not None and (
            begun["name"] is None or _may_become(begun.end() == len(text), begun["name"])
        )
        return _bracketed(text, 0, final=final) if is_call else None
    if begins_line and text[0] in "`~":
        return _fenced(text, final=final)
    for callee in _CALLEES:
        if text.startswith(callee):
            return _function(text, len(callee), final=final)
        if callee.startswith(text):
            return None if final else "unfinished"
    return None


def _may_become(is_cut: bool, name: str) -> bool:
    """Whether it is the function's name, or the beginning of it where the text is cut."""
    return name == NAME or (is_cut and NAME.startswith(name))


def _wrapped(text: str, start: int, closing: str, *, final: bool) -> Read:
    end = text.find(closing, start)
    if end < 0 and not final:
        return "unfinished"
    body, length = (text[start:end], end + len(closing)) if end >= 0 else (text[start:], len(text))
    return Markup(length, _promise(body)) if NAME in body else None


def _bracketed(text: str, start: int, *, final: bool) -> Read:
    """A call whose last character closes its first bracket behind `start`."""
    bracket = re.compile(r"[\[{](?!ARGS\])").search(text, start)
    end = _balanced_end(text, bracket.start()) if bracket else None
    if end is None:
        is_call = NAME in text or len(text) < _ENOUGH
        return "unfinished" if is_call and not final else None
    promise = _promise(text[:end]) if NAME in text[:end] else None
    return Markup(end, promise) if promise else None


def _fenced(text: str, *, final: bool) -> Read:
    """A code block that holds a call and nothing else."""
    fence = _FENCE.match(text)
    if fence is None:
        return "unfinished" if _FENCE_BEGUN.match(text) and not final else None
    body = fence["body"]
    closed = re.search(rf"^[ \t]*{fence['mark']}[ \t]*$", body, re.MULTILINE)
    inside = (body[: closed.start()] if closed else body).strip()
    if inside and not (
        inside[0] in "{[<" or any(c.startswith(inside) or inside.startswith(c) for c in _CALLEES)
    ):
        return None
    if closed is None and not final:
        return "unfinished" if NAME in inside or len(inside) < _ENOUGH else None
    call = read_call(inside, True, True) if inside and inside[0] not in "`~" else None
    if not isinstance(call, Markup) or call.promise is None:
        return None
    length = fence.start("body") + closed.end() if closed else len(text)
    return Markup(length, call.promise)


def _function(text: str, start: int, *, final: bool) -> Read:
    """`generate_image(…)`, with what closes a `print(` before it."""
    opening = re.compile(r"\s*").match(text, start)
    at = opening.end() if opening else start
    if at == len(text):
        return None if final else "unfinished"
    again = text.find(f"{NAME}(", at)
    end = _balanced_end(text[: again if again >= 0 else None], at) if text[at] == "(" else None
    if end is None:
        return "unfinished" if text[at] == "(" and again < 0 and not final else None
    promise = _promise(text[:end])
    if promise is None:
        return None
    if text.startswith("print("):
        if end == len(text) and not final:
            return "unfinished"
        end += text[end : end + 1] == ")"
    return Markup(end, promise)


def _balanced_end(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at `start`; None when it is not there. Quoted brackets do not count."""
    depth, quote, is_escaped = 0, "", False
    for at in range(start, len(text)):
        sign = text[at]
        if quote:
            # A quote of the same kind inside the words is followed by more of them.
            if sign == quote and not is_escaped and re.match(r"\s*(?:[,:)}\]]|\Z)", text[at + 1 : at + 9]):
                quote = ""
            is_escaped = sign == "\\" and not is_escaped
        elif sign == '"' or (sign == "'" and text[at - 1] in "=([{,: \n"):
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _promise(said: object) -> Promise | None:
    """What the arguments of a call, or the text of one, ask for."""
    for arguments in _dictionaries(said):
        for name in _DESCRIPTIONS:
            words = arguments.get(name)
            if isinstance(words, str) and words.strip():
                shows_you = arguments.get("shows_you")
                return Promise(words.strip(), shows_you if isinstance(shows_you, bool) else None)
    if isinstance(said, str) and (found := _NAMED.search(said) or _PARAMETER.search(said)):
        words = found["text"].replace('\\"', '"').replace("\\'", "'").strip()
        shows = re.search(r"shows_you[\"'>]?\s*[=:]?\s*[\"']?(true|false)", said, re.IGNORECASE)
        return Promise(words, shows[1].lower() == "true" if shows else None) if words else None
    return None


def _dictionaries(said: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The JSON objects in something, those that hold arguments before those around them."""
    if depth > 5:
        return
    match said:
        case str():
            yield from _dictionaries(_decoded(said), depth + 1)
        case list():
            for item in said:
                yield from _dictionaries(item, depth + 1)
        case dict():
            for name in _ARGUMENTS:
                if name in said:
                    yield from _dictionaries(said[name], depth + 1)
            yield said


def _decoded(text: str) -> object:
    """The first JSON object in a text; None when there is none."""
    start = text.find("{")
    end = _balanced_end(text, start) if start >= 0 else None
    if end is None:
        return None
    try:
        # A line break inside of a string is an error in JSON, but models write it.
        return msgspec.json.decode(text[start:end].replace("\n", " "))
    except (msgspec.DecodeError, RecursionError):
        return None
