"""From the fields of a card, of any version, to a character: an odd field costs only itself, and is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from animus_tui.characters.cards import extension
from animus_tui.characters.cards.book import lorebook_of
from animus_tui.characters.character import Character
from animus_tui.errors import CardError
from animus_tui.printable import printable, short_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ORIGINAL = "You are {{char}} in a conversation with {{user}}. Stay in character and write the next reply of {{char}}."
"""Stands for `{{original}}` in a card's instructions, and for them where a card has none."""
SPECS = ("chara_card_v2", "chara_card_v3")
OLD_NAMES = {
    "char_name": "name",
    "char_persona": "description",
    "world_scenario": "scenario",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
}
"""Fields of still older cards → those of version 1."""
OF_A_CARD = ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt")
"""An object with none of these and no name is no card."""
MOST_GREETINGS = 200
LONGEST_TEXT = 200_000
"""Characters of a text that is used; a model that reads more is not in sight."""
LONGEST_NAME = 100
LONGEST_LINE = 200
"""Characters of the line in a list."""
EXAMPLES = "How {{char}} talks:"
EXAMPLE = "Example:"
_ORIGINAL = re.compile(r"\{\{[ \t]*+original[ \t]*+\}\}", re.IGNORECASE)
_START = re.compile(r"<START>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>|!?\[[^\[\]]*\]\([^()]*\)")


def character_of(card: dict[str, Any], fallback_name: str) -> tuple[Character, tuple[str, ...]]:
    """The character that a card describes, with the card, and sentences about what of it is not used.

    `fallback_name` is its name where the card has none. CardError with the words behind the name of the file.
    """
    fields = _Fields(fields_in(card))
    name = fields.line("name") or fallback_name
    own = fields.mapping("extensions").get(extension.KEY)
    told, is_odd = extension.fields_of(own)
    if is_odd:
        fields.odd.append("extensions")
    greetings = fields.greetings()
    book, is_odd = lorebook_of(fields.raw.get("character_book"))
    if is_odd:
        fields.odd.append("character_book")
    is_only_description = isinstance(own, dict) and own.get(extension.ONLY_DESCRIPTION) is True
    line = told.pop("description", "") or _line_of(fields)
    character = Character(
        name=name,
        nickname=fields.line("nickname") or None,
        description=line,
        system_message=fields.text("description") if is_only_description else _instructions(fields),
        greeting=greetings[0] if greetings else None,
        greetings=tuple(greetings[1:]),
        note=_ORIGINAL.sub("", fields.text("post_history_instructions")).strip() or None,
        examples=_examples(fields.text("mes_example")),
        lorebook=book,
        card=card,
        **told,
    )
    fields.check()
    notices = tuple(fields.notices())
    if book is not None and book.unused:
        notices += (f"Of its lorebook is kept but not used: {', '.join(book.unused)}.",)
    return character, notices


def fields_in(card: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a card, whatever its version. CardError: it is no card."""
    data = card.get("data")
    if isinstance(data, dict) and (card.get("spec") in SPECS or _is_card(data)):
        return data
    if card.get("spec") == "lorebook_v3":
        raise CardError("it is a lorebook alone, not a character.")
    top = dict(card)
    for old, new in OLD_NAMES.items():
        if old in top:
            top.setdefault(new, top[old])
    if not _is_card(top):
        raise CardError("it is JSON, but no character card: there is neither a name nor a description in it.")
    return top


def _is_card(fields: Mapping[str, Any]) -> bool:
    texts = ("name", *OF_A_CARD)
    found = [key for key in texts if isinstance(fields.get(key), str) and fields[key].strip()]
    return bool(found) and any(key in fields for key in OF_A_CARD)


class _Fields:
    """Reads fields of a card and remembers those that could not be read."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.odd: list[str] = []
        self._cut: list[str] = []
        self._left_out = 0

    def text(self, key: str) -> str:
        """A text, printable; empty where there is none."""
        value = self.raw.get(key)
        if not isinstance(value, str):
            if value is not None and key not in self.odd:
                self.odd.append(key)
            return ""
        return self._usable(key, value)

    def line(self, key: str) -> str:
        """A text in one line."""
        return " ".join(printable(self.text(key)[:1000], newlines=False).split())[:LONGEST_NAME].strip()

    def mapping(self, key: str) -> dict[str, Any]:
        """An object; empty where there is none."""
        value = self.raw.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.odd.append(key)
        return {}

    def greetings(self) -> list[str]:
        """Everything that the character may say first."""
        first, key = self.text("first_mes"), "alternate_greetings"
        value = self.raw.get(key)
        items = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        self._left_out = max(0, len(items) - MOST_GREETINGS)
        items = items[:MOST_GREETINGS]
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) < len(items) or not isinstance(value, str | list | None):
            self.odd.append(key)
        return [text for text in (first, *(self._usable(key, text) for text in texts)) if text]

    def check(self) -> None:
        """Note also the odd ones among the fields that are only kept."""
        for key in ("creator_notes", "creator"):
            self.text(key)
        for key in ("tags", "group_only_greetings"):
            value = self.raw.get(key)
            is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
            if value is not None and not is_list:
                self.odd.append(key)
        version, assets = self.raw.get("character_version"), self.raw.get("assets")
        if version is not None and not isinstance(version, str | int | float):
            self.odd.append("character_version")
        if assets is not None and not isinstance(assets, list):
            self.odd.append("assets")

    def notices(self) -> Iterator[str]:
        """Sentences about what was left out."""
        odd = list(dict.fromkeys(self.odd))
        if odd:
            number = "1 field" if len(odd) == 1 else f"{len(odd)} fields"
            yield f"{number} could not be read: {', '.join(odd)}."
        if self._cut:
            yield f"Cut after {LONGEST_TEXT:,} characters: {', '.join(dict.fromkeys(self._cut))}."
        if self._left_out:
            yield f"Of its greetings {MOST_GREETINGS} are used; {self._left_out} more are only kept."

    def _usable(self, key: str, value: str) -> str:
        if len(value) > LONGEST_TEXT:
            self._cut.append(key)
            value = value[:LONGEST_TEXT]
        return printable(value).strip()


def _instructions(fields: _Fields) -> str:
    """The system message of a card: its instructions, or ours, and what it says of the character."""
    prompt = fields.text("system_prompt")
    head = _ORIGINAL.sub(lambda _: ORIGINAL, prompt, count=10) if prompt else ORIGINAL
    personality, scenario = fields.text("personality"), fields.text("scenario")
    parts = (
        head,
        fields.text("description"),
        f"Personality of {{{{char}}}}: {personality}" if personality else "",
        f"Scenario: {scenario}" if scenario else "",
    )
    return "\n\n".join(part for part in parts if part)


def _examples(text: str) -> str | None:
    blocks = [block.strip() for block in _START.split(text)]
    shown = [f"{EXAMPLE}\n{block}" for block in blocks if block]
    return "\n\n".join([EXAMPLES, *shown]) if shown else None


def _line_of(fields: _Fields) -> str:
    """One line about the character, from what its creator says to people, or else its tags."""
    notes = _TAG.sub("", fields.text("creator_notes")[:5000])
    lines = (" ".join(line.strip("#*_ \t").split()) for line in notes.splitlines())
    found = next((line for line in lines if any(map(str.isalnum, line))), "")
    if not found:
        value = fields.raw.get("tags")
        some = value[:6] if isinstance(value, list) else []
        found = ", ".join(short_line(tag).strip() for tag in some if isinstance(tag, str) and tag.strip())
    return found if len(found) <= LONGEST_LINE else f"{found[: LONGEST_LINE - 1]}…"
