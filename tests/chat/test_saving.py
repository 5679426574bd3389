from pathlib import Path

import pytest

from animus_tui.chat.messages import ImageRecord
from animus_tui.chat.saving import SaveError, file_name, save_picture

RECORD = ImageRecord(
    prompt="A golden sunset, over a calm ocean!", file="images/ab.png", created="2026-01-31T10:00:00.000Z"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.png"
    path.write_bytes(b"pixels")
    return path


def test_a_picture_is_named_after_date_and_prompt() -> None:
    assert file_name(RECORD) == "2026-01-31-a-golden-sunset-over-a-calm-ocean.png"


def test_a_long_prompt_is_cut_at_a_word() -> None:
    name = file_name(ImageRecord(prompt="word " * 40, file="x.png", created="2026-01-31T10:00:00.000Z"))
    assert name == "2026-01-31-" + "-".join(["word"] * 12) + ".png"


def test_a_prompt_without_letters_still_has_a_name() -> None:
    assert (
        file_name(ImageRecord(prompt="../..", file="x.webp", created="2026-01-31T"))
        == "2026-01-31-picture.webp"
    )


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
    with pytest.raises(SaveError, match=r"mine\.png exists already"):
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
    source: Path, tmp_path: Path, stored: str, asked: str, saved: str
) -> None:
    record = ImageRecord(prompt="A fox", file=f"images/{stored}", created=RECORD.created)
    assert save_picture(source, record, tmp_path / asked) == tmp_path / saved
    assert (tmp_path / saved).read_bytes() == b"pixels"


def test_a_name_with_another_suffix_that_is_taken_gets_a_number(source: Path, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"precious")
    assert save_picture(source, RECORD, tmp_path / "fox.jpg") == tmp_path / "fox-2.png"
    assert (tmp_path / "fox.png").read_bytes() == b"precious"


def test_a_folder_that_cannot_be_made_says_what_to_do(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SaveError, match="Choose another folder"):
        save_picture(source, RECORD, tmp_path / "file" / "deeper")


def test_a_picture_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="No such file"):
        save_picture(tmp_path / "gone.png", RECORD, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()
