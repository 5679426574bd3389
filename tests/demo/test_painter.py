"""Painting: what the pictures show is measured, in small sizes."""

import subprocess
import sys
from functools import cache
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from PIL.PngImagePlugin import PngInfo

from animus_tui.demo.painter import LARGEST, SMALLEST, paint
from animus_tui.demo.pictures import Handling

pytestmark = pytest.mark.slow

SIDE = 160


@cache
def painted(prompt: str, seed: int = 0) -> bytes:
    return paint(prompt, width=SIDE, height=SIDE, seed=seed)


def picture(prompt: str, seed: int = 0, source: bytes | None = None) -> Image.Image:
    if source is None:
        return opened(painted(prompt, seed))
    return opened(paint(prompt, width=SIDE, height=SIDE, seed=seed, source=source))


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=("PNG",)).copy()


def difference(first: Image.Image, second: Image.Image) -> float:
    """Return the mean absolute difference of two pictures, 0..255."""
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean) / 3


def brightness(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


def saturation(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("HSV")).mean[1]


def means(image: Image.Image) -> tuple[float, float, float]:
    red, green, blue = ImageStat.Stat(image).mean
    return red, green, blue


def lower(image: Image.Image) -> Image.Image:
    """Return the lower third."""
    return image.crop((0, SIDE * 2 // 3, SIDE, SIDE))


SCENES = [
    "a golden sunset over a calm ocean, long reflections, soft clouds",
    "a pine forest in fog at sunrise",
    "a city skyline at night",
    "snowy hills with a cottage at dusk",
    "northern lights over a lake",
    "a starry sky over the hills",
    "a sailing boat and a lighthouse in a storm",
    "a fox",
    "two cats at night",
    "portrait of a woman with glasses",
    "the meaning of quarterly reports",
]


def test_a_picture_is_not_flat_and_clearly_another_with_another_seed() -> None:
    for prompt in SCENES:
        assert difference(picture(prompt, 1), picture(prompt, 2)) > 4, prompt
        assert ImageStat.Stat(picture(prompt, 1).convert("L")).stddev[0] > 12, prompt


def test_the_same_words_and_seed_give_the_same_bytes_in_every_process() -> None:
    prompts = SCENES[::4]
    here = [sha256(paint(prompt, width=SIDE, height=SIDE, seed=1)).hexdigest() for prompt in prompts]
    code = (
        "import sys; from hashlib import sha256; from animus_tui.demo.painter import paint\n"
        f"for words in sys.argv[1:]: print(sha256(paint(words, width={SIDE}, height={SIDE}, seed=1)).hexdigest())"
    )
    asked = [sys.executable, "-c", code, *prompts]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert said.stdout.split() == here


def test_a_picture_has_the_size_that_was_asked_for() -> None:
    rows_of_height: list[int] = [SMALLEST, 257]
    for height in rows_of_height:
        rows_of_width: list[int] = [SMALLEST, 333]
        for width in rows_of_width:
            assert opened(paint("mountains by a lake", width=width, height=height)).size == (width, height)


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("a boat and a bird on the sea with a lighthouse", (LARGEST, SMALLEST)),
        ("a city in the snow", (SMALLEST, LARGEST)),
        ("a woman", (LARGEST, LARGEST)),
    ],
)
def test_the_largest_and_the_narrowest_sizes_are_painted(prompt: str, size: tuple[int, int]) -> None:
    assert opened(paint(prompt, width=size[0], height=size[1])).size == size


@pytest.mark.parametrize(
    ("width", "height", "word"), [(63, 64, "width"), (64, 2049, "height"), (0, 64, "width")]
)
def test_a_size_out_of_bounds_is_refused_with_a_sentence(width: int, height: int, word: str) -> None:
    with pytest.raises(ValueError, match=f"The {word} must be 64 to 2048 pixels"):
        paint("a lake", width=width, height=height)


def test_the_file_says_what_painted_it_and_from_what() -> None:
    text = opened(paint("a fjord – wide", width=64, height=64, seed=42)).info
    assert (text["Software"], text["Description"], text["Seed"]) == (
        "animus-chat demo",
        "a fjord – wide",
        "42",
    )


def test_any_words_give_a_picture() -> None:
    rows: list[str] = [
        "",
        " ",
        "x" * 10_000,
        "sea " * 5_000,
        "🌅🌊",
        "שקיעה מעל הים",
        "\x00\x07\x1b[2J\ud800",
        "\u202egpj.exe",
        "%s {0} <b>",
    ]
    for prompt in rows:
        data = paint(prompt, width=64, height=64)
        assert opened(data).size == (64, 64)
        assert opened(paint(prompt, width=64, height=64, source=data)).size == (64, 64)


@pytest.mark.parametrize("place", ["sea", "city"])
def test_night_is_darker_than_noon(place: str) -> None:
    assert brightness(picture(f"{place} at night")) < 0.6 * brightness(picture(f"{place} at noon"))


def test_the_sea_at_noon_is_blue_below_the_horizon() -> None:
    red, green, blue = means(lower(picture("the ocean at noon, clear sky")))
    assert blue > red + 25
    assert blue > green


def test_a_sunset_is_warm_and_hills_are_green() -> None:
    red, _, blue = means(picture("sunset over the sea"))
    assert red > blue + 20
    red, green, blue = means(lower(picture("hills at noon")))
    assert green > max(red, blue)


def test_snow_whitens_the_hills() -> None:
    snowy, green = lower(picture("snowy hills at noon")), lower(picture("hills at noon"))
    assert brightness(snowy) > brightness(green) + 40
    assert saturation(snowy) < saturation(green) / 2


@pytest.mark.parametrize("thing", ["fox", "house", "boat"])
def test_a_figure_has_the_colour_that_was_named(thing: str) -> None:
    red, blue = (picture(f"a {colour} {thing} at noon", 5) for colour in ("red", "blue"))
    changed = ImageChops.difference(red, blue).convert("L").point(lambda value: 255 * (value > 40))
    assert changed.getbbox() is not None
    red_part, blue_part = (ImageStat.Stat(image, changed).mean for image in (red, blue))
    assert red_part[0] - red_part[2] > blue_part[0] - blue_part[2] + 60


@pytest.mark.parametrize("thing", ["lighthouse", "boat", "fox", "hiker"])
def test_a_figure_is_seen_on_a_part_of_the_picture(thing: str) -> None:
    place = "the sea at noon" if thing in {"lighthouse", "boat", "bird"} else "the meadow at noon"
    changed = ImageChops.difference(picture(place, 4), picture(f"{place} with a {thing}", 4)).convert("L")
    share = sum(changed.point(lambda value: value > 25).histogram()[1:]) / SIDE**2
    assert 0.005 < share < 0.5


def test_negative_words_are_taken_out() -> None:
    def without(negative: str | None) -> Image.Image:
        handling = Handling(negative=negative)
        return opened(paint("a calm sea with a boat", width=SIDE, height=SIDE, seed=3, handling=handling))

    assert difference(without("boats, people"), picture("a calm sea", 3)) < 1
    assert difference(without(None), without("boats, people")) > 1


@pytest.fixture(scope="module")
def sunset() -> bytes:
    return painted("sunset over the sea", 5)


@pytest.mark.parametrize(
    "words", ["make the colours more vibrant", "more vivid colors please", "more saturation"]
)
def test_more_vibrant_raises_the_saturation_of_the_same_picture(sunset: bytes, words: str) -> None:
    changed = picture(words, 5, sunset)
    assert saturation(changed) > saturation(opened(sunset)) + 8
    assert difference(changed, opened(sunset)) < 40


def test_brighter_and_darker_change_the_brightness(sunset: bytes) -> None:
    plain = brightness(opened(sunset))
    assert brightness(picture("a bit brighter", 5, sunset)) > plain + 10
    assert brightness(picture("make it darker", 5, sunset)) < plain - 10


def test_warmer_and_colder_change_the_balance_of_red_and_blue(sunset: bytes) -> None:
    red, _, blue = means(opened(sunset))
    warm_red, _, warm_blue = means(picture("warmer", 5, sunset))
    cold_red, _, cold_blue = means(picture("colder", 5, sunset))
    assert warm_red - warm_blue > red - blue > cold_red - cold_blue


def test_an_edit_paints_the_merged_words_in_the_same_layout() -> None:
    rows: list[tuple[str, str, str]] = [
        ("the sea at sunset", "make it night", "the sea at night"),
        ("hills at noon", "add snow", "snowy hills at noon"),
        ("a calm sea with a boat at noon", "without the boat", "a calm sea at noon"),
        ("a calm sea at noon", "add a boat", "a calm sea with a boat at noon"),
        ("the sea at noon", "a city at night", "a city at night"),
        ("mountains at noon", "", "mountains at noon"),
    ]
    for before, change, together in rows:
        assert difference(picture(change, 7, painted(before, 7)), picture(together, 7)) < 0.1


def test_an_edit_of_an_edit_knows_all_words(sunset: bytes) -> None:
    with_boat = paint("add a boat", width=SIDE, height=SIDE, seed=5, source=sunset)
    at_night = paint("make it night", width=SIDE, height=SIDE, seed=5, source=with_boat)
    assert difference(opened(at_night), picture("a boat on the sea at night", 5)) < 0.1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_of_a_picture_from_elsewhere_the_words_alone_are_painted(kind: str) -> None:
    file = BytesIO()
    Image.new("RGB", (300, 90), (200, 90, 40)).save(file, kind)
    assert difference(picture("the sea at noon", 2, file.getvalue()), picture("the sea at noon", 2)) == 0


def test_false_words_in_a_file_do_no_harm() -> None:
    rows: list[dict[str, str]] = [
        {"Seed": "x"},
        {"Seed": "9" * 5000},
        {"Seed": "²"},
        {"Layout": "-1", "Seed": "1"},
        {},
    ]
    for chunks in rows:
        text = PngInfo()
        for name, value in {"Description": "sea " * 9000, **chunks}.items():
            text.add_text(name, value)
        file = BytesIO()
        Image.new("RGB", (64, 64)).save(file, "PNG", pnginfo=text)
        assert opened(paint("at night", width=64, height=64, source=file.getvalue())).size == (64, 64)


def test_a_source_that_is_no_picture_is_refused_with_a_sentence() -> None:
    rows: list[bytes] = [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"<svg/>"]
    for source in rows:
        with pytest.raises(ValueError, match="The picture to change cannot be read"):
            paint("darker", width=64, height=64, source=source)


def test_a_source_that_is_cut_off_is_refused(sunset: bytes) -> None:
    with pytest.raises(ValueError, match="The picture to change cannot be read"):
        paint("darker", width=64, height=64, source=sunset[: len(sunset) // 2])
