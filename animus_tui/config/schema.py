"""The configuration as one frozen tree, with the defaults of `config.example.toml`.

Every field is documented by the docstring under it; its range stands in its type. Times are milliseconds,
sizes pixels, unless said otherwise. `None` means "not set": the service's default is used, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct, inspect

from animus_tui import addresses
from animus_tui.config.actions import KEY_ACTIONS

Schema = Mapping[str, Mapping[str, object]]
"""Table → key → type, a type as msgspec reads it."""

LARGEST = 2**53 - 1
"""Largest whole number that every JSON reader keeps exact (RFC 8259, section 6)."""
DEFAULT_BASE_URL = "https://api.animusai.co/v3"
DEFAULT_GENERATION_URL = "https://api.animusai.co/v2"
AUTO_MODEL = "auto"
"""Stands for the model that a service of one's own lists first, which is mostly its only one."""
LONGEST_PAUSE = 600_000
"""Milliseconds: ten minutes; a longer pause is a mistake."""

LONGEST_WAIT = 86_400
"""Seconds: a day."""

Words = Annotated[str, Meta(pattern=r"\S")]
NonNegativeInt = Annotated[int, Meta(ge=0, le=LARGEST)]
PositiveInt = Annotated[int, Meta(ge=1, le=LARGEST)]
Milliseconds = Annotated[int, Meta(ge=0, le=LONGEST_PAUSE)]
NonNegative = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
PictureSide = Annotated[int, Meta(ge=64, le=4096)]
FOLDER = Meta(
    pattern=r"^[^\0]*[^\s\0][^\0]*$", title="a text that names a folder", examples=["~/Pictures/animus"]
)
FILE = Meta(
    pattern=r"^[^\0]*[^\s\0][^\0]*$", title="a text that names a file", examples=["~/workflow_api.json"]
)
ChatService = Literal["animus", "openai"]
"""Kinds of services that answer."""
ImageServiceName = Literal["animus", "openai", "automatic1111", "comfyui", "none"]
"""Kinds of services that make pictures."""
Promises = Literal["auto", "service", "tool", "ask", "never"]
"""Ways to find out that an answer promises a picture."""
COLOUR = Meta(pattern="^#[0-9a-fA-F]{6}\\Z", title='a colour such as "#e0803a"', examples=["#e0803a"])
SIZE = Meta(pattern=r"^[0-9]{2,4}x[0-9]{2,4}\Z", title='a size such as "768x1024", each side from 64 to 4096')


def _without_secret(name: str, value: object) -> object:
    """The value of a setting as it may be shown."""
    if value and name == "api_key":
        return "(hidden)"
    return addresses.without_secrets(value) if isinstance(value, str) and name.endswith("_url") else value


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the configuration file. Its text holds no key, and no secret of an address."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, _without_secret(name, getattr(self, name))) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
        )


class ApiConfig(Section, frozen=True):
    """`[api]`: the service that answers and how to sign in. Without a way to sign in to Animus the demo answers."""

    backend: ChatService = "animus"
    """The kind of service that answers: Animus, or any with OpenAI's chat API; one at home needs no key."""
    token_provider_url: Annotated[str, Meta(examples=["https://example.com/animus-token"])] | None = None
    """Sign in to Animus: address of your own endpoint, which answers a POST with a token. It goes before `api_key`."""
    api_key: Annotated[str, Meta(examples=["your-key"])] | None = None
    """Sign in: the key, sent as it is with each request to `base_url`."""
    base_url: str = DEFAULT_BASE_URL
    """Address of the chat, and of the simple way to make pictures with Animus; such as "http://127.0.0.1:11434/v1"."""
    generation_url: str = DEFAULT_GENERATION_URL
    """Address of picture jobs and characters of Animus."""
    vision_model: Words = "animuslabs/Qwen2-VL-NSFW-Vision-1.2"
    """Name of the model of Animus that answers while pictures of yours are among the messages that are sent."""
    first_word: Annotated[int, Meta(ge=1, le=LONGEST_WAIT)] = 300
    """Longest wait for the first word of an answer, in seconds; a large model may take minutes to begin."""

    @property
    def signs_in(self) -> bool:
        """Whether there is a way to sign in to a service."""
        return self.token_provider_url is not None or self.api_key is not None

    @property
    def is_set_up(self) -> bool:
        """Whether a service can be asked: Animus with a way to sign in, any other also without one."""
        return self.backend != "animus" or self.signs_in

    @property
    def service(self) -> str:
        """The service that answers, by its kind and where it is; the key has no part in it.

        Animus is known by its host alone: the demo, which speaks as it does, has another port at each start.
        """
        address = urlsplit(self.base_url)
        return f"{self.backend} {address.hostname if self.backend == 'animus' else address.netloc}"

    def has_model(self, name: str) -> bool:
        """Whether a model whose service nobody noted is of this one, as its name tells: of Animus some begin alike."""
        return self.backend == "animus" and name.startswith(("vivian", "animuslabs/"))


