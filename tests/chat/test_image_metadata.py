"""What a saved picture tells of how it was made."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image, PngImagePlugin

from animus_tui.chat.images.metadata import (
    KEYWORD,
    ImageMetadata,
    metadata_of,
    read_metadata,
    with_metadata,
)
from animus_tui.chat.messages import ImageRecord
from animus_tui.errors import UserError
from animus_tui.png_chunks import MOST_TEXT, with_texts
from tests.support.chat_service import png

RECORD = ImageRecord(
    prompt='A "fox" in the snow,\nat dusk 🦊',
    file="images/ab.png",
    created="2026-01-31T10:00:00.000Z",
    settings={"seed": 7, "model": "flux-schnell", "width": 1024, "negative_prompt": "blur"},
    source_url="https://user:planted@pictures.example/a.png?signature=planted",
    width=8,
    height=6,
)
FACTS = ImageMetadata(
    prompt=RECORD.prompt,
    created=RECORD.created,
    seed=7,
    model="flux-schnell",
    settings={"width": 1024, "negative_prompt": "blur"},
    source="https://pictures.example/a.png?…",
    width=8,
    height=6,
)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_the_facts_of_a_record_hold_no_secret_of_an_address() -> None:
    assert metadata_of(RECORD) == FACTS
    assert b"planted" not in b"".join(with_metadata(png(), metadata_of(RECORD)))


def test_a_model_that_the_service_told_goes_before_the_one_that_was_asked_for() -> None:
    assert metadata_of(replace(RECORD, model="flux-dev")).model == "flux-dev"


def test_the_picture_itself_is_no_fact() -> None:
    record = ImageRecord(prompt="x", file="x.png", source_url="data:image/png;base64,AAAA")
    assert metadata_of(record).source is None


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", b"".join(with_metadata(png(), FACTS)))
    assert read_metadata(path) == FACTS


def test_any_program_reads_prompt_and_time(tmp_path: Path) -> None:
    with Image.open(write(tmp_path / "a.png", b"".join(with_metadata(png(), FACTS)))) as picture:
        assert isinstance(picture, PngImagePlugin.PngImageFile)
        assert picture.text["Description"] == RECORD.prompt
        assert picture.text["Creation Time"] == "2026-01-31T10:00:00.000Z"


def test_the_facts_survive_a_program_that_writes_the_file_anew(tmp_path: Path) -> None:
    with Image.open(write(tmp_path / "a.png", b"".join(with_metadata(png(), FACTS)))) as picture:
        assert isinstance(picture, PngImagePlugin.PngImageFile)
        info = PngImagePlugin.PngInfo()
        for keyword, text in picture.text.items():
            info.add_itxt(keyword, text, zip=True)
        picture.save(tmp_path / "b.png", pnginfo=info)
    assert read_metadata(tmp_path / "b.png") == FACTS


def test_other_kinds_of_picture_stay_as_they_are() -> None:
    assert b"".join(with_metadata(b"\xff\xd8\xff jpeg", FACTS)) == b"\xff\xd8\xff jpeg"


def test_a_prompt_too_long_to_be_read_again_is_not_written() -> None:
    facts = ImageMetadata(prompt="x" * MOST_TEXT, created="2026")
    written = b"".join(with_metadata(png(), facts))
    assert b"Creation Time" in written
    assert len(written) < 1000


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png(), "No generation metadata in"),
        (b"\xff\xd8\xff\xe0 jpeg", "is a JPEG picture; only PNG"),
        (b"RIFF\0\0\0\0WEBP", "is a WebP picture; only PNG"),
        (b"just text", "is not a picture"),
        (b"", "is not a picture"),
        (b"".join(with_texts(png(), {KEYWORD: "not JSON"})), "is damaged"),
        (b"".join(with_texts(png(), {KEYWORD: '{"seed": 7}'})), "is damaged"),
        (b"".join(with_texts(png(), {KEYWORD: '{"prompt": 7}'})), "is damaged"),
        (b"".join(with_texts(png(), {KEYWORD: '{"prompt":"x","settings":' + '{"a":' * 5000})), "is damaged"),
    ],
)
def test_a_file_that_tells_nothing_is_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        read_metadata(write(tmp_path / "file", data))
    assert str(tmp_path / "file") in str(caught.value)


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, sentence in (("none", "No such file"), (".", "not a file"), ("pipe", "not a file")):
        with pytest.raises(UserError, match=sentence):
            read_metadata(tmp_path / name)


def test_facts_of_a_later_version_are_read_as_far_as_they_are_known(tmp_path: Path) -> None:
    text = '{"prompt":"A fox","seed":7,"mood":{"warm":true}}'
    path = write(tmp_path / "a.png", b"".join(with_texts(png(), {KEYWORD: text})))
    assert read_metadata(path) == ImageMetadata(prompt="A fox", seed=7)


A1111_VALUE = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
"""As A1111 reads the last line of its `parameters`."""


@pytest.mark.parametrize(("prompt", "kind"), [("a fox\nin snow", b"tEXt"), ("ein Füchslein 狐", b"iTXt")])
def test_a1111_and_civitai_read_the_parameters(tmp_path: Path, prompt: str, kind: bytes) -> None:
    settings = {"negative_prompt": "fog, text", "num_inference_steps": 20, "guidance_scale": 7.5, "seed": 7}
    record = ImageRecord(
        prompt=prompt, file="x.png", settings=settings, model="flux, schnell", width=1024, height=768
    )
    written = b"".join(with_metadata(png(), metadata_of(record)))
    assert kind + b"parameters\0" in written
    with Image.open(write(tmp_path / "a.png", written)) as picture:
        *lines, last = picture.info["parameters"].split("\n")
    assert "\n".join(lines) == f"{prompt}\nNegative prompt: fog, text"
    assert dict(A1111_VALUE.findall(last)) == {
        "Steps": "20",
        "CFG scale": "7.5",
        "Seed": "7",
        "Size": "1024x768",
        "Model": '"flux, schnell"',
    }
