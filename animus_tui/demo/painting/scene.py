"""Reading a prompt: the hour, place, figures, weather and colours that its words ask for. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from animus_tui.demo.painting import words

READ_CHARACTERS = 2_000
"""How much of a prompt is read."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a prompt asks for. An empty field was not mentioned; each name is a key of a table in `words`."""

    text: str
    """The words as they were read: lower case, without accents and signs."""
    hour: str = ""
    places: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    """Without people."""
    person: str = ""
    is_portrait: bool = False
    looks: frozenset[str] = frozenset()
    lights: frozenset[str] = frozenset()
    weathers: frozenset[str] = frozenset()
    tones: tuple[str, ...] = ()
    colours: tuple[tuple[str, str], ...] = ()
    """Each colour named, with the word that it belongs to: `("red", "dress")`."""
    count: int = 1
    """How many of the figure there are, 1 to 3."""

    @property
    def names_a_subject(self) -> bool:
        """Whether the words name something to paint, beyond an hour, a light or a tone."""
        return bool(self.places or self.figures or self.person or self.is_portrait)

    @property
    def is_of_the_world(self) -> bool:
        """Whether the words name something that can be seen outdoors, and do not ask for a pattern."""
        is_seen = self.names_a_subject or self.hour or self.lights or self.weathers
        return bool(is_seen) and "abstract" not in self.places

    @property
    def says_how_somebody_looks(self) -> bool:
        """Whether the words are of somebody's face, or of nothing but somebody."""
        is_of_a_face = self.looks or any(thing in {"hair", "eyes"} for _, thing in self.colours)
        return bool(is_of_a_face) or not (self.places or self.figures or self.lights or self.weathers)

    @property
    def says_something(self) -> bool:
        """Whether any of the words is known to the painter."""
        return bool(
            self.names_a_subject
            or self.hour
            or self.lights
            or self.weathers
            or self.tones
            or self.colours
            or self.looks
        )

    @property
    def styles(self) -> tuple[str, ...]:
        """The tones that are a manner of painting."""
        return tuple(tone for tone in self.tones if tone in words.STYLES)

    def colour_of(self, things: frozenset[str]) -> str:
        """Return the colour that was given to one of these things: a key of `words.HUES`, or empty."""
        return next((colour for colour, thing in self.colours if thing in things), "")

    @property
    def mood(self) -> str:
        """The first real hue named for the sky, the light or the whole picture, or empty."""
        moods = (colour for colour, thing in self.colours if not thing or thing in words.MOODS)
        own = {"gold", "orange"} if self.hour in {"dawn", "sunset"} else set()
        return next((colour for colour in moods if colour not in words.NEUTRAL | own), "")


def read_scene(prompt: str, unwanted: str = "") -> Scene:
    """Return what the prompt asks for, without what the unwanted words name; any text will do, also none."""
    tokens = plain_words(prompt)
    refused = plain_words(unwanted)
    wanted = _without_refused(tokens, refused)
    lights = frozenset(_found(LIGHTS, wanted))
    if {"cloud", "clouds"} & set(refused) or _refuses_clouds(tokens):
        lights |= {"clear"}
    places = _found(PLACES, wanted)
    people = _found(PEOPLE, wanted)
    tones = _tones(wanted)
    return Scene(
        text=" ".join(tokens),
        hour=_hour(wanted, lights),
        places=places,
        figures=tuple(f for f in _found(FIGURES, wanted) if not (f == "tree" and "forest" in places)),
        person=next((kind for kind in words.PEOPLE if kind in people), ""),
        is_portrait=bool(_found(PORTRAIT, wanted)),
        looks=frozenset(_found(LOOKS, wanted)) | _sort_of_hair(wanted),
        lights=lights,
        weathers=frozenset(_found(WEATHERS, wanted)),
        tones=tones,
        colours=_colours(wanted, "monochrome" in tones),
        count=next((words.COUNTS[token] for token in wanted if token in words.COUNTS), 1),
    )


def merged(before: str, change: str) -> str:
    """Return the words of a picture after an edit: both together, the change last.

    A change that names another place, and adds nothing to the old one, stands alone: `a city at night`.
    """
    tokens = plain_words(change)
    if read_scene(change).places and words.ADDING.isdisjoint(tokens):
        return change
    return f"{before.rstrip(' .,')}, {change}" if before.strip() else change


