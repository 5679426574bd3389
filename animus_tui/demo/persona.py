"""Vivian, the persona of the demo: a pure function from the messages of a request to the answer.

There is no model behind it. What it says stands in `persona.toml`: the first reply there that fits the user's words is
used, by a phrase with little else around it, or by one of the `CONDITIONS`. Which of a reply's answers is said depends
on a hash of the messages, so that the same conversation always gets the same answer. The persona knows the user's name
and the last picture, both from the messages.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from animus_tui.demo import wishes
from animus_tui.demo.data import data_file

Turns = tuple[str, ...]
Option = TypeVar("Option", str, Turns)
LONG_WORDS, LONG_LINES = 100, 4
"""A message with more words, or with as many lines, is not looked up."""
SHOWN_CHARACTERS = 120
"""How much of the user's words is repeated in an answer."""
LONG_TURN = 160
"""Characters; an answer with a longer message is written in paragraphs."""
MOST_ANSWERS = 4
"""How many answers there are to the same words, at most."""
GO_ON = "(Please go on exactly where"
"""How the client asks for the rest of an answer."""
_WISH = re.compile(r"\n\n\(Please answer like this: (.+)\)\s*\Z", re.DOTALL)
"""How the client says behind the user's words what the answer is to be."""
_IMAGE = re.compile(r"""<image\s+description=(?:"([^"]*)"|'([^']*)')\s*/?>""")
_PLACEHOLDER = re.compile(r"\{(name|picture|subject|change)\}")
_SHORT_FORMS = {"'m ": " am ", "'re ": " are ", "'s ": " is ", "'d ": " would ", "'ll ": " will "}


class ToolCall(Struct, frozen=True):
    """A function that is to be called; `arguments` is JSON text."""

    name: str
    arguments: str


