"""The gallery changes pictures: stars, several at once, and deletion after a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from animus_tui.chat.images.metadata import read_metadata
from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ImageConfig
from animus_tui.ui.screens.box_screen import Question
from animus_tui.ui.screens.gallery import GalleryScreen
from tests.support.gallery_app import Browsing, conversation, open_gallery
from tests.support.pane_app import until
from tests.support.talk import StartTalk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation that was used last, so that it is the one that is open."""
    ConversationStore(tmp_path).create(Conversation(id="here")).close()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


async def pressed(on: Browsing, *keys: str) -> None:
    await on.pilot.press(*keys)
    await on.until_drawn()


async def test_a_star_is_shown_kept_and_filtered_by(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "old", 3)
    async with open_gallery(start_talk()) as on:
        await pressed(on, "f")
        assert "No picture has a star yet" in on.text()
        await pressed(on, "f", "right", "asterisk")
        await until(lambda: "★" in on.text())
        assert on.chosen() == "Été à la mer 1"
        await pressed(on, "f")
        await until(lambda: on.prompts() == ["Été à la mer 1"])
        assert "1 of 3 with ★" in on.bar()
        await on.pilot.press("escape")
        await on.back()
    async with open_gallery(start_talk()) as on:
        assert on.text().count("★") == 1, "on its tile; the chosen one has none"
        await pressed(on, "right", "asterisk")
        await until(lambda: "★" not in on.text())


async def test_several_are_selected_and_saved_with_what_they_were_made_from(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "old", 4)
    folder = tmp_path / "saved.here"
    async with open_gallery(start_talk(image=ImageConfig(save_dir=str(folder)))) as on:
        await pressed(on, "x", "right", "x")
        assert "4 pictures, 2 selected" in on.bar()
        assert on.text().count("✓") == 2
        await pressed(on, "ctrl+s")
        await until(lambda: any("Saved 2 pictures" in note for note in on.notes()))
        prompts = {read_metadata(path).prompt for path in folder.iterdir()}
        assert prompts == {"A blue SNOWMAN 3", "Été à la mer 1"}
        await pressed(on, "X")
        assert "4 selected" in on.bar()
        await pressed(on, "escape")
        assert isinstance(on.app.screen, GalleryScreen), "Esc takes the selection away first"
        assert "selected" not in on.bar()


async def test_deletion_asks_once_and_the_conversation_shows_it(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "old", 2, variants=2)
    history = tmp_path / "conversations" / "old" / "history.json"
    before = history.read_bytes()
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("d")
        await until(lambda: isinstance(on.app.screen, Question))
        assert "Delete this picture?" in on.text()
        assert "service" not in on.text(), "the service does not know it by name"
        await on.pilot.press("s", "escape")
        await until(lambda: isinstance(on.app.screen, GalleryScreen))
        await on.until_drawn()
        assert history.read_bytes() == before
        await pressed(on, "x", "x")
        await on.pilot.press("d")
        await until(lambda: isinstance(on.app.screen, Question))
        assert "Delete the 2 selected pictures?" in on.text()
        await on.pilot.press("d")
        await until(lambda: any("Deleted 2 pictures" in note for note in on.notes()))
        await until(lambda: len(on.prompts()) == 2)
        assert len(list((tmp_path / "conversations" / "old" / "images").iterdir())) == 2
        assert b"old-p1" not in history.read_bytes()
