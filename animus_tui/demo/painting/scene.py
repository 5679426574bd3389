"""Reading a prompt: the hour, place, figures, weather and colours that its words ask for. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from animus_tui.demo.data import data_file

READ_CHARACTERS = 2_000
"""How much of a prompt is read."""
VOCABULARY: Mapping[str, Mapping[str, str]] = data_file("painting/vocabulary")
HUES = VOCABULARY["hues"]
"""Each colour as `#rrggbb`."""
SETS = {name: frozenset(line.split()) for name, line in VOCABULARY["sets"].items()}
COUNTS = {"two": 2, "pair": 2, "couple": 2, "three": 3, "several": 3, "many": 3}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a prompt asks for. An empty field was not mentioned; each name is a key of a table of the vocabulary."""

    text: str
    """The words as they were read: lower case, without accents and signs."""
    hour: str
    places: tuple[str, ...]
    figures: tuple[str, ...]
    """Without people."""
    person: str
    is_portrait: bool
    looks: frozenset[str]
    lights: frozenset[str]
    weathers: frozenset[str]
    tones: tuple[str, ...]
    colours: tuple[tuple[str, str], ...]
    """Each colour named, with the word that it belongs to: `("red", "dress")`."""
    count: int
    """How many of the figure there are, 1 to 3."""

    @property
    def is_of_the_world(self) -> bool:
        """Whether the words name something that can be seen outdoors, and do not ask for a pattern."""
        seen = (*self.places, *self.figures, self.person, self.hour, *self.lights, *self.weathers)
        return any(seen) and "abstract" not in self.places

    @property
    def says_how_somebody_looks(self) -> bool:
        """Whether the words are of somebody's face, or of nothing but somebody."""
        is_of_a_face = self.looks or any(thing in {"hair", "eyes"} for _, thing in self.colours)
        return bool(is_of_a_face) or not (self.places or self.figures or self.lights or self.weathers)

    @property
    def mood(self) -> str:
        """The first real hue named for the sky, the light or the whole picture, or empty."""
        own = {"gold", "orange"} if self.hour in {"dawn", "sunset"} else set()
        moods = (colour for colour, thing in self.colours if not thing or thing in SETS["moods"])
        return next((colour for colour in moods if colour not in SETS["neutral"] | own), "")

    def colour_of(self, things: frozenset[str]) -> str:
        """Return the colour that was given to one of these things: a key of HUES, or empty."""
        return next((colour for colour, thing in self.colours if thing in things), "")


def names_of(figure: str) -> frozenset[str]:
    """Return the words that a figure's colour may be said of, in both numbers."""
    people = " ".join([*VOCABULARY["people"].values(), *SETS["clothes"]])
    own = (people if figure == "person" else VOCABULARY["figures"][figure]).split()
    return frozenset([*own, *(word + "s" for word in own)])


def read_scene(prompt: str, unwanted: str = "") -> Scene:
    """Return what the prompt asks for, without what the unwanted words name; any text will do, also none."""
    tokens, refused = plain_words(prompt), plain_words(unwanted)
    wanted, text = _without_refused(tokens, refused), " ".join(tokens)
    is_clear = re.search(r"\b(no|without|remove) (any |the )?clouds?\b", text) or "clouds" in _found(
        "lights", refused
    )
    lights = frozenset([*_found("lights", wanted), *(["clear"] if is_clear else [])])
    places, people, tones = _found("places", wanted), _found("people", wanted), _tones(wanted)
    hair = re.findall(r"\b(long|short) (?:[a-z]+ ){0,2}hair", " ".join(wanted))
    return Scene(
        text=text,
        hour=_hour(wanted, lights),
        places=places,
        figures=tuple(f for f in _found("figures", wanted) if not (f == "tree" and "forest" in places)),
        person=next((kind for kind in VOCABULARY["people"] if kind in people), ""),
        is_portrait="portrait" in _found("sets", wanted),
        looks=frozenset([*_found("looks", wanted), *(f"{sort} hair" for sort in hair)]),
        lights=lights,
        weathers=frozenset(_found("weathers", wanted)),
        tones=tones,
        colours=_colours(wanted, is_grey="monochrome" in tones),
        count=next((COUNTS[token] for token in wanted if token in COUNTS), 1),
    )


