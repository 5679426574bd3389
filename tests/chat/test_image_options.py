"""How several sayings about a picture become what is sent."""

from typing import Any

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.chat.images.options import (
    PictureOptions,
    as_settings,
    configured,
    from_record,
    from_settings,
    merged,
)
from animus_tui.chat.images.service_options import needs_job, options_to_send
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import UsageError

NOTHING = PictureOptions()
ANIMUS = AnimusClient.image_capabilities


def test_what_is_said_goes_before_what_is_remembered_and_that_before_the_configuration() -> None:
    config = ImageConfig(width=512, height=512, num_inference_steps=10)
    remembered = PictureOptions(height=256, seed=1)
    force = merged(configured(config), remembered, PictureOptions(seed=2, negative="text"))
    assert (force.width, force.height, force.seed, force.steps) == (512, 256, 2, 10)
    assert (force.guidance, force.model, force.negative) == (7.5, "flux-schnell", "text")


def test_the_services_own_defaults_are_not_sent_unless_they_are_said() -> None:
    assert as_settings(options_to_send(ImageConfig(), NOTHING, capabilities=ANIMUS)) == {}
    assert as_settings(
        options_to_send(ImageConfig(width=512), NOTHING, PictureOptions(steps=20), capabilities=ANIMUS)
    ) == {
        "width": 512,
        "num_inference_steps": 20,
    }


def test_a_job_is_needed_only_for_what_the_simple_way_cannot_do() -> None:
    rows: list[tuple[PictureOptions, bool]] = [
        (PictureOptions(width=64, height=64, steps=1, guidance=1, seed=0, model="m", count=1), False),
        (PictureOptions(negative="text"), True),
        (PictureOptions(negative=""), False),
        (PictureOptions(count=2), True),
        (PictureOptions(strength=0), True),
        (PictureOptions(character="c"), True),
        (PictureOptions(group="g"), True),
    ]
    for options, is_job in rows:
        assert needs_job(options, ANIMUS) is is_job


def test_names_on_the_wire_are_those_of_the_service_and_what_is_blank_is_left_out() -> None:
    options = PictureOptions(
        width=1, height=2, steps=3, guidance=4, seed=0, count=5, negative="n", model="m", strength=0,
        character="c", face_lora=False, body_lora=True, face_swap=False, group="g",
    )  # fmt: skip
    assert as_settings(options) == {
        "width": 1,
        "height": 2,
        "num_inference_steps": 3,
        "guidance_scale": 4,
        "seed": 0,
        "num_images": 5,
        "negative_prompt": "n",
        "model": "m",
        "strength": 0,
        "character_id": "c",
        "use_face_lora": False,
        "use_body_lora": True,
        "face_swap": False,
        "group_title": "g",
    }
    assert as_settings(PictureOptions(negative="", character="", group="", count=1)) == {}


def test_what_is_remembered_and_goes_with_nothing_is_left_out_but_what_is_said_is_refused() -> None:
    remembered = PictureOptions(strength=0.5, face_swap=False, model="m", negative="text")
    assert options_to_send(ImageConfig(), remembered, capabilities=ANIMUS) == PictureOptions(negative="text")
    assert options_to_send(ImageConfig(), remembered, is_edit=True, capabilities=ANIMUS).strength == 0.5
    with pytest.raises(UsageError, match="--strength goes with an edit"):
        options_to_send(ImageConfig(), NOTHING, PictureOptions(strength=0.5), capabilities=ANIMUS)
    with pytest.raises(UsageError, match="need a character"):
        options_to_send(ImageConfig(), NOTHING, PictureOptions(face_swap=False), capabilities=ANIMUS)
    with pytest.raises(UsageError, match="--model does not go with --count and --negative"):
        options_to_send(ImageConfig(), remembered, PictureOptions(model="m", count=2), capabilities=ANIMUS)


def test_jobs_leave_the_model_to_the_service() -> None:
    config = ImageConfig(endpoint="generation/create", model="mine")
    assert options_to_send(config, NOTHING, capabilities=ANIMUS).model is None
    assert options_to_send(ImageConfig(model="mine"), NOTHING, capabilities=ANIMUS).model == "mine"


def test_a_blank_word_takes_back_what_is_remembered() -> None:
    remembered = PictureOptions(negative="text", character="c")
    sent = options_to_send(
        ImageConfig(), remembered, PictureOptions(negative="", character=""), capabilities=ANIMUS
    )
    assert as_settings(sent) == {}


def test_settings_by_their_names_on_the_wire_are_checked() -> None:
    assert from_settings({"width": 512, "unknown": 1, "seed": None}) == PictureOptions(width=512)
    with pytest.raises(UsageError, match="width: it must be a whole number from 64 to 4096"):
        from_settings({"width": 5})


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"width": 512, "num_images": 4, "seed": 3}, PictureOptions(width=512, seed=3)),
        ({"width": "wide", "seed": 3, "x": []}, PictureOptions(seed=3)),
        ({}, NOTHING),
    ],
)
def test_a_picture_is_made_again_with_what_it_was_made_with_and_alone(
    settings: dict[str, Any], options: PictureOptions
) -> None:
    assert from_record(settings) == options


def test_layers_leave_what_they_do_not_say() -> None:
    assert merged(PictureOptions(seed=1), NOTHING, PictureOptions(width=64)) == PictureOptions(
        seed=1, width=64
    )
