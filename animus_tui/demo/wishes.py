"""What someone asks to see → the words of a picture; what they want changed → the changed words. Pure."""

import re
from collections.abc import Callable
from functools import partial

_PICTURE = r"(?:picture|photo|photograph|image|pic|painting|drawing|selfie|portrait|scene|view)s?"
_LETTER = r"(?:e-?mail|message|link|file|text|note|letter|money)"
_ASKING = (
    r"show (?:me|us)",
    r"(?:draw|paint|sketch)(?: for)?(?: me| us)?",
    r"let me see",
    r"(?:can|could|may) i see",
    r"(?:i'd|i would) (?:like|love) to see",
    r"i want to see",
    rf"(?:generate|create|make|send)(?: me| us)? (?=(?:(?:a|an|another|some|the) )?(?:\w+ )?{_PICTURE}\b)",
    rf"send (?:me|us)(?= (?!(?:a|an|the|your|my|some)? ?{_LETTER}\b))",
    rf"(?:a|another|one more) {_PICTURE} of",
    r"what (?:does|do) (?=.* looks? like)",
)
_SEE = re.compile(rf"\b(?:{'|'.join(_ASKING)})\s*(?P<subject>.*)", re.IGNORECASE | re.DOTALL)
_NO_PICTURE = re.compile(
    r"^(?:how\b(?! you look)|why\b|when\b|the way\b|who\b|that\b|markdown|to me$|up$|"
    r"(?:some |a |an |the |your )?(?:\w+ )?"
    r"(?:code|markdown|table|list|conclusion|link|example|commands?|faults?|help|steps?|snippet)$)",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    rf"^(?:(?:a|an|another|some|the|one more)\s+)?(?:(?:nice|beautiful|good|new|quick|pretty|little)\s+)?"
    rf"{_PICTURE}\s*(?:of\s+|showing\s+|with\s+|$)",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"(?:[\s,]+(?:please|for me|now|then|today|thanks|thank you|if you (?:can|like)|again|vivian))+$",
    re.IGNORECASE,
)
_FLATTERY = re.compile(
    r"\b(?:very |really |truly )?(?:beautiful|nice|pretty|lovely|gorgeous|amazing|wonderful|cool)\s+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^an?\s+(?=(\w))", re.IGNORECASE)
_SELF = re.compile(
    r"^(?:yourself|you|your face|what you look like|how you look|(?:a |your )?selfie.*|"
    r"(?:a |your )?(?:picture|photo) of you(?:rself)?)$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"^(?:(?:what|where) you (?:see|are|live|can see).*|your (?:room|home|place|house|view|window))$",
    re.IGNORECASE,
)
_ANYTHING = {"", "something", "something nice", "anything", "one", "it", "some", "me"}

PORTRAIT = "Portrait of a woman with dark curly hair and a warm smile, soft window light"
HOME = "The view from a window by the sea, evening light, a lighthouse in the distance"
SCENES: dict[str, str] = {
    r"sunset (?:over|on|by|at|above) (?:the |an? )?(?:calm |wide )?(?:ocean|sea|water)": (
        "A golden sunset over a calm ocean, long reflections, soft clouds"
    ),
    "sunset": "A golden sunset over rolling hills, long shadows, soft clouds",
    "sunrise": "A pale sunrise over misty fields, first light, thin clouds",
    "ocean|sea": "A calm blue sea under a wide sky, a slow swell, distant sails",
    "mountains?": "High mountains at first light, layers of blue ridges, drifting mist",
    "forest": "A deep forest in the morning, shafts of light between the trees, moss and ferns",
    "city": "A city skyline at dusk, lit windows, reflections on wet streets",
    "night sky|stars|moon": "A night sky full of stars over dark hills, a thin moon, the Milky Way",
}
"""What is asked for in a word or two → the whole scene."""
DETAILS: dict[str, str] = {
    r"ocean|sea\b|beach|coast|lake|river|harbou?r|waves?": "long reflections, soft clouds",
    r"mountain|hill|valley|cliff|canyon": "layers of blue ridges, drifting mist",
    r"forest|wood|tree|jungle|garden": "shafts of light between the leaves",
    r"city|street|town|skyline|tokyo|paris|london|new york": "lit windows, reflections on wet streets",
    r"night|star|moon|galaxy|aurora|northern lights": "a sky full of stars",
    r"sunset|sunrise|dawn|dusk": "long shadows, glowing clouds",
    r"portrait|woman|man\b|girl|boy|face|person": "soft window light, a calm look",
    r"cat|kitten|dog|puppy|fox|wolf|horse|deer|bear|owl|bird|rabbit|lion": "gentle light, quiet background",
    r"snow|winter|ice": "pale light, fresh snow",
    r"desert|dunes?": "rippled sand, a wide sky",
    r"": "soft light, fine detail",
}
"""What a subject holds → what is added to it."""
SURPRISES = (
    "A lighthouse on a rocky coast at dusk, long reflections, soft clouds",
    "A quiet mountain lake at dawn, layers of blue ridges, drifting mist",
    "A fox at the edge of a snowy forest, pale light, quiet background",
)