def merged(before: str, change: str) -> str:
    """Return the words of a picture after an edit: both together, the change last.

    A change that names another place, and adds nothing to the old one, stands alone: `a city at night`.
    """
    if not before.strip() or (read_scene(change).places and SETS["adding"].isdisjoint(plain_words(change))):
        return change
    return f"{before.rstrip(' .,')}, {change}"


def plain_words(prompt: str) -> list[str]:
    """Return the plain words: accents removed, hyphens and apostrophes as gaps, everything else left out."""
    plain = unicodedata.normalize("NFKD", prompt[:READ_CHARACTERS]).casefold()
    return re.findall(r"[a-z]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _without_refused(tokens: list[str], unwanted: list[str]) -> list[str]:
    """Return the words without those that are refused, wherever they stand: `a boat, without the boat`."""
    kept: list[str] = []
    refused = {form for token in unwanted if len(token) > 2 for form in _forms(token)}
    is_refusing = False
    for token in tokens:
        if token in SETS["refusing"]:
            is_refusing = True
        elif is_refusing and token not in {"any", "a", "an", "the", "too", "so"}:
            refused |= set(_forms(token))
            is_refusing = False
        elif not is_refusing:
            kept.append(token)
    return [token for token in kept if refused.isdisjoint(_forms(token))]


def _forms(word: str) -> Iterator[str]:
    """Yield the word as it stands, then as the singular that it may be the plural of."""
    yield word
    for ending, singular in (("ves", "f"), ("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss"):
            yield word.removesuffix(ending) + singular


def _phrases(table: str) -> dict[str, tuple[str, ...]]:
    """Return a table of the vocabulary from the other side: from word or phrase to the things it stands for."""
    things: dict[str, tuple[str, ...]] = {}
    for thing, line in VOCABULARY[table].items():
        for word in line.split():
            phrase = word.replace("_", " ")
            things[phrase] = (*things.get(phrase, ()), thing)
    return things


PHRASES = {table: _phrases(table) for table in VOCABULARY}


def _matches(table: str, tokens: list[str]) -> Iterator[tuple[int, str]]:
    """Yield where something of a table is mentioned, and what; the longest phrase wins."""
    place = 0
    while place < len(tokens):
        for length in (3, 2, 1):
            *head, last = tokens[place : place + length]
            found = (PHRASES[table].get(" ".join([*head, form])) for form in _forms(last))
            if things := next(filter(None, found), None):
                yield from ((place, thing) for thing in things)
                break
        place += length if things else 1


def _found(table: str, tokens: list[str]) -> tuple[str, ...]:
    """Return each thing that is mentioned, once, in the order of the words."""
    return tuple(dict.fromkeys(thing for _, thing in _matches(table, tokens)))


def _hour(tokens: list[str], lights: frozenset[str]) -> str:
    """Return the last hour that is named; `day` only at the end or alone; night for its lights alone."""
    named = [thing for _, thing in _matches("hours", tokens)]
    is_day_last = named[-1:] == ["day"] and tokens[-1] in {"day", "noon", "daylight", "daytime"}
    certain = [hour for hour in named if hour != "day" or is_day_last]
    alone = "day" if named else "night" if lights & {"stars", "moon", "aurora"} else ""
    return certain[-1] if certain else alone


def _tones(tokens: list[str]) -> tuple[str, ...]:
    """Return the tones asked for; `less` turns one into its opposite, and dark hair is no dark picture."""
    personal, opposites = SETS["hair"] | SETS["clothes"] | {"eyes"}, VOCABULARY["opposites"]
    tones = (
        opposites.get(tone, tone) if tokens[max(0, place - 1)] == "less" else tone
        for place, tone in _matches("tones", tokens)
        if personal.isdisjoint(tokens[place + 1 : place + 3])
    )
    return tuple(dict.fromkeys(tones))


def _colours(tokens: list[str], *, is_grey: bool) -> tuple[tuple[str, str], ...]:
    """Return each colour with its thing: the next word, or at the end of a phrase the one before."""
    named: list[tuple[str, str]] = []
    for place, colour in _matches("colours", tokens):
        if is_grey and colour in SETS["neutral"]:
            continue
        after = (
            t
            for t in tokens[place + 1 : place + 4]
            if t not in PHRASES["colours"] and t not in SETS["between"]
        )
        before = tokens[place - 1] if place else ""
        ends = place + 1 == len(tokens) or tokens[place + 1] in SETS["joints"]
        named.append((colour, before if ends and before not in SETS["joints"] else next(after, "")))
    return tuple(named)
