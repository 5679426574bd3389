"""What someone asks to see → the words of a picture. Pure."""

import re

from animus_tui.demo.painting.scene import read_scene
from animus_tui.demo.painting.words import listed
from animus_tui.demo.phrases import PICTURE, TALKING, without_politeness

_LETTER = r"(?:e-?mail|message|link|file|text|note|letter|money|bill|invoice|sms|code|document|pdf|reminder)"
_FILLERS = (
    r"(?:(?:hi|hey|hello|ok(?:ay)?|yes|yeah|yep|sure|no|nope|well|now|then|great|nice|cool|thanks|"
    r"thank you|please|pls|"
    r"so|and|but|oh|wow|vivian|actually|maybe|perhaps|just|good|perfect|first|next|instead|lovely|"
    r"hmm?)\b[,!.:…]*\s*)*"
)
_BEGIN = rf"(?:^|[.!?…;:,()\n]\s*|\b(?:and|then|now|but|so)\s+){_FILLERS}"
_YOU = (
    r"(?:(?:can|could|would|will|won't|can't|couldn't) (?:you|u) (?:(?:please|maybe|also|just|kindly|"
    r"now|possibly|"
    r"perhaps|try to|go ahead and)\s+)*|"
    r"(?:i want|i'd like|i would like|i'd love|i would love|i need|i wish) (?:you|u) to |"
    r"(?:would|do) you mind (?=\w+ing)|why don't you |how about you |are you able to |is it possible to |"
    r"(?:feel free|try|go ahead and|please|let's|do you want|would you like|would you be able)\s+(?:to )?)?"
)
_A = r"(?:(?:a|an|another|some|the|one|one more|any|your)\s+)?(?:\w+ ){0,2}?"
_VERB = (
    r"(?:(?:draw|paint|sketch|illustrate|visuali[sz]e|imagine|drawing|painting|sketching)\b"
    r"(?: for)?(?: me| us)?(?: up)?|"
    r"show(?:ing)? (?:me|us)|let me see(?= (?:a|an|the|your|some|you|it|another|one)\b)|"
    rf"(?:generate|create|make|send|give|produce|render|do|sending|making)(?: me| us)?(?= {_A}{PICTURE}\b)|"
    r"(?:make|paint|do|draw|create)(?: me)? one(?= (?:of|with)\b)|"
    rf"send (?:me|us)(?= (?!(?:a|an|the|your|my|some)? ?{_LETTER}\b))|"
    r"surprise me\b(?: with)?|"
    r"show(?= (?:it|yourself|something|another|one)\b))"
)
_WANTING = (
    r"(?:(?:can|could|may) (?:i|we) (?:please )?(?:see|look at|have a look at)|"
    r"(?:i'd|i would) (?:like|love) to see|i (?:want|wanna|would like|wish) to see(?! my\b)|"
    r"i wanna see(?! my\b)|"
    r"let's see|let us see|"
    rf"(?:(?:i want|i'd like|i would like|i need|how about|what about|do you have|have you got|got) )?"
    rf"(?:(?:a|an|another|one more|some|now a|the)\s+)?(?:\w+ )?{PICTURE} (?:of|showing|with)\b|"
    rf"(?:an? )?(?:new |next )?{PICTURE}(?=: )|any (?:more|other) {PICTURE} (?:from|of|with)\b|"
    rf"(?:(?:do )?(?:you|u)(?: have|'ve)?(?: got)?|have (?:you|u)(?: got)?|got)(?: any| some| a| an)?"
    rf"(?: more| other| new| nice)* {PICTURE} (?:from|of|with)\b)"
)
_SEE = re.compile(rf"{_BEGIN}(?:{_YOU}{_VERB}|{_WANTING})(?!\w)\s*(?P<subject>.*)", re.IGNORECASE | re.DOTALL)
_LOOKS = re.compile(
    r"\bwhat (?:does|do|did|would) (?!(?:it|this|that)\b)(?P<subject>.+?) looks? like|"
    r"^(?:so )?(?P<self>how do you look)\b",
    re.IGNORECASE,
)
_NO_PICTURE = re.compile(
    r"^(?:how\b(?! you look)|why\b|when\b|the way\b|who\b|that\b(?! (?:again|one))|markdown|to me$|"
    r"up$|if\b|mercy\b|"
    r"(?:some |a |an |the |your )?(?:\w+ )?"
    r"(?:code|markdown|table|list|link|example|commands?|faults?|help|steps?|snippet|function|script|respect|"
    r"ropes|door|proof|evidence|source|sources|results?|sign|difference)$|"
    r"(?:a |an |the |some |any )?(?:conclusions?|comparison|distinction|parallel|line under|blank|"
    r"money|attention|"
    r"the town red|breath|bath|story|joke|poem|song)\b)",
    re.IGNORECASE,
)
_REFUSING = re.compile(
    r"(?<!why )\b(?:don't|do not|dont|never|stop|no need to|without) (?:\w+ ){0,2}?"
    r"(?:show|send|draw|paint|sketch|make|generate)(?:ing)?\b|"
    rf"^(?:please |but )?(?:no (?:more )?|stop the ){PICTURE}(?: please)?\W*$",
    re.IGNORECASE,
)
_ASKED_HOW = re.compile(
    r"\b(?:how|why|when|where|who|which) (?:do|does|did|can|could|should|would|to)\b", re.IGNORECASE
)
_MEDIUM = re.compile(
    rf"^(?:(?:a|an|another|some|the|one more|any)\s+)?(?:(?:nice|beautiful|good|new|quick|pretty|"
    rf"little|big|small|"
    rf"random|different)\s+)?{PICTURE}\b\s*(?:of\b\s*|showing\s+|with\s+|from\s+|:\s*|$)",
    re.IGNORECASE,
)
_FLATTERY = re.compile(
    r"\b(?:very |really |truly )?(?:beautiful|nice|pretty|lovely|gorgeous|amazing|wonderful|cool)\s+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^an?\s+(?=(\w))", re.IGNORECASE)
