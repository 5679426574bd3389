"""Characters and groups of the account, as plain values."""

import pytest

from animus_tui.errors import UserError
from tests.support.chat_service import Answer, png
from tests.support.image_jobs import Works
from tests.support.talk import Talk

MORE = {"pagination": {"has_more": False}}


async def test_characters_tell_their_training_in_words(talk: Talk, works: Works) -> None:
    characters = [
        {"character_id": "a", "name": "Ada", "status": "ready", "face_lora_status": "completed"},
        {
            "character_id": "b",
            "name": "Ben",
            "status": "training",
            "current_step": 4,
            "dataset_status": "approved",
            "face_lora_status": "in_progress",
            "body_lora_status": "queued",
        },
        {"character_id": "c", "status": None},
        {"character_id": "d", "name": "Dan", "face_lora_status": "COMPLETED"},
    ]
    works.answers["characters"] = Answer({"characters": characters, **MORE})
    told = [choice async for choice in talk.session.account.characters()]
    assert [(each.id, each.name, each.is_ready) for each in told] == [
        ("a", "Ada", True),
        ("b", "Ben", False),
        ("c", "c", False),
        ("d", "Dan", True),
    ]
    assert [each.training for each in told] == [
        "ready",
        "training, step 4, dataset approved, face in progress, body queued",
        "unknown",
        "ready",
    ]


async def test_groups_and_what_is_in_them(talk: Talk, works: Works) -> None:
    groups = [
        {
            "group_id": "g",
            "title": "Boats",
            "generation_count": 2,
            "preview_image_url": "https://example.com/p.png",
        }
    ]
    works.answers["generation/groups"] = Answer({"groups": groups, **MORE})
    generations = [
        {
            "generation_id": "1",
            "prompt": "a boat",
            "status": "completed",
            "result_urls": ["https://example.com/1.png"],
            "performance_metadata": {"seed": 7},
        },
        {"generation_id": "2", "prompt": "a hill", "status": "failed", "result_urls": []},
        {
            "generation_id": "3",
            "prompt": "waves",
            "status": "done",
            "result_urls": ["https://example.com/3.mp4?sig=1", "https://example.com/4.png"],
        },
    ]
    works.answers["generation/groups/g"] = Answer({"group_id": "g", "generations": generations, **MORE})
    (group,) = [group async for group in talk.session.account.groups()]
    assert (group.id, group.title, group.count) == ("g", "Boats", 2)
    pictures = [picture async for picture in talk.session.account.pictures("g")]
    assert [(picture.prompt, picture.seed, picture.is_video) for picture in pictures] == [
        ("a boat", 7, False),
        ("waves", None, True),
        ("waves", None, False),
    ]


async def test_what_the_service_refuses_is_one_error_of_ours(talk: Talk, works: Works) -> None:
    works.answers["generation/groups/g"] = Answer({"message": "no"}, status=404)
    works.answers["characters"] = Answer({"message": "Not today."}, status=403)
    with pytest.raises(UserError, match="no longer on the server"):
        _ = [picture async for picture in talk.session.account.pictures("g")]
    with pytest.raises(UserError, match=r"Not today\."):
        _ = [choice async for choice in talk.session.account.characters()]
    talk.service.files.extend([Answer(png()), Answer(b"<html>")])
    assert await talk.session.account.fetch(talk.service.url + "/file/x.png") == png()
    with pytest.raises(UserError, match="HTML"):
        await talk.session.account.fetch(talk.service.url + "/file/y.png")
