"""Characters of the account."""

from __future__ import annotations

from animus_tui.backends.animus.media_values import Character
from tests.support.backend_client import client_of, told
from tests.support.scripted_server import scripted


async def test_characters_come_with_the_state_of_their_training() -> None:
    whole = {
        "character_id": "c1",
        "name": "Vivian",
        "description": "Likes rain",
        "status": "ready",
        "current_step": 3,
        "face_images_count": "12",
        "body_images_count": None,
        "dataset_status": "done",
        "face_lora_status": "completed",
        "body_lora_status": "training at 40 %",
        "created_at": "2025-01-02T03:04:05Z",
        "updated_at": "2025-01-03T03:04:05Z",
    }
    expected = Character(
        character_id="c1",
        name="Vivian",
        description="Likes rain",
        status="ready",
        current_step="3",
        face_images_count=12,
        dataset_status="done",
        face_lora_status="completed",
        body_lora_status="training at 40 %",
        created_at="2025-01-02T03:04:05Z",
        updated_at="2025-01-03T03:04:05Z",
    )
    async with (
        scripted(told(characters=[whole]), told(**whole), told(character=whole)) as server,
        client_of(server) as client,
    ):
        assert [each async for each in client.characters()] == [expected]
        assert await client.character("c1") == expected
        assert await client.character("c1") == expected
    assert [request.path for request in server.received] == [
        "/characters?limit=20&offset=0",
        "/characters/c1",
        "/characters/c1",
    ]