_SELF = re.compile(
    r"^(?:yourself|you|u|your face|what you look like|how you look|how do you look|(?:a |your )?selfie.*|"
    r"(?:a |your )?(?:picture|photo) of you(?:rself)?)$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"^(?:(?:what|where) you (?:see|are|live|can see).*|(?:your|ur) (?:\w+ )?(?:room|home|place|house|"
    r"view|window|"
    r"flat|apartment|city|town|garden|world|studio).*)$",
    re.IGNORECASE,
)
_ANYTHING = re.compile(
    r"|me|it|one|some|something|anything|surprise|a surprise|whatever|"
    r"(?:something|anything|what|whatever) (?:nice|else|you \w+(?: \w+)?|new|different|pretty|special|"
    r"random|beautiful)",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"(?:it|that|this|the same|the last one|that one)(?: (?:again|once more))?|another(?: one)?|"
    r"one more|more",
    re.IGNORECASE,
)

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
    r"starry|stars|milky way|galaxy|aurora|northern lights": "a sky full of stars",
    r"ocean|sea\b|beach|coast|lake|river|harbou?r|waves?": "long reflections, soft clouds",
    r"mountain|hill|valley|cliff|canyon": "layers of blue ridges, drifting mist",
    r"forest|wood|tree|jungle|garden": "shafts of light between the leaves",
    r"city|street|town|skyline|tokyo|paris|london|new york": "lit windows, reflections on wet streets",
    r"night|moon": "a sky full of stars",
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
    "A hot air balloon over green hills in the morning, long shadows, thin clouds",
    "A sailing boat on a calm bay at sunset, long reflections, soft clouds",
    "Northern lights over snowy mountains, a sky full of stars",
    "A field of lavender under a wide summer sky, gentle light",
)
SAME = "the same"
"""As a subject: the last picture, once more."""
_LIGHTS = frozenset({"sunset", "sunrise", "dusk"})
"""Hours that are a sight by themselves; `night` or `morning` alone may be a greeting."""
_GLUE = listed(
    "a an the some of and or with in on at over under by near to from into between behind before one two three "
    "little small big old young beautiful nice very huge tiny long high deep wide empty lonely"
)
_STARTERS = re.compile(
    rf"^{_FILLERS}(?:(?:i'd like|i would like|i want|how about|what about|rather|i meant|i said|"
    rf"make it|show)\s+)?"
    r"(?:(?:no,? )?not (?:the |an? |at )?[\w ]+?(?:,|;| but| rather)+ (?:but |rather )?)?",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(r",? (?:and )?not (?:the |an? )?[\w ]+$", re.IGNORECASE)


def leaves_it_open(text: str) -> bool:
    """Whether someone asks for anything: `something else`, `whatever you like`."""
    wish = without_politeness(text).strip(" ,.!?…")
    return wish != "" and _ANYTHING.fullmatch(wish) is not None


def refuses_pictures(text: str) -> bool:
    """Whether someone asks to be shown nothing."""
    return _REFUSING.search(text) is not None


def asked_subject(text: str) -> str | None:
    """What the text asks to see, cleaned; "" when it asks for any picture; None when it asks for none.

    `SAME` when it asks for the last picture once more.
    """
    looks = _LOOKS.search(text)
    if looks is not None:
        return _cleaned(looks["subject"] or looks["self"])
    found = _SEE.search(text)
    if found is None or refuses_pictures(text) or _ASKED_HOW.search(_sentence_before(text, found)):
        return None
    subject = re.split(r"[?!\n]|\.(?!\d)|…", found["subject"].strip(" ,:"), maxsplit=1)[0]
    return _cleaned(subject)


def _sentence_before(text: str, found: re.Match[str]) -> str:
    """What stands before the subject in its own sentence."""
    return re.split(r"[.?!\n]", text[: found.start("subject")])[-1]


def _cleaned(subject: str) -> str | None:
    """The subject without politeness, flattery and words for pictures; None when it is nothing to be painted."""
    if _SAME.fullmatch(subject.strip(" ,:")):
        return SAME
    subject = without_politeness(subject).strip(" ,:")
    if _NO_PICTURE.match(subject):
        return None
    if _SELF.match(subject):
        return subject
    subject = re.sub(r"^(?:what )?(.+?) looks? like$", r"\1", subject)
    subject = _FLATTERY.sub("", _MEDIUM.sub("", subject))
    subject = re.sub(r"^(?:(?:yourself|you|one|it) )?(?:as|of|with) ", "", subject, flags=re.IGNORECASE)
    if _SELF.match(subject):
        return subject
    if _SAME.fullmatch(subject):
        return SAME
    if _ANYTHING.fullmatch(subject):
        return ""
    return _ARTICLE.sub(lambda article: "an " if article[1].lower() in "aeio" else "a ", subject)


def bare_subject(text: str) -> str | None:
    """The scene that a text names and says nothing else about: `a forest`, `no, not the sea, a forest`."""
    wish = without_politeness(text).strip(" ,.!?…")
    subject = without_politeness(_AFTERWARDS.sub("", _STARTERS.sub("", wish)))
    words = re.findall(r"[^\W\d_]+", subject.lower())
    if re.fullmatch(rf"(?:an? |another |one more )?{PICTURE}", subject, re.IGNORECASE):
        return ""
    scene = read_scene(subject)
    has_article = re.match(r"(?:an?|the|some|two|three)\b", subject, re.IGNORECASE) is not None
    named = scene.places or scene.figures or scene.hour in _LIGHTS or (scene.person and has_article)
    if not 0 < len(words) <= 12 or not named or TALKING & set(words):
        return None
    unknown = [word for word in words if word not in _GLUE and not read_scene(word).says_something]
    return _cleaned(subject) if len(unknown) <= (1 if has_article else 0) else None


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
