"""Credits: what things cost, what is left, and what happens when nothing is."""

import os
import subprocess
import sys

import httpx
import pytest

from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Studio, studio_with


async def balance(studio: Studio) -> float:
    answer = await studio.visitor.http.get(f"{studio.visitor.server.url}/demo/credits")
    left = answer.json()["balance"]
    assert isinstance(left, float | int)
    return left


async def test_each_kind_has_its_price_and_the_balance_goes_down(studio: Studio) -> None:
    studio.visitor.server.state.set_credits(20)
    first = (await studio.create("A lake", num_images=2)).json()
    assert (first["credits_deducted"], first["remaining_balance"]) == (2, 18)
    url = (await studio.ended(first["generation_id"]))["result_urls"][0]
    orders: list[tuple[dict[str, object], float, float]] = [
        ({"source_image_url": url}, 1.5, 16.5),
        ({"character_id": "char_vivian"}, 2, 14.5),
        ({"source_image_url": url, "convert_to_video": True}, 5, 9.5),
    ]
    for fields, price, left in orders:
        told = (await studio.create("at night", **fields)).json()
        assert (told["credits_deducted"], told["remaining_balance"]) == (price, left)
    assert await balance(studio) == 9.5


async def test_when_they_do_not_suffice_a_402_says_how_many_and_nothing_starts(studio: Studio) -> None:
    studio.visitor.server.state.set_credits(0.5)
    refused = await studio.create("A lake", character_id="char_vivian")
    assert refused.status_code == 402
    body = refused.json()
    assert (body["error"], body["required"], body["available"]) == ("insufficient_credits", 2, 0.5)
    assert "2 credits" in body["message"]
    assert "0.5 are left" in body["message"]
    assert await balance(studio) == 0.5
    assert (await studio.get("generation/groups")).json()["groups"] == []
    studio.visitor.server.state.set_credits(2)
    assert (await studio.create("A lake", character_id="char_vivian")).json()["remaining_balance"] == 0


async def test_simple_pictures_and_refused_orders_cost_nothing(studio: Studio) -> None:
    before = await balance(studio)
    assert (await studio.visitor.generate("A lake")).status_code == 200
    assert (await studio.create("A lake", source_image_url="file:///x")).status_code == 400
    assert (await studio.create("!fault 503")).status_code == 503
    assert await balance(studio) == before


async def test_the_balance_is_set_by_options_by_a_request_and_by_what_one_says() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=0, past_groups=0, credits=3)) as studio:
        assert await balance(studio) == 3
        url = f"{studio.visitor.server.url}/demo/credits"
        assert (await studio.visitor.http.post(url, json={"balance": 7.5})).json() == {"balance": 7.5}
        assert (await studio.visitor.http.post(url, json={"balance": -1})).status_code == 400
        assert await balance(studio) == 7.5
        for said, left in (("Use up my credits", 0), ("Top up my credits, please", 1000), ("!credits 4", 4)):
            await studio.visitor.message(said)
            assert await balance(studio) == left
        await studio.visitor.message("How much does it cost?")
        assert await balance(studio) == 4


def test_the_environment_says_what_the_account_has() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "animus_tui.demo"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"ANIMUS_DEMO_CREDITS": "2.5", "ANIMUS_DEMO_KEY": "a-key-of-mine"},
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        headers = {"Authorization": "Bearer a-key-of-mine"}
        answer = httpx.get(f"{url}/demo/credits", headers=headers, timeout=60)
        assert answer.json() == {"balance": 2.5}
        child.terminate()


@pytest.mark.parametrize("text", ["many", "nan"])
def test_credits_in_the_environment_that_are_none_are_one_sentence(text: str) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "animus_tui.demo"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ANIMUS_DEMO_CREDITS": text},
    )
    assert (child.returncode, child.stdout) == (2, "")
    assert child.stderr == "ANIMUS_DEMO_CREDITS takes a number from 0 to 1,000,000.\n"
