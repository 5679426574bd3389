import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image, ImageChops

from animus_tui.chat.images.metadata import metadata_of, read_metadata
from animus_tui.chat.images.saving import file_name, main_file, save_picture
from animus_tui.chat.messages import ImageRecord
from animus_tui.errors import UserError
from tests.support.chat_service import png
from tests.support.stored_history import files_no_longer_than

RECORD = ImageRecord(
    prompt="A golden sunset, over a calm ocean!", file="images/ab.png", created="2026-01-31T10:00:00.000Z"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.png"
    path.write_bytes(b"pixels")
    return path


def test_a_picture_is_named_after_date_and_prompt() -> None:
    assert file_name(RECORD, ".png") == "2026-01-31-a-golden-sunset-over-a-calm-ocean.png"


def test_a_long_prompt_is_cut_at_a_word() -> None:
    name = file_name(replace(RECORD, prompt="word " * 40), ".png")
    assert name == "2026-01-31-" + "-".join(["word"] * 12) + ".png"


def test_a_prompt_without_letters_still_has_a_name() -> None:
    assert file_name(replace(RECORD, prompt="../.."), ".webp") == "2026-01-31-picture.webp"


def test_saving_into_a_folder_never_overwrites(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pictures"
    saved = [save_picture(source, RECORD, folder) for _ in range(4)]
    assert [path.name.removeprefix("2026-01-31-a-golden-sunset-over-a-calm-ocean") for path in saved] == [
        ".png",
        "-2.png",
        "-3.png",
        "-4.png",
    ]
    assert {path.read_bytes() for path in saved} == {b"pixels"}


def test_a_file_that_exists_is_left_alone_and_the_sentence_says_so(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine.png"
    target.write_bytes(b"precious")
    with pytest.raises(UserError, match=r"mine\.png exists already"):
        save_picture(source, RECORD, target)
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("stored", "asked", "saved"),
    [
        ("a.png", "fox.jpg", "fox.png"),
        ("a.png", "fox.PNG", "fox.PNG"),
        ("a.jpeg", "fox.jpg", "fox.jpg"),
        ("a.jpeg", "fox.JPE", "fox.JPE"),
        ("a.jpeg", "fox.png", "fox.jpeg"),
        ("a.webp", "fox.of.winter.gif", "fox.of.winter.webp"),
        ("a.png", "fox.v2", "fox.v2.png"),
    ],
)
def test_a_name_keeps_its_words_and_gets_the_suffix_of_what_the_picture_is(
    tmp_path: Path, stored: str, asked: str, saved: str
) -> None:
    source = tmp_path / stored
    source.write_bytes(b"pixels")
    assert save_picture(source, RECORD, tmp_path / asked) == tmp_path / saved
    assert (tmp_path / saved).read_bytes() == b"pixels"


def test_a_name_with_another_suffix_that_is_taken_gets_a_number(source: Path, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"precious")
    assert save_picture(source, RECORD, tmp_path / "fox.jpg") == tmp_path / "fox-2.png"
    assert (tmp_path / "fox.png").read_bytes() == b"precious"


def test_pictures_that_belong_together_share_a_name(source: Path, tmp_path: Path) -> None:
    (tmp_path / "fox-2.png").write_bytes(b"precious")
    saved = [save_picture(source, RECORD, tmp_path / "fox.png", numbered=n > 0) for n in range(3)]
    assert [path.name for path in saved] == ["fox.png", "fox-3.png", "fox-4.png"]


def test_of_a_clip_the_clip_is_saved() -> None:
    assert main_file(RECORD) == "images/ab.png"
    assert main_file(replace(RECORD, video="images/cd.mp4")) == "images/cd.mp4"


def test_a_folder_that_cannot_be_made_says_what_to_do(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="Choose another folder"):
        save_picture(source, RECORD, tmp_path / "file" / "deeper")


def test_a_picture_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        save_picture(tmp_path / "gone.png", RECORD, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


def test_a_saved_png_tells_what_it_was_made_from_and_is_the_same_picture(tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(png(32, 24, 200))
    saved = save_picture(source, RECORD, tmp_path / "out.png")
    assert read_metadata(saved) == metadata_of(RECORD)
    with Image.open(saved) as picture, Image.open(source) as original:
        assert picture.size == (32, 24)
        assert ImageChops.difference(picture, original).getbbox() is None


def test_a_picture_that_is_saved_from_a_saved_one_has_its_facts_once(tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(png())
    once = save_picture(source, RECORD, tmp_path / "once.png")
    assert save_picture(once, RECORD, tmp_path / "twice.png").read_bytes() == once.read_bytes()


def test_other_kinds_are_copied_byte_for_byte(tmp_path: Path) -> None:
    for suffix in (".jpeg", ".webp", ".mp4"):
        source = tmp_path / f"source{suffix}"
        source.write_bytes(b"any bytes")
        saved = save_picture(source, RECORD, tmp_path / "out.png")
        assert (saved.suffix, saved.read_bytes()) == (suffix, b"any bytes")


@pytest.mark.parametrize("name", ["out", "out.png"])
def test_a_picture_that_finds_no_room_is_not_left_half_written_and_keeps_its_own_file(
    tmp_path: Path, name: str
) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(png(400, 400))
    before = source.read_bytes()
    with (
        files_no_longer_than(len(before)),
        pytest.raises(UserError, match=r"File too large\. Choose another"),
    ):
        save_picture(source, RECORD, tmp_path / name)
    assert source.read_bytes() == before
    assert [path for path in tmp_path.rglob("*.png") if path != source] == []


def test_a_folder_that_must_not_be_written_to_is_told(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    tmp_path.chmod(0o755)
    source.chmod(0o644)
    script = (
        "import os, sys; from pathlib import Path\n"
        "from animus_tui.chat.images import saving; from animus_tui.chat.messages import ImageRecord\n"
        "source, folder = map(Path, sys.argv[1:])\n"
        "target = os.open(folder, os.O_RDONLY); data = os.open(source, os.O_RDONLY)\n"
        "os.getuid() or (os.setgid(65534), os.setuid(65534))  # nothing is forbidden to the administrator\n"
        "source, folder = Path(f'/proc/self/fd/{data}'), Path(f'/proc/self/fd/{target}')\n"
        "try: saving.save_picture(source, ImageRecord(prompt='x', file='images/a.webp'), folder)\n"
        "except saving.UserError as error: print(error)\n"
    )
    if not Path("/proc/self/fd").exists():
        pytest.skip("only Linux hands on what is open")
    done = subprocess.run(
        [sys.executable, "-c", script, source, folder], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Permission denied. Choose another folder." in done.stdout


def test_a_name_is_one_name_whatever_the_history_says() -> None:
    rows: list[tuple[str, str, str]] = [
        ("狐" * 80, "2026-01-31T", "2026-01-31-" + "狐" * 60),
        ("𠀀" * 80, "2026-01-31T", "2026-01-31-" + "𠀀" * 50),
        ("हिन्दी में", "2026-01-31T", "2026-01-31-हिन्दी-में"),
        ("Cafe\u0301", "2026-01-31T", "2026-01-31-café"),
        ("A fox", "../../../x", "undated-a-fox"),
        ("A fox", "", "undated-a-fox"),
        ("../\x1b[2J\ud800/etc", "2026-01-31T", "2026-01-31-2j-etc"),
    ]
    for prompt, created, name in rows:
        full = file_name(replace(RECORD, prompt=prompt, created=created), ".png")
        assert full == f"{name}.png"
        assert len(full.encode()) < 255
