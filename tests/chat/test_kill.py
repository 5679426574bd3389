"""`kill -9` at random moments of a busy conversation."""

import asyncio
import json
import os
import random
import signal
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.chat_service import Answer, Service, chunk, reply

ROUNDS = 60


def endless_answers(service: Service) -> None:
    """Turns, follow-ups, pictures and streams, whatever is asked."""

    def answer(body: dict[str, object]) -> Answer:
        if body.get("stream"):
            return Answer(pieces=[chunk("word ")] * 5)
        number = len(service.chat_bodies)
        return Answer(
            reply(
                "One.\nTwo.\nThree.",
                next=number % 3 == 0,
                **({"image_prompt": f"boat {number}"} if number % 2 == 0 else {}),
            )
        )

    service.answer_chat = answer
    service.answer_image = lambda _: service.picture(random.randrange(256))


def text_of(line: bytes) -> str:
    """The text that the child says was sent."""
    word, _, text = line.decode().rstrip("\n").partition(" ")
    assert word == "sent"
    return text.strip()


def pictures_in(folder: Path) -> int:
    """Pictures in the histories, told or half told."""
    return sum(
        path.read_bytes().count(b"<image description") for path in folder.glob("conversations/*/history.json")
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_after_60_kills_every_history_loads_and_no_sent_message_is_missing(
    service: Service, tmp_path: Path
) -> None:
    endless_answers(service)
    rng = random.Random(4711)
    sent: list[str] = []
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.busy_talk", service.url, str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(ROUNDS):
        process.stdin.write(b"go\n")
        child = int((await process.stdout.readline()).split()[1])
        # Most lives are a message or two long; some last until one more picture is there.
        pictures, messages = pictures_in(tmp_path), rng.choice((0, 1, 1, 2))
        has_picture = number % 20 != 0
        while messages > 0 or not has_picture:
            sent.append(text_of(await process.stdout.readline()))
            messages -= 1
            has_picture = has_picture or pictures_in(tmp_path) > pictures
        await asyncio.sleep(rng.random() * 0.04)
        os.kill(child, signal.SIGKILL)
        while (line := await process.stdout.readline()) != b"gone\n":
            sent.append(text_of(line))
        for path in tmp_path.glob("conversations/*/history.json"):
            history = json.loads(path.read_bytes())
            stored = [entry["content"] for entry in history if entry["role"] == "user"]
            assert set(sent) <= set(stored)
            assert len(stored) == len(set(stored))
            shown = [record["file"] for entry in history for record in entry.get("attached", ())]
            for file in shown:
                assert sha256((path.parent / file).read_bytes()).hexdigest() == Path(file).stem
    process.stdin.close()
    await process.wait()
    assert len(list(tmp_path.glob("conversations/*"))) == 1
    assert len(sent) > ROUNDS
    history = json.loads(next(tmp_path.glob("conversations/*/history.json")).read_bytes())
    assert {entry["role"] for entry in history} == {"user", "assistant"}
    assert any("image" in entry for entry in history)
    assert any("attached" in entry for entry in history)
    for entry in history:
        if "image" in entry:
            assert next(tmp_path.glob(f"conversations/*/{entry['image']['file']}")).stat().st_size > 0