class ChatConfig(Section, frozen=True):
    """`[chat]`: the character of new conversations, the history that is sent and the sampling parameters."""

    model: Words = "vivian-llama3.1-70b-1.0-fp8"
    """Name of the model that answers; with "openai", while unset, "auto": the first that the service lists."""
    system_message: str = (
        "You are Vivian, warm, curious and observant. "
        "You talk like a friend who texts: short messages, plain words."
    )
    """What the character is told about itself, first in each request; while unset, with its own name."""
    name: Words = "Vivian"
    """The character's name on the screen."""
    history_size: NonNegativeInt = 30
    """Messages of the past sent with each request; 0 sends none."""
    history_tokens: Annotated[int, Meta(ge=1, le=LARGEST, examples=[6000])] | None = None
    """Most tokens of a request, the oldest messages are left out; unset has no limit but `history_size`."""
    stream: bool = True
    """Show the words as they are written (used when auto-turn is off)."""
    check_image_generation: bool = True
    """Let the service decide when the answer comes with a picture; Animus does."""
    promises: Promises = "auto"
    """How a promised picture is found: by the service, a tool call or another question; "auto" is the best there is."""
    appearance: Annotated[str, Meta(examples=["a woman of 30 with short red hair"])] | None = None
    """What the character looks like: added to the words of its pictures."""
    compliance: bool = True
    """Ask the service to check what is said against its content rules."""
    reasoning: bool = False
    """Ask for the model's reasoning; it is shown folded."""
    temperature: Annotated[float, Meta(ge=0, le=2, examples=[1.0])] | None = None
    """Randomness."""
    top_p: Annotated[float, Meta(ge=0, le=1, examples=[1.0])] | None = None
    """Nucleus sampling: the likeliest tokens that together have this probability."""
    n: Annotated[int, Meta(ge=1, le=LARGEST, examples=[1])] | None = None
    """Answers to generate; the first one is shown."""
    max_tokens: Annotated[int, Meta(ge=1, le=LARGEST, examples=[500])] | None = None
    """Longest answer, in tokens."""
    stop: Annotated[tuple[str, ...], Meta(examples=[("END",)])] | None = None
    """Texts at which the answer ends."""
    presence_penalty: Annotated[float, Meta(ge=-2, le=2, examples=[1.0])] | None = None
    """Above 0: rather say something that was not said yet."""
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2, examples=[1.0])] | None = None
    """Above 0: rather not say the same thing often."""
    best_of: Annotated[int, Meta(ge=1, le=LARGEST, examples=[1])] | None = None
    """Candidates of which the service keeps the best."""
    top_k: Annotated[int, Meta(ge=-1, le=LARGEST, examples=[40])] | None = None
    """Tokens considered at each step; -1 considers all."""
    repetition_penalty: Annotated[float, Meta(ge=0, examples=[1.0])] | None = None
    """1 is neutral, above it repeats less."""
    min_p: Annotated[float, Meta(ge=0, le=1, examples=[0.0])] | None = None
    """Least probability of a token relative to the likeliest one."""
    length_penalty: Annotated[float, Meta(examples=[1.0])] | None = None
    """1 is neutral."""


def introduction(name: str) -> str:
    """What a character of this name is told about itself when nothing else is configured."""
    default = ChatConfig()
    return default.system_message.replace(default.name, name)


