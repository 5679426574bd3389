"""The painter's vocabulary: which plain words ask for which thing.

One table a question; the key is the thing, the text its words. A phrase of several words is written with underscores.
Plurals need no entry: `scene.py` looks a word up as it stands and then without its ending.
"""


def listed(line: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(line.split())


HOURS = {
    "sunrise": "sunrise dawn daybreak rising_sun first_light",
    "morning": "morning forenoon",
    "noon": "noon midday day daytime daylight afternoon sunny sunshine summer sunlit",
    "sunset": "sunset sundown golden_hour evening setting_sun",
    "dusk": "dusk twilight blue_hour nightfall",
    "night": "night midnight nighttime moonlit moonlight nocturnal starlit starry night_sky dark_sky",
}
PLACES = {
    "sea": "sea ocean seascape wave atlantic pacific mediterranean surf",
    "beach": "beach coast shore seashore seaside coastline shoreline island tropical",
    "lake": "lake pond river bay fjord lagoon harbour harbor reservoir loch creek stream",
    "mountains": "mountain alp peak summit himalaya andes cliff volcano canyon mount alpine ridge",
    "hills": "hill countryside valley pasture farm farmland vineyard rural landscape scenery nature",
    "forest": "forest wood woodland jungle pine grove rainforest fir spruce birch redwood trees",
    "city": "city skyline skyscraper town downtown street urban metropolis cityscape manhattan tokyo new_york "
    "london paris berlin shanghai hong_kong building rooftop",
    "desert": "desert pyramid egypt savanna savannah dune sahara cactus sand gobi oasis",
    "meadow": "meadow flower tulip poppy sunflower wildflower daisy blossom garden field prairie grassland grass "
    "bloom bouquet orchid lily rose park",
    "underwater": "underwater undersea reef coral aquarium seabed deep_sea under_the_sea",
    "table": "table still_life kitchen_table tabletop",
    "window": "windowsill window_sill from_a_window from_the_window from_my_window from_your_window through_a_window "
    "a_window through_the_window out_the_window of_the_window at_the_window by_the_window",
    "space": "astronaut rocket spaceship spacecraft starship space_shuttle "
    "galaxy nebula planet cosmos space universe outer_space cosmic interstellar saturn jupiter mars",
    "abstract": "abstract abstraction pattern geometric fractal wallpaper",
}
FIGURES = {
    "cat": "cat kitten kitty feline tabby",
    "dog": "dog puppy hound labrador husky retriever puppies",
    "horse": "horse pony stallion mare foal unicorn",
    "bird": "bird gull seagull eagle swallow hawk falcon crow raven flock geese goose crane",
    "wolf": "wolf coyote wolves",
    "fox": "fox",
    "deer": "deer stag doe reindeer elk moose",
    "bear": "bear grizzly",
    "rabbit": "rabbit bunny hare",
    "elephant": "elephant mammoth",
    "owl": "owl",
    "fish": "fish goldfish salmon clownfish",
    "whale": "whale orca",
    "dolphin": "dolphin porpoise",
    "butterfly": "butterfly butterflies moth",
    "boat": "boat sailboat ship yacht sail sailing_boat vessel schooner",
    "house": "house cabin cottage hut chalet farmhouse barn villa",
    "dragon": "dragon wyvern",
    "lion": "lion lioness",
    "fruit": "fruit bowl apple pear grape banana",
    "cup": "cup mug coffee tea teacup cappuccino espresso",
    "vase": "vase",
    "candle": "candle candlelight",
    "book": "book",
    "bridge": "bridge viaduct aqueduct",
    "bicycle": "bicycle bike",
    "car": "car automobile taxi",
    "rocket": "rocket spaceship spacecraft starship space_shuttle",
    "lighthouse": "lighthouse",
    "castle": "castle fortress palace",
    "tree": "tree oak maple willow cherry_tree lone_tree",
    "palm": "palm coconut",
    "balloon": "balloon hot_air_balloon",
}
PEOPLE = {
    "woman": "woman girl lady she her herself female queen princess bride lass mother sister girlfriend women "
    "girls waitress actress mermaid",
    "man": "man boy guy he him himself male gentleman king prince groom father brother boyfriend bearded men",
    "person": "portrait selfie person yourself face headshot human avatar someone profile_picture of_you see_you "
    "you_look fashion_model",
}
SKIES = {
    "clouds": "cloud cloudy overcast cumulus",
    "clear": "clear cloudless clear_sky",
    "stars": "star starry starlit starlight constellation night_sky stargazing",
    "moon": "moon full_moon moonlit moonlight crescent lunar",
    "aurora": "aurora northern_light northern_lights polar_lights aurora_borealis",
    "milky way": "milky_way galaxy",
    "rainbow": "rainbow",
}
WEATHERS = {
    "snow": "snow snowy snowfall blizzard winter wintry frost frosty ice icy snowing arctic christmas glacier",
    "rain": "rain rainy raining drizzle downpour storm stormy thunderstorm",
    "fog": "fog foggy mist misty haze hazy",
    "storm": "storm stormy thunderstorm tempest thunder lightning",
    "autumn": "autumn autumnal fall_colours fall_leaves fall_foliage october foliage",
    "spring": "spring springtime cherry_blossom",
}
STYLES = {
    "watercolour": "watercolour watercolor aquarelle",
    "oil": "oil oil_painting impressionist impressionism van_gogh monet brushstroke painterly",
    "monochrome": "monochrome monochromatic black_and_white b_w grayscale greyscale noir colourless colorless",
    "sketch": "sketch pencil drawing charcoal line_art engraving",
    "neon": "neon cyberpunk synthwave vaporwave retrowave futuristic",
    "minimalist": "minimalist minimal minimalistic minimalism flat_design",
    "pastel": "pastel soft_colours",
    "vintage": "vintage retro sepia nostalgic old_photo antique polaroid aged",
    "pixel": "pixel pixel_art pixelated",
}
ADJUSTMENTS = {
    "vibrant": "vibrant vivid saturated colourful colorful saturation vibrance punchy richer livelier intense "
    "vibrancy stronger_colours more_colour",
    "brighter": "brighter bright lighter brighten lighten brightness luminous",
    "darker": "darker dark dim darken dimmer moody gloomy",
    "muted": "muted desaturated subdued less_colour less_saturated faded duller less_vibrant less_colourful",
    "warmer": "warmer warm warmth",
    "colder": "colder cold cooler chilly bluer",
    "contrast": "contrast dramatic contrasty",
    "softer": "softer blur blurry dreamy smoother blurred",
    "sharper": "sharper sharpen crisp crisper sharpness",
    "mirrored": "mirrored flip flipped",
}
COLOURS = {
    "red": "red ruby reddish",
    "crimson": "crimson burgundy maroon",
    "scarlet": "scarlet vermilion",
    "orange": "orange apricot peach coral tangerine",
    "amber": "amber honey ochre",
    "gold": "gold golden blonde blond",
    "yellow": "yellow lemon",
    "green": "green greenish lime olive",
    "emerald": "emerald jade",
    "teal": "teal petrol",
    "turquoise": "turquoise aquamarine aqua mint",
    "cyan": "cyan",
    "blue": "blue bluish azure cobalt sapphire navy bluer",
    "indigo": "indigo ultramarine",
    "purple": "purple plum",
    "violet": "violet lilac mauve",
    "lavender": "lavender",
    "magenta": "magenta fuchsia",
    "pink": "pink pinkish rosy",
    "brown": "brown chestnut brunette auburn bronze",
    "white": "white ivory",
    "grey": "grey gray",
    "silver": "silver",
    "black": "black ebony",
}
STANDING = listed("cat dog horse wolf fox deer bear rabbit elephant lion bicycle car")
"""Figures that need ground under their feet."""
CALM = listed("calm still quiet serene peaceful glassy tranquil mirror windless gentle")
ROUGH = listed("rough stormy storm wild choppy raging tempest wave crashing windy")
EDITS = listed(
    "make turn change add more less remove put adjust give convert increase reduce replace instead edit "
    "apply boost lower raise shift without set bring keep tone slightly bit same it this"
)
"""Words that speak about a picture that exists."""
MOODS = listed(
    "sky skies cloud clouds sunset sunrise dusk dawn twilight evening morning night light lights glow "
    "tone tones colour colours color colors hue hues mood palette atmosphere mist fog haze background "
    "picture image everything aurora horizon neon shade shades tint"
)
"""What a colour must belong to, or stand alone, to set the mood of the whole picture."""
WATER = listed("sea ocean water waters lake river wave waves lagoon bay")
BLOOMS = listed(
    "flower flowers tulip tulips poppy poppies rose roses blossom blossoms wildflowers orchids meadow field garden"
)
HAIR = listed("hair haired blonde blond brunette")
EYES = listed("eye eyes eyed")
CLOTHES = listed(
    "dress shirt coat jacket sweater scarf hat blouse suit hoodie top clothes jumper kimono gown shirts"
)
LOOKS = {
    "beard": "beard bearded moustache mustache",
    "glasses": "glasses spectacles sunglasses",
    "long hair": "long_hair long_haired ponytail",
    "short hair": "short_hair short_haired bob pixie_cut",
    "old": "old elderly grandmother grandfather aged",
}
