"""`animus-chat image` with everything that can be said about a picture."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from animus_tui.chat.images.metadata import read_metadata
from tests.support.chat_service import KEY, Answer, Service
from tests.support.program import Program

if TYPE_CHECKING:
    from pathlib import Path


def paths(out: str, folder: Path) -> list[str]:
    return [line.removeprefix(f"{folder}/") for line in out.splitlines()]


def complaints(errors: str) -> list[str]:
    """Lines on standard error, without those that tell how far it is."""
    return [line for line in errors.splitlines() if not line.startswith("animus-chat: generating: ")]


def data_url(shade: int) -> str:
    url: str = Service.picture(shade).body["output"][0]
    return url


def at(service: Service, home: Path) -> Program:
    """The program, with a service that does as the test says."""
    own = {"ANIMUS_API_KEY": KEY, "ANIMUS_BASE_URL": f"{service.url}/v3"}
    return Program(home, own | {"ANIMUS_GENERATION_URL": f"{service.url}/v2"})


async def test_each_option_arrives_under_its_own_name(tmp_path: Path) -> None:
    async with Service().running() as service:
        job = {"generation_id": "g", "status": "done", "result_urls": [data_url(1)]}
        service.jobs.append(Answer(job))
        program = at(service, tmp_path)
        done = await asyncio.to_thread(
            program,
            *("image", "A fox", "--size", "640x512", "--steps", "30", "--guidance", "3.5", "--seed", "7"),
            *("--negative", "text, blur", "--strength", "0.25", "--edit", "https://pictures.example/a.png"),
            *("--character", "ch-1", "--face-swap", "off", "--group", "Foxes", "-o", "out.png"),
        )
        assert (done.returncode, done.stderr, done.stdout) == (0, "", f"{tmp_path / 'out.png'}\n")
        assert service.job_bodies == [
            {
                "prompt": "A fox",
                "width": 640,
                "height": 512,
                "num_inference_steps": 30,
                "guidance_scale": 3.5,
                "seed": 7,
                "negative_prompt": "text, blur",
                "strength": 0.25,
                "source_image_url": "https://pictures.example/a.png",
                "character_id": "ch-1",
                "face_swap": False,
                "group_title": "Foxes",
            }
        ]


def test_several_pictures_get_names_beside_each_other_and_each_tells_its_seed(signed_in: Program) -> None:
    (signed_in.home / "fox-3.png").write_text("mine")
    done = signed_in("image", "A fox", "--count", "4", "--seed", "5", "--size", "96x64", "-o", "fox.png")
    assert (done.returncode, complaints(done.stderr)) == (0, [])
    names = ["fox.png", "fox-2.png", "fox-4.png", "fox-5.png"]
    assert paths(done.stdout, signed_in.home) == names
    assert (signed_in.home / "fox-3.png").read_text() == "mine"
    facts = [read_metadata(signed_in.home / name) for name in names]
    assert [each.seed for each in facts] == [5, 6, 7, 8]
    assert {(each.prompt, each.width, each.height) for each in facts} == {("A fox", 96, 64)}
    pixels = set()
    for name in names:
        with Image.open(signed_in.home / name) as picture:
            assert picture.size == (96, 64)
            pixels.add(picture.tobytes())
    assert len(pixels) == 4


def test_several_pictures_as_events(signed_in: Program) -> None:
    done = signed_in(
        "image", "A fox", "--count", "2", "--size", "64x64", "-o", "foxes", "--parents", "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    saved = [event["path"] for event in told if event["event"] == "imageSaved"]
    assert len(saved) == 2
    assert sorted(saved) == sorted(str(path) for path in (signed_in.home / "foxes").iterdir())
    assert next(event for event in told if event["event"] == "imageGenerationStart")["count"] == 2
    assert next(event for event in told if event["event"] == "creditsTold")["cost"] > 0


async def test_of_several_those_that_came_are_saved_and_the_exit_code_is_1(tmp_path: Path) -> None:
    async with Service().running() as service:
        urls = [data_url(1), f"{service.url}/file/gone", data_url(2)]
        service.jobs.append(Answer({"generation_id": "g", "status": "done", "result_urls": urls}))
        service.files.append(Answer({"message": "gone"}, status=404))
        program = at(service, tmp_path)
        done = await asyncio.to_thread(program, "image", "A fox", "--count", "3", "-o", "fox.png")
        assert done.returncode == 1
        assert paths(done.stdout, tmp_path) == ["fox.png", "fox-2.png"]
        (sentence,) = complaints(done.stderr)
        assert sentence.startswith("animus-chat: 1 of 3 pictures did not come: ")


def test_a_job_that_fails_is_a_sentence_and_exit_code_1(signed_in: Program) -> None:
    done = signed_in("image", "fail this", "--count", "2", "-o", "x.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(complaints(done.stderr)) == 1
    assert not list(signed_in.home.glob("*.png"))


def test_a_character_that_nobody_knows_is_a_sentence_and_exit_code_1(signed_in: Program) -> None:
    done = signed_in("image", "A portrait", "--character", "nobody", "-o", "x.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(complaints(done.stderr)) == 1


def test_credits_are_told_on_request(signed_in: Program) -> None:
    done = signed_in("image", "A fox", "--count", "2", "--size", "64x64", "-o", "fox.png", "-v")
    assert done.returncode == 0
    (line,) = [line for line in done.stderr.splitlines() if "credits" in line]
    assert line.startswith("animus-chat: credits: 2 spent, ")
    assert line.endswith(" left")


async def test_ctrl_c_ends_it_cleanly_and_the_job_is_kept_for_the_next_start(tmp_path: Path) -> None:
    async with Service().running() as service:
        service.jobs.append(Answer({"generation_id": "g", "status": "queued", "estimated_time": 30}))
        service.jobs.extend(
            Answer({"generation_id": "g", "status": "running", "progress": 5}) for _ in range(90)
        )
        process = at(service, tmp_path).start("image", "A fox", "--count", "2", "-o", "fox.png", "--json")
        assert process.stdout is not None
        while "imageGenerationProgress" not in await asyncio.to_thread(process.stdout.readline):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, errors = await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == 130
        assert errors.startswith("animus-chat: Cancelled: The service goes on with it")
        assert errors.count("\n") == 1
        assert json.loads(out.splitlines()[-1])["event"] == "imageGenerationError"
        assert len(service.job_bodies) == 1
        assert not (tmp_path / "fox.png").exists()


def test_pictures_that_find_no_room_are_kept_in_their_conversation(signed_in: Program) -> None:
    """The disk is a file system of 64 KiB that only the program sees."""
    if shutil.which("unshare") is None:
        pytest.skip("only Linux shows a process a file system of its own")
    folder = signed_in.home / "disk"
    folder.mkdir()
    script = 'mount -t tmpfs -o size=64k tmpfs "$0" || exit 77; exec "$@"'
    command = [
        sys.executable,
        "-m",
        "animus_tui",
        "image",
        "A fox",
        "--size",
        "512x512",
        "-o",
        "disk/fox.png",
    ]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(folder), *command],
        env=signed_in.environment,
        cwd=signed_in.home,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip("only the administrator may mount a file system")
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = complaints(done.stderr)
    assert "No space left on device. Choose another folder. It is kept as " in sentence
    kept = sentence.rstrip(".").rpartition("It is kept as ")[2]
    with Image.open(kept) as picture:
        assert picture.size == (512, 512)


async def test_the_appearance_is_joined_to_the_prompt_unless_it_is_to_be_plain(tmp_path: Path) -> None:
    async with Service().running() as service:
        service.images += [Answer({"output": [data_url(shade)]}) for shade in (1, 2)]
        own = {"ANIMUS_API_KEY": KEY, "ANIMUS_BASE_URL": f"{service.url}/v3"}
        program = Program(tmp_path, own | {"ANIMUS_CHAT_APPEARANCE": "a tall man"})
        for number, more in enumerate(([], ["--plain"])):
            done = await asyncio.to_thread(program, "image", "At sea", "-o", f"{number}.png", *more)
            assert (done.returncode, done.stderr) == (0, "")
        assert [body["prompt"] for body in service.image_bodies] == ["At sea, a tall man", "At sea"]
    assert read_metadata(tmp_path / "0.png").prompt == "At sea, a tall man"
