"""Turns of speech that wishes are made of, as expressions: politeness, words for pictures. Pure."""

import re

PICTURE = r"(?:picture|photo|photograph|image|pic|painting|drawing|selfie|portrait|scene|view|snapshot)s?"
MEDIUM = (
    r"(?:picture|photo|photograph|image|painting|watercolou?r|sketch|drawing|cartoon|comic|poster|postcard|"
    r"engraving|etching|collage|version)s?"
)
AN_ARTICLE = r"(?:an? |the |some |your |more |another )?"
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|for me|now|then|today|tonight|thanks|thank you|if you (?:can|like|want|please)|"
    r"again|instead|vivian|ok|okay|maybe))+$",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^(?:(?:please|pls|plz|vivian)[\s,]+)+", re.IGNORECASE)


def without_politeness(text: str) -> str:
    """Return the text without `please`, `for me`, `now` and the like at its ends."""
    return _HEAD.sub("", _TAIL.sub("", re.sub(r"\s+", " ", text.strip())))
