"""A nursery of writers that can be killed: `python busy_writer.py`.

For each line `DATA-DIRECTORY CONVERSATION SEED` on stdin a child is forked that changes the conversation
at random, as fast as it can. On stdout: `pid N`, for each change `begin ID` and `done ID CONTENT-LENGTH`
(-1: removed), at last `ended`.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def change(stored: StoredConversation, rng: random.Random) -> None:
    """One change: mostly an append, often a replaced last message, at times an edit or a deletion further up."""
    text = rng.choice("aé") * rng.choice([1, 20, 200, 200, 2000, 9000])
    kind = rng.random()
    message = ChatMessage(role="user", content=text)
    if stored.messages and kind < 0.5:
        old = stored.messages[-1] if kind < 0.3 else rng.choice(stored.messages)
        message = replace(old, content=text)
    tell("begin", message.id)
    if stored.messages and kind > 0.9 and len(stored.messages) > 5:
        doomed = rng.choice(stored.messages).id
        tell("begin", doomed)
        stored.remove(doomed)
        tell("done", doomed, -1)
        return
    stored.put(message)
    tell("done", message.id, len(text))


def write_until_killed(root: str, conversation_id: str, seed: str) -> None:
    rng = random.Random(seed)
    stored = ConversationStore(Path(root)).open(conversation_id)
    tell("pid", os.getpid())
    while True:
        change(stored, rng)


def main() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            write_until_killed(*line.split())
        os.waitpid(pid, 0)
        tell("ended")


if __name__ == "__main__":
    main()
