"""Characters: the list, their training, and that a face stays the same."""

from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageChops, ImageStat

from animus_tui.demo.account import CHARACTERS, training_of
from animus_tui.demo.painter import paint
from animus_tui.demo.painting.canvas import dice
from animus_tui.demo.painting.portrait import Sitter, sitter_of
from animus_tui.demo.painting.scene import HUES, read_scene
from animus_tui.demo.pictures import Handling
from tests.support.demo_visitor import Studio

READY = [character for character in CHARACTERS.values() if training_of(character).status == "ready"]
FIELDS = {
    "character_id",
    "name",
    "description",
    "status",
    "current_step",
    "face_images_count",
    "body_images_count",
    "dataset_status",
    "face_lora_status",
    "body_lora_status",
    "created_at",
    "updated_at",
}


async def test_the_characters_come_page_by_page_with_the_documented_fields(studio: Studio) -> None:
    whole = (await studio.get("characters")).json()
    assert whole["pagination"]["has_more"] is False
    assert all(set(character) == FIELDS for character in whole["characters"])
    first = (await studio.get("characters", limit=3)).json()
    rest = (await studio.get("characters", limit=20, offset=3)).json()
    assert first["characters"] + rest["characters"] == whole["characters"]
    assert first["pagination"] == {"limit": 3, "offset": 0, "returned": 3, "has_more": True}


async def test_they_are_in_several_states_of_their_training(studio: Studio) -> None:
    listed = (await studio.get("characters")).json()["characters"]
    states = {character["status"] for character in listed}
    assert {"ready", "training", "draft", "failed"} <= states
    [training] = [character for character in listed if character["status"] == "training"]
    assert training["current_step"] == 4
    assert training["face_lora_status"] == "training"
    one = (await studio.get(f"characters/{training['character_id']}")).json()
    assert one == training
    assert (await studio.get("characters/char_nobody")).status_code == 404


async def test_only_a_trained_character_is_rendered(studio: Studio) -> None:
    for key, character in CHARACTERS.items():
        answer = await studio.create("on a beach", character_id=key)
        assert answer.status_code == (200 if character in READY else 400)
        if character not in READY:
            assert character.name in answer.json()["message"]
    unknown = await studio.create("on a beach", character_id="char_nobody")
    assert unknown.status_code == 404


async def test_capabilities_name_every_kind_with_its_price(studio: Studio) -> None:
    kinds = (await studio.get("generation/capabilities")).json()["generation_types"]
    prices = {kind["generation_type"]: kind["credits"] for kind in kinds}
    assert prices == {"text_to_image": 1, "photo_edit": 1.5, "character_render": 2, "image_to_video": 5}


def who(prompt: str, likeness: str, seed: int) -> Sitter:
    return sitter_of(read_scene(prompt), likeness, dice(seed))


def test_a_face_is_the_same_whatever_the_words_and_the_seed_say() -> None:
    for character in READY:
        prompts = ["on a beach", "an old man with blue hair and a beard", "a blonde girl with glasses", ""]
        sitters = [who(prompt, character.face, seed) for prompt in prompts for seed in (0, 1, 2)]
        assert len({replace(sitter, dress="") for sitter in sitters}) == 1


def test_two_characters_have_two_faces() -> None:
    faces = {replace(who("on a beach", character.face, 0), dress="") for character in READY}
    assert len(faces) == len(READY)


def test_the_clothes_are_the_pictures() -> None:
    assert who("on a beach in a red dress", READY[0].face, 0).dress == HUES["red"]


def test_the_painted_faces_are_nearer_to_each_other_than_to_anothers() -> None:
    def middle(likeness: str, prompt: str, seed: int) -> Image.Image:
        data = paint(prompt, width=160, height=160, seed=seed, handling=Handling(likeness=likeness))
        return Image.open(BytesIO(data)).crop((50, 40, 110, 110)).resize((12, 14), Image.Resampling.BOX)

    def apart(first: Image.Image, second: Image.Image) -> float:
        return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean)

    one = middle(READY[0].face, "in the hills at noon", 1)
    same = middle(READY[0].face, "on a beach at noon in a green coat", 2)
    other = middle(READY[2].face, "in the hills at noon", 1)
    assert apart(one, same) * 2 < apart(one, other)


async def test_without_its_face_a_character_is_anybody(studio: Studio) -> None:
    fields = {"character_id": "char_vivian", "seed": 3}
    [known] = await studio.results("on a beach", **fields)
    [swapped] = await studio.results("on a beach", use_face_lora=False, **fields)
    [anybody] = await studio.results("on a beach", use_face_lora=False, face_swap=False, **fields)
    assert known == swapped
    assert anybody != known


async def test_a_changed_render_keeps_the_face_of_the_picture(studio: Studio) -> None:
    render = await studio.made("on a beach", character_id="char_keeper")
    [url] = render["result_urls"]
    before = await studio.fetched(url)
    [edit] = await studio.results("warmer", source_image_url=url, character_id="char_keeper", strength=0.4)
    first, second = (Image.open(BytesIO(data)).convert("L") for data in (before, edit))
    assert ImageStat.Stat(ImageChops.difference(first, second)).mean[0] < 12
    assert edit != before
