"""What is joined to the prompt of an image: the appearance of the character, and the style of the conversation.

They are joined to the prompt of each new image, so that all images of a conversation look alike:

    watercolour painting of  a boat at dawn  , a woman of 30 with red hair  , soft light
    (style prefix)           (own words)       (appearance)                   (style suffix)

What the user asks for gets all of it; the form shows it first, and `--plain` leaves it out. An image that a reply
promises need not show the character: its appearance is left out where the model says so, or else where the words
clearly show a scene without anybody. Words that stand in the prompt already are not joined once more. An edit and a
video get nothing of it: their words say what is to be changed of an image, which has its own appearance and style.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.characters.macros import filled
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions, from_record
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.config.schema import Config

Addition = Literal["appearance", "style"]
"""What is joined to the own words of a prompt."""
ALL_LEFT_OUT: frozenset[Addition] = frozenset({"appearance", "style"})
NONE_LEFT_OUT: frozenset[Addition] = frozenset()

_GOES_ON = late_pattern(
    r"(?:[,;:(\-–—]|\b(?:of|a|an|the|with|in|by|showing|depicting|from|von|mit|eine?s?|de|du|une?|di|con))\Z",
    re.IGNORECASE,
)
"""How a prefix ends behind which the words follow without a comma."""
_PEOPLE = (
    r"\b(?:selfie|self-portrait|portrait|myself|me|my|i|you|your|she|he|her|his|him|woman|man|girl|boy|lady|guy|person|"
    r"people|somebody|someone|face|couple|friends?|character|ich|mich|mir|mein\w*|selbstporträt|porträt|frau|mann|"
    r"mädchen|junge|moi|femme|homme|mí|yo|mujer|hombre|io|donna|uomo)\b|自撮り|自拍|селфи"
)
_NOBODY = (
    r"\b(?:nobody|no[ -]?one|no (?:people|person|humans?|figures?)|without (?:people|anybody|anyone|a person)|deserted|"
    r"uninhabited|unpeopled|niemand|menschenleer\w*|personne)\b"
)
_SCENES = (
    r"\b(?:landscape|seascape|cityscape|skyline|panorama|still life|background|wallpaper|scenery|view|nature|"
    r"sunsets?|sunrises?|dawn|dusk|sky|skies|clouds?|stars?|moon|sea|ocean|waves?|lakes?|rivers?|waterfalls?|beach|"
    r"beaches|coast|shore|harbou?rs?|islands?|mountains?|hills?|valleys?|fields?|meadows?|forests?|woods|trees?|"
    r"gardens?|flowers?|roses?|desert|snow|storm|rain|city|cities|towns?|villages?|streets?|buildings?|houses?|cottages?|"
    r"castles?|bridges?|lighthouses?|rooms?|kitchens?|interior|boats?|ships?|cars?|trains?|food|meals?|dish(?:es)?|cakes?|"
    r"coffee|fruits?|cats?|dogs?|pupp(?:y|ies)|kittens?|birds?|foxe?s?|horses?|animals?|maps?|logos?|diagrams?|"
    r"landschaft|sonnenuntergang|sonnenaufgang|meer|strand|berge?|wald|himmel|stadt|paysage|mer|plage|montagnes?|"
    r"paisaje|atardecer|playa|mar|paesaggio|tramonto|mare)\b"
)


class PromptAdditions(Struct, frozen=True, kw_only=True):
    """What is joined to the prompts of one conversation, and the numbers that go with it."""

    appearance: str = ""
    """What the character looks like; empty where that is not known."""
    character: str = ""
    """The character's name."""
    style: str = ""
    """Name of the style; empty where there is none."""
    prefix: str = ""
    """Stands before the prompt."""
    suffix: str = ""
    """Stands behind it."""
    options: PictureOptions = NO_OPTIONS
    """Size, steps, guidance and negative prompt of the style."""

    def without(self, left_out: Collection[Addition]) -> PromptAdditions:
        """The rest, where some of it is left out."""
        rest = self
        if "appearance" in left_out:
            rest = replace(rest, appearance="")
        if "style" in left_out:
            rest = replace(rest, style="", prefix="", suffix="", options=NO_OPTIONS)
        return rest

    def sent_prompt(self, prompt: str) -> str | None:
        """What is sent in place of the prompt; None where nothing is joined to it.

        There are commas between the parts, unless one ends so that the next goes on from it.
        """
        prefix, appearance, suffix = (
            "" if _holds(prompt, text) else text for text in (self.prefix, self.appearance, self.suffix)
        )
        if not (prefix or appearance or suffix):
            return None
        sent = ""
        for words in filter(None, map(str.strip, (prefix, prompt, appearance, suffix))):
            if sent and (_GOES_ON.search(sent) or sent[-1] in ".!?。！？…"):
                sent = f"{sent} {words}"
            else:
                sent = f"{sent.rstrip(',;')}, {words}" if sent else words
        return sent


