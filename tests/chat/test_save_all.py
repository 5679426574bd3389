"""All pictures of a conversation at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from animus_tui.chat.images.metadata import read_metadata
from animus_tui.chat.images.saving import save_all
from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.errors import UserError
from tests.support.chat_service import png
from tests.support.stored_history import files_no_longer_than, say

DAY = "2026-01-31T10:00:00.000Z"


def show(stored: StoredConversation, prompt: str, *sizes: int) -> None:
    """An entry with a picture of each of these widths; of several, the first one is chosen."""
    variants = [
        ImageRecord(
            prompt=prompt,
            created=DAY,
            settings={"seed": size},
            file=stored.write_image(png(size, size, size % 200), "png"),
        )
        for size in sizes
    ]
    several = variants if len(variants) > 1 else None
    stored.put(ChatMessage(role="assistant", content=prompt, image=variants[0], variants=several))


async def test_every_picture_and_every_variant_gets_a_name_of_its_own(
    stored: StoredConversation, tmp_path: Path
) -> None:
    stored.put(say("show me"))
    show(stored, "A fox", 8)
    show(stored, "A lake", 9, 10, 11)
    show(stored, "A fox", 12)
    folder = tmp_path / "new" / "folder"
    saved = await save_all(stored, folder)
    names = ["a-fox", "a-lake", "a-lake-2", "a-lake-3", "a-fox-2"]
    assert saved.paths == tuple(folder / f"2026-01-31-{name}.png" for name in names)
    assert [read_metadata(path).seed for path in saved.paths] == [8, 9, 10, 11, 12]
    assert saved.sentence == f"Saved 5 pictures to {folder}."


async def test_of_a_clip_the_clip_is_saved(stored: StoredConversation, tmp_path: Path) -> None:
    poster, clip = stored.write_image(png(), "png"), stored.write_image(b"frames", "mp4")
    record = ImageRecord(prompt="It moves", created=DAY, file=poster, video=clip)
    stored.put(ChatMessage(role="assistant", content="x", image=record))
    saved = await save_all(stored, tmp_path / "out")
    assert [(path.name, path.read_bytes()) for path in saved.paths] == [
        ("2026-01-31-it-moves.mp4", b"frames")
    ]


async def test_a_second_time_nothing_is_overwritten(stored: StoredConversation, tmp_path: Path) -> None:
    show(stored, "A fox", 8)
    show(stored, "A fox", 9)
    first = await save_all(stored, tmp_path / "out")
    second = await save_all(stored, tmp_path / "out")
    assert [path.name for path in (*first.paths, *second.paths)] == [
        "2026-01-31-a-fox.png",
        "2026-01-31-a-fox-2.png",
        "2026-01-31-a-fox-3.png",
        "2026-01-31-a-fox-4.png",
    ]
    assert [read_metadata(path).seed for path in (*first.paths, *second.paths)] == [8, 9, 8, 9]


async def test_it_goes_on_past_pictures_that_fail_and_says_so(
    stored: StoredConversation, tmp_path: Path
) -> None:
    show(stored, "A fox", 8)
    show(stored, "A large lake", 1000)
    show(stored, "A boat", 9)
    gone = stored.messages[2].image
    assert gone is not None
    stored.path_of(gone.file).unlink()
    outside = ImageRecord(prompt="x", created=DAY, file="../../outside.png")
    stored.put(ChatMessage(role="assistant", content="x", image=outside))
    show(stored, "A bear", 10)
    with files_no_longer_than(1000):
        saved = await save_all(stored, tmp_path / "out")
    assert [path.name for path in saved.paths] == ["2026-01-31-a-fox.png", "2026-01-31-a-bear.png"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "2026-01-31-a-bear.png",
        "2026-01-31-a-fox.png",
    ]
    reasons = [sentence.rpartition(": ")[2] for sentence in saved.failures]
    assert reasons[:2] == ["File too large. Choose another folder.", "No such file or directory."]
    assert saved.sentence.startswith(
        f"Saved 2 pictures to {tmp_path / 'out'}. 3 pictures could not be saved: The picture was not saved to "
    )


async def test_when_none_could_be_saved_the_sentence_says_why(
    stored: StoredConversation, tmp_path: Path
) -> None:
    show(stored, "A fox", 8)
    with files_no_longer_than(0):
        saved = await save_all(stored, tmp_path / "out")
    assert saved.sentence.startswith(
        "No picture was saved. 1 picture could not be saved: The picture was not"
    )


async def test_without_pictures_or_without_a_folder_nothing_is_done(
    stored: StoredConversation, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="no picture in this conversation yet"):
        await save_all(stored, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    show(stored, "A fox", 8)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"(File exists|Not a directory)\. Choose another folder"):
        await save_all(stored, tmp_path / "file")


async def test_cancelling_stops_it_and_leaves_only_whole_pictures(
    stored: StoredConversation, tmp_path: Path
) -> None:
    for size in range(100, 140):
        show(stored, "A fox", size)
    saving = asyncio.create_task(save_all(stored, tmp_path / "out"))
    while len(await asyncio.to_thread(lambda: [*(tmp_path / "out").glob("*")])) < 3:
        assert not saving.done()
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await asyncio.to_thread(lambda: None)
    paths = list((tmp_path / "out").iterdir())
    assert 3 <= len(paths) < 40


async def test_the_loop_goes_on_meanwhile(stored: StoredConversation, tmp_path: Path) -> None:
    for size in range(10, 30):
        show(stored, "A fox", size)
    saving = asyncio.create_task(save_all(stored, tmp_path / "out"))
    turns = 0
    while not saving.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 20
