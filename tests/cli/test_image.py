"""`animus-chat image`: one picture, saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.support.program import Program


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.width, picture.height


def test_the_picture_is_saved_where_asked_and_its_path_printed(signed_in: Program) -> None:
    done = signed_in("image", "A fox in the snow", "-o", "fox.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{signed_in.home / 'fox.png'}\n"
    with Image.open(signed_in.home / "fox.png") as picture:
        assert picture.size == (256, 256)


def test_a_name_for_another_kind_of_picture_gets_the_right_suffix_and_the_path_says_so(
    signed_in: Program,
) -> None:
    done = signed_in("image", "A fox in the snow", "-o", "fox.jpg")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{signed_in.home / 'fox.png'}\n", "")
    assert not (signed_in.home / "fox.jpg").exists()
    with Image.open(signed_in.home / "fox.png") as picture:
        assert picture.format == "PNG"


def test_without_a_name_it_goes_to_the_pictures(signed_in: Program) -> None:
    signed_in.env["ANIMUS_IMAGE_SAVE_DIR"] = str(signed_in.home / "own")
    done = signed_in("image", "A fox in the snow")
    path = Path(done.stdout.rstrip("\n"))
    assert path.parent == signed_in.home / "own"
    assert "a-fox-in-the-snow" in path.name
    assert path.is_file()


def test_a_file_is_never_overwritten(signed_in: Program) -> None:
    target = signed_in.home / "fox.png"
    target.write_text("mine")
    done = signed_in("image", "A fox", "-o", "fox.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"animus-chat: {target} exists already and is left alone; choose another name.\n"
    assert target.read_text() == "mine"
    assert not (signed_in.home / "data").exists()


def test_a_seed_makes_the_same_picture_again(signed_in: Program) -> None:
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert signed_in("image", "A lake", "--seed", seed, "-o", f"{name}.png").returncode == 0
    pixels = [Image.open(signed_in.home / f"{name}.png").tobytes() for name in "abc"]
    assert pixels[0] == pixels[1] != pixels[2]


def test_a_picture_goes_into_a_conversation_and_looks_as_that_says(signed_in: Program) -> None:
    size = {"ANIMUS_IMAGE_WIDTH": "", "ANIMUS_IMAGE_HEIGHT": ""}
    signed_in.env |= size
    signed_in.configure("[image]\nwidth = 128\nheight = 64\n")
    assert signed_in("send", "Tell me a joke").returncode == 0
    (conversation,) = (signed_in.home / "data" / "conversations").iterdir()
    signed_in.configure("[image]\nwidth = 96\nheight = 96\n")
    for name, which in (("a", ("--conversation", conversation.name[:8])), ("b", ("-c",)), ("c", ())):
        assert signed_in("image", "A lake", *which, "-o", f"{name}.png").returncode == 0
    assert [size_of(signed_in.home / f"{name}.png") for name in "abc"] == [(128, 64), (128, 64), (96, 96)]
    history = json.loads((conversation / "history.json").read_bytes())
    assert ["image" in entry for entry in history] == [False, False, True, True]
    done = signed_in("image", "--info", "a.png", "-c")
    assert (done.returncode, "--info reads a picture" in done.stderr) == (2, True)


def test_json_is_events(signed_in: Program) -> None:
    done = signed_in("image", "--json", "A lake", "-o", "lake.png")
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in told]
    assert names[0] == "conversationOpened"
    assert names[1] == "imageGenerationStart"
    assert names[-2] == "imageGenerationComplete"
    assert told[-1] == {"event": "imageSaved", "path": str(signed_in.home / "lake.png")}
    assert (signed_in.home / "lake.png").is_file()


def test_a_picture_can_be_changed_by_its_address(signed_in: Program) -> None:
    told = signed_in("image", "--json", "A lake", "-o", "lake.png").stdout.splitlines()
    url = json.loads(told[-2])["imageUrl"]
    done = signed_in("image", "--json", "make the colours more vibrant", "--edit", url, "-o", "vibrant.png")
    assert done.returncode == 0, done.stderr
    assert (signed_in.home / "vibrant.png").read_bytes() != (signed_in.home / "lake.png").read_bytes()
    conversation = json.loads(done.stdout.splitlines()[0])["conversationId"]
    history = signed_in.home / "data" / "conversations" / conversation / "history.json"
    assert "Modified: make the colours more vibrant" in json.loads(history.read_text())[0]["content"]


def test_a_name_that_cannot_be_had_is_told_before_anything_is_spent(signed_in: Program) -> None:
    (signed_in.home / "file").touch()
    (signed_in.home / "link").symlink_to("none/of/these")
    names = ("file/lake.png", "link", "link/lake.png", "a" * 300 + ".png")
    for done in signed_in.in_one_process(*(["image", "A lake", "-o", name] for name in names)):
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert str(signed_in.home) in done.stderr
    assert not (signed_in.home / "data").exists()


@pytest.mark.parametrize("name", ["none/of/these/lake.png", "none", "none.d/"])
def test_a_folder_that_is_not_there_is_made_when_that_is_said_and_else_costs_nothing(
    signed_in: Program, name: str
) -> None:
    folder = signed_in.home / (name.rpartition("/")[0] or name)
    done = signed_in("image", "A lake", "-o", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"animus-chat: There is no folder {folder}; --parents makes it.\n"
    assert not (signed_in.home / "data").exists()
    assert not folder.exists()
    done = signed_in("image", "A lake", "-o", name, "--parents")
    assert (done.returncode, done.stderr) == (0, "")
    path = Path(done.stdout.rstrip("\n"))
    assert path.is_file()
    assert path.parent == folder


def test_a_folder_that_cannot_be_made_costs_nothing(signed_in: Program) -> None:
    done = signed_in("image", "A lake", "-o", f"{'x' * 300}/lake.png", "--parents")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert not (signed_in.home / "data").exists()


def test_pictures_that_go_to_a_file_in_place_of_a_folder_cost_nothing(signed_in: Program) -> None:
    taken = signed_in.home / "taken"
    taken.touch()
    signed_in.env["ANIMUS_IMAGE_SAVE_DIR"] = str(taken)
    done = signed_in("image", "A lake")
    assert done.returncode == 1
    assert done.stderr == f"animus-chat: The picture cannot be saved: {taken} is not a folder.\n"
    assert not (signed_in.home / "data").exists()


WRONG = [
    (["  "], "the prompt is blank"),
    (["x", "--edit", "lake.png"], "There is no picture “lake.png”"),
    (["x", "--edit", "data:image/png;base64,AA"], "not by its bytes (data:)"),
    (["x", "--size", "big"], "--size: “big” is not allowed; it takes width and height as 1024x768"),
    (["x", "--steps", "0"], "--steps: “0” is not allowed"),
    (["x", "--guidance", "nan"], "--guidance: “nan” is not allowed"),
    (["x", "--seed", "-1"], "--seed: “-1” is not allowed"),
    (["x", "--seed", "9" * 5000], "is not allowed; it takes a whole number"),
    (["x", "--seed", "9007199254740992"], "--seed: “9007199254740992” is not allowed"),
    (["x", "--count", "99"], "--count: “99” is not allowed"),
    (["x", "--negative", " "], "--negative: “ ” is not allowed"),
    (["x", "--strength", "0.5"], "--strength goes with an edit"),
    (["x", "--count", "2", "--model", "flux-dev"], "--model does not go with --count"),
]


def test_wrong_usage_spends_nothing(signed_in: Program) -> None:
    told = signed_in.in_one_process(*(["image", *arguments] for arguments, _ in WRONG))
    for (arguments, part), done in zip(WRONG, told, strict=True):
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert part in done.stderr
        assert done.stderr.count("\n") == 1
        assert len(done.stderr) < 300
    assert not (signed_in.home / "data").exists()


def test_a_picture_that_fails_is_a_sentence_and_exit_code_1(signed_in: Program) -> None:
    done = signed_in("image", "!fault 402", "-o", "x.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert not (signed_in.home / "x.png").exists()


def test_without_a_service_for_pictures_it_is_said_what_sets_one_up(program: Program) -> None:
    program.configure(
        '[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n[image]\nbackend = "none"\n'
    )
    done = program("image", "fox")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'animus-chat: No service makes pictures; "animus-chat init" sets one up.\n'
