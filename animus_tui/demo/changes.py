"""What someone wants changed about the last picture → the words that are added to its own. Pure."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from animus_tui.demo.painting.scene import read_scene
from animus_tui.demo.phrases import AN_ARTICLE, MEDIUM, PICTURE, TALKING, without_politeness

GREETINGS_AND_SIGHTS = frozenset({"night", "morning", "evening", "day", "sunset", "sunrise", "dawn", "dusk"})
"""Hours that alone are no change: they greet, or name a scene of their own."""
LONGEST_WISH = 200
"""Characters; a longer sentence tells something and changes nothing."""


def _noun(found: re.Match[str]) -> str:
    """`make the NOUN more ADJECTIVE` → `with a more ADJECTIVE NOUN`, without the article for a plural."""
    noun = found["noun"].lower()
    article = "" if noun.endswith("s") or noun in {"light", "water", "snow", "grass"} else "a "
    return f"with {article}{found['degree'].lower()} {found['adjective'].lower()} {noun}"


def _colours(found: re.Match[str]) -> str:
    adjective = found["adjective"].lower()
    return f"with {found['degree'].lower()} {'vibrant' if adjective.endswith('ful') else adjective} colours"


def _turned(found: re.Match[str]) -> str:
    return f"with the {found['noun'].lower()} {found['rest']}"


def _rest(before: str, found: re.Match[str]) -> str:
    return before + found["rest"]


_HOURS = "night|midnight|dawn|dusk|sunset|sunrise|noon|twilight"
_SEASONS = "winter|autumn|summer|spring|fall"
_WEATHER = "rain|snow|fog|mist"


def _made(found: re.Match[str]) -> str:
    return _said_of_a_picture(found["rest"])


def _said_of_a_picture(rest: str) -> str:
    """`make it REST`, with the little word that a noun needs to be said of a picture."""
    for nouns, before in (
        (_HOURS, "at "),
        (_SEASONS, "in "),
        (_WEATHER, "in the "),
        ("morning|evening", "in the "),
        ("day|daytime|daylight", "by "),
    ):
        if re.fullmatch(nouns, rest, re.IGNORECASE):
            return before + rest
    scene = read_scene(rest)
    if len(rest.split()) == 1 and scene.colours and not scene.names_a_subject:
        return f"in {rest}"
    return rest


_TOO = {
    "dark": "brighter",
    "bright": "darker",
    "light": "darker",
    "cold": "warmer",
    "warm": "cooler",
    "small": "bigger",
    "big": "smaller",
    "sharp": "softer",
    "soft": "sharper",
    "blurry": "sharper",
    "colourful": "with less vibrant colours",
    "colorful": "with less vibrant colours",
    "vibrant": "with less vibrant colours",
    "dull": "with more vibrant colours",
    "pale": "with more vibrant colours",
    "boring": "more dramatic",
    "cloudy": "without clouds",
}


def _too(found: re.Match[str]) -> str:
    return _TOO[found["rest"].lower()]


_IT = r"(?:it|this|that|the (?:picture|image|photo|painting|scene|whole thing))"
_ITS = r"(?:the|its|her|his)"
_BIT = r"(?:(?:a (?:bit|little)|much|even|slightly|still) )?"
_DEGREE = r"(?P<degree>more|less)"
_VIVID = r"(?P<adjective>vibrant|vivid|saturated|colou?rful|muted|intense)"
_WAY = r"(?P<rest>(?:as|in|at|with|without|by|under|from|during) .+)"
_COMPARED = r"brighter|darker|warmer|cooler|colder|softer|moodier|lighter|sharper|bigger|smaller|closer"
_MORE = rf"(?:{_COMPARED}|(?:more|less) [\w-]+)"
_WANT = rf"(?:i want|i'd like|i would like|i'd prefer|can|could|should|may) {_IT} (?:to )?(?:be |look )?"
_NOT_MINE = r"(?!(?:my|me|your|you|this|that|him|her|it|up|off|\d)\b)"
_LEAD = r"^(?:(?:and|now|then|ok(?:ay)?|yes|no|but|so|please|maybe|perhaps|great|nice|cool|thanks|good|actually)[, ]+)*"
CHANGES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (rf"\b{_DEGREE} {_VIVID} colou?rs?\b", _colours),
    (rf"(?:{_LEAD}|\b{_IT} (?:look |be )?|{_WANT}){_BIT}{_DEGREE} {_VIVID}\b", _colours),
    (rf"\b(?:make|turn|get) {_IT} (?:look |be )?(?P<rest>{_BIT}(?:more|less) [\w-]+)", partial(_rest, "")),
    (
        rf"\b(?:make|turn|get) {_ITS} (?P<noun>[\w ]+?) (?:look )?{_BIT}{_DEGREE} (?P<adjective>[\w-]+)",
        _noun,
    ),
    (rf"\b(?:turn|make|change|transform) {_IT} (?:in)?to (?P<rest>.+)", partial(_rest, "as ")),
    (rf"\b(?:do|paint|draw|show|try|make) {_IT} (?:again )?{_WAY}", partial(_rest, "")),
    (rf"\b(?:paint|colou?r|dye) {_IT} (?P<rest>\w+)$", _made),
    (rf"\b(?:put|place|set|move) {_IT} {_WAY}", partial(_rest, "")),
    (
        (
            rf"\b(?:make|turn) {_IT} (?:look )?(?:like )?"
            r"(?!(?:quick|fast|short|snappy|stop|work|happen|up|out|clear|easy|sense|so|right|better)\b)(?P<rest>.+)"
        ),
        _made,
    ),
    (
        (
            rf"\b(?:change|turn|make) {_ITS} (?!(?:subject|topic|world|most)\b)(?P<noun>\w+) "
            r"(?:in)?(?:to )?(?:look )?(?P<rest>[\w -]+)"
        ),
        _turned,
    ),
    (
        (
            rf"\b(?:add|put in|include|put) {_NOT_MINE}(?P<rest>.+?)"
            r"(?: (?:to|in|into|on) (?:it|the (?:picture|image|scene)))?$"
        ),
        partial(_rest, "with "),
    ),
    (
        (
            rf"{_LEAD}give (?:him|her|it|them) "
            r"(?!a (?:try|break|rest|shot|go|call|hug|kiss|chance|minute|second|moment)\b|up\b|time\b)(?P<rest>.+)"
        ),
        partial(_rest, "with "),
    ),
    (
        rf"\b(?:remove|delete|take out|take away|lose) {_NOT_MINE}(?P<rest>.+?)(?: too| as well)?$",
        partial(_rest, "without "),
    ),
    (rf"\bwhat would {_IT} look like {_WAY}", partial(_rest, "")),
    (
        rf"^(?:and now|now|and|but|(?:the )?same(?: thing| picture| scene| one)?,?(?: but)?)[, ]+{_WAY}",
        partial(_rest, ""),
    ),
    (rf"{_LEAD}{_BIT}(?P<rest>{_MORE})$", partial(_rest, "")),
    (rf"{_WANT}(?P<rest>.+)", _made),
    (rf"^(?:(?:it|this|that)(?:'s| is) |{PICTURE} is )?{_BIT}too (?P<rest>{'|'.join(_TOO)})$", _too),
    (r"\bzoom out\b(?P<rest>)", partial(_rest, "seen from further away")),
    (r"\bzoom in\b(?P<rest>)", partial(_rest, "seen from closer")),
)
"""How a change is asked for → the words that are added to the picture's."""
_BARE_WAY = re.compile(
    rf"{_LEAD}(?P<rest>(?:as|in|at|with|without|by|under|during) (?P<what>.+))$", re.IGNORECASE
)
_REFUSED = re.compile(r"^(?:please |but )?no (?P<what>[a-z ]{3,30})$", re.IGNORECASE)