class AutoTurnConfig(Section, frozen=True):
    """`[auto_turn]`: answers in bursts of short messages, paced like typing."""

    enabled: bool = True
    """Off: one message, streamed when `stream` in `[chat]` is true."""
    base_typing_speed: Positive = 45
    """Words a minute."""
    speed_variation: Fraction = 0.2
    """Random part of the pause."""
    min_delay: Milliseconds = 500
    """Shortest pause before a later message, in milliseconds."""
    max_delay: Milliseconds = 3000
    """Longest pause before a later message, in milliseconds."""
    max_turns: PositiveInt = 3
    """Most messages one answer is split into."""
    follow_up_delay: Milliseconds = 2000
    """Pause before the character goes on unasked, in milliseconds."""
    max_sequential_follow_ups: NonNegativeInt = 2
    """How often in a row it may go on unasked."""


class ImageConfig(Section, frozen=True):
    """`[image]`: how pictures are made and where they are saved."""

    backend: Annotated[ImageServiceName, Meta(examples=["automatic1111"])] | None = None
    """The kind of service that makes pictures; unset is Animus where Animus answers, else none."""
    base_url: Annotated[str, Meta(examples=["http://127.0.0.1:7860"])] | None = None
    """Address of that service; unset is its usual one, or that of `[api]` where both are of one kind."""
    api_key: Annotated[str, Meta(examples=["your-key"])] | None = None
    """Key of that service, or "name:password"; unset is that of `[api]` where the address is, too."""
    workflow: Annotated[str, FILE] | None = None
    """For ComfyUI: the file of the workflow, exported for its API, with {prompt} and the like in it."""
    edit_workflow: Annotated[str, FILE] | None = None
    """For ComfyUI: the file of a workflow that changes a picture, with {image} in it."""
    endpoint: Literal["generate/image", "generation/create"] = "generate/image"
    """With Animus: the simple way, or jobs that report their percent."""
    model: Words = "flux-schnell"
    """Name of the picture model; with Animus for "generate/image" only, and others are sent one that you name here."""
    width: PictureSide = 1024
    """Pixels."""
    height: PictureSide = 1024
    """Pixels."""
    guidance_scale: NonNegative = 7.5
    """How closely to follow the prompt."""
    num_inference_steps: PositiveInt = 20
    """More is finer and slower."""
    seed: Annotated[int, Meta(ge=0, le=LARGEST, examples=[42])] | None = None
    """The same seed and prompt give the same picture; unset is random."""
    save_dir: Annotated[str, FOLDER] | None = None
    """Folder for saved pictures; unset is the user's pictures folder."""
    when: Literal["auto", "ask", "off"] = "auto"
    """What becomes of a picture that an answer promises: it is made, you are asked first, or it is not made."""


class UiConfig(Section, frozen=True):
    """`[ui]`: looks."""

    theme: Words = "auto"
    """A theme, or "auto": light or dark, as the terminal is."""
    density: Literal["comfortable", "compact"] = "comfortable"
    """Blank rows between messages, or none."""
    layout: Literal["bubbles", "plain"] = "bubbles"
    """What you say in a bubble on the right, or everything from the left and without boxes."""
    show_time: bool = True
    """Show the time beside each message."""
    time_format: Literal["24h", "12h", "relative"] = "24h"
    """How the time beside each message is written: 14:05, 2:05 pm, or 3 min ago."""
    graphics: Literal["auto", "kitty", "iterm2", "sixel", "mosaic", "block", "none"] = "auto"
    """How pictures are drawn; "auto" goes by what the terminal tells."""
    glyphs: Literal["auto", "quadrants", "wedges"] = "auto"
    """What a mosaic is made of: what every font has, or finer; "auto" goes by whether the terminal draws it itself."""
    plain: bool = False
    """For a screen reader: the plain layout, nothing side by side or moving; what is new comes at the end."""
    reduced_motion: bool = False
    """No animation: a spinner becomes a line that counts seconds."""
    notify: Literal["auto", "bell", "desktop", "off"] = "auto"
    """What tells that an answer or a picture came while another window has the focus; "auto" is bell and desktop."""
    image_rows: Annotated[int, Meta(ge=4, le=60, examples=[20])] | None = None
    """Most rows a picture takes in the conversation; unset is three fifths of the screen."""


class UserConfig(Section, frozen=True):
    """`[user]`: who you are, for the characters."""

    name: Annotated[Words, Meta(examples=["Sam"])] | None = None
    """Your name: characters call you by it, and {{user}} in their texts stands for it."""
    about: Annotated[str, Meta(examples=["I repair old radios and live by the sea."])] | None = None
    """What the characters know of you."""


