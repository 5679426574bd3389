"""Many conversations on disk, written fast: for the list, for searching, and for what is measured of both.

`python -m tests.support.many_conversations FOLDER [CONVERSATIONS [MESSAGES]]` fills a data directory.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.storage.history_format import layout
from animus_tui.chat.storage.summary import summary_of_file

SUBJECTS = (
    "the sea,a lighthouse,my sister,the old harbour,tomorrow,a recipe,the garden,music,a long journey,winter"
)
VERBS = "remember,forget,paint,describe,explain,imagine,find,lose,dream of,tell me about"
MORE = (
    "under a golden sky",
    "while the rain kept falling on the roof",
    "as if nobody had ever seen it before",
    "and then we laughed about it for an hour",
    "with far too much salt",
    "in the quiet after the storm",
    "because the light was changing fast",
)
CHARACTERS = ("Vivian", "Ada", "Professor Lime", "")
YEARS = 3
"""How long ago the oldest conversation is."""
RARE = "quetzalcoatl"
"""A word that one message in a thousand has."""


def sentence(rng: random.Random) -> str:
    verb, subject = rng.choice(VERBS.split(",")), rng.choice(SUBJECTS.split(","))
    return f"I {verb} {subject} {rng.choice(MORE)}, {rng.choice(MORE)}."


def write_conversations(
    data: Path,
    conversations: int,
    messages: int,
    *,
    with_summaries: bool = True,
    with_pictures: bool = False,
    seed: int = 1,
    until: datetime | None = None,
) -> list[str]:
    """Write so many conversations with so many messages in all, the newest first; returns their ids.

    `with_summaries` off: as an older version left them. `with_pictures`: every seventh one ends with a picture, whose
    file is not there. `until`: when the newest message came. Nothing is flushed to the disk.
    """
    rng = random.Random(seed)
    sentences = [sentence(rng) for _ in range(1_000)]
    newest = until or datetime.now(UTC)
    folder = data / "conversations"
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(conversations):
        name = f"{rng.getrandbits(128):032x}"
        names.append(name)
        # Many lately, ever fewer towards the oldest.
        ago = timedelta(days=365 * YEARS) * (number / conversations) ** 2
        count = messages * (number + 1) // conversations - messages * number // conversations
        entries = _messages(
            rng, sentences, count, newest - ago, has_picture=with_pictures and number % 7 == 3
        )
        _write(folder / name, entries, rng, with_summary=with_summaries)
    return names


def _messages(
    rng: random.Random, sentences: list[str], count: int, last: datetime, *, has_picture: bool
) -> list[ChatMessage]:
    entries = []
    for place in range(count):
        timestamp = (last - timedelta(minutes=count - 1 - place)).isoformat(timespec="milliseconds")
        common: dict[str, Any] = {
            "id": f"{rng.getrandbits(128):032x}",
            "timestamp": timestamp.replace("+00:00", "Z"),
        }
        if has_picture and place == count - 1:
            record = ImageRecord(prompt=sentence(rng), file=f"images/{common['id']}.png", width=64, height=64)
            shown = image_message(record, message_id=common["id"])
            entries.append(msgspec.structs.replace(shown, timestamp=common["timestamp"]))
            continue
        first = int(rng.random() * 995)
        words = " ".join(sentences[first : first + 1 + (place % 2) * (first % 5)])
        if rng.random() < 0.001:
            words += f" The {RARE} knows."
        entries.append(ChatMessage(role="user" if place % 2 == 0 else "assistant", content=words, **common))
    return entries


def _write(folder: Path, entries: list[ChatMessage], rng: random.Random, *, with_summary: bool) -> None:
    folder.mkdir()
    history = layout(msgspec.json.encode(entry) for entry in entries)
    summary = summary_of_file(history, len(history)) if with_summary else None
    title = (entries[0].content or "")[:60] if entries else ""
    created = entries[0].timestamp if entries else "2020-01-01T00:00:00.000Z"
    described = Conversation(
        id=folder.name,
        title=title,
        created=created,
        name=rng.choice(CHARACTERS),
        model="vivian-llama3.1-8b-1.0-fp16",
        system_message="You are kind, curious and brief.",
        summary=summary,
    )
    (folder / "conversation.json").write_bytes(msgspec.json.format(msgspec.json.encode(described)) + b"\n")
    (folder / "history.json").write_bytes(history)
    if entries:
        used = datetime.fromisoformat(entries[-1].timestamp).timestamp()
        os.utime(folder / "history.json", (used, used))


if __name__ == "__main__":
    begin = time.perf_counter()
    counts = [int(each) for each in sys.argv[2:]] or [5_000]
    many, said = (*counts, counts[0] * 20)[:2]
    write_conversations(Path(sys.argv[1]), many, said)
    sys.stdout.write(f"{many:,} conversations, {said:,} messages in {time.perf_counter() - begin:.1f} s\n")
