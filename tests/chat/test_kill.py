"""`kill -9` at random moments of a busy conversation."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from animus_tui.chat.store import ConversationStore
from tests.chat.service import Answer, Service, chunk, reply

ROUNDS = 200


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


@pytest.mark.timeout(300)
async def test_after_200_kills_every_history_loads_and_no_sent_message_is_missing(
    service: Service, tmp_path: Path
) -> None:
    endless_answers(service)
    rng = random.Random(4711)
    sent: list[str] = []
    torn = 0
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.chat.busy_talk", service.url, str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(ROUNDS):
        process.stdin.write(b"go\n")
        child = int((await process.stdout.readline()).split()[1])
        # Most lives are short; some are long enough for pictures also on a slow machine.
        await asyncio.sleep(1 if number % 25 == 0 else rng.random() * 0.15)
        os.kill(child, signal.SIGKILL)
        while (line := await process.stdout.readline()) != b"gone\n":
            word, _, text = line.decode().rstrip("\n").partition(" ")
            assert word == "sent"
            sent.append(text.strip())
        for path in tmp_path.glob("conversations/*/history.json"):
            try:
                history = json.loads(path.read_bytes())
            except ValueError:
                # The kernel may end a process between two pages of one write; opening it anew mends that.
                torn += 1
                with contextlib.closing(ConversationStore(tmp_path).open(path.parent.name)) as mended:
                    mended.put(mended.messages[-1])
                history = json.loads(path.read_bytes())
            stored = [entry["content"] for entry in history if entry["role"] == "user"]
            assert set(sent) <= set(stored)
            assert len(stored) == len(set(stored))
    process.stdin.close()
    await process.wait()
    assert len(list(tmp_path.glob("conversations/*"))) == 1
    assert len(sent) > ROUNDS
    assert torn <= 4
    history = json.loads(next(tmp_path.glob("conversations/*/history.json")).read_bytes())
    assert {entry["role"] for entry in history} == {"user", "assistant"}
    assert any("image" in entry for entry in history)
    for entry in history:
        if "image" in entry:
            assert next(tmp_path.glob(f"conversations/*/{entry['image']['file']}")).stat().st_size > 0
