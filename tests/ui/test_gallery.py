"""The gallery: every picture of every conversation, found by words, and from each the way back to its place."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from textual.app import App
from textual.widgets import Static

from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ImageConfig, UiConfig
from animus_tui.graphics.decoding.decoder import PATIENCE, PictureDecoder
from animus_tui.ui.images.renderer import ImageRenderer
from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader, TileShape
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.help import HelpScreen
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.gallery_bar import GalleryBar
from animus_tui.ui.widgets.picture_grid import PictureGrid, PictureLines
from tests.support.album_app import COLOURS
from tests.support.gallery_app import conversation, open_gallery
from tests.support.pane_app import TERMINAL, until
from tests.support.talk import StartTalk

RED, GREEN, BLUE, YELLOW = COLOURS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the thumbnails; and a conversation that was used last, so that it is the one that is open."""
    ConversationStore(tmp_path).create(Conversation(id="here")).close()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "animus-chat" / "thumbnails"


def changed_before(history: Path, content: bytes) -> None:
    """Another content, from before the conversation that is open."""
    history.write_bytes(content)
    os.utime(history, (1, 1))


def thumbnails(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.jpg"))


async def test_all_pictures_of_all_conversations_are_there_the_newest_first(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "old", 2)
    conversation(tmp_path, "new", 2, first=2, variants=2)
    async with open_gallery(start_talk()) as on:
        assert [prompt.split(" ", 1)[1] for prompt in on.prompts()] == [
            "blue SNOWMAN 3 variant 1",
            "blue SNOWMAN 3",
            "green frog 2 variant 1",
            "green frog 2",
            "à la mer 1",
            "red fox in the snow 0",
        ]
        assert "6 pictures" in on.bar()
        assert on.line().split("  ")[0].strip() == "A blue SNOWMAN 3 variant 1"
        assert (
            on.line().endswith("variant 2 of 2 · 2026-01-02 00:00 · About new")
            or "variant 2 of 2" in on.line()
        )
        for colour in COLOURS:
            assert on.cells_of(colour) > 20


async def test_a_command_opens_it_too_and_escape_goes_back(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 1)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("escape")
        await on.back()
        await on.type("/gallery")
        await on.until_drawn()
        assert on.prompts() == ["A red fox in the snow 0"]
        await on.pilot.press("q")
        await on.back()


async def test_the_bar_knows_where_one_types_before_it_has_composed(start_talk: StartTalk) -> None:
    async with open_gallery(start_talk()):
        assert GalleryBar().words == ""  # the footer asks which keys work as soon as the bar is mounted


async def test_without_pictures_there_is_a_sentence(start_talk: StartTalk) -> None:
    async with open_gallery(start_talk()) as on:
        assert "There are no pictures yet" in on.text()
        assert on.gallery.check_action("view", ()) is False
        await on.pilot.press("enter", "v", "y", "down", "pagedown", "end", "/")
        assert on.chosen() == ""
        await on.pilot.press("escape")
        await on.back()


async def test_arrows_pages_and_ends_reach_every_picture(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 73)
    async with open_gallery(start_talk(), size=(100, 40)) as on:
        assert on.choice.choice_layout.across == 5
        await on.pilot.press("right", "right", "down")
        assert on.choice.at == 7
        await on.pilot.press("left", "up", "up")
        assert on.choice.at == 1  # there is no row above the first
        await on.pilot.press("end")
        assert (on.choice.at, on.chosen()) == (72, "A red fox in the snow 0")
        await on.pilot.press("down", "right")
        assert on.choice.at == 72
        await on.pilot.press("up", "home")
        assert on.choice.at == 0
        seen = {on.choice.at}
        for _ in range(16):
            await on.pilot.press("pagedown")
            assert on.choice.at in on.choice.in_view
            seen.add(on.choice.at)
        assert max(seen) == 72
        await on.pilot.press("pageup")
        assert 50 < on.choice.at < 72
        await on.until_drawn()
        assert sum(on.cells_of(colour) for colour in COLOURS) > 1000


async def test_down_from_a_full_row_reaches_a_last_row_that_is_not(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 7)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("right", "right", "right", "down")
        assert on.choice.at == 6


async def test_words_filter_as_one_types_without_case_and_accents(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 8)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press(*"/snow")
        await on.until_drawn()
        assert on.field.value == "snow"
        assert sorted(on.prompts()) == sorted(
            f"{words} {number}"
            for words, numbers in (("A red fox in the snow", (0, 4)), ("A blue SNOWMAN", (3, 7)))
            for number in numbers
        )
        assert "4 of 8" in on.bar()
        await on.pilot.press(*" FOX")
        await on.until_drawn()
        assert "2 of 8" in on.bar()
        for _ in range(8):
            await on.pilot.press("backspace")
        await on.pilot.press(*"ete mer")
        await on.until_drawn()
        assert on.prompts() == ["Été à la mer 5", "Été à la mer 1"]
        await on.pilot.press(*" nothing")
        await on.until_drawn()
        assert "0 of 8" in on.bar()
        assert "No picture was made from these words" in on.text()
        await on.pilot.press("escape")
        await on.until_drawn()
        assert "8 pictures" in on.bar()
        assert on.app.focused is on.choice


async def test_enter_keeps_the_words_and_the_keys_are_for_the_pictures_again(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 8)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("ctrl+f", *"frog", "enter")
        await on.until_drawn()
        assert on.app.focused is on.choice
        await on.pilot.press("right")
        assert on.chosen() == "A green frog 2"
        # The chosen picture stays chosen when the words go.
        await on.pilot.press("/", "escape")
        await on.until_drawn()
        assert on.chosen() == "A green frog 2"
        assert "8 pictures" in on.bar()


async def test_enter_goes_to_its_place_far_up_in_another_conversation(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "long", 4, words_between=2500)
    async with open_gallery(start_talk()) as on:
        assert on.talk.session.conversation.conversation.id == "here"
        await on.pilot.press("end", "left")
        assert on.chosen() == "Été à la mer 1"
        await on.pilot.press("enter")
        await on.back()
        await until(lambda: on.talk.session.conversation.conversation.id == "long")
        await until(lambda: on.pane.cursor.chosen is not None and on.pane.cursor.chosen.id == "long-p1")
        await on.settle()
        assert on.pane.has_focus
        assert "Été à la mer 1" in on.text()
        assert on.cells_of(GREEN) > 100
        assert not on.pane.viewport.following


async def test_enter_goes_to_a_picture_of_the_same_conversation(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 3, words_between=60)
    async with open_gallery(start_talk()) as on:
        await on.talk.session.open("one")
        await on.pilot.press("end", "enter")
        await on.back()
        assert on.pane.cursor.chosen is not None
        assert on.pane.cursor.chosen.id == "one-p0"
        assert on.cells_of(RED) > 100


async def test_a_variant_that_is_not_shown_is_chosen(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 1, variants=3)
    async with open_gallery(start_talk()) as on:
        assert on.chosen().endswith("variant 2")
        await on.pilot.press("enter")
        await on.back()
        await until(lambda: on.cells_of(BLUE) > 100)
        image = on.talk.session.conversation.get("one-p0").image
        assert image is not None
        assert image.settings["seed"] == 2


async def test_a_conversation_that_is_open_elsewhere_is_shown_and_not_changed(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 1, variants=2)
    elsewhere = ConversationStore(tmp_path).open("one")
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("enter")
        await on.back()
        await until(lambda: bool(on.notes()))
        assert on.notes()[-1] == "The conversation shows another variant, and can only be read here."
        assert on.pane.cursor.chosen is not None
        assert on.pane.cursor.chosen.id == "one-p0"
    image = elsewhere.get("one-p0").image
    assert image is not None
    assert image.settings["seed"] == 0
    elsewhere.close()


async def test_the_viewer_goes_through_what_the_gallery_shows_and_comes_back_to_it(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 4)
    conversation(tmp_path, "two", 4, first=4)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press(*"/snow", "enter", "v")
        await until(lambda: isinstance(on.app.screen, ViewerScreen))
        await on.until_shown(YELLOW, 100 * 25)
        assert on.line().startswith(" 1 of 4  A blue SNOWMAN 7")
        await on.pilot.press("right", "right")
        await until(lambda: on.line().startswith(" 3 of 4  A blue SNOWMAN 3"))
        await on.pilot.press("y")
        await until(lambda: "images" in on.app.clipboard)
        assert Path(on.app.clipboard).parts[-3] == "one"
        await on.pilot.press("escape")
        await on.until_drawn()
        assert on.chosen() == "A blue SNOWMAN 3"


async def test_a_picture_is_saved_copied_and_opened_from_here(
    start_talk: StartTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation(tmp_path, "one", 2)
    image = ImageConfig(save_dir=str(tmp_path / "saved"))
    async with open_gallery(start_talk(image=image)) as on:
        await on.pilot.press("right", "ctrl+s")
        await until(lambda: bool(on.notes()))
        (saved,) = (tmp_path / "saved").iterdir()
        assert on.notes()[-1] == f"Saved to {saved}"
        assert saved.name == "2026-01-02-a-red-fox-in-the-snow-0.png"
        await on.pilot.press("y")
        await until(lambda: on.notes()[-1] == "Copied the path of the picture")
        with Image.open(on.app.clipboard) as copied, Image.open(saved) as kept:
            assert copied.convert("RGB").tobytes() == kept.convert("RGB").tobytes()
        Path(on.app.clipboard).unlink()
        await on.pilot.press("ctrl+s")
        await until(lambda: "not saved" in on.notes()[-1])


async def test_a_picture_whose_file_is_gone_has_its_sentence_and_its_neighbours_are_there(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 3)
    images = sorted((tmp_path / "conversations" / "one" / "images").iterdir(), key=os.path.getmtime)
    images[1].unlink()
    images[2].write_bytes(b"<html>")
    async with open_gallery(start_talk()) as on:
        assert "The picture's file is gone." in on.sentences()
        assert "The file is not a PNG, JPEG or WebP picture" in on.sentences()
        assert "gone." in on.text()
        assert on.cells_of(RED) > 20


async def test_a_record_that_points_elsewhere_shows_nothing(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 1)
    history = tmp_path / "conversations" / "one" / "history.json"
    (image,) = (tmp_path / "conversations" / "one" / "images").iterdir()
    image.rename(tmp_path / "secret.png")
    changed_before(
        history, history.read_bytes().replace(f"images/{image.name}".encode(), b"../../secret.png")
    )
    async with open_gallery(start_talk()) as on:
        assert on.cells_of(RED) == 0
        await on.pilot.press("y")
        await until(lambda: bool(on.notes()))
        assert "not a file of this conversation" in on.notes()[-1]


async def test_a_picture_that_took_too_long_is_drawn_later(tmp_path: Path) -> None:
    conversation(tmp_path, "one", 1)
    (picture,) = list(AllPictures(ConversationStore(tmp_path)).read())[-1].pictures
    decoder = PictureDecoder(rest=0.3)
    tiles = ThumbnailLoader(ImageRenderer(App[None](), decoder, lambda: TERMINAL), None)
    tiles.reshape(TileShape(4, 2, (0, 0, 0)))
    tiles.want([picture], [])
    await decoder.render(picture.path(), columns=1, rows=1, background=(0, 0, 0))
    assert decoder.process_id is not None
    os.kill(decoder.process_id, signal.SIGSTOP)
    decoder.patience = 0.3
    await tiles.draw(picture)
    tile = tiles.get(picture)
    assert tile is not None
    assert "it is tried again later." in tile.sentence
    decoder.patience = PATIENCE
    await until(lambda: tiles.next is picture)
    await tiles.draw(picture)
    tile = tiles.get(picture)
    assert tile is not None
    assert (tile.image is not None, tile.sentence, tiles.next) == (True, "", None)
    await decoder.aclose()


async def test_a_damaged_conversation_is_told_and_the_others_are_there(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 2)
    conversation(tmp_path, "torn", 2, first=2)
    history = tmp_path / "conversations" / "torn" / "history.json"
    changed_before(history, history.read_bytes()[:-30])
    async with open_gallery(start_talk()) as on:
        assert len(on.prompts()) == 3
        assert on.notes() == ["The history of “About torn” is damaged: what can be read of it is here."]


async def test_thumbnails_are_made_once_and_only_for_what_is_looked_at(
    start_talk: StartTalk, tmp_path: Path, cache: Path
) -> None:
    conversation(tmp_path, "one", 300)
    pictures = len(list((tmp_path / "conversations" / "one" / "images").iterdir()))
    assert pictures == 4  # one of each colour: tell them apart by their place
    async with open_gallery(start_talk(), size=(80, 24)) as on:
        assert isinstance(on.choice, PictureGrid)
        assert len(on.tiles()) == len(on.choice.in_view) + len(on.choice.ahead) < 40
        made = [(file, file.stat().st_ino) for file in thumbnails(cache)]
        assert 0 < len(made) <= pictures
        # What is drawn is the thumbnail and not the picture.
        for file, _ in made:
            file.write_bytes(
                (tmp_path / "conversations" / "one" / "images").glob("*").__next__().read_bytes()
            )
        await on.pilot.press("escape")
        await on.back()
        await on.enter()
        shown = [colour for colour in COLOURS if on.cells_of(colour)]
        assert len(shown) == 1
        assert [(file, file.stat().st_ino) for file in thumbnails(cache)] == made


async def test_half_a_thumbnail_is_made_anew(start_talk: StartTalk, tmp_path: Path, cache: Path) -> None:
    conversation(tmp_path, "one", 1)
    async with open_gallery(start_talk()) as on:
        (file,) = thumbnails(cache)
        whole = file.read_bytes()
        for broken in (b"", whole[:20], b"nothing"):
            file.write_bytes(broken)
            await on.pilot.press("escape")
            await on.back()
            await on.enter()
            assert on.cells_of(RED) > 20
            assert file.read_bytes() == whole


async def test_without_a_cache_folder_pictures_are_there_all_the_same(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 2)
    (tmp_path / "cache").write_text("in the way")
    async with open_gallery(start_talk()) as on:
        assert on.cells_of(RED) > 20


async def test_it_fits_every_screen_and_follows_it(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 40)
    async with open_gallery(start_talk(), size=(60, 30)) as on:
        await on.pilot.press("end", "up")
        before = on.chosen()
        sizes = [((250, 80), 6), ((200, 60), 7), ((120, 40), 6), ((40, 24), 2), ((16, 8), 1), ((60, 30), 3)]
        for size, across in sizes:
            await on.pilot.resize_terminal(*size)
            await on.until_drawn()
            assert (on.choice.choice_layout.across, on.chosen()) == (across, before)
            assert on.choice.at in on.choice.in_view
            lines = on.text().splitlines()
            assert len(lines) == size[1]
            assert max(map(len, lines)) <= size[0]


@pytest.mark.parametrize("how", ["plain", "none"])
async def test_where_there_are_no_pictures_it_is_a_list_of_lines(
    start_talk: StartTalk, tmp_path: Path, how: str, cache: Path
) -> None:
    conversation(tmp_path, "one", 60)
    terminal = TERMINAL if how == "plain" else replace(TERMINAL, style="none")
    talking = start_talk(ui=UiConfig(plain=how == "plain"))
    async with open_gallery(talking, terminal=terminal, size=(80, 24)) as on:
        assert isinstance(on.choice, PictureLines)
        lines = on.text().splitlines()
        assert lines[1].startswith("> 2026-01-0")
        assert lines[1].endswith("A blue SNOWMAN 59")
        assert lines[2].startswith("  2026-01-0")
        await on.pilot.press("end")
        await on.pilot.pause()
        assert on.text().splitlines()[-3].startswith("> ")
        assert on.text().splitlines()[-3].endswith("A red fox in the snow 0")
        await on.pilot.resize_terminal(40, 12)
        await on.until_drawn()
        assert on.text().splitlines()[-3] == "> A red fox in the snow 0"
        assert thumbnails(cache) == []


async def test_prompts_are_text_and_nothing_else(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 1)
    history = tmp_path / "conversations" / "one" / "history.json"
    nasty = rb"[red]x[/] \u001b[2J\u001b]52;c;YQ==\u0007 \n end"
    changed_before(history, history.read_bytes().replace(b"A red fox in the snow 0", nasty))
    async with open_gallery(start_talk()) as on:
        assert "[red]x[/]    end" in on.line()
        assert "\x1b" not in on.text()


async def test_a_click_chooses_and_a_second_one_views(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 6)
    async with open_gallery(start_talk()) as on:
        await on.pilot.click(PictureGrid, offset=(24, 5))
        assert on.choice.at == 1
        await on.pilot.click(PictureGrid, offset=(24, 5))
        await until(lambda: isinstance(on.app.screen, ViewerScreen))
        await on.pilot.press("escape")
        await on.until_drawn()
        await on.pilot.click(PictureGrid, offset=(70, 15))  # beside the last one
        assert on.choice.at == 1


async def test_what_is_painted_meanwhile_comes_in_and_what_is_chosen_stays(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    conversation(tmp_path, "one", 3)
    async with open_gallery(start_talk()) as on:
        await on.pilot.press("right")
        before = on.chosen()
        on.talk.service.show()
        on.talk.session.start_image("a new one")
        await until(lambda: "a new one" in on.prompts())
        assert on.prompts()[0] == "a new one"
        assert on.chosen() == before


async def test_help_tells_of_it_and_the_footer_names_its_keys(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 1)
    async with open_gallery(start_talk(), size=(120, 90)) as on:
        for words in ("Enter Go there", "v View", "Esc Back", "^F Find"):
            assert words in on.footer()
        await on.pilot.press("f1")
        await until(lambda: isinstance(on.app.screen, HelpScreen))
        headings = [str(heading.content) for heading in on.app.screen.query(".heading").results(Static)]
        assert "In the gallery" in headings
        await on.pilot.press("escape", "escape")
        await until(lambda: isinstance(on.app.screen, ChatScreen))


async def test_keys_that_come_in_a_burst_are_for_the_words(start_talk: StartTalk, tmp_path: Path) -> None:
    conversation(tmp_path, "one", 8)
    async with open_gallery(start_talk()) as on:
        for key in ("slash", *"voyq"):
            on.app.simulate_key(key)
        await until(lambda: on.field.value == "voyq")