class CharacterConfig(Section, frozen=True):
    """`[characters.NAME]`: a character of yours. What is unset is what `[chat]`, `[auto_turn]` and `[image]` say."""

    name: Annotated[Words, Meta(examples=["Mira"])] | None = None
    """The name on the screen; unset is the NAME of the table."""
    description: Annotated[str, Meta(examples=["Keeps a lighthouse and a diary"])] | None = None
    """One line for the list of characters."""
    system_message: Annotated[str, Meta(examples=["You are {{char}}, who keeps a lighthouse."])] | None = None
    """What it is told about itself; {{char}}, {{user}} and {{date}} are filled in, as in the texts below."""
    greeting: Annotated[str, Meta(examples=["You came by boat, {{user}}?"])] | None = None
    """What it says first in a new conversation."""
    greetings: Annotated[tuple[str, ...], Meta(examples=[("The lamp is lit.",)])] | None = None
    """Other things that it may say first."""
    note: Annotated[str, Meta(examples=["Answer in two sentences."])] | None = None
    """An instruction that is sent behind the history, where it counts most."""
    model: Annotated[Words, Meta(examples=["llama3.2:3b"])] | None = None
    """Name of the model that answers."""
    appearance: Annotated[str, Meta(examples=["a woman of 50 in a blue oilskin"])] | None = None
    """What it looks like: added to the words of its pictures."""
    style: Annotated[Words, Meta(examples=["watercolour"])] | None = None
    """NAME of the style of its pictures."""
    accent: Annotated[str, COLOUR] | None = None
    """The colour of its name."""
    portrait: Annotated[str, FILE, Meta(examples=["~/Pictures/mira.png"])] | None = None
    """File of its portrait: PNG, JPEG or WebP."""
    character_id: Annotated[Words, Meta(examples=["your-character-id"])] | None = None
    """Id of a character of Animus, whose face the pictures get."""
    sampling: Mapping[str, Any] = MappingProxyType({})
    auto_turn: Mapping[str, Any] = MappingProxyType({})
    image: Mapping[str, Any] = MappingProxyType({})


class StyleConfig(Section, frozen=True):
    """`[styles.NAME]`: a style of pictures: words around each prompt, and numbers. What is unset is as ever."""

    prefix: Annotated[str, Meta(examples=["watercolour painting of"])] | None = None
    """Stands before the words of each prompt."""
    suffix: Annotated[str, Meta(examples=["soft light, visible paper"])] | None = None
    """Stands behind them."""
    negative: Annotated[str, Meta(examples=["photograph"])] | None = None
    """What to leave out."""
    size: Annotated[str, Meta(examples=["768x1024"]), SIZE] | None = None
    """Width and height in pixels."""
    steps: Annotated[PositiveInt, Meta(examples=[30])] | None = None
    """More is finer and slower."""
    guidance: Annotated[NonNegative, Meta(examples=[5.0])] | None = None
    """How closely to follow the prompt."""


class Config(Section, frozen=True):
    """Everything that can be configured."""

    api: ApiConfig = ApiConfig()
    chat: ChatConfig = ChatConfig()
    auto_turn: AutoTurnConfig = AutoTurnConfig()
    image: ImageConfig = ImageConfig()
    ui: UiConfig = UiConfig()
    user: UserConfig = UserConfig()
    keys: Mapping[str, str] = MappingProxyType({})
    """`[keys]`: the key or keys of an action, comma separated, in place of its own."""
    characters: Mapping[str, CharacterConfig] = MappingProxyType({})
    """NAME of the table → the character."""
    styles: Mapping[str, StyleConfig] = MappingProxyType({})
    """NAME of the table → the style."""
    fixed: frozenset[tuple[str, str]] = frozenset()
    """Settings, table and key, that options or the environment say: they go before what a conversation keeps."""

    @property
    def image_service(self) -> ImageServiceName:
        """The kind of service that makes pictures; unless one is named, Animus where Animus answers."""
        return self.image.backend or ("animus" if self.api.backend == "animus" else "none")


SECTIONS: dict[str, type[Section]] = {
    "api": ApiConfig,
    "chat": ChatConfig,
    "auto_turn": AutoTurnConfig,
    "image": ImageConfig,
    "ui": UiConfig,
    "user": UserConfig,
}
"""Table → the section it fills; `[keys]` has an action's name in place of a field."""

