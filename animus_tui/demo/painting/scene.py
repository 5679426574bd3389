"""Reading a prompt: which hour, place, figures, weather and style its words ask for. Pure: no pixels here."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from animus_tui.demo.painting import words
from animus_tui.demo.painting.colours import NAMED, NEUTRAL, RGB

READ_CHARACTERS = 2_000
"""How much of a prompt is read; what a picture shows is said in its first sentences."""

OPPOSITE = {
    "vibrant": "muted",
    "muted": "vibrant",
    "brighter": "darker",
    "darker": "brighter",
    "warmer": "colder",
    "colder": "warmer",
    "contrast": "softer",
    "softer": "sharper",
    "sharper": "softer",
}
BETWEEN = words.listed("and or coloured colored dark light bright deep pale soft long short curly very")
"""What may stand between a colour and its thing."""
JOINTS = words.listed("with in on at over under by near of the a an to please for from more less into")
"""What ends a phrase: a colour before it belongs to the word before the colour."""
ATTRIBUTES = frozenset({"dark", "bright", "warm", "cold", "light"})
PERSONAL = words.HAIR | words.EYES | words.CLOTHES
"""Dark hair does not make a dark picture."""
HAIR_SORTS = ("long", "short", "dark")
COUNTS = {"two": 2, "pair": 2, "couple": 2, "three": 3, "several": 3, "many": 3}
REFUSING = words.listed("no without not remove delete erase")
NIGHT_THINGS = frozenset({"stars", "moon", "aurora", "milky way"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words of a prompt ask for. An empty field was not mentioned."""

    text: str
    """The words as read: lower case, without accents and signs."""
    hour: str = ""
    """A key of `words.HOURS`."""
    places: tuple[str, ...] = ()
    """Keys of `words.PLACES`, in the order they are mentioned; so too the next ones."""
    figures: tuple[str, ...] = ()
    person: str = ""
    """`woman`, `man` or `person`, when the picture is of somebody."""
    looks: frozenset[str] = frozenset()
    skies: frozenset[str] = frozenset()
    weathers: frozenset[str] = frozenset()
    styles: tuple[str, ...] = ()
    adjustments: tuple[str, ...] = ()
    colours: tuple[tuple[str, str], ...] = ()
    """Each colour named, with the word it belongs to: `("red", "dress")`."""
    calm: float = 0.78
    """How smooth the water is, 0..1."""
    count: int = 1
    """How many of the figure there are, 1..3."""
    edits: bool = False
    """Whether the words speak of changing a picture that exists."""
    likeness: str = ""
    """The words of a face that stays the same whatever the other words say."""

    @property
    def names_a_subject(self) -> bool:
        """Whether the words name something to paint, beyond an hour, a mood or a manner."""
        return bool(self.places or self.figures or self.person)

    @property
    def says_something(self) -> bool:
        """Whether any of the words is known to the painter."""
        return bool(
            self.names_a_subject
            or self.hour
            or self.skies
            or self.weathers
            or self.styles
            or self.adjustments
            or self.colours
            or self.looks
        )

    def colour_of(self, things: frozenset[str]) -> RGB | None:
        """Return the colour that was given to one of these things, if one was."""
        for colour, thing in self.colours:
            if thing in things:
                return NAMED[colour]
        return None

    @property
    def mood(self) -> str:
        """The first real hue named for the sky, the light or the whole picture: a key of `NAMED`, or empty."""
        for colour, thing in self.colours:
            if colour not in NEUTRAL and (not thing or thing in words.MOODS):
                return colour
        return ""


def read_scene(prompt: str, unwanted: str = "") -> Scene:
    """Return what the prompt asks for, without what the unwanted words name; any text will do, also none."""
    tokens = plain_words(prompt)
    text = " ".join(tokens)
    refused = plain_words(unwanted)
    wanted = _without_refused(tokens, refused)
    places = _found(PLACES, wanted)
    figures = tuple(
        figure for figure in _found(FIGURES, wanted) if not (figure == "tree" and "forest" in places)
    )
    people = _found(PEOPLE, wanted)
    skies = frozenset(_found(SKIES, wanted))
    if "clouds" in _found(SKIES, refused):
        skies |= {"clear"}  # clouds come also where nobody asked for them
    styles = _found(STYLES, wanted)
    forms = {form for token in wanted for form in _forms(token)}
    return Scene(
        text=text,
        hour=_hour(wanted, skies),
        places=places,
        figures=figures,
        person=next((kind for kind in ("woman", "man", "person") if kind in people), ""),
        looks=frozenset(_found(LOOKS, wanted)) | _sort_of_hair(wanted),
        skies=skies,
        weathers=frozenset(_found(WEATHERS, wanted)),
        styles=styles,
        adjustments=_adjustments(wanted),
        colours=_colours(wanted, "monochrome" in styles),
        calm=0.35 if forms & words.ROUGH else 0.9 if forms & words.CALM else 0.78,
        count=next((COUNTS[token] for token in wanted if token in COUNTS), 1),
        edits=bool(words.EDITS & set(tokens)),
    )


