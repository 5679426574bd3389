"""Importing conversations of other programs: what they become, what is left out, and what no file can do."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from animus_tui.chat.importing.importer import import_file
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import UserError
from tests.support.picture_samples import BLUE, RED, file_of, plain
from tests.support.stored_history import descriptions

SAMPLES = Path(__file__).parent / "foreign_files"
RED_PNG, BLUE_PNG = file_of(plain(RED, (8, 8)), "PNG"), file_of(plain(BLUE, (8, 8)), "PNG")


def conversation(store: ConversationStore, conversation_id: str) -> tuple[Conversation, list[ChatMessage]]:
    stored = store.open(conversation_id)
    stored.close()
    return stored.conversation, list(stored.messages)


# ChatGPT


def chatgpt_zip(path: Path) -> Path:
    """The archive that a user downloads."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(SAMPLES / "chatgpt.json", "conversations.json")
        archive.writestr("user.json", "{}")
        archive.writestr("file-AbC123-window.png", RED_PNG)
        archive.writestr("dalle-generations/file_00ff-sanitized.dat", BLUE_PNG)
    return path


def test_chatgpts_archive_becomes_conversations_with_their_pictures(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = chatgpt_zip(tmp_path / "export.zip")

    imported = import_file(path, store)

    assert imported.ids == ["67aa1c2e-0000-4000-8000-000000000001"]
    about, messages = conversation(store, imported.ids[0])
    assert (about.title, about.name, about.model) == ("Rain in Lisbon", "ChatGPT", "gpt-4o")
    assert about.created == "2023-11-14T22:13:20.500Z"
    question, window, answer, rain = messages
    assert (question.role, question.content) == ("user", "Does it rain there?")
    assert question.timestamp == "2023-11-14T22:13:21.250Z"
    assert (answer.content, answer.reasoning) == (
        "Yes, it does. Shall I paint it?",
        "Weather\nIt is November.",
    )
    assert (answer.branch, answer.branch_count) == (1, 2)
    assert answer.branches is not None
    assert [[each["content"] for each in branch] for branch in answer.branches if branch] == [["No."]]
    assert window.image is not None
    assert rain.image is not None
    assert (window.role, rain.role) == ("user", "assistant")
    assert (rain.image.prompt, rain.image.seed) == ('Rain over "Alfama"', 77)
    assert rain.content == '<image description="Rain over &quot;Alfama&quot;" />'
    folder = tmp_path / "data" / "conversations" / about.id
    assert (folder / window.image.file).read_bytes() == RED_PNG
    assert (folder / rain.image.file).read_bytes() == BLUE_PNG
    assert imported.sentence == (
        "Imported “Rain in Lisbon” with 4 messages as 67aa1c2e-0000-4000-8000-000000000001. "
        "1 conversation without a message left out. 2 conversations could not be read. "
        "Not imported: 1 message of tools."
    )
    assert [each.id for each in descriptions(store)] == [about.id]
    assert import_file(path, store).present == [about.id]
    assert len(import_file(path, store, copy=True).ids) == 1
    assert len(descriptions(store)) == 2


def test_without_the_archive_missing_pictures_are_told(store: ConversationStore) -> None:
    imported = import_file(SAMPLES / "chatgpt.json", store)
    assert "2 pictures that are not in the file" in imported.sentence
    assert len(conversation(store, imported.ids[0])[1]) == 2


# SillyTavern


def test_a_chat_of_sillytavern_becomes_a_conversation(
    store: ConversationStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    imported = import_file(SAMPLES / "sillytavern.jsonl", store)

    about, messages = conversation(store, imported.ids[0])
    assert (about.title, about.name, about.created) == (
        "Where am I?",
        "Seraphina",
        "2024-07-12T01:31:37.000Z",
    )
    assert [(each.role, each.content, each.timestamp, each.name) for each in messages] == [
        ("assistant", "*She smiles.* You are awake.", "2024-07-12T01:31:00.000Z", None),
        ("user", "Where am I?", "2024-07-11T23:32:00.000Z", None),
        ("user", "(a secret)", "2024-07-12T01:33:00.000Z", None),
        ("assistant", "The trees whisper.", "2024-07-12T01:34:05.123Z", "Glade"),
    ]
    assert messages[0].reasoning == "Greet gently."
    assert (messages[0].branch, messages[0].branch_count) == (1, 3)
    assert [branch and branch[0]["content"] for branch in messages[0].branches or ()] == [
        "Good morning.",
        None,
        "Hush.",
    ]
    history = json.loads((tmp_path / "data/conversations" / about.id / "history.json").read_bytes())
    assert [entry.get("hidden", False) for entry in history] == [False, False, True, False]
    told = imported.sentence.partition("Not imported: ")[2]
    assert told == "1 picture that is not in the file, 1 entry that could not be read."


def test_a_picture_that_stands_in_the_chat_itself_is_kept(store: ConversationStore, tmp_path: Path) -> None:
    url = f"data:image/png;base64,{base64.b64encode(RED_PNG).decode()}"
    line = {"name": "A", "is_user": False, "mes": "", "extra": {"image": url, "title": "a field"}}
    (tmp_path / "chat.jsonl").write_text(json.dumps(line))
    (_, (message,)) = conversation(store, import_file(tmp_path / "chat.jsonl", store).ids[0])
    assert message.image is not None
    assert message.image.prompt == "a field"


# The JavaScript SDK


def test_the_history_of_the_sdk_is_imported_once(store: ConversationStore, tmp_path: Path) -> None:
    turn = {"role": "assistant", "groupId": "g", "timestamp": "2026-01-31T10:00:01Z"}
    history = [
        {"role": "user", "content": "Tell me of foxes", "timestamp": "2026-01-31T10:00:00Z"},
        turn | {"content": "They are red."},
        turn | {"content": "And shy."},
        {"role": "assistant", "content": '<image description="a fox" />'},
    ]
    path = tmp_path / "history.json"
    path.write_text(json.dumps(history, indent=2))
    imported = import_file(path, store)
    about, messages = conversation(store, imported.ids[0])
    assert (about.title, about.created) == ("Tell me of foxes", "2026-01-31T10:00:00Z")
    assert [each.turns for each in messages] == [None, ["They are red.", "And shy."], None]
    assert import_file(path, store).sentence == f"This conversation is here already as {about.id}."


def test_what_was_used_last_is_listed_first(store: ConversationStore, tmp_path: Path) -> None:
    for year in ("2024", "2026", "2025"):
        entry = {"role": "user", "content": year, "timestamp": f"{year}-01-31T10:00:00Z"}
        (tmp_path / f"{year}.json").write_text(json.dumps([entry]))
        import_file(tmp_path / f"{year}.json", store)
    assert [each.title for each in descriptions(store)] == ["2026", "2025", "2024"]


# Whatever a file holds


def bomb() -> bytes:
    """A few megabytes that become two gigabytes, and say that they are ten bytes."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("conversations.json", "w", force_zip64=True) as file,
    ):
        for _ in range(128):
            file.write(b"[" * (16 << 20))
    return buffer.getvalue()


NESTED = b"[" * 200_000
ENTRY: dict[str, Any] = {"role": "user", "content": "x"}
ESCAPING = {"prompt": "x", "file": "images/../../../../secret.png"}
NODE = {"message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Round"]}}}
ROUND = {"mapping": {"a": NODE | {"parent": "b"}, "b": NODE | {"parent": "a"}}, "current_node": "a"}
REFUSED = {
    "nothing": b"",
    "nested": NESTED,
    "nested objects": b'{"mapping":' * 100_000,
    "nested in a list": b'[{"mapping":' + NESTED,
    "number": b"5",
    "text": b"hello",
    "numbers": b"[1, 2]",
    "page": b"<!DOCTYPE html><html></html>",
    "object": b'{"a": 1}',
    "wrong types": b'[{"mapping": 5}, {"mapping": [], "current_node": {}, "title": []}, 7]',
    "binary": bytes(range(256)) * 40,
    "broken archive": b"PK\x03\x04" + b"\0" * 100,
    "archive of something else": b"",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_none_is_one_sentence_and_leaves_nothing(
    name: str, store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(REFUSED[name])
    if name == "archive of something else":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "hello")
    with pytest.raises(UserError, match=r"\A[^\n]*\Z"):
        import_file(path, store)
    assert descriptions(store) == []
    assert list((tmp_path / "data").glob("conversations/*")) == []


def test_a_folder_and_a_missing_file_are_one_sentence(store: ConversationStore, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        import_file(tmp_path, store)
    with pytest.raises(UserError, match="There is no file"):
        import_file(tmp_path / "none.json", store)


@pytest.mark.slow
def test_an_archive_that_unpacks_to_gigabytes_is_refused_before(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(bomb())
    tracemalloc.start()
    with pytest.raises(UserError, match="broken, or more than"):
        import_file(path, store)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 << 20


def test_a_circle_of_messages_ends_and_a_path_that_leads_out_is_not_followed(
    store: ConversationStore, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(RED_PNG)
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(ROUND))
    assert import_file(path, store).messages == 2
    link = tmp_path / "talk-files" / "images" / "link.png"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "secret.png")
    pictures = [ESCAPING, {"prompt": "y", "file": "images/link.png"}]
    path.write_text(json.dumps([ENTRY | {"image": picture} for picture in pictures]))
    imported = import_file(path, store)
    assert "2 pictures that are not in the file" in imported.sentence
    assert list((tmp_path / "data").rglob("*.png")) == []


def test_what_is_whole_of_a_file_that_was_cut_off_is_imported(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes(json.dumps([ENTRY, ENTRY, ENTRY]).encode()[:-20])
    imported = import_file(path, store)
    assert imported.messages == 2
    assert "1 broken part of the file" in imported.sentence
    tree = json.loads((SAMPLES / "chatgpt.json").read_bytes())[:1]
    path.write_bytes(json.dumps([*tree, *tree]).encode()[:-30])
    assert import_file(path, store).ids == [tree[0]["conversation_id"]]


def test_kill_9_during_an_import_leaves_only_whole_conversations(tmp_path: Path) -> None:
    """A hundred conversations with a picture each, killed at random moments; the next import brings the rest."""
    path = tmp_path / "many.zip"
    tree = json.loads((SAMPLES / "chatgpt.json").read_bytes())[0]
    with zipfile.ZipFile(path, "w") as archive:
        many = [tree | {"conversation_id": f"talk-{number}"} for number in range(100)]
        archive.writestr("conversations.json", json.dumps(many))
        archive.writestr("file-AbC123.png", RED_PNG)
        archive.writestr("file_00ff.png", BLUE_PNG)
    data = tmp_path / "data"
    program = (
        "import sys; from pathlib import Path; from animus_tui.chat.importing.importer import import_file;"
        "from animus_tui.chat.storage.store import ConversationStore as S; print('go', flush=True);"
        f"import_file(Path({str(path)!r}), S(Path({str(data)!r})))"
    )
    store, rng, killed = ConversationStore(data), random.Random(7), 0
    for _ in range(6):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            before = len(list(data.glob("conversations/talk-*")))
            while len(list(data.glob("conversations/talk-*"))) < before + 3 and process.poll() is None:
                time.sleep(rng.random() / 100)
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
        for folder in data.glob("conversations/talk-*"):
            assert len(conversation(store, folder.name)[1]) == 4
            assert (folder / "conversation.json").is_file()
            assert len(list((folder / "images").glob("[!.]*.png"))) == 2
    assert killed
    for leftover in data.glob("conversations/.*"):
        os.utime(leftover, (0, 0))
    imported = import_file(path, store)
    assert len(imported.ids) + len(imported.present) == 100
    assert len(descriptions(store)) == 100
    assert not list(data.glob("conversations/.*"))
