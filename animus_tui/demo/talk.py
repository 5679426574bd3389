"""What the persona knows when it answers, and what an answer is: pure values."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

from animus_tui.demo.changes import asked_change, change_scene

T = TypeVar("T")
_DULL = """
about after again all also always another anything around because been before being between both could
days did does doing done down each else even ever every everything feel from gave give going gone good
have having hello here into its just kind know last like little lots made make many maybe might more
most much must need never nothing once only other over please really said same seem should show some
something still such sure take tell thanks that than their them then there these they thing things think
this those though today told tomorrow very want wants well went were what when where which while will
with without would yesterday your you're you've i've don't can't it's that's doesn't isn't
"""
DULL = frozenset(_DULL.split())

READ_FOR_A_NAME = 500
"""Characters of a message; who introduces themselves does so at the beginning."""
_PICTURE = re.compile(r"""<image\s+description=(?:"([^"]*)"|'([^']*)')\s*/?>""")
_NAME = re.compile(
    r"\b(?i:my name is|my name's|call me|i am called|i'm called) (?P<said>[^\W\d_][\w'-]{0,30})|"
    r"^(?:(?i:hi|hey|hello)[,!.]? )?(?:I'm|I am|i'm) (?P<short>[A-Z][a-z'-]{1,30})(?:[.!,]+(?: .*)?)?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A function that the model asks to be called."""

    name: str
    arguments: str
    """JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer, before it is put on the wire."""

    turns: tuple[str, ...]
    """Short messages in order; empty when the answer has no text."""
    content: str
    """The whole text."""
    next: bool = False
    """The persona would like to go on unasked."""
    image_prompt: str | None = None
    reasoning: str | None = None
    compliance: tuple[str, ...] = ()
    """Categories that the user's words fell under."""
    tool_calls: tuple[ToolCall, ...] = ()
    credits: float | None = None
    """What the account has from now on; None leaves it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The conversation as the persona sees it."""

    said: str
    """The user's last words, trimmed."""
    words: int
    """How many words the user's last message has, also when not all of it is read."""
    earlier: tuple[str, ...]
    """The user's words before that, oldest first."""
    recent: tuple[str, ...]
    """The last two assistant messages."""
    picture: str | None
    """What the last picture shows, with all its changes."""
    first_picture: str | None
    """What the first picture shows."""
    picture_is_last: bool
    """The last thing the assistant sent was a picture."""
    follow_ups: int
    """Assistant messages after the user's last words; 0 when the user waits for an answer."""
    tool_result: str | None
    """What a tool answered, when that is the last message."""
    digest: bytes
    """Hash of the messages: the same conversation gets the same answer."""
    pictures: bool
    """The client lets the server promise pictures."""
    tools: tuple[str, ...]
    """Names of the functions that may be called."""

    @property
    def name(self) -> str | None:
        """The name that the user told, latest first."""
        return next(filter(None, map(told_name, (self.said, *reversed(self.earlier)))), None)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options: the same for the same conversation, none that the last two messages used.

        The first words of a conversation get the first option.
        """
        if not self.recent:
            return options[0]
        fresh = [option for option in options if not self._just_said(option)] or list(options)
        dice = blake2b(self.digest + repr(options).encode(), digest_size=8).digest()
        return fresh[int.from_bytes(dice) % len(fresh)]

    def _just_said(self, option: object) -> bool:
        lines = option if isinstance(option, tuple) else (option,)
        return any(all(_skeleton(str(line)) in message for line in lines) for message in self.recent)


def salient(text: str) -> str:
    """The word of a text that stands out: the longest that is not an everyday one; empty when there is none."""
    words = [
        word
        for word in re.findall(r"[^\W\d_][\w'-]*", text)
        if word.lower() not in DULL and 3 < len(word) < 25
    ]
    return max(words, key=len, default="")


def told_name(text: str) -> str | None:
    """The name that someone introduces themselves with in `text`."""
    found = _NAME.search(text[:READ_FOR_A_NAME])
    name = found and (found["said"] or found["short"])
    return name[0].upper() + name[1:] if name else None


def listen(messages: Sequence[Mapping[str, object]], *, pictures: bool, tools: Sequence[str]) -> Talk:
    """What there is to know from the messages of a request."""
    spoken = [(str(m.get("role")), _text(m.get("content"))) for m in messages if m.get("role") != "system"]
    users = [text for role, text in spoken if role == "user"]
    assistants = [text for role, text in spoken if role == "assistant"]
    trailing = 0
    while trailing < len(spoken) and spoken[-1 - trailing][0] == "assistant":
        trailing += 1
    said = users[-1].strip() if users else ""
    last_role, last_text = spoken[-1] if spoken else ("user", "")
    return Talk(
        said=said,
        words=len(said.split()),
        earlier=tuple(users[:-1]),
        recent=tuple(assistants[-2:]),
        picture=_last_picture(assistants),
        first_picture=_last_picture(
            assistants[: 1 + next((i for i, t in enumerate(assistants) if _PICTURE.search(t)), 0)]
        ),
        picture_is_last=bool(assistants) and _PICTURE.search(assistants[-1]) is not None,
        follow_ups=trailing,
        tool_result=last_text if last_role == "tool" else None,
        digest=blake2b(repr(spoken).encode(), digest_size=16).digest(),
        pictures=pictures,
        tools=tuple(tools),
    )


def _text(content: object) -> str:
    return content if isinstance(content, str) else ""


def _skeleton(text: str) -> str:
    """The words of a line before the first place where a name or a subject is filled in."""
    return text.split("{", 1)[0].strip()


def _last_picture(texts: Sequence[str]) -> str | None:
    """What the last picture shows. An edit's description is its instruction, applied to what came before."""
    scene: str | None = None
    shown = ("".join(found) for text in texts for found in _PICTURE.findall(text))
    for description in map(html.unescape, shown):
        if description.startswith("!"):
            continue
        instruction = description.removeprefix("Modified: ")
        if scene is not None and instruction != description:
            scene = change_scene(scene, asked_change(instruction, scene) or instruction)
        else:
            scene = instruction
    return scene
