"""Wishes for a picture in what a user says: what to show, and what to change about the last picture. Pure functions.

The words that are listened for stand in the table `wishes` of `persona.toml`.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec
from msgspec import Struct

from animus_tui.demo.data import data_file

Words = list[str]
READ_CHARACTERS = 1_500
"""How much of a message is looked up."""
NEAR = 6
"""A picture is named within this many words behind a verb that needs one."""
LONGEST_CHANGE = 25
LONGEST_SHORT_CHANGE = 7
"""Words of a sentence."""
PUNCTUATION = " ,.!?…:;\"'“”‘’()*"


class Changes(Struct, frozen=True, forbid_unknown_fields=True):
    """How changes are recognised and said; the comments of the data file tell what each field is."""

    begins: Mapping[str, str]
    short: Mapping[str, str]
    alone: frozenset[str]
    said_as: Mapping[str, str]
    exclusive: tuple[tuple[str, ...], ...]


class Wishes(Struct, frozen=True, forbid_unknown_fields=True):
    """How wishes are recognised; the comments of the data file tell what each field is."""

    openers: tuple[str, ...]
    endings: tuple[str, ...]
    verbs: tuple[str, ...]
    verbs_with_noun: tuple[str, ...]
    nouns: frozenset[str]
    own_nouns: frozenset[str]
    joints: frozenset[str]
    refused: frozenset[str]
    dull: frozenset[str]
    vague: frozenset[str]
    pointers: frozenset[str]
    again: frozenset[str]
    changes: Changes


@cache
def wishes() -> Wishes:
    """The words to listen for."""
    return msgspec.convert(data_file("persona")["wishes"], Wishes)


def sentences(text: str) -> list[str]:
    """The sentences and lines at the beginning of a text, without those that hold no word."""
    parts = re.split(r"[.!?…]+(?=\s|$)|\n", text[:READ_CHARACTERS])
    return [part.strip() for part in parts if part.strip(PUNCTUATION)]


def after_phrase(words: Words, phrases: Iterable[str]) -> tuple[str, Words] | None:
    """The longest of the phrases that the words begin with, and the words behind it; None without one."""
    start = _plain(words[:10])
    for phrase in sorted(phrases, key=len, reverse=True):
        parts = phrase.split()
        if start[: len(parts)] == parts:
            return phrase, words[len(parts) :]
    return None


def trimmed(sentence: str) -> Words:
    """The words of a sentence without politeness and exclamations at both ends."""
    words = sentence.split()
    while len(words) > 1 and (found := after_phrase(words, wishes().openers)):
        words = found[1]
    endings = [ending.split() for ending in wishes().endings]
    while ending := next((each for each in endings if _plain(words[-len(each) :]) == each), None):
        words = words[: -len(ending)]
    return words


def asked_scene(text: str) -> str | None:
    """What a text asks to see; empty when any picture will do, None when it asks for none."""
    before = ""
    for sentence in sentences(text):
        scene = _scene(trimmed(sentence))
        if scene is not None:
            told = " ".join(scene).strip(PUNCTUATION)
            # "I love Van Gogh! Paint something in his style" says in its first sentence whose.
            return f"{told}: {before}" if before and wishes().pointers & set(_plain(scene)) else told
        before = sentence
    return None


def _scene(words: Words) -> Words | None:
    found = after_phrase(words, wishes().verbs)
    rest = (found or after_phrase(words, wishes().verbs_with_noun) or ("", words))[1]
    plain = _plain(rest)
    noun = next((at for at, word in enumerate(plain[:NEAR]) if word in wishes().nouns), None)
    has_joint = noun is not None and bool(wishes().joints & set(plain[noun + 1 : noun + 2]))
    is_named = noun is not None and (rest != words or (has_joint and not core(" ".join(words[:noun]))))
    is_asked = found or is_named
    if not is_asked or wishes().refused & set(plain[:1]):
        return None
    if noun is not None and plain[noun] not in wishes().own_nouns:
        if has_joint:
            rest = rest[noun + 2 :]
        elif noun == len(rest) - 1:
            rest = rest[:noun]
    return rest if core(" ".join(rest)) else []


def core(text: str) -> str:
    """The words of a text that say something about a scene, in small letters."""
    return " ".join(word for word in _plain(text.split()) if word not in wishes().dull)


def key(scene: str) -> str:
    """By what a scene is found in the data file: its core; empty when the choice is left to the persona."""
    return "" if set(_plain(scene.split()[:1])) & wishes().vague else core(scene)


def details(scene: str) -> str:
    """What is said of a scene whose choice is left to the persona: `peaceful` of `something peaceful`."""
    rest = " ".join(scene.split()[1:])
    return rest if core(rest) else ""


def asks_again(text: str) -> bool:
    """Whether a text asks for the last picture once more."""
    return " ".join(_plain(text.split())) in wishes().again


def asked_change(text: str, *, right_after: bool) -> str | None:
    """The words that a wish to change the last picture adds to its own; None when the text is no such wish.

    `right_after`: the picture is the last thing that was sent, so that a few words like `at night` are enough.
    """
    for sentence in sentences(text):
        words = trimmed(sentence)
        if len(words) <= LONGEST_CHANGE and (change := _change(words, right_after=right_after)):
            return change
    return None


def _change(words: Words, *, right_after: bool) -> str | None:
    changes = wishes().changes
    forms, found = changes.begins, after_phrase(words, changes.begins)
    if found is None and right_after and len(words) <= LONGEST_SHORT_CHANGE:
        if (alone := " ".join(_plain(words))) in changes.alone:
            return alone
        forms, found = changes.short, after_phrase(words, changes.short)
    if found is None:
        return None
    form, rest = forms[found[0]], " ".join(found[1]).strip(PUNCTUATION)
    if form.startswith("the "):
        rest = rest.replace(" to ", " ", 1)
    elif form == "{}":
        rest = changes.said_as.get(rest.lower(), rest)
    return form.replace("{}", rest) if rest else None


def merged(scene: str, change: str) -> str:
    """The words of a picture with a change: said once, and without what it contradicts or takes back."""
    for group in wishes().changes.exclusive:
        if change in group:
            scene = re.sub(rf",? (?:{'|'.join(group)})(?=,|$)", "", scene)
    clauses = scene.rstrip(" .,").split(", ")
    if change.startswith("without "):
        thing = core(change.removeprefix("without "))
        left = [clause for clause in clauses if not clause.startswith("with ") or core(clause[5:]) != thing]
        if left != clauses:
            return ", ".join(left)
    return ", ".join(clauses if change in clauses else [*clauses, change])


def _plain(words: Words) -> Words:
    """The words in small letters, without punctuation around them."""
    return [word.replace("’", "'").strip(PUNCTUATION).lower() for word in words]
