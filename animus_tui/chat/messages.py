"""Messages and descriptions of conversations, as values. As JSON a message is an Animus history entry and our keys."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import Usage
from animus_tui.chat.conversation_settings import ConversationSettings
from animus_tui.chat.images.options import PictureOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Role = Literal["user", "assistant", "system", "tool"]
Outcome = Literal["cancelled", "failed"]
PromiseAnswer = Literal["asked", "declined"]
LONGEST_TITLE = 60
"""Characters of a title that is made from a text."""


def new_id() -> str:
    """A fresh identifier: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def now() -> str:
    """The present time as ISO 8601 UTC with milliseconds, `2026-01-31T12:00:00.000Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(timestamp: str) -> float | None:
    """An ISO 8601 timestamp as seconds since 1970, UTC where it names no zone; None where it is none."""
    try:
        at = datetime.fromisoformat(timestamp)
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def title_of(text: object) -> str:
    """The title that a conversation gets from a text: its words in one line, cut where they are many."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"


class ImageRecord(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One image, generated or attached: what it was made from, and where its bytes are."""

    prompt: str
    """Its own words, the user's or those of a promise."""
    sent_prompt: str | None = None
    """What the service was sent, where more was joined to these: appearance and style; None where nothing was."""
    url: str | None = None
    """Where the service had it; it may have expired. None for a `data:` URL, whose bytes are in the file."""
    file: str
    """Path below the conversation's folder, `images/<sha256>.png`."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What was sent beside the prompt: width, …; and the seed that was used, as soon as it is known."""
    source_url: str | None = None
    """The picture that was modified, when this is an edit."""
    source_file: str | None = None
    """Its file below the conversation's folder, where the service was given the bytes."""
    created: str = field(default_factory=now)
    """ISO 8601 UTC."""
    width: int = 0
    """Pixels, from the file's own header."""
    height: int = 0
    """Pixels, from the file's own header."""
    video: str | None = None
    """Path of a clip below the conversation's folder, `images/<sha256>.mp4`; `file` is then the picture it began as."""
    model: str | None = None
    """The image model, when the service told it."""
    cost: float | None = None
    """Credits, when the service told."""
    generation_id: str | None = None
    """The service's name of the job that made it."""
    starred: bool = False
    """Whether the user gave it a star in the gallery."""

    @property
    def is_edit(self) -> bool:
        """Whether it is a changed version of another picture; a clip is none."""
        return self.video is None and (self.source_url is not None or self.source_file is not None)

    @property
    def real_prompt(self) -> str:
        """What the service was sent."""
        return self.sent_prompt or self.prompt

    @property
    def seed(self) -> int | None:
        """The seed that was used, when it is known."""
        seed = self.settings.get("seed")
        return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


class ChatMessage(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One entry of the history. `id` names it in events; imported entries get a fresh one."""

    id: str = field(default_factory=new_id)
    role: Role
    content: str | None = None
    """The text as the API gets it back."""
    timestamp: str = field(default_factory=now)
    """ISO 8601 UTC."""
    name: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    reasoning: str | None = None
    turns: list[str] | None = None
    """How an answer in several bubbles was delivered."""
    next: bool = False
    """The character wanted to go on."""
    image_prompt: str | None = None
    """The picture that the character promised."""
    shows_character: bool | None = None
    """Whether the character is in that picture; None where it was not said."""
    promise: PromiseAnswer | None = None
    """Whether the user is asked if that picture is to be made, or has declined; None: made, or never asked about."""
    compliance_violations: list[str] | None = None
    finish_reason: str | None = None
    """`length` or `content_filter` when the service cut the answer off for that reason."""
    outcome: Outcome | None = None
    """None: whole. `cancelled`, `failed`: cut short; on a user's message, that it was never answered."""
    image: ImageRecord | None = None
    """The picture that is shown, when this entry is one."""
    attached: list[ImageRecord] | None = None
    """Pictures that the user shows with this message; their prompts are the names of the files that they were."""
    variants: list[ImageRecord] | None = None
    """All pictures made for this entry, oldest first, `image` among them; None when there is only one."""
    undecided: bool = False
    """Whether the variants were made at once and none was chosen yet; the first one stands for all until then."""
    usage: Usage | None = None
    """What the answer took in tokens, when the service told."""
    reply_to: str | None = None
    """Id of the message whose `image_prompt` this picture fulfils."""
    wish: str | None = None
    """What the reply was asked to be when it was regenerated, such as `shorter`."""
    edited: str | None = None
    """When the text was corrected by hand, ISO 8601 UTC."""
    hidden: bool = False
    """Whether it is kept from the model; it is shown dimmed."""
    greeting: bool = False
    """Whether it is what the character says first, before the user has said anything."""
    branches: list[list[dict[str, Any]] | None] | None = None
    """All continuations of the conversation from this entry on, oldest first, each as the entries of the file.

    None stands in the place of the one that is shown: this entry without its `branches`, and what follows it.
    """

    @property
    def branch(self) -> int:
        """Which of the continuations from here on is shown, from 0."""
        branches = self.branches or []
        return branches.index(None) if None in branches else 0

    @property
    def branch_count(self) -> int:
        """How many continuations there are from here on, the shown one among them."""
        branches = self.branches or []
        return len(branches) if None in branches else 1

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: no text, reasoning, tool call, picture or promise of one."""
        said = (self.content or "").strip() or (self.reasoning or "").strip()
        return not (said or self.tool_calls or self.image or self.image_prompt or self.attached)


def is_unused(messages: Iterable[ChatMessage]) -> bool:
    """Whether there is nothing but a greeting, in all its versions; a corrected one is the user's work."""
    return all(message.greeting and not message.edited and _has_no_sequel(message) for message in messages)


def _has_no_sequel(message: ChatMessage) -> bool:
    """Whether the other versions of a message are nothing but one entry each, as they were made."""
    others = filter(None, message.branches or ())
    return all(len(branch) == 1 and not branch[0].get("edited") for branch in others)


class Summary(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The summary of a history, for the list of conversations."""

    history_size: int
    """Bytes of the `history.json` that it was made from; with another size it is out of date."""
    messages: int = 0
    """How many there are."""
    only_greeting: bool = False
    """Whether the only one is what the character said first."""
    last_words: str = ""
    """The beginning of the last message with words, or the prompt of a picture, in one line."""
    last_role: str = ""
    """Whose words these are: a role, or `image` where they are the prompt of a picture."""
    last_time: str = ""
    """When the last message came: ISO 8601 UTC; empty while there is none."""
    picture: str = ""
    """The newest picture, its path below the conversation's folder; empty when there is none."""
    picture_size: tuple[int, int] = (0, 0)
    """Its width and height in pixels; zeros where they are not known."""


class FormerCharacter(Struct, frozen=True, omit_defaults=True):
    """A character that answered in a conversation before another one did."""

    name: str
    until: str
    """When the other one was chosen, ISO 8601 UTC."""
    accent: str | None = None
    """The colour of its name, `#rrggbb`."""


def speaker_at(former: Sequence[FormerCharacter], timestamp: str) -> FormerCharacter | None:
    """The former character that answered at a time; None: the present one. `former`: oldest first."""
    return next((each for each in former if timestamp < each.until), None)


def with_former(conversation: Conversation, former: ConversationSettings) -> Conversation:
    """The description with one more former character."""
    one = FormerCharacter(name=former.name, until=now(), accent=former.accent or None)
    return replace(conversation, former=[*conversation.former, one])


class Conversation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The description of a conversation (`conversation.json`)."""

    id: str
    title: str = ""
    """The first words that were said, or what the user calls it; empty while nothing was said."""
    created: str = field(default_factory=now)
    """ISO 8601 UTC."""
    model: str = ""
    """The model of `character`, where older versions look for it."""
    name: str = ""
    """The character's name."""
    system_message: str = ""
    character: ConversationSettings | None = None
    """The character and the settings of this conversation; None in one that an older version wrote."""
    former: list[FormerCharacter] = []
    """The characters that answered before this one, oldest first."""
    pictures: PictureOptions = PictureOptions()
    """What is remembered for the pictures of this conversation."""
    character_name: str = ""
    """Of the character that `pictures` names by its id."""
    headless: bool = False
    """Made by a command such as `send`, and never opened in the application since."""
    pinned: bool = False
    """Stands above the others in the list."""
    archived: bool = False
    """Is not in the list unless archived conversations are asked for."""
    summary: Summary | None = None
    """What the list shows; None in one that an older version wrote."""


_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#10;"}
)


def image_description(prompt: str, *, edited: bool = False) -> str:
    """The text by which the model knows an image: `<image description="…" />`, the prompt escaped for XML."""
    words = f"Modified: {prompt}" if edited else prompt
    quoted = words.replace("\r\n", "\n").translate(_ATTRIBUTE)
    return f'<image description="{quoted}" />'


def record_description(record: ImageRecord) -> str:
    """The text by which the model knows an image; a video is described as the image that it began as."""
    return image_description(record.prompt, edited=record.is_edit)


def image_message(
    record: ImageRecord, *more: ImageRecord, message_id: str | None = None, reply_to: str | None = None
) -> ChatMessage:
    """The history entry of a picture; of several that were made at once, none is chosen yet."""
    return ChatMessage(
        id=message_id or new_id(),
        role="assistant",
        content=record_description(record),
        image=record,
        variants=[record, *more] if more else None,
        undecided=bool(more),
        reply_to=reply_to,
    )


_CUT_NOTES = {
    "length": "Cut off: the length limit was reached",
    "content_filter": "Cut off: the content filter stepped in",
}


def cut_reason(finish_reason: str | None) -> str | None:
    """`length` or `content_filter` when a service cut a reply off for that reason; None for other finish reasons."""
    word = (finish_reason or "").strip().lower()
    return word if word in _CUT_NOTES else None


def cut_note(finish_reason: str | None) -> str:
    """The note on a reply that was cut off; empty when it was not."""
    return _CUT_NOTES.get(cut_reason(finish_reason) or "", "")
