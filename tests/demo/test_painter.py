"""Painting: what the pictures show is measured, in small sizes."""

from functools import cache
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from animus_tui.demo.painter import LARGEST, SMALLEST, paint
from animus_tui.demo.painting.scene import read_scene
from animus_tui.demo.painting.view import set_up

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


def unmarked(image: Image.Image) -> Image.Image:
    """Return the picture without the corner that carries the mark."""
    clean = image.copy()
    clean.paste((0, 0, 0), (SIDE * 3 // 4, SIDE * 7 // 8, SIDE, SIDE))
    return clean


SCENES = [
    "a golden sunset over a calm ocean, long reflections, soft clouds",
    "mountains by a lake at noon",
    "a pine forest in fog at sunrise",
    "an autumn forest",
    "a city skyline at night",
    "a neon city in the rain",
    "desert dunes",
    "a meadow of red poppies",
    "snowy hills with a cottage at dusk",
    "northern lights",
    "a spiral galaxy",
    "a planet in space",
    "fish in a coral reef",
    "portrait of a woman with glasses",
    "a man with a beard on a beach",
    "a cat",
    "an owl",
    "a whale",
    "dolphins",
    "butterflies",
    "a sailing boat and a lighthouse in a storm",
    "a castle and hot air balloons",
    "a lone tree",
    "palms on a beach",
    "a rainbow",
    "a cat on a windowsill",
    "a bowl of fruit",
    "a cup of coffee, a candle and a book at night",
    "a vase of red tulips",
    "a red bicycle in Paris",
    "a car in the rain",
    "a rocket",
    "a dragon",
    "a lion",
    "a bridge over a river",
    "the meaning of quarterly figures",
]


@pytest.mark.parametrize("prompt", SCENES)
def test_the_same_words_and_seed_give_the_same_bytes(prompt: str) -> None:
    assert paint(prompt, width=SIDE, height=SIDE, seed=1) == painted(prompt, 1)


@pytest.mark.parametrize("prompt", SCENES)
def test_another_seed_gives_a_clearly_different_picture(prompt: str) -> None:
    assert difference(picture(prompt, 1), picture(prompt, 2)) > 4


@pytest.mark.parametrize("prompt", SCENES)
def test_a_picture_is_neither_flat_nor_empty(prompt: str) -> None:
    assert ImageStat.Stat(picture(prompt, 1).convert("L")).stddev[0] > 12


@pytest.mark.parametrize("width", [SMALLEST, 100, 333])
@pytest.mark.parametrize("height", [SMALLEST, 257])
def test_a_picture_has_the_size_that_was_asked_for(width: int, height: int) -> None:
    assert opened(paint("mountains by a lake", width=width, height=height)).size == (width, height)


@pytest.mark.parametrize("size", [(LARGEST, SMALLEST), (SMALLEST, LARGEST), (LARGEST, LARGEST)])
@pytest.mark.parametrize(
    "prompt", ["a boat on the sea, watercolour", "a woman", "an autumn forest with a deer"]
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


def test_the_mark_stands_in_the_lower_right_corner() -> None:
    image = opened(paint("minimalist fog", width=512, height=512)).convert("L")
    corner, beside = image.crop((470, 490, 512, 512)), image.crop((400, 490, 442, 512))
    assert ImageStat.Stat(corner).stddev[0] > ImageStat.Stat(beside).stddev[0] + 3


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "x" * 10_000,
        "sea " * 5_000,
        "🌅🌊",
        "שקיעה מעל הים",
        "\x00\x07\x1b[2J\ud800",
        "\u202egpj.exe",
        "%s {0} <b>",
    ],
    ids=[
        "empty",
        "blank",
        "one long word",
        "long",
        "emoji",
        "right to left",
        "control",
        "override",
        "markup",
    ],
)
def test_any_words_give_a_picture(prompt: str) -> None:
    assert opened(paint(prompt, width=64, height=64)).size == (64, 64)


@pytest.mark.parametrize("place", ["sea", "mountains", "city", "meadow", "desert", "pine forest"])
def test_night_is_darker_than_noon(place: str) -> None:
    assert brightness(picture(f"{place} at night")) < 0.6 * brightness(picture(f"{place} at noon"))


def test_the_sea_at_noon_is_blue_below_the_horizon() -> None:
    red, green, blue = means(picture("the ocean at noon, clear sky").crop((0, SIDE * 2 // 3, SIDE, SIDE)))
    assert blue > red + 25
    assert blue > green


def test_water_mirrors_the_sky_above_it() -> None:
    below = (0, SIDE * 5 // 8, SIDE, SIDE * 7 // 8)
    noon_red, _, noon_blue = means(picture("a calm sea at noon").crop(below))
    red, _, blue = means(picture("a calm sea at sunset").crop(below))
    assert red - blue > noon_red - noon_blue + 60


def test_the_sun_lays_a_path_of_light_on_the_sea() -> None:
    image = picture("a golden sunset over a calm ocean", 3).convert("L")
    band = image.crop((0, SIDE * 5 // 8, SIDE, SIDE * 3 // 4)).resize((16, 1), Image.Resampling.BOX)
    columns = list(band.tobytes())
    assert max(columns) > 1.25 * (sum(columns) / len(columns))


def test_a_sunset_is_warm_and_a_meadow_is_green() -> None:
    red, _, blue = means(picture("sunset over the sea"))
    assert red > blue + 20
    red, green, blue = means(picture("green hills at noon").crop((0, SIDE * 3 // 4, SIDE, SIDE)))
    assert green > max(red, blue)


def test_snow_whitens_the_hills() -> None:
    lower = (0, SIDE * 2 // 3, SIDE, SIDE)
    snowy, green = picture("snowy hills at noon").crop(lower), picture("hills at noon").crop(lower)
    assert brightness(snowy) > brightness(green) + 40
    assert saturation(snowy) < saturation(green) / 2


def test_a_colour_of_the_sky_is_seen_in_the_sky() -> None:
    above = (0, 0, SIDE, SIDE // 3)
    red, green, _ = means(picture("a purple sky over the sea, noon").crop(above))
    plain_red, plain_green, _ = means(picture("a sky over the sea, noon").crop(above))
    assert red - green > plain_red - plain_green + 30


def test_a_colour_of_the_flowers_is_seen_in_the_meadow() -> None:
    lower = (0, SIDE * 3 // 4, SIDE, SIDE)
    red_flowers, blue_flowers = (
        picture("meadow with red flowers, noon"),
        picture("meadow with blue flowers, noon"),
    )
    assert means(red_flowers.crop(lower))[0] > means(blue_flowers.crop(lower))[0] + 10


@pytest.mark.parametrize("prompt", ["black and white mountains", "a city at night, monochrome"])
def test_a_monochrome_picture_has_no_colour(prompt: str) -> None:
    assert saturation(unmarked(picture(prompt))) < 1


@pytest.mark.parametrize(
    "style", ["watercolour", "oil painting", "sketch", "neon", "minimalist", "pastel", "vintage", "pixel art"]
)
def test_each_style_changes_the_picture(style: str) -> None:
    source = paint("mountains by a lake at noon", width=SIDE, height=SIDE)
    assert difference(opened(source), picture(f"make it {style}", source=source)) > 3


@pytest.fixture(scope="module")
def sunset() -> bytes:
    return paint("sunset over the sea", width=SIDE, height=SIDE, seed=5)


@pytest.mark.parametrize(
    "words", ["make the colours more vibrant", "more vivid colors please", "more saturation"]
)
def test_more_vibrant_raises_the_saturation_of_the_same_picture(sunset: bytes, words: str) -> None:
    changed = picture(words, source=sunset)
    assert saturation(changed) > saturation(opened(sunset)) + 8
    assert difference(changed, opened(sunset)) < 40


def test_muted_lowers_the_saturation(sunset: bytes) -> None:
    assert saturation(picture("less vibrant", source=sunset)) < saturation(opened(sunset)) - 20


def test_brighter_and_darker_change_the_brightness(sunset: bytes) -> None:
    plain = brightness(opened(sunset))
    assert brightness(picture("a bit brighter", source=sunset)) > plain + 10
    assert brightness(picture("make it darker", source=sunset)) < plain - 10


def test_warmer_and_colder_change_the_balance_of_red_and_blue(sunset: bytes) -> None:
    red, _, blue = means(opened(sunset))
    warm_red, _, warm_blue = means(picture("warmer", source=sunset))
    cold_red, _, cold_blue = means(picture("colder", source=sunset))
    assert warm_red - warm_blue > red - blue > cold_red - cold_blue


def test_making_it_night_darkens_the_same_picture(sunset: bytes) -> None:
    assert brightness(picture("make it night", source=sunset)) < 0.75 * brightness(opened(sunset))


def test_black_and_white_takes_all_colour_from_the_same_picture(sunset: bytes) -> None:
    assert saturation(unmarked(picture("make it black and white", source=sunset))) < 1


def test_snow_and_stars_add_bright_points(sunset: bytes) -> None:
    night = paint("the sea at night", width=SIDE, height=SIDE, seed=5)
    snowy = picture("add snow", source=night)
    assert brightness(snowy) > brightness(opened(night))


def test_adding_an_animal_changes_a_part_and_keeps_the_rest(sunset: bytes) -> None:
    changed = ImageChops.difference(picture("add a cat", source=sunset), opened(sunset)).convert("L")
    top = changed.crop((0, 0, SIDE, SIDE // 3))
    assert ImageStat.Stat(top).mean[0] < 1
    assert changed.getextrema()[1] > 60  # type: ignore[operator] # one band gives two numbers


def test_words_for_a_new_scene_paint_that_scene(sunset: bytes) -> None:
    assert (
        picture("snowy mountains at noon", 5, sunset).tobytes()
        == picture("snowy mountains at noon", 5).tobytes()
    )


def test_unknown_words_change_a_picture_slightly(sunset: bytes) -> None:
    assert 0.5 < difference(picture("hm, something else", source=sunset), opened(sunset)) < 30


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_source_of_another_format_and_size_is_changed(kind: str) -> None:
    file = BytesIO()
    Image.new("RGB", (300, 90), (200, 90, 40)).save(file, kind)
    assert picture("darker", source=file.getvalue()).size == (SIDE, SIDE)


@pytest.mark.parametrize(
    "source", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"<svg/>"], ids=["empty", "gif", "cut", "svg"]
)
def test_a_source_that_is_no_picture_is_refused_with_a_sentence(source: bytes) -> None:
    with pytest.raises(ValueError, match="The picture to change cannot be read"):
        paint("darker", width=64, height=64, source=source)


def test_a_source_that_is_cut_off_is_refused(sunset: bytes) -> None:
    with pytest.raises(ValueError, match="The picture to change cannot be read"):
        paint("darker", width=64, height=64, source=sunset[: len(sunset) // 2])


def test_words_of_another_language_and_emoji_are_painted_like_the_english_ones() -> None:
    assert brightness(picture("ein Wald bei Nacht")) < brightness(picture("ein Wald")) - 20
    red, _, blue = means(picture("una puesta de sol"))
    assert red > blue + 20
    assert brightness(picture("🌃")) < 90


@pytest.mark.parametrize("prompt", ["a wolf by the sea", "a bicycle in the city", "a dog by the ocean"])
def test_who_needs_ground_under_the_feet_does_not_stand_on_water(prompt: str) -> None:
    view = set_up(read_scene(prompt), (SIDE, SIDE), 3)
    assert view.has("beach") or not view.is_wet


@pytest.mark.parametrize("prompt", ["a lighthouse on a cliff", "a boat and mountains", "a bridge"])
def test_what_needs_water_gets_water(prompt: str) -> None:
    assert set_up(read_scene(prompt), (SIDE, SIDE), 3).is_wet


def test_a_bicycle_has_the_colour_that_was_named() -> None:
    red, blue = picture("a red bicycle at noon", 5), picture("a blue bicycle at noon", 5)
    assert means(red)[0] - means(blue)[0] > means(red)[2] - means(blue)[2]


def test_an_edit_that_removes_something_does_not_add_it() -> None:
    source = painted("a calm sea at noon", 3)
    untouched, removed, added = (
        unmarked(picture(words, 1, source)) for words in ("change nothing", "remove the boat", "add a boat")
    )
    assert difference(untouched, removed) == 0
    assert difference(untouched, added) > 1


@pytest.mark.parametrize(("count", "number"), [("a black cat", 1), ("two black cats", 2)])
def test_as_many_cats_are_painted_as_were_asked_for(count: str, number: int) -> None:
    row = (
        picture(f"{count} in the desert at noon", 4)
        .convert("L")
        .crop((0, SIDE * 81 // 100, SIDE, SIDE * 81 // 100 + 1))
    )
    dark = "".join("#" if value < 60 else " " for value in row.tobytes())
    bodies = [run for run in dark.split() if len(run) > SIDE // 16]  # a tail is narrower
    assert len(bodies) == number
