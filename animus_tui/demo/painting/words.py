"""Which words of a prompt the painter knows: one table a question.

The key is the thing, the text its words; a phrase is written with underscores. Plurals need no entry.
"""


def listed(line: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(line.split())


HOURS = {
    "dawn": "dawn sunrise daybreak morning first_light rising_sun",
    "day": "day noon midday daytime daylight afternoon sunny sunshine summer sunlit",
    "sunset": "sunset sundown golden_hour evening setting_sun",
    "dusk": "dusk twilight blue_hour nightfall",
    "night": "night midnight nighttime moonlit moonlight nocturnal starlit starry",
}
PLACES = {
    "sea": "sea ocean seascape wave atlantic pacific surf bay harbour harbor underwater coast coastline shoreline",
    "beach": "beach shore seashore seaside island tropical",
    "lake": "lake pond river fjord lagoon reservoir loch creek stream bridge",
    "mountains": "mountain alp peak summit himalaya andes cliff volcano canyon alpine ridge",
    "hills": "hill countryside valley pasture farm farmland vineyard rural landscape scenery nature",
    "forest": "forest wood woodland jungle pine grove rainforest fir spruce birch redwood trees",
    "city": "city skyline skyscraper town downtown street urban metropolis cityscape manhattan tokyo new_york "
    "london paris berlin building rooftop",
    "desert": "desert dune sahara savanna sand gobi oasis pyramid",
    "meadow": "meadow flower tulip poppy sunflower wildflower daisy blossom garden field prairie grass park",
    "abstract": "abstract abstraction pattern geometric fractal wallpaper",
}
FIGURES = {
    "lighthouse": "lighthouse",
    "boat": "boat sailboat ship yacht sail vessel schooner sailing_boat",
    "house": "house cabin cottage hut chalet farmhouse barn villa castle",
    "tree": "tree oak maple willow cherry_tree",
    "fox": "fox wolf dog puppy coyote",
    "cat": "cat kitten kitty tabby",
    "bird": "bird gull seagull eagle swallow hawk falcon crow raven flock goose geese crane owl",
}
PEOPLE = {
    "woman": "woman women girl lady she her female queen princess bride mother sister",
    "man": "man men boy guy he him male gentleman king prince father brother bearded fisherman",
    "person": "person people someone wanderer hiker traveller human",
}
PORTRAIT = "portrait selfie face headshot avatar profile_picture yourself of_you see_you you_look"
"""What asks for a picture of somebody, near and from the side."""
LIGHTS = {
    "clouds": "cloud cloudy overcast",
    "clear": "clear cloudless",
    "stars": "star starry starlit starlight constellation",
    "moon": "moon moonlit moonlight crescent lunar",
    "aurora": "aurora northern_light polar_light",
    "milky way": "milky_way galaxy nebula cosmos universe",
}
WEATHERS = {
    "snow": "snow snowy snowfall blizzard winter wintry frost frosty icy snowing arctic",
    "rain": "rain rainy raining drizzle downpour storm stormy thunderstorm",
    "mist": "fog foggy mist misty haze hazy",
    "storm": "storm stormy thunderstorm tempest",
    "autumn": "autumn autumnal october fall_colour fall_color fall_foliage",
}
TONES = {
    "vibrant": "vibrant vivid saturated colourful colorful saturation intense richer",
    "muted": "muted desaturated subdued faded duller pastel",
    "brighter": "brighter bright lighter brighten lighten",
    "darker": "darker dark dim darken moody gloomy",
    "warmer": "warmer warm warmth",
    "colder": "colder cold cooler chilly",
    "contrast": "contrast dramatic",
    "softer": "softer blurry dreamy blurred",
    "mirrored": "mirrored flip flipped",
    "monochrome": "monochrome black_and_white grayscale greyscale noir colourless colorless",
    "vintage": "vintage sepia nostalgic antique",
    "watercolour": "watercolour watercolor aquarelle",
    "sketch": "sketch pencil drawing charcoal engraving",
}
STYLES = frozenset({"monochrome", "vintage", "watercolour", "sketch"})
"""Tones that are a manner of painting."""
OPPOSITE = {
    "vibrant": "muted",
    "muted": "vibrant",
    "brighter": "darker",
    "darker": "brighter",
    "warmer": "colder",
    "colder": "warmer",
    "contrast": "softer",
    "softer": "contrast",
}
COLOURS = {
    "red": "red ruby crimson scarlet burgundy",
    "orange": "orange peach coral amber",
    "gold": "gold golden yellow blonde blond honey",
    "green": "green lime olive emerald jade",
    "teal": "teal petrol turquoise aquamarine cyan mint",
    "blue": "blue azure cobalt sapphire navy indigo",
    "purple": "purple violet lilac mauve plum lavender",
    "pink": "pink magenta fuchsia rosy",
    "brown": "brown chestnut brunette auburn bronze",
    "white": "white ivory",
    "grey": "grey gray silver",
    "black": "black ebony",
}
HUES = {
    "red": "#cc2f35",
    "orange": "#ee8130",
    "gold": "#eebb45",
    "green": "#459d55",
    "teal": "#24989a",
    "blue": "#3068c8",
    "purple": "#7f4ab2",
    "pink": "#e06fa4",
    "brown": "#75492e",
    "white": "#f1f0ec",
    "grey": "#85878d",
    "black": "#1d1c21",
}
NEUTRAL = frozenset({"white", "grey", "black"})
"""Colours without a hue: they colour things and never a sky."""
COUNTS = {"two": 2, "pair": 2, "couple": 2, "three": 3, "several": 3, "many": 3}
REFUSING = listed("no without not remove delete erase")
BETWEEN = listed("and or coloured colored dark light bright deep pale soft long short curly very")
"""What may stand between a colour and its thing."""
JOINTS = listed("with in on at over under by near of the a an to please for from more less into")
"""What ends a phrase: a colour before it belongs to the word before the colour."""
MOODS = listed(
    "sky skies cloud clouds sunset sunrise dusk dawn twilight evening morning night light lights glow tone tones "
    "colour colours color colors hue hues mood palette atmosphere mist fog haze background picture image everything"
)
"""What a colour must belong to, or stand alone, to colour the light of the whole picture."""
BLOOMS = listed(
    "flower flowers tulip tulips poppy poppies rose roses blossom blossoms wildflowers meadow field garden"
)
HAIR = listed("hair haired")
CLOTHES = listed("dress shirt coat jacket sweater scarf blouse suit hoodie top clothes jumper")
LOOKS = {
    "beard": "beard bearded moustache",
    "glasses": "glasses spectacles sunglasses",
    "long hair": "long_hair long_haired",
    "short hair": "short_hair short_haired bob",
    "bun": "bun ponytail",
    "old": "old elderly grandmother grandfather",
}


def names_of(figure: str) -> frozenset[str]:
    """Return the words that a figure's colour may be said of."""
    people = {"person": f"{' '.join(PEOPLE.values())} {' '.join(CLOTHES)}"}
    own = (people | FIGURES).get(figure, "").split()
    return frozenset([*own, *(word + "s" for word in own)])


ADDING = listed("add with put and also more include behind without remove no less another")
"""Words of an edit that keep what the picture shows, although they name a place."""