NAMED: dict[str, type[CharacterConfig] | type[StyleConfig]] = {
    "characters": CharacterConfig,
    "styles": StyleConfig,
}
"""Tables that hold tables with names of the user's own → the section that each of those fills."""
SAMPLING = (
    "temperature",
    "top_p",
    "n",
    "max_tokens",
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "best_of",
    "top_k",
    "repetition_penalty",
    "min_p",
    "length_penalty",
)
"""Keys of `[chat]` that a character may have of its own, beside those of its section."""
LOOKS = ("width", "height", "guidance_scale", "num_inference_steps", "seed", "when")
"""Keys of `[image]` that a character may have of its own, in a table `image` of its own."""


class _Types(Mapping[str, object]):
    """Key → type of a section; its types are read when one is asked for, which takes its time."""

    def __init__(self, section: type[Section]) -> None:
        self._section = section

    @cached_property
    def _types(self) -> dict[str, object]:
        return {field.name: field.type for field in msgspec.structs.fields(self._section)}

    def __getitem__(self, key: str) -> object:
        return self._types[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._section.__struct_fields__)

    def __len__(self) -> int:
        return len(self._section.__struct_fields__)

    def __contains__(self, key: object) -> bool:
        return key in self._section.__struct_fields__


@cache
def schema() -> Schema:
    """Table → key → type, in the order of the tree."""
    tables = {table: _Types(section) for table, section in SECTIONS.items()}
    return {**tables, "keys": {action.id: str for action in KEY_ACTIONS}}


@cache
def named_schema(table: str) -> Schema:
    """Tables of one with a name → key → type. The table itself has the name "": of a character also its own others."""
    own = {field.name: field.type for field in msgspec.structs.fields(NAMED[table])}
    if table != "characters":
        return {"": own}
    chat, pauses, looks = schema()["chat"], schema()["auto_turn"], schema()["image"]
    for name in ("sampling", "auto_turn", "image"):
        del own[name]
    return {
        "": own | {key: chat[key] for key in SAMPLING},
        "auto_turn": pauses,
        "image": {key: looks[key] for key in LOOKS},
    }


def variable(table: str, key: str) -> str:
    """The environment variable of a setting: `ANIMUS_CHAT_MODEL`; short for `[api]` and for the graphics."""
    short = table == "api" or (table, key) == ("ui", "graphics")
    return f"ANIMUS_{key}".upper() if short else f"ANIMUS_{table}_{key}".upper()


def allowed(kind: object) -> str:
    """What a type allows, in words: `a number from 0 to 2`; its own (`Meta(title=…)`) go before ours."""
    return _in_words(inspect.type_info(kind))


def example(kind: object) -> object:
    """The example that stands beside the type (`Meta(examples=…)`); None when there is none."""
    found = inspect.type_info(kind)
    parts = found.types if isinstance(found, inspect.UnionType) else (found,)
    schemas = (part.extra_json_schema or {} for part in parts if isinstance(part, inspect.Metadata))
    return next((schema["examples"][0] for schema in schemas if "examples" in schema), None)


def _in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.UnionType():
            return " or ".join(
                _in_words(part) for part in kind.types if not isinstance(part, inspect.NoneType)
            )
        case inspect.Metadata():
            own_words: str | None = (kind.extra_json_schema or {}).get("title")
            return own_words or _in_words(kind.type)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range(kind)
        case inspect.FloatType():
            return "a number" + _range(kind)
        case inspect.StrType():
            return "a text that is not blank" if kind.pattern else "a text"
        case inspect.LiteralType():
            return _either(in_toml(value) for value in kind.values)
        case inspect.VarTupleType():
            return "a list, each of it " + _in_words(kind.item_type)
        case _:
            raise TypeError(f"No setting has the type {kind}")


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.gt is not None:
        return f" above {kind.gt:g}"
    if kind.ge is None:
        return ""
    return f" of at least {kind.ge}" if kind.le in (None, LARGEST) else f" from {kind.ge} to {kind.le}"


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def in_toml(value: object) -> str:
    """The value as TOML writes it, near enough for a sentence."""
    import json  # 2 ms, for a value that is refused

    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # hexadecimal digits can make a number that Python does not write in decimal ones
        return "a number of thousands of digits"
