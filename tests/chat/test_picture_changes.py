"""Stars and deletions of pictures: what is in the histories, in the folders and at the service afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import Gone
from animus_tui.chat.images.catalog import AllPictures, FoundPicture
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import Config, ImageConfig
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.backend_client import QUICK, SOON, config_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.talk import StartTalk


def stored_pictures(root: Path, name: str) -> Path:
    """A conversation of an entry with three variants, of which two have the same file, and one with one picture."""
    stored = ConversationStore(root).create(Conversation(id=name))
    files = [stored.write_image(data, ".png") for data in (b"one", b"two", b"two", b"three")]
    records = [
        ImageRecord(prompt=f"{name} {at}", file=file, created=f"2026-01-02T00:00:0{at}.000Z")
        for at, file in enumerate(files)
    ]
    stored.put(ChatMessage(id="u", role="user", content="words"))
    several = ChatMessage(
        id="p1", role="assistant", content="", image=records[1], variants=records[:3], undecided=True
    )
    stored.put(several)
    stored.put(ChatMessage(id="p2", role="assistant", content="", image=records[3]))
    stored.close()
    return stored.folder


def found(root: Path, *prompts: str) -> list[FoundPicture]:
    *_, collection = AllPictures(ConversationStore(root)).read()
    return [picture for picture in collection.pictures if not prompts or picture.record.prompt in prompts]


def history(folder: Path) -> list[dict[str, object]]:
    loaded: list[dict[str, object]] = json.loads((folder / "history.json").read_bytes())
    return loaded


def files(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (folder / "images").iterdir())


async def test_a_star_stays_with_its_variant_and_is_found_again(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    folder = stored_pictures(tmp_path, "old")
    async with start_talk() as talk:
        changes = talk.session.picture_changes
        assert (await changes.star(found(tmp_path, "old 1", "old 3"), starred=True)).done == 2
        assert {p.record.prompt for p in found(tmp_path) if p.record.starred} == {"old 1", "old 3"}
        assert history(folder)[1]["image"]["starred"] is True  # type: ignore[index]
        # what was found before the star is still the same picture
        stale = [replace(p, record=replace(p.record, starred=False)) for p in found(tmp_path, "old 1")]
        assert (await changes.star(stale, starred=False)).done == 1
        assert "starred" not in json.dumps(history(folder)[1])
        assert len(found(tmp_path)) == 4


async def test_a_deleted_picture_leaves_its_entry_or_takes_it_along(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    folder = stored_pictures(tmp_path, "old")
    async with start_talk() as talk:
        changes = talk.session.picture_changes
        assert (await changes.delete(found(tmp_path, "old 1"))).done == 1
        entry = history(folder)[1]
        assert [record["prompt"] for record in entry["variants"]] == ["old 0", "old 2"]  # type: ignore[attr-defined]
        assert entry["image"]["prompt"] == "old 2", "the one behind it is shown"  # type: ignore[index]
        assert files(folder) == [b"one", b"three", b"two"], "another variant has the same file"
        assert (await changes.delete(found(tmp_path, "old 2"))).done == 1
        assert "variants" not in history(folder)[1]
        assert files(folder) == [b"one", b"three"]
        assert (await changes.delete(found(tmp_path))).done == 2
        assert [entry["id"] for entry in history(folder)] == ["u"]
        assert files(folder) == []


async def test_a_branch_that_is_put_away_keeps_its_picture(start_talk: StartTalk, tmp_path: Path) -> None:
    folder = stored_pictures(tmp_path, "old")
    branch = [history(folder)[2] | {"id": "q"}]
    entries = [history(folder)[0] | {"branches": [branch, None]}, *history(folder)[1:]]
    (folder / "history.json").write_text(json.dumps(entries))
    async with start_talk() as talk:
        assert (await talk.session.picture_changes.delete(found(tmp_path, "old 3"))).done == 1
        await talk.session.open("old")
        assert [message.id for message in talk.messages] == ["u", "p1"]
        assert talk.messages[0].branch_count == 2
    assert b"three" in files(folder)


async def test_what_another_program_has_open_is_left_alone_and_told(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    stored_pictures(tmp_path, "free")
    taken = stored_pictures(tmp_path, "taken")
    async with start_talk() as talk:
        lock = ConversationStore(tmp_path).open("taken")
        before = (taken / "history.json").read_bytes()
        changed = await talk.session.picture_changes.delete(found(tmp_path))
        assert (changed.done, changed.failures) == (4, ("another program has its conversation open",))
        assert (taken / "history.json").read_bytes() == before
        lock.close()


async def test_a_picture_is_deleted_at_the_service_only_when_asked(tmp_path: Path) -> None:
    config = Config(image=ImageConfig(endpoint="generation/create", width=64, height=64))
    async with (
        DemoServer(DemoOptions.instant()) as demo,
        AnimusClient(config_of(demo), timeouts=SOON, retry=QUICK) as client,
        ChatSession(client, client, ConversationStore(tmp_path), config) as session,
    ):
        for prompt in ("a lake", "a hill"):
            await session.generate_image(prompt)
        names = {p.record.prompt: p.record.generation_id or "" for p in found(tmp_path)}
        changes = session.picture_changes
        assert (await changes.delete(found(tmp_path, "a lake"))).at_service == 0
        assert (await client.job_status(names["a lake"])).result_urls
        changed = await changes.delete(found(tmp_path, "a hill"), at_service=True)
        assert (changed.done, changed.at_service, changed.failures) == (1, 1, ())
        with pytest.raises(Gone):
            await client.job_status(names["a hill"])
        assert found(tmp_path) == []
