"""ChatGPT's data export: `conversations.json`, a list of conversations, each a tree of messages.

OpenAI documents the file nowhere; its structure is described, with what changed over the years, in
https://github.com/mitkury/chatgpt-export-parser/blob/main/docs/chatgpt-data-export-format.md:

    {"conversation_id": "…", "title": "…", "create_time": 1700000000.0, "current_node": "c", "mapping": {
        "a": {"id": "a", "message": null, "parent": null, "children": ["b"]},
        "b": {"id": "b", "parent": "a", "children": ["c"], "message": {"id": "b", "author": {"role": "user"},
              "create_time": 1700000001.0, "content": {"content_type": "text", "parts": ["Hello"]}, "metadata": {}}}}}

The way from `current_node` to the root is the conversation. A picture is a part such as {"content_type":
"image_asset_pointer", "asset_pointer": "file-service://file-abc" or "sediment://file_abc", "metadata": {"dalle":
{"prompt": "…", "seed": 7}}}, and its file stands in the archive under a name that begins with what follows `://`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.chat.importing.candidate import (
    MISSING_PICTURES,
    OTHER_BRANCHES,
    TOOL_MESSAGES,
    Built,
    Candidate,
    encoded,
    iso,
    picture_entry,
)
from animus_tui.chat.messages import Conversation, now, title_of
from animus_tui.chat.storage.store import ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from animus_tui.chat.importing.files import Pictures
    from animus_tui.chat.storage.staged import StagedConversation

Node = dict[str, Any]

NAME = "ChatGPT"
SPOKEN = ("user", "assistant")
TEXTS = ("text", "multimodal_text", "code", "execution_output")
"""Kinds of content that are words or pictures."""
_CITATION = re.compile("\ue200[^\ue200\ue201]*\ue201")
"""Marks of sources, which mean something to their application only."""
_PICTURE_ID = re.compile(r"://(file[-_][0-9A-Za-z]+)")


def chatgpt_candidate(raw: bytes | msgspec.Raw, pictures: Pictures) -> Candidate:
    """One conversation of the list. ValueError when it is none."""
    named = msgspec.json.decode(raw, type=_Named)
    name = next((each for each in (named.conversation_id, named.id) if isinstance(each, str) and each), "")
    conversation_id = name if ID.fullmatch(name) else hashlib.sha256(bytes(raw)).hexdigest()[:32]
    return Candidate(conversation_id, partial(_build, bytes(raw), pictures, conversation_id))


class _Named(msgspec.Struct):
    conversation_id: Any = None
    id: Any = None


def _build(raw: bytes, pictures: Pictures, conversation_id: str, staged: StagedConversation) -> Built:
    fields = msgspec.json.decode(raw, type=dict[str, Any])
    mapping = fields.get("mapping")
    if not isinstance(mapping, dict):
        raise ValueError("a conversation has a mapping")  # noqa: TRY004 (told apart from nothing else)
    reader = _Reader(pictures, staged)
    _read_tree(reader, mapping, _path(mapping, fields.get("current_node")))
    created = iso(fields.get("create_time")) or next(
        (entry["timestamp"] for entry in reader.entries if "timestamp" in entry), now()
    )
    model = fields.get("default_model_slug")
    said = next((entry["content"] for entry in reader.entries if entry["role"] == "user"), "")
    conversation = Conversation(
        id=conversation_id,
        title=title_of(fields.get("title")) or title_of(said),
        created=created,
        model=model if isinstance(model, str) else "",
        name=NAME,
    )
    updated = fields.get("update_time") or fields.get("create_time")
    used = float(updated) if isinstance(updated, int | float) and iso(updated) else None
    return Built(conversation, list(map(encoded, reader.entries)), +reader.left_out, used)


def _path(mapping: dict[str, Any], current: object) -> list[Node]:
    """The nodes from the root to the current one, or else to the newest leaf."""
    key = current if isinstance(current, str) and current in mapping else _newest_leaf(mapping)
    path: list[Node] = []
    seen: set[str] = set()
    while isinstance(key, str) and key not in seen and isinstance(node := mapping.get(key), dict):
        seen.add(key)
        path.append(node | {"id": key})
        key = node.get("parent")
    return path[::-1]


def _newest_leaf(mapping: dict[str, Any]) -> str | None:
    leaves = [key for key, node in mapping.items() if isinstance(node, dict) and not node.get("children")]
    return max(
        leaves, key=lambda key: _dict(mapping[key].get("message")).get("create_time") or 0, default=None
    )


def _read_tree(reader: _Reader, mapping: dict[str, Any], path: list[Node]) -> None:
    """Read the shown messages; another way that begins between two of them becomes a branch of the second one."""
    before: list[list[dict[str, Any]]] = []
    after: list[list[dict[str, Any]]] = []
    seen = {node["id"] for node in path}
    for node, following in zip(path, [*path[1:], None], strict=True):
        first = len(reader.entries)
        reader.take(node)
        if len(reader.entries) > first and (before or after):
            reader.entries[first]["branches"] = [*before, None, *after]
            before, after = [], []
        others = before
        for key in _children(node):
            if following is not None and key == following["id"]:
                others = after
            elif key not in seen and (branch := reader.branch(_downwards(reader, mapping, key, seen))):
                others.append(branch)
    reader.left_out[OTHER_BRANCHES] += len(before) + len(after)


def _downwards(reader: _Reader, mapping: dict[str, Any], key: str | None, seen: set[str]) -> Iterator[Node]:
    """The nodes from this one to the newest leaf below it; ways that fork off below are left out."""
    while key is not None and key not in seen and isinstance(node := mapping.get(key), dict):
        seen.add(key)
        yield node | {"id": key}
        children = _children(node)
        reader.left_out[OTHER_BRANCHES] += max(0, len(children) - 1)
        key = children[-1] if children else None


def _children(node: Node) -> list[str]:
    children = node.get("children")
    return [key for key in children if isinstance(key, str)] if isinstance(children, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Reader:
    """Makes entries of messages, in order."""

    def __init__(self, pictures: Pictures, staged: StagedConversation) -> None:
        self._pictures = pictures
        self._staged = staged
        self._reasoning: list[str] = []
        """What was thought before the reply that follows."""
        self._ids: set[str] = set()
        self.entries: list[dict[str, Any]] = []
        self.left_out: Counter[str] = Counter()

    def branch(self, nodes: Iterable[Node]) -> list[dict[str, Any]]:
        """The entries of nodes that are not among those that are shown."""
        shown, thought = self.entries, self._reasoning
        self.entries, self._reasoning = [], []
        for node in nodes:
            self.take(node)
        found, self.entries, self._reasoning = self.entries, shown, thought
        return found

    def take(self, node: Node) -> None:
        """Add the entries of one node: its words, and each of its pictures."""
        message = _dict(node.get("message"))
        content, metadata = _dict(message.get("content")), _dict(message.get("metadata"))
        role, kind = _dict(message.get("author")).get("role"), content.get("content_type")
        if not content or metadata.get("is_visually_hidden_from_conversation"):
            return
        if kind == "thoughts":
            self._reasoning += _thoughts(content)
            return
        pointers = [part for part in _parts(content) if "asset_pointer" in _dict(part)]
        timestamp = iso(message.get("create_time"))
        if role in SPOKEN and message.get("recipient", "all") == "all" and kind in TEXTS:
            self._say(str(node["id"]), role, _words(content), timestamp)
        elif not pointers and (role != "system" or _words(content)):
            self.left_out[TOOL_MESSAGES] += 1
        for number, pointer in enumerate(pointers, 1):
            self._show(
                pointer, f"{node['id']}-{number}", "user" if role == "user" else "assistant", timestamp
            )

    def _say(self, message_id: str, role: str, words: str, timestamp: str | None) -> None:
        if not words.strip():
            return
        entry: dict[str, Any] = {"id": self._unique(message_id), "role": role, "content": words}
        if timestamp:
            entry["timestamp"] = timestamp
        if role == "assistant" and self._reasoning:
            entry["reasoning"] = "\n\n".join(self._reasoning)
            self._reasoning.clear()
        self.entries.append(entry)

    def _show(self, pointer: dict[str, Any], message_id: str, role: str, timestamp: str | None) -> None:
        dalle = _dict(_dict(pointer.get("metadata")).get("dalle"))
        prompt = dalle.get("prompt")
        found = _PICTURE_ID.search(str(pointer.get("asset_pointer")))
        entry = picture_entry(
            self._staged,
            self._pictures.named(found[1]) if found else None,
            message_id=self._unique(message_id),
            role=role,
            prompt=prompt if isinstance(prompt, str) else "",
            timestamp=timestamp,
            seed=dalle.get("seed"),
        )
        if entry is None:
            self.left_out[MISSING_PICTURES] += 1
        else:
            self.entries.append(entry)

    def _unique(self, message_id: str) -> str:
        while message_id in self._ids:
            message_id += "-"
        self._ids.add(message_id)
        return message_id


def _parts(content: dict[str, Any]) -> list[Any]:
    parts = content.get("parts")
    return parts if isinstance(parts, list) else []


def _words(content: dict[str, Any]) -> str:
    """The text of a content, as Markdown."""
    text = content.get("text")
    if content.get("content_type") in ("code", "execution_output") and isinstance(text, str):
        language = content.get("language")
        known = language if isinstance(language, str) and language != "unknown" else ""
        return f"```{known}\n{text}\n```" if text.strip() else ""
    texts = [part if isinstance(part, str) else _dict(part).get("text") for part in _parts(content)]
    return _CITATION.sub("", "\n\n".join(each for each in texts if isinstance(each, str) and each.strip()))


def _thoughts(content: dict[str, Any]) -> Iterator[str]:
    thoughts = content.get("thoughts")
    for thought in thoughts if isinstance(thoughts, list) else ():
        words = (_dict(thought).get("summary"), _dict(thought).get("content"))
        if told := "\n".join(each for each in words if isinstance(each, str) and each.strip()):
            yield told