def asked_change(text: str, scene: str = "") -> str | None:
    """The words that a wish to change the last picture adds to it; None when the text is no such wish.

    `scene`: the picture's own words; with them `at night` or `no boat` is a wish as well.
    """
    return next(filter(None, (_change(sentence, scene) for sentence in _sentences(text))), None)


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"[?!.\n]+", text.strip()):
        wish = without_politeness(sentence).strip(" ,")
        if wish and len(wish) <= LONGEST_WISH:
            yield wish


def _change(wish: str, scene: str) -> str | None:
    for pattern, words in CHANGES:
        found = re.search(pattern, wish, re.IGNORECASE)
        if found and (words is not _made or _is_a_look(found["rest"])):
            return re.sub(r"\bcolor", "colour", words(found)).strip(" ,")
    found = _BARE_WAY.match(wish) if scene else None
    if (
        found
        and read_scene(found["what"]).says_something
        and not TALKING & set(found["what"].lower().split())
    ):
        return found["rest"]
    if scene and len(wish.split()) <= 2 and wish.lower() not in GREETINGS_AND_SIGHTS:
        made = _said_of_a_picture(wish)
        if made != wish:
            return made
    found = _REFUSED.match(wish) if scene else None
    if found and re.search(rf"\b{re.escape(found['what'])}", scene, re.IGNORECASE):
        return f"without the {found['what']}"
    return None


