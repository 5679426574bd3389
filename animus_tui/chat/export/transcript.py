"""The messages of a conversation as the formats for people show them: speaker, time, texts, pictures and notes."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from animus_tui.atomic import read_regular
from animus_tui.backends.base.files import MOST_PICTURE_BYTES, MOST_VIDEO_BYTES
from animus_tui.chat.messages import ChatMessage, ImageRecord, cut_note, speaker_at
from animus_tui.errors import UserError
from animus_tui.printable import printable, short_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from animus_tui.chat.storage.conversation import StoredConversation

T = TypeVar("T")

SPOKEN = ("user", "assistant")
"""Roles that are shown."""
OUTCOMES = {"cancelled": "interrupted", "failed": "broke off"}


class Item(Struct, frozen=True):
    """One message as it is shown."""

    message: ChatMessage
    day: date | None
    """The date when this message is the first of a day."""
    leads: bool
    """Whether somebody else spoke before, so that the name is shown."""
    speaker: str
    at: datetime | None
    """The local time."""
    texts: tuple[str, ...]
    """The words, printable; a reply may have come in several turns."""
    reasoning: str
    notes: tuple[str, ...]
    """Notes about it, such as that it was interrupted."""

    @property
    def is_user(self) -> bool:
        """Whether the user said it."""
        return self.message.role == "user"

    @property
    def clock(self) -> str:
        """The local time as `14:02`; empty when it is not known."""
        return f"{self.at:%H:%M}" if self.at else ""

    @property
    def figures(self) -> tuple[tuple[ImageRecord, ...], ...]:
        """The pictures of the message: each that is shown, then its other variants."""
        shown = self.message.image
        if shown is None:
            return tuple((each,) for each in self.message.attached or ())
        return ((shown, *(each for each in self.message.variants or () if each != shown)),)


class ExportCancelledError(UserError):
    """The export was cancelled, as it was asked to be."""


class ExportProgress:
    """How far an export is. Another thread may read it, and cancel the export."""

    def __init__(self, total: int) -> None:
        """`total`: messages in all."""
        self.is_cancelled = False
        self._total = total
        self.done = 0
        """Messages so far."""

    @property
    def percent(self) -> int:
        """From 0 to 100."""
        return 100 * self.done // max(1, self._total)

    def counted(self, messages: Iterable[T]) -> Iterator[T]:
        """The messages, one by one. ExportCancelledError once the export is cancelled."""
        for self.done, message in enumerate(messages):
            self.check()
            yield message

    def check(self) -> None:
        """ExportCancelledError when the export is cancelled."""
        if self.is_cancelled:
            raise ExportCancelledError("The export was cancelled, and nothing was written.")


class Transcript:
    """A conversation as it is at one moment; it may be read in another thread."""

    def __init__(self, stored: StoredConversation, *, name: str = "") -> None:
        """To be called where the conversation is changed. `name`: of the character, if the conversation has none."""
        self.conversation = stored.conversation
        self.name = short_line(stored.conversation.name or name) or "Character"
        self.snapshot = stored.messages.snapshot()
        self.progress = ExportProgress(len(self.snapshot))
        self._path_of = stored.path_of
        self._unsettled = stored.unsettled
        self._fulfilled = frozenset(self.snapshot.message_index.replies.values())
        """Ids of the messages whose promised picture was made."""

    @property
    def title(self) -> str:
        """The title; the character's name stands for one."""
        return short_line(self.conversation.title) or f"Conversation with {self.name}"

    def _speaker(self, message: ChatMessage) -> str:
        former = speaker_at(self.conversation.former, message.timestamp)
        return short_line(message.name or (former.name if former is not None else "")) or self.name

    def items(self) -> Iterator[Item]:
        """What is told of the messages, oldest first; what is not shown in the application is left out."""
        speaker, day = "", None
        for message in self.progress.counted(self.snapshot.each()):
            if message.role not in SPOKEN or message.hidden or message.is_empty:
                continue
            at = local_time(message.timestamp)
            begins = at.date() if at and at.date() != day else None
            name = "You" if message.role == "user" else self._speaker(message)
            yield Item(
                message,
                day=begins,
                leads=name != speaker or begins is not None,
                speaker=name,
                at=at,
                texts=_texts(message),
                reasoning=printable((message.reasoning or "").strip()),
                notes=tuple(self._notes(message)),
            )
            speaker, day = name, begins or day

    def file(self, relative: str) -> Path | None:
        """The path of a file of the conversation; None when it is not there."""
        try:
            path = self._path_of(relative)
        except UserError:
            return None
        return path if path.is_file() else None

    def read(self, relative: str) -> bytes | None:
        """The bytes of a picture or a clip; None when they cannot be read or are more than any picture has."""
        path = self.file(relative)
        most = MOST_VIDEO_BYTES if relative.endswith(".mp4") else MOST_PICTURE_BYTES
        try:
            data = read_regular(path, most + 1) if path is not None else None
        except OSError:
            return None
        return data if data is not None and len(data) <= most else None

    def _notes(self, message: ChatMessage) -> Iterator[str]:
        if message.role == "user":
            if message.outcome == "failed":
                yield "not answered"
            return
        for call in message.tool_calls or ():
            yield f"wanted to use {short_line(_tool_name(call))}"
        if message.compliance_violations:
            yield f"content rules: {', '.join(map(short_line, message.compliance_violations))}"
        if cut := cut_note(message.finish_reason):
            yield cut
        if message.id in self._unsettled:
            return
        if message.outcome is not None:
            yield OUTCOMES[message.outcome]
        is_missing = message.image is None and message.id not in self._fulfilled
        if (
            message.image_prompt and message.promise is None and is_missing
        ):  # else the user is asked, or has declined
            yield f"image not generated: {short_line(message.image_prompt)}"


def caption(record: ImageRecord) -> str:
    """What a picture shows, in one line."""
    return short_line(record.prompt).strip()


def facts(record: ImageRecord) -> str:
    """Size, seed and model of a picture, as far as they are known: `1024×1024 · seed 42 · flux-schnell`."""
    model = record.model or record.settings.get("model")
    known = (
        "clip" if record.video else "",
        f"{record.width}×{record.height}" if record.width and record.height else "",
        f"seed {record.seed}" if record.seed is not None else "",
        short_line(model) if isinstance(model, str) else "",
    )
    return " · ".join(fact for fact in known if fact)


def local_time(timestamp: str) -> datetime | None:
    """The local time of an ISO 8601 timestamp; None for one that is none, as in imported files."""
    try:
        return datetime.fromisoformat(timestamp).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def day_name(day: date) -> str:
    """`Monday, 4 May 2020`."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _texts(message: ChatMessage) -> tuple[str, ...]:
    if message.image is not None:
        return ()
    texts = (message.turns if message.role == "assistant" else None) or [message.content or ""]
    return tuple(printable(text).strip("\n") for text in texts if text.strip())


def _tool_name(call: Mapping[str, Any]) -> str:
    function = call.get("function")
    return str(function.get("name", "?")) if isinstance(function, dict) else "?"
