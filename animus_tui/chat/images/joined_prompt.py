"""Which words are joined to those of an image: what the character looks like, and the style of the conversation.

They are joined to the prompt of each new image, so that all images of a conversation look alike:

    watercolour painting of  a boat at dawn  , a woman of 30 with red hair  , soft light
    (style prefix)           (own words)       (appearance)                   (style suffix)

What the user asks for gets all of it; the form shows it first, and `--plain` leaves it out. An image that a reply
promises need not show the character: its appearance is left out where the model says so, or else where the words
clearly show a scene without anybody. Words that stand in the prompt already are not joined once more. An edit and a
video get nothing of it: their words say what is to be changed of an image, and that one has its looks.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from msgspec import Struct

from animus_tui.characters.macros import filled
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions, from_record
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.config.schema import Config

Look = Literal["appearance", "style"]
"""What is joined to the own words of a prompt."""
Origin = Literal["prompt", "appearance", "style prefix", "style suffix"]
"""Where a part of a joined prompt comes from; `prompt`: its own words, the user's or those of a promise."""
ALL_LOOKS: frozenset[Look] = frozenset({"appearance", "style"})
NO_LOOKS: frozenset[Look] = frozenset()

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


class Part(NamedTuple):
    """A piece of a joined prompt."""

    text: str
    origin: Origin


class Looks(Struct, frozen=True, kw_only=True):
    """What is joined to the prompts of one conversation, and the numbers that go with it."""

    appearance: str = ""
    """What the character looks like; empty where that is not said."""
    character: str = ""
    """The character's name."""
    style: str = ""
    """Name of the style; empty where there is none."""
    prefix: str = ""
    """Stands before the words."""
    suffix: str = ""
    """Stands behind them."""
    options: PictureOptions = NO_OPTIONS
    """Size, steps, guidance and negative prompt of the style."""

    def without(self, left_out: Collection[Look]) -> Looks:
        """The rest, where some of it is left out."""
        return Looks(
            appearance="" if "appearance" in left_out else self.appearance,
            character=self.character,
            **{} if "style" in left_out else self._style(),
        )

    def _style(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("style", "prefix", "suffix", "options")}

    def parts(self, prompt: str) -> list[Part]:
        """The parts of the prompt with these words, in order; what stands in the words already is not there."""
        around = (
            Part(self.prefix, "style prefix"),
            Part(prompt, "prompt"),
            Part(self.appearance, "appearance"),
            Part(self.suffix, "style suffix"),
        )
        return [part for part in around if part.origin == "prompt" or not _holds(prompt, part.text)]

    def sent_prompt(self, prompt: str) -> str | None:
        """What is sent in place of the prompt; None where nothing is joined to it."""
        parts = self.parts(prompt)
        return joined(parts) if len(parts) > 1 else None


def joined(parts: list[Part]) -> str:
    """The prompt that these parts make, with commas between them where the words do not go on by themselves."""
    text = ""
    for part in parts:
        words = part.text.strip()
        if text and words:
            goes_on = _GOES_ON.search(text) or text[-1] in ".!?。！？…"
            text = f"{text} {words}" if goes_on else f"{text.rstrip(',;')}, {words}"
        else:
            text = text or words
    return text


def looks_of(settings: ConversationSettings, holds: Config) -> Looks:
    """What is joined in a conversation with these settings; `holds` is the configuration that holds in it."""
    chat, style = holds.chat, settings.style or {}
    name = settings.nickname or chat.name
    appearance = filled(
        chat.appearance or "",
        char=name,
        user=holds.user.name or "",
        today=dt.datetime.now().astimezone().date(),
    )
    return Looks(
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