def _is_a_look(rest: str) -> bool:
    """Whether a picture can be made that way: `night`, `more dramatic`, `a city`, but not `wait`."""
    looks_like = rf"(?:an?|the|in|at|as|like|much|very|{_MORE})\b"
    return read_scene(rest).says_something or re.match(looks_like, rest, re.IGNORECASE) is not None


_SUBJECT = re.compile(r"^(?:as )?(?P<what>(?:an?|the) .+?)(?: instead)?$", re.IGNORECASE)


def new_subject(change: str) -> str | None:
    """What is to be painted in place of the last picture, when the change names another subject: `as a city`."""
    found = _SUBJECT.match(change)
    if found is None or re.search(rf"\b{MEDIUM}\b", found["what"], re.IGNORECASE):
        return None
    scene = read_scene(found["what"])
    return found["what"] if scene.names_a_subject and not scene.styles else None


def change_scene(scene: str, change: str) -> str:
    """The scene's words with a change added once; what was added before and is now taken back goes."""
    refused = re.fullmatch(r"without (?:the |any |an? )?(?P<what>.+)", change, re.IGNORECASE)
    if refused:
        added = re.compile(rf",? with {AN_ARTICLE}{re.escape(refused['what'])}(?=,|$)", re.IGNORECASE)
        without = added.sub("", scene)
        if without != scene:
            return without
    clauses = scene.rstrip(" .,").split(", ")
    dyed = _dyed(clauses[0], change)
    if dyed:
        return ", ".join([dyed, *clauses[1:]])
    kept = [clause for clause in clauses[1:] if not _overruled(clause, change)]
    return ", ".join([clauses[0], *kept, change])


def is_missing(scene: str, change: str) -> str | None:
    """The thing that a change takes away although the scene never had it: `the boat`; None for any other change."""
    refused = re.fullmatch(r"without (?P<what>.+)", change, re.IGNORECASE)
    figures = set(read_scene(refused["what"]).figures) if refused else set()
    had = read_scene(re.sub(r"\bwithout\b", "with", scene)).figures
    return refused["what"] if refused and figures and figures.isdisjoint(had) else None


def _dyed(subject: str, change: str) -> str | None:
    """`A cat` in another colour, when the change is one: `in black`. None when there is no one thing to colour."""
    colour = re.fullmatch(r"in (?P<name>\w+)", change, re.IGNORECASE)
    named = re.match(r"(?:an?|the) (?P<rest>.+)", subject, re.IGNORECASE)
    if colour is None or named is None or not read_scene(colour["name"]).colours:
        return None
    if not read_scene(subject).figures or read_scene(colour["name"]).styles:
        return None
    others = [word for word in named["rest"].split() if not read_scene(word).colours]
    return f"A {colour['name']} {' '.join(others)}"


def _overruled(clause: str, change: str) -> bool:
    """Whether a clause says what the change says as well or otherwise: another hour, another season."""
    if clause == change:
        return True
    return any(
        re.fullmatch(group, clause, re.IGNORECASE) and re.fullmatch(group, change, re.IGNORECASE)
        for group in (rf"at (?:{_HOURS})|by \w+|in the (?:morning|evening)", rf"in (?:{_SEASONS})")
    )