def additions_of(settings: ConversationSettings, holds: Config) -> PromptAdditions:
    """What is joined in a conversation with these settings; `holds` is the configuration that holds in it."""
    chat, style = holds.chat, settings.style or {}
    name = settings.nickname or chat.name
    appearance = filled(
        chat.appearance or "",
        char=name,
        user=holds.user.name or "",
        today=dt.datetime.now().astimezone().date(),
    )
    return PromptAdditions(
        appearance=" ".join(appearance.split()),
        character=chat.name,
        style=_words(style.get("name")),
        prefix=_words(style.get("prefix")),
        suffix=_words(style.get("suffix")),
        options=_options(style),
    )


def shows_character(description: str, name: str, told: bool | None = None) -> bool:
    """Whether a promised picture shows the character of this name; `told` is what the model said of that.

    Where it said nothing, it does, unless the words clearly show a scene without anybody.
    """
    if told is not None:
        return told
    if _finds(_NOBODY, description):
        return False
    names = [name, *name.split()]
    if any(
        re.search(rf"(?<!\w){re.escape(each)}(?!\w)", description, re.IGNORECASE) for each in names if each
    ):
        return True
    return _finds(_PEOPLE, description) or not _finds(_SCENES, description)


def _finds(words: str, text: str) -> bool:
    # Compiled when it is first needed: a start should not pay for it.
    return re.search(words, text, re.IGNORECASE) is not None


def own_words(text: str, prompt: str, sent: str | None) -> tuple[str, str | None]:
    """Own words and sent prompt of a text that was edited; `prompt` and `sent` are what it was before.

    The text is sent as it is. Where all that was joined to the words still stands around them, they are known.
    """
    before, found, behind = (sent or "").partition(prompt.strip())
    if sent and found and text.startswith(before) and text.endswith(behind):
        words = text[len(before) : len(text) - len(behind)].strip()
        if words and len(text) >= len(before) + len(behind):
            return words, text if text != words else None
    return text, None


def _holds(prompt: str, words: str) -> bool:
    """Whether words stand in a prompt, whatever the case and the spaces; words that say nothing stand in each."""
    return " ".join(words.split()).strip(" ,;.").casefold() in " ".join(prompt.split()).casefold()


def _words(value: object) -> str:
    """A text of a style, which is kept as it was written."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def _options(style: Mapping[str, Any]) -> PictureOptions:
    """The numbers of a style; what is not allowed is left out."""
    size = style.get("size")
    width, _, height = size.lower().partition("x") if isinstance(size, str) else ("", "", "")
    is_size = width.isdecimal() and height.isdecimal()
    return from_record(
        {
            "width": int(width) if is_size else style.get("width"),
            "height": int(height) if is_size else style.get("height"),
            "num_inference_steps": style.get("steps"),
            "guidance_scale": style.get("guidance"),
            "negative_prompt": style.get("negative") or None,
        }
    )