class Reply(Struct, frozen=True, kw_only=True):
    """One answer, before it takes a form of the wire."""

    turns: Turns
    """Short messages in order; empty when the answer has no text."""
    content: str
    """The whole text."""
    next: bool = False
    """The persona would like to go on unasked."""
    image_prompt: str | None = None
    reasoning: str | None = None
    compliance: Turns = ()
    """Categories of the content check that the user's words fell under."""
    tool_calls: tuple[ToolCall, ...] = ()
    credits: float | None = None
    """What the account has from now on; None leaves it alone."""


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the replies of the data file, whose comments tell what each field is."""

    about: str
    says: tuple[Turns, ...]
    phrases: Turns = ()
    room: int = 5
    only: Turns = ()
    fits: str | None = None
    scenes: Turns = ()
    prompts: Turns = ()
    then: tuple[Turns, ...] = ()
    """What is said when the persona is to go on unasked."""
    next: bool = False
    compliance: str | None = None
    credits: float | None = None


class Sayings(Struct, frozen=True):
    """The part of the data file that is not about pictures."""

    closing: tuple[Turns, ...]
    carrier: Turns
    questions: frozenset[str]
    names: Turns
    replies: tuple[Row, ...]


@cache
def sayings() -> Sayings:
    """What the persona says."""
    return msgspec.convert(data_file("persona"), Sayings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What the persona knows of a conversation."""

    said: str
    """The user's last message, trimmed."""
    earlier: Turns
    """The user's messages before that, oldest first."""
    recent: Turns
    """The last two messages of the assistant."""
    picture: str | None
    """What the last picture shows, with all its changes."""
    picture_is_last: bool
    """The assistant's last message is a picture."""
    follow_ups: int
    """Messages of the assistant behind the user's last; 0 when the user waits for an answer."""
    tool_result: str | None
    """What a tool answered, when that is the last message."""
    digest: bytes
    """Hash of the messages."""
    pictures: bool
    """Pictures may be promised."""
    tools: Turns
    """Names of the functions that may be called."""
    wish: str = ""
    """What the answer is to be, such as `shorter`; it stands behind the user's words."""
    attempt: int = 0
    """How often the same was asked before, so that another answer is wanted."""

    @property
    def name(self) -> str | None:
        """The name that the user told last."""
        return next(filter(None, map(told_name, (self.said, *reversed(self.earlier)))), None)

    @property
    def scene(self) -> str | None:
        """What the user asks to see; empty for any picture."""
        return wishes.asked_scene(self.said)

    @property
    def change(self) -> str | None:
        """What the user wants changed about the last picture."""
        return wishes.asked_change(self.said, right_after=self.picture_is_last)

    @property
    def again(self) -> bool:
        """The user wants the picture that was just sent once more."""
        return self.picture_is_last and wishes.asks_again(self.said)

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options: the first at the beginning of a conversation, later none that was just said."""
        if not self.recent:
            return options[self.attempt % len(options)]
        fresh = self._not_in(self.recent, options) or self._not_in(self.recent[-1:], options) or options
        drawn = int.from_bytes(blake2b(self.digest + repr(options).encode()).digest())
        return fresh[(drawn + self.attempt) % len(fresh)]

    @staticmethod
    def _not_in(messages: Turns, options: Sequence[Option]) -> list[Option]:
        return [each for each in options if not all(turn in "\n".join(messages) for turn in each)]


def listen(
    messages: Sequence[Mapping[str, object]], *, pictures: bool, tools: Sequence[str], attempt: int = 0
) -> Talk:
    """What there is to know from the messages of a request; `attempt` is how often the same was asked before."""
    spoken = [
        (str(m.get("role")), str(m.get("content") or "")) for m in messages if m.get("role") != "system"
    ]
    wish = _WISH.search(spoken[-1][1]) if spoken and spoken[-1][0] == "user" else None
    if wish is not None:
        spoken[-1] = "user", spoken[-1][1][: wish.start()]
    users = [text for role, text in spoken if role == "user"]
    assistants = [text for role, text in spoken if role == "assistant"]
    follow_ups = 0
    while follow_ups < len(spoken) and spoken[-1 - follow_ups][0] == "assistant":
        follow_ups += 1
    return Talk(
        said=users[-1].strip() if users else "",
        earlier=tuple(users[:-1]),
        recent=tuple(assistants[-2:]),
        picture=last_picture(assistants),
        picture_is_last=bool(assistants) and _IMAGE.search(assistants[-1]) is not None,
        follow_ups=follow_ups,
        tool_result=spoken[-1][1] if spoken and spoken[-1][0] == "tool" else None,
        digest=blake2b(repr(spoken).encode()).digest(),
        pictures=pictures,
        tools=tuple(tools),
        wish=wish[1].strip() if wish is not None else "",
        attempt=attempt + (wish is not None),
    )


def last_picture(texts: Sequence[str]) -> str | None:
    """What the last picture in the messages shows. The description of an edit is its instruction."""
    scene: str | None = None
    for description in (html.unescape("".join(found)) for text in texts for found in _IMAGE.findall(text)):
        instruction = description.removeprefix("Modified: ")
        if scene is not None and instruction != description:
            scene = wishes.merged(scene, wishes.asked_change(instruction, right_after=True) or instruction)
        elif not description.startswith("!"):
            scene = instruction
    return scene


def told_name(text: str) -> str | None:
    """The name by which somebody introduces themselves in a text."""
    for sentence in wishes.sentences(text):
        lead, rest = wishes.after_phrase(wishes.trimmed(sentence), sayings().names) or ("", [])
        name = rest[0].strip(wishes.PUNCTUATION) if rest else ""
        is_told = lead.startswith("my name") or (len(rest) == 1 and name[:1].isupper())
        if is_told and len(name) <= 30 and re.fullmatch(r"[^\W\d_][^\W\d_'-]*", name):
            return name[0].upper() + name[1:]
    return None


def normal(text: str) -> str:
    """The words at the beginning of a text as the phrases of the data file are written."""
    text = f" {text[: wishes.READ_CHARACTERS].lower()} ".replace("’", "'")
    for short, long in _SHORT_FORMS.items():
        text = text.replace(short, long)
    return " ".join(re.findall(r"[^\W_]+", text))


def _is_long(talk: Talk) -> bool:
    words, lines = len(talk.said.split()), talk.said.count("\n") + 1
    too_long = len(talk.said) > wishes.READ_CHARACTERS or words > LONG_WORDS or lines >= LONG_LINES
    return too_long or "```" in talk.said


CONDITIONS: Mapping[str, Callable[[Talk], bool]] = {
    "command": lambda talk: re.match(r"!\w", talk.said) is not None,
    "wordless": lambda talk: not normal(talk.said),
    "long": _is_long,
    "name": lambda talk: told_name(talk.said) is not None,
    "switched off": lambda talk: (
        not talk.pictures
        and (talk.scene is not None or talk.again or (talk.picture is not None and talk.change is not None))
    ),
    "no picture": lambda talk: talk.picture is None and talk.change is not None,
    "again": lambda talk: talk.again,
    "change": lambda talk: talk.change is not None,
    "picture": lambda talk: talk.scene is not None,
    "question": lambda talk: talk.said.endswith("?") or normal(talk.said).split()[0] in sayings().questions,
    "anything": lambda _talk: True,
}


def _fits(row: Row, talk: Talk) -> bool:
    if row.fits is not None:
        return CONDITIONS[row.fits](talk) and (not row.scenes or wishes.key(talk.scene or "") in row.scenes)
    said = normal(talk.said)
    room = len(said.split()) - row.room
    return said in row.only or any(
        f" {phrase} " in f" {said} " and len(phrase.split()) >= room for phrase in row.phrases
    )


def _prompt(row: Row, talk: Talk) -> str | None:
    """The words of the picture that a row promises."""
    match row.fits:
        case "picture":
            details = wishes.details(talk.scene or "") if "" in row.scenes else ""
            chosen = talk.pick(row.prompts) if row.prompts else _capital(talk.scene or "")
            return f"{chosen}, {details}" if details else chosen
        case "change":
            return wishes.merged(talk.picture or "", talk.change or "")
        case "again":
            return talk.picture
        case _:
            return None


def _says(options: Sequence[Turns], talk: Talk) -> list[Turns]:
    """The answers whose placeholders are known, filled in."""
    values: dict[str, Any] = {
        "name": talk.name,
        "picture": talk.picture,
        "subject": (talk.scene or "").partition(": ")[0],
        "change": talk.change,
    }
    known = [each for each in options if all(values[key] for key in _PLACEHOLDER.findall("".join(each)))]
    return [tuple(_filled(turn, values) for turn in option) for option in known]


def _filled(turn: str, values: Mapping[str, Any]) -> str:
    def shown(found: re.Match[str]) -> str:
        text: str = values[found[1]]
        return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1].rstrip()}…"

    return _capital(_PLACEHOLDER.sub(shown, turn).strip())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def spoken(turns: Turns, reasoning: str | None = None) -> Reply:
    """An answer of these messages and nothing else."""
    are_short = all(len(turn) < LONG_TURN and "\n" not in turn for turn in turns)
    return Reply(turns=turns, content=(" " if are_short else "\n\n").join(turns), reasoning=reasoning)


def as_wished(reply: Reply, wish: str) -> Reply:
    """The answer as it is wished; all that can be done about it is to say less."""
    if not any(word in wish.lower() for word in ("short", "brief", "less")) or not reply.turns:
        return reply
    first = reply.turns[0].strip().splitlines()[0]
    sentence = re.match(r".+?[.!?](?=\s|$)", first)
    brief = spoken((sentence[0] if sentence is not None else first,), reply.reasoning)
    return msgspec.structs.replace(reply, turns=brief.turns, content=brief.content, next=False)


def rest_of(messages: Sequence[Mapping[str, object]], reply: Callable[[Talk], Reply]) -> str | None:
    """What is left of the last answer when the user asks for that; None when something else was said."""
    if len(messages) < 2 or not str(messages[-1].get("content") or "").startswith(GO_ON):
        return None
    begun = str(messages[-2].get("content") or "")
    for attempt in range(MOST_ANSWERS):
        whole = reply(listen(messages[:-2], pictures=True, tools=(), attempt=attempt)).content
        if whole.startswith(begun) and whole != begun:
            return whole[len(begun) :]
    return "… and that was all I wanted to say."


def respond(talk: Talk) -> Reply:
    """The answer to what was said: the first row of the data file that fits, or what goes on from there."""
    if talk.tool_result is not None:
        told = talk.tool_result.strip() or "nothing at all"
        return spoken(
            ("Thank you, that is what I needed.", f"The tool says: {told}"), "The tool has answered."
        )
    if talk.said.lower().startswith("!fault"):
        return spoken(sayings().carrier, "The user tries out a fault.")
    row, options = next(
        (row, options) for row in sayings().replies if _fits(row, talk) and (options := _says(row.says, talk))
    )
    if talk.follow_ups:
        going_on = _says(row.then, talk) if talk.follow_ups == 1 else []
        return spoken(
            talk.pick(going_on or sayings().closing), f"I go on about {row.about}, and then I stop."
        )
    reply = spoken(talk.pick(options), f"The user's words read like {row.about}.")
    return msgspec.structs.replace(
        reply,
        next=row.next,
        image_prompt=_prompt(row, talk),
        compliance=(row.compliance,) if row.compliance else (),
        credits=row.credits,
    )