def asked_subject(text: str) -> str | None:
    """What the text asks to see, cleaned; "" when it asks for any picture; None when it asks for none."""
    found = _SEE.search(text)
    if found is None:
        return None
    subject = re.split(r"[?!.\n]", found["subject"].strip(), maxsplit=1)[0]
    subject = _POLITE.sub("", re.sub(r"\s+", " ", subject)).strip(" ,")
    if _NO_PICTURE.match(subject):
        return None
    if _SELF.match(subject):
        return subject
    subject = re.sub(r"^(?:what )?(.+?) looks? like$", r"\1", subject)
    subject = _FLATTERY.sub("", _MEDIUM.sub("", subject))
    if subject.lower() in _ANYTHING:
        return ""
    return _ARTICLE.sub(lambda article: "an " if article[1].lower() in "aeio" else "a ", subject)


def compose(subject: str, surprise: str) -> str:
    """The words of the picture for a subject; `surprise` is what to paint when there is none."""
    if not subject:
        return surprise
    if _SELF.match(subject):
        return PORTRAIT
    if _PLACE.match(subject):
        return HOME
    bare = re.sub(r"^(?:a|an|the|some)\s+", "", subject, flags=re.IGNORECASE)
    for pattern, scene in SCENES.items():
        if re.fullmatch(pattern, bare, re.IGNORECASE):
            return scene
    detail = next(
        words for pattern, words in DETAILS.items() if re.search(rf"\b(?:{pattern})", bare, re.IGNORECASE)
    )
    return f"{subject[0].upper()}{subject[1:]}, {detail}"


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


_IT = r"(?:it|this|that|the (?:picture|image|photo|painting|scene|whole thing))"
_ITS = r"(?:the|its|her|his)"
_BIT = r"(?:(?:a (?:bit|little)|much|even) )?"
_DEGREE = r"(?P<degree>more|less)"
_VIVID = r"(?P<adjective>vibrant|vivid|saturated|colou?rful|muted|intense)"
_WAY = r"(?P<rest>(?:as|in|at|with|without|by|under|from|during) .+)"
_COMPARED = r"brighter|darker|warmer|cooler|softer|moodier|lighter|sharper|bigger|closer|(?:more|less) [\w-]+"
CHANGES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (rf"\b{_DEGREE} {_VIVID} colou?rs?\b", _colours),
    (rf"(?:^|\b{_IT} (?:look |be )?){_BIT}{_DEGREE} {_VIVID}\b", _colours),
    (rf"\b(?:make|turn|get) {_IT} (?:look |be )?(?P<rest>{_BIT}(?:more|less) [\w-]+)", partial(_rest, "")),
    (
        rf"\b(?:make|turn|get) {_ITS} (?P<noun>[\w ]+?) (?:look )?{_BIT}{_DEGREE} (?P<adjective>[\w-]+)",
        _noun,
    ),
    (rf"\b(?:turn|make|change|transform) {_IT} (?:in)?to (?P<rest>.+)", partial(_rest, "as ")),
    (rf"\b(?:do|paint|draw|show|try|make) {_IT} (?:again )?{_WAY}", partial(_rest, "")),
    (rf"\b(?:make|turn) {_IT} (?:look )?(?:like )?(?P<rest>.+)", partial(_rest, "")),
    (
        rf"\b(?:change|turn|make) {_ITS} (?P<noun>\w+) (?:in)?(?:to )?(?:look )?(?P<rest>[\w -]+)",
        _turned,
    ),
    (
        r"\b(?:add|put in|include|put) (?P<rest>.+?)(?: (?:to|in|into) (?:it|the (?:picture|image|scene)))?$",
        partial(_rest, "with "),
    ),
    (r"\b(?:remove|delete|take out|take away|lose) (?P<rest>.+)", partial(_rest, "without ")),
    (
        rf"^(?:and now|now|and|but|(?:the )?same(?: thing| picture| scene)?,?(?: but)?)[, ]+{_WAY}",
        partial(_rest, ""),
    ),
    (rf"^{_BIT}(?P<rest>{_COMPARED})$", partial(_rest, "")),
)
"""How a change is asked for → the words that are added to the picture's."""


def asked_change(text: str) -> str | None:
    """The words that a wish to change the last picture adds to it; None when the text is no such wish."""
    wish = _POLITE.sub("", re.split(r"[?!.\n]", text.strip(), maxsplit=1)[0]).strip(" ,")
    for pattern, words in CHANGES:
        found = re.search(pattern, wish, re.IGNORECASE)
        if found:
            return re.sub(r"\bcolor", "colour", words(found)).strip(" ,")
    return None


def change_scene(scene: str, change: str) -> str:
    """The scene's words with a change added once."""
    return scene if scene.endswith(f", {change}") else f"{scene.rstrip(' .,')}, {change}"
