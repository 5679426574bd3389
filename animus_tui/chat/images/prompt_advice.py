"""Advice on the words of a picture before it is paid for. Pure, and silent about all that it cannot judge.

A prompt is vague when every one of its words is English and known here, and none of them says what is to be seen:
“something cool”, “a picture”, “make it look good”. One word that is not known may be all that matters, so a prompt
in another language, a name or a rare animal is never questioned; nor is one of several lines or of many words.
"""

from __future__ import annotations

import re
from typing import Final

MOST_WORDS = 12
"""Words of a prompt up to which it may be vague; a longer one is never questioned."""

_FILLERS: Final = """
    a an the this that these those it its me my mine us our you your i we one some any please can could would will
    want wanna need like give get got show make makes making create draw paint generate render do be is are was let
    see have has up out with of for to in on at and or but so very really super extra more most much too just
    kind sort type look looks looking good way as if then now again new other another different
    random surprise whatever anything something stuff thing things everything else idea ideas
    """
_VAGUE: Final = """
    cool nice great good better best awesome amazing epic beautiful pretty lovely fantastic incredible wonderful
    stunning gorgeous perfect interesting fun funny creative unique special original fancy neat sweet impressive
    fine okay ok wow crazy wild unusual pleasant attractive professional quality high hq hd uhd 4k 8k ultra detailed
    details masterpiece resolution
    image images picture pictures pic pics photo photos photograph drawing drawings painting paintings art artwork
    illustration illustrations render rendering graphic graphics wallpaper background scene visual visuals
    """
_LIGHT: Final = """
    light lights lighting lit sunset sunrise dawn dusk twilight night nighttime daylight sunlight sunlit moonlight
    moonlit candlelight backlit backlight golden hour blue neon shadow shadows bright dark dim soft warm cold glow
    glowing morning evening noon overcast foggy misty
    """
_STYLE: Final = """
    style styled watercolor watercolour oil acrylic pencil charcoal ink pastel sketch sketchy cartoon comic anime manga
    realistic photorealistic hyperrealistic realism cinematic film analog vintage retro minimalist minimal abstract
    surreal impressionist impressionism expressionist baroque cubist gouache lineart pixel isometric 3d cgi
    noir monochrome black white colour color colours colors colourful colorful vector
    """
FILLERS, VAGUE, LIGHT, STYLE = (frozenset(words.split()) for words in (_FILLERS, _VAGUE, _LIGHT, _STYLE))
KNOWN = FILLERS | VAGUE | LIGHT | STYLE
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PLAIN = re.compile(r"[\w\s'’.,;:!?…()\"“”-]*")
"""Letters, digits and the marks between them; what holds anything else, such as an emoji, may mean anything."""


def advice(prompt: str, *, is_edit: bool = False) -> str | None:
    """What a vague prompt leaves open, as one sentence; None when there is nothing to say.

    `is_edit`: the words say what is to be changed in a picture that is there.
    """
    text = prompt.strip()
    if "\n" in text or "\r" in text or not _PLAIN.fullmatch(text):
        return None
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words or len(words) > MOST_WORDS or not KNOWN.issuperset(words):
        return None
    names_light, names_style = not LIGHT.isdisjoint(words), not STYLE.isdisjoint(words)
    if is_edit:
        if names_light or names_style:  # a change that can be made
            return None
        return (
            "A change needs words for it: what is to be other than it is, and how. "
            "Enter again makes it as it is."
        )
    missing = ["what is to be seen", "where"]
    if not names_light:
        missing.append("in what light")
    if not names_style:
        missing.append("in which style")
    told = ", ".join(missing[:-1]) + f" and {missing[-1]}"
    return f"A clearer picture needs words for it: {told}. Enter again sends it as it is."