def plain_words(prompt: str) -> list[str]:
    """Return the plain words: accents removed, hyphens and apostrophes as gaps, everything else left out."""
    plain = unicodedata.normalize("NFKD", prompt[:READ_CHARACTERS]).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"[a-z]+", plain)


def _without_refused(tokens: list[str], unwanted: list[str]) -> list[str]:
    """Return the words without those that are refused, wherever they stand: `a boat, without the boat`."""
    kept: list[str] = []
    refused = {form for token in unwanted if len(token) > 2 for form in _forms(token)}
    is_refusing = False
    for token in tokens:
        if token in words.REFUSING:
            is_refusing = True
        elif is_refusing and token in {"any", "a", "an", "the", "too", "so"}:
            continue
        elif is_refusing:
            refused |= set(_forms(token))
            is_refusing = False
        else:
            kept.append(token)
    return [token for token in kept if refused.isdisjoint(_forms(token))]


def _refuses_clouds(tokens: list[str]) -> bool:
    return re.search(r"\b(?:no|without|remove) (?:any |the )?clouds?\b", " ".join(tokens)) is not None


def _forms(word: str) -> Iterator[str]:
    """Yield the word as it stands, then as the singular that it may be the plural of."""
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


def _index(table: Mapping[str, str]) -> Index:
    """Return a vocabulary table from the other side: from word or phrase to the things it stands for."""
    things: dict[str, tuple[str, ...]] = {}
    for thing, line in table.items():
        for word in line.split():
            phrase = word.replace("_", " ")
            things[phrase] = (*things.get(phrase, ()), thing)
    return things


HOURS, PLACES, FIGURES = _index(words.HOURS), _index(words.PLACES), _index(words.FIGURES)
PEOPLE, PORTRAIT, LOOKS = _index(words.PEOPLE), _index({"portrait": words.PORTRAIT}), _index(words.LOOKS)
LIGHTS, WEATHERS = _index(words.LIGHTS), _index(words.WEATHERS)
TONES, COLOURS = _index(words.TONES), _index(words.COLOURS)


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


def _hour(tokens: list[str], lights: frozenset[str]) -> str:
    """Return the last hour that is named, before the vague `day` (`a summer night`); night for its lights alone."""
    hours = [thing for _, things in _matches(HOURS, tokens) for thing in things]
    certain = [hour for hour in hours if hour != "day"]
    is_turned_to_day = (
        bool(hours) and hours[-1] == "day" and tokens[-1] in {"day", "noon", "daylight", "daytime"}
    )
    if certain and not is_turned_to_day:
        return certain[-1]
    return "day" if hours else "night" if lights & {"stars", "moon", "aurora", "milky way"} else ""


def _tones(tokens: list[str]) -> tuple[str, ...]:
    """Return the tones asked for; `less` turns one into its opposite, and dark hair is no dark picture."""
    tones: dict[str, None] = {}
    personal = words.HAIR | words.CLOTHES | {"eyes"}
    for place, (tone, *_) in _matches(TONES, tokens):
        if personal & set(tokens[place + 1 : place + 3]):
            continue
        less = place > 0 and tokens[place - 1] == "less"
        tones[words.OPPOSITE.get(tone, tone) if less else tone] = None
    return tuple(tones)


def _colours(tokens: list[str], is_monochrome: bool) -> tuple[tuple[str, str], ...]:
    """Return each colour with its thing: the next word, or at the end of a phrase the one before."""
    named: list[tuple[str, str]] = []
    for place, (colour, *_) in _matches(COLOURS, tokens):
        if is_monochrome and colour in words.NEUTRAL:
            continue
        after = (t for t in tokens[place + 1 : place + 4] if t not in COLOURS and t not in words.BETWEEN)
        before = tokens[place - 1] if place else ""
        ends = place + 1 == len(tokens) or tokens[place + 1] in words.JOINTS
        named.append((colour, before if ends and before not in words.JOINTS else next(after, "")))
    return tuple(named)


def _sort_of_hair(tokens: list[str]) -> frozenset[str]:
    """Return how the hair is, also when a colour stands between: `long red hair`."""
    text = " ".join(tokens)
    return frozenset(
        f"{sort} hair" for sort in ("long", "short") if re.search(rf"\b{sort} (?:[a-z]+ ){{0,2}}hair", text)
    )
