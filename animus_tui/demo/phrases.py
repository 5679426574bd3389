"""Turns of speech that wishes are made of, as expressions: politeness, words for pictures. Pure."""

import re

from animus_tui.demo.painting.words import listed

PICTURE = r"(?:picture|photo|photograph|image|pic|painting|drawing|selfie|portrait|scene|view|snapshot)s?"
MEDIUM = (
    r"(?:picture|photo|photograph|image|painting|watercolou?r|sketch|drawing|cartoon|comic|poster|postcard|"
    r"engraving|etching|collage|version)s?"
)
AN_ARTICLE = r"(?:an? |the |some |your |more |another )?"
TALKING = listed(
    "i you he she we they it me him her us them my your his our their is are was were be been am has "
    "have had do does did go goes went come came see saw seen sent send get got said say says told "
    "tell know think want like love hate need eat ate live lives lived make made generate create "
    "paint draw drew die died lost met work worked visited bought can could will would should must "
    "good that this what why how who when where"
)
"""What makes a sentence of a few words, so that it is not just the name of a scene."""
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|for me|now|then|today|tonight|thanks|thank you|if you (?:can|like|want|please)|"
    r"again|instead|vivian|ok|okay|maybe))+$",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^(?:(?:please|pls|plz|vivian)[\s,]+)+", re.IGNORECASE)


def without_politeness(text: str) -> str:
    """Return the text without `please`, `for me`, `now` and the like at its ends."""
    return _HEAD.sub("", _TAIL.sub("", re.sub(r"\s+", " ", text.strip())))