def plain_words(prompt: str) -> list[str]:
    """Return the plain words: accents removed, hyphens and apostrophes as gaps, everything else left out."""
    plain = unicodedata.normalize("NFKD", prompt[:READ_CHARACTERS]).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"[a-z]+", plain)


def _without_refused(tokens: list[str], unwanted: list[str]) -> list[str]:
    """Return the words without those that are refused, wherever they stand: `no clouds`, `a boat, without the boat`."""
    kept: list[str] = []
    refused = {form for token in unwanted if len(token) > 2 for form in _forms(token)}
    skip = 0
    for token in tokens:
        if token in REFUSING:
            skip = 2
        elif skip and token in {"any", "a", "an", "the", "too", "so"}:
            continue
        elif skip:
            refused |= set(_forms(token))
            skip = 0
        else:
            kept.append(token)
    return [token for token in kept if refused.isdisjoint(_forms(token))]


def _forms(word: str) -> Iterator[str]:
    """Yield the word as it stands, then as the singular it may be the plural of."""
    yield word
    if word.endswith("ves"):
        yield word[:-3] + "f"
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]


Index = Mapping[str, tuple[str, ...]]


def _turned_over(table: Mapping[str, str]) -> Index:
    """Return a vocabulary table from the other side: from word or phrase to the things it stands for."""
    things: dict[str, tuple[str, ...]] = {}
    for thing, line in table.items():
        for word in line.split():
            phrase = word.replace("_", " ")
            things[phrase] = (*things.get(phrase, ()), thing)
    return things


HOURS = _turned_over(words.HOURS)
PLACES = _turned_over(words.PLACES)
FIGURES = _turned_over(words.FIGURES)
PEOPLE = _turned_over(words.PEOPLE)
SKIES = _turned_over(words.SKIES)
WEATHERS = _turned_over(words.WEATHERS)
STYLES = _turned_over(words.STYLES)
ADJUSTMENTS = _turned_over(words.ADJUSTMENTS)
COLOURS = _turned_over(words.COLOURS)
LOOKS = _turned_over(words.LOOKS)


def _matches(index: Index, tokens: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield where something of the index is mentioned, and what; the longest phrase wins."""
    place = 0
    while place < len(tokens):
        for length in (3, 2, 1):
            *head, last = tokens[place : place + length] or [""]
            things = next((index[p] for f in _forms(last) if (p := " ".join([*head, f])) in index), ())
            if things:
                yield place, things
                break
        place += length if things else 1


def _found(index: Index, tokens: list[str]) -> tuple[str, ...]:
    """Return each thing that is mentioned, once, in the order of the words."""
    return tuple(dict.fromkeys(thing for _, things in _matches(index, tokens) for thing in things))


def _hour(tokens: list[str], skies: frozenset[str]) -> str:
    """Return the hour: a certain one before a vague one (`a summer night`), or night for its lights alone."""
    hours = _found(HOURS, tokens)
    # The last one, as what is added to a picture's words comes last: `a lake at dawn, at night`.
    certain = (hour for hour in reversed(hours) if hour not in {"morning", "noon"})
    vague = (hour for hour in ("morning", "noon") if hour in hours)
    return next(chain(certain, vague), "night" if skies & NIGHT_THINGS else "")


def _adjustments(tokens: list[str]) -> tuple[str, ...]:
    """Return the wanted changes; `less` turns one into its opposite."""
    changes: dict[str, None] = {}
    for place, things in _matches(ADJUSTMENTS, tokens):
        if tokens[place] in ATTRIBUTES and set(tokens[place + 1 : place + 3]) & PERSONAL:
            continue
        less = place > 0 and tokens[place - 1] == "less"
        changes.update(dict.fromkeys(OPPOSITE.get(thing, thing) if less else thing for thing in things))
    return tuple(changes)


def _colours(tokens: list[str], monochrome: bool) -> tuple[tuple[str, str], ...]:
    """Return each colour with its thing: the next word, or at the end of a phrase the one before."""
    named: list[tuple[str, str]] = []
    for place, (colour, *_) in _matches(COLOURS, tokens):
        if monochrome and colour in NEUTRAL:
            continue
        after = [
            token for token in tokens[place + 1 : place + 4] if token not in COLOURS and token not in BETWEEN
        ]
        before = tokens[place - 1] if place else ""
        ends = place + 1 == len(tokens) or tokens[place + 1] in JOINTS
        thing = before if ends and before not in JOINTS else next(iter(after), "")
        named.append((colour, thing))
    return tuple(named)


def _sort_of_hair(tokens: list[str]) -> frozenset[str]:
    """Return how the hair is, also when a colour stands between: `long red hair`, `dark hair`."""
    text = " ".join(tokens)
    return frozenset(
        f"{sort} hair" for sort in HAIR_SORTS if re.search(rf"\b{sort} (?:[a-z]+ ){{0,2}}hair", text)
    )
