"""The table of actions: everything that a key or a slash command does, one entry each.

The table feeds `[keys]` in the configuration, the key bindings, the footer, the help, the command palette, the slash
commands with their completion, and the tables of the README. A new action is one entry here and one method: `owner`
says of which object, and the method is called as the action's id.
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

Owner = Literal[
    "app",
    "prompt",
    "conversation",
    "images",
    "forms",
    "faces",
    "styles",
    "characters",
    "search",
    "navigation",
    "writing",
    "conversations",
    "revisions",
    "transfer",
    "models",
    "attachments",
    "promises",
]
"""Who has the method: the application, the prompt, or one of the controllers of the chat screen."""
Condition = Literal[
    "always",
    "busy",
    "failed",
    "has_image",
    "has_promise",
    "has_reasoning",
    "has_reply",
    "has_selection",
    "has_shell",
]
"""When an action works: always; while an answer or a picture is under way; when something failed; when there is a
picture, a promised one to answer, reasoning, a reply or marked text; when a shell can bring the stopped application
back."""
Completion = Literal[
    "nothing",
    "options",
    "edit_options",
    "folders",
    "files",
    "pictures",
    "models",
    "ways",
    "styles",
    "characters",
]
"""What is offered behind a command: the options of a picture, those of an edit, the folders of a path, or also the
files in them that can be imported, or the pictures, the models of the service, what promised pictures can become, or
the characters."""
Need = Literal["", "images", "edits", "videos", "characters", "sight"]
"""What a service has to be able to do for an action: pictures, changes of pictures, clips, characters, to see pictures;
or nothing."""


class Footer(Struct, frozen=True):
    """Where an action stands in the footer."""

    place: int
    """From left to right by rising numbers."""
    need: int
    """On a narrow screen the highest numbers give way first."""
    only_unconfigured: bool = False
    """Whether it stands there only while the demo answers for want of a service."""


class Action(Struct, frozen=True):
    """Something that the user can do."""

    id: str
    """Its name in `[keys]`, in the application's keymap and behind the slash, and the name of its method."""
    owner: Owner
    help: str
    """What it does, imperative and short, without a full stop."""
    keys: str = ""
    """Default key or keys, comma separated, as Textual names them; empty for an action that is only a command."""
    label: str = ""
    """What the key does in a word or two, for the footer."""
    when: Condition = "always"
    needs: Need = ""
    """Without it the action is not offered anywhere."""
    otherwise: str = ""
    """What is said when its key is pressed while it does not work; empty where that explains itself."""
    footer: Footer | None = None
    """None: not in the footer."""
    command: str = ""
    """How it is typed: `/image PROMPT`, with brackets round what may be left out; empty for a key without a command."""
    completes: Completion = "nothing"
    aliases: tuple[str, ...] = ()
    """Other names of the command, as other programs call it."""
    gives_way: bool = False
    """Whether its default key gives way to a key of the user's own, which may be older than the action."""
    is_priority: bool = True
    """Whether its key works before what has the focus gets it, so that a key of the user's own works while writing."""

    @property
    def method(self) -> str:
        """The name of its method: the id, with an underscore behind it where Python has a word of that name."""
        return f"{self.id}_" if iskeyword(self.id) else self.id

    @property
    def argument(self) -> str:
        """What follows the command: `PROMPT`, `[PATH]` or nothing."""
        return self.command.partition(" ")[2]

    @property
    def needs_argument(self) -> bool:
        """Whether the command works only with an argument."""
        return self.argument != "" and not self.argument.startswith("[")


NOT_ASKED = "No promised picture waits for an answer."

ACTIONS: tuple[Action, ...] = (
    Action("send", "prompt", "Send the message", keys="enter", label="Send", footer=Footer(10, 60)),
    Action(
        "newline",
        "prompt",
        "Insert a line break",
        keys="shift+enter,alt+enter,ctrl+j",
        label="New line",
        footer=Footer(20, 110),
    ),
    Action(
        "editor",
        "writing",
        "Write the message in your editor, as VISUAL or EDITOR names it",
        keys="alt+e",
        label="Editor",
        command="/editor [TEXT]",
        gives_way=True,
    ),
    Action(
        "search_sent",
        "writing",
        "Search in what you have sent",
        keys="ctrl+up",
        label="Search sent",
        gives_way=True,
    ),
    Action(
        "cancel",
        "conversation",
        "Cancel the answer, the picture or the export in progress",
        keys="escape",
        label="Cancel",
        when="busy",
        footer=Footer(30, 30),
        is_priority=False,  # Esc closes the list above the prompt first
    ),
    Action(
        "attach",
        "attachments",
        "Show a picture with your message; dropping or pasting its file does, too",
        command="/attach FILE",
        completes="pictures",
        needs="sight",
    ),
    Action(
        "image",
        "images",
        "Generate a picture; type -- for options",
        command="/image PROMPT",
        completes="options",
        needs="images",
    ),
    Action(
        "edit",
        "images",
        "Edit the last picture, the selected one, or a URL or file",
        command="/edit PROMPT",
        completes="edit_options",
        needs="edits",
    ),
    Action(
        "batch",
        "images",
        "Generate several pictures, one per line",
        command="/batch PROMPTS",
        completes="options",
        needs="images",
    ),
    Action(
        "video",
        "images",
        "Turn the picture into a short video",
        command="/video [WORDS]",
        needs="videos",
    ),
    Action(
        "again",
        "images",
        "Generate the picture again with another prompt or other options",
        command="/again [PROMPT]",
        completes="options",
        needs="images",
    ),
    Action(
        "regenerate",
        "images",
        "Regenerate the picture with a new seed; the old one stays",
        keys="ctrl+r",
        label="Regenerate",
        when="has_image",
        otherwise="There is no picture to regenerate yet.",
        footer=Footer(50, 80),
        command="/regenerate",
        needs="images",
    ),
    Action(
        "changes",
        "forms",
        "Regenerate the picture with another prompt or settings, in a form",
        keys="ctrl+shift+r,f3",
        label="Change",
        when="has_image",
        otherwise="There is no picture to change yet.",
        needs="images",
    ),
    Action(
        "form",
        "forms",
        "Generate a picture from a form: prompt, size, seed and more",
        keys="ctrl+g",
        label="New image",
        footer=Footer(100, 150),
        command="/form",
        needs="images",
    ),
    Action(
        "face",
        "faces",
        "Choose the face in the pictures: a character of the account, or none",
        command="/face [NAME]",
        needs="characters",
    ),
    Action(
        "accept",
        "promises",
        "Accept the promised picture, where you are asked first",
        keys="alt+g",
        label="Generate",
        when="has_promise",
        otherwise=NOT_ASKED,
        footer=Footer(22, 22),
        command="/accept",
        needs="images",
        gives_way=True,
    ),
    Action(
        "reword",
        "promises",
        "Change the prompt of the promised picture",
        keys="alt+p",
        label="Change",
        when="has_promise",
        otherwise=NOT_ASKED,
        footer=Footer(24, 24),
        command="/reword [PROMPT]",
        needs="images",
        gives_way=True,
    ),
    Action(
        "decline",
        "promises",
        "Decline the promised picture; the character is told nothing",
        keys="alt+x",
        label="Decline",
        when="has_promise",
        otherwise=NOT_ASKED,
        footer=Footer(26, 23),
        command="/decline",
        gives_way=True,
    ),
    Action(
        "pictures",
        "promises",
        "Choose what becomes of promised pictures here: auto, ask or off",
        command="/pictures [WAY]",
        completes="ways",
        needs="images",
    ),
    Action(
        "style",
        "styles",
        "Choose the style of the pictures in this conversation, or none",
        command="/style [NAME]",
        completes="styles",
        needs="images",
    ),
    Action(
        "save",
        "images",
        "Save the picture or all pictures; a folder becomes the default",
        keys="ctrl+s",
        label="Save",
        when="has_image",
        otherwise="There is no picture to save yet.",
        footer=Footer(60, 90),
        command="/save [PATH]",
        completes="folders",
    ),
    Action(
        "view",
        "navigation",
        "View the picture full screen; ← → step through all",
        command="/view",
    ),
    Action(
        "reasoning",
        "conversation",
        "Show or hide the reasoning of the last answer",
        keys="ctrl+o",
        label="Reasoning",
        when="has_reasoning",
        otherwise="There is no reasoning to show.",
        footer=Footer(80, 130),
    ),
    Action(
        "gallery",
        "navigation",
        "Browse all pictures ever generated",
        keys="f4",
        label="Gallery",
        footer=Footer(110, 140),
        command="/gallery",
    ),
    Action(
        "find",
        "search",
        "Find words in messages and prompts; again: everywhere",
        keys="ctrl+f",
        label="Find",
        footer=Footer(90, 120),
        command="/find [WORDS]",
    ),
    Action(
        "search",
        "navigation",
        "Search everything: all messages and prompts",
        command="/search [WORDS]",
    ),
    Action(
        "copy_selection",
        "conversation",
        "Copy the selected text",
        keys="ctrl+c",
        label="Copy",
        when="has_selection",
        footer=Footer(70, 40),
    ),
    Action(
        "new",
        "characters",
        "Start a new conversation; /new has you choose the character",
        keys="ctrl+n",
        label="New",
        footer=Footer(120, 100),
        command="/new [NAME]",
        completes="characters",
    ),
    Action(
        "character",
        "characters",
        "Have another character answer from now on",
        command="/character [NAME]",
        completes="characters",
    ),
    Action(
        "temporary",
        "characters",
        "Start a temporary conversation, of which nothing is kept on disk",
        command="/temporary",
    ),
    Action(
        "conversations",
        "conversations",
        "Browse all conversations: open, rename, pin, archive, delete",
        keys="ctrl+l",
        label="Chats",
        footer=Footer(115, 125),
        command="/conversations",
        aliases=("chats",),
        gives_way=True,
    ),
    Action(
        "rename",
        "conversations",
        "Rename this conversation",
        command="/rename TITLE",
    ),
    Action(
        "note",
        "conversation",
        "Remind the model of a note with each message; /note - removes it",
        command="/note [TEXT]",
    ),
    Action(
        "retry",
        "conversation",
        "Retry the answer or the picture that failed",
        keys="ctrl+t",
        label="Retry",
        when="failed",
        otherwise="There is nothing to retry.",
        footer=Footer(40, 70),
        command="/retry",
    ),
    Action(
        "export",
        "transfer",
        "Export the conversation to a file: .html, .md, .json or .txt",
        command="/export [FILE]",
        completes="folders",
    ),
    Action(
        "import",
        "transfer",
        "Import conversations: our JSON, ChatGPT, SillyTavern",
        command="/import FILE",
        completes="files",
    ),
    Action(
        "connect",
        "app",
        "Connect a service: the one that answers, and the one that makes pictures",
        keys="f2",
        label="Connect",
        footer=Footer(35, 35, only_unconfigured=True),
        command="/connect",
        gives_way=True,
    ),
    Action(
        "settings",
        "app",
        "Change settings; they are kept",
        keys="f6",
        label="Settings",
        command="/settings",
        gives_way=True,
    ),
    Action(
        "reply",
        "revisions",
        "Regenerate the last reply, as you wish it: /reply shorter",
        keys="alt+r",
        label="Other reply",
        when="has_reply",
        otherwise="There is no reply to regenerate yet.",
        command="/reply [WISH]",
        gives_way=True,
    ),
    Action(
        "continue",
        "revisions",
        "Continue the last reply where it was cut",
        command="/continue",
    ),
    Action(
        "model",
        "models",
        "Choose the model that answers, or see which there are",
        command="/model [NAME]",
        completes="models",
    ),
    Action(
        "help",
        "navigation",
        "Show keys and commands",
        keys="f1",
        label="Help",
        footer=Footer(140, 10),
        command="/help",
    ),
    Action(
        "suspend",
        "app",
        "Suspend to the shell; fg brings the application back",
        keys="ctrl+z",
        label="Suspend",
        when="has_shell",
        footer=Footer(130, 160),
    ),
    Action(
        "quit",
        "app",
        "Quit; everything is already saved",
        keys="ctrl+q",
        label="Quit",
        footer=Footer(150, 20),
        command="/quit",
        aliases=("exit",),
    ),
)
"""In the order of the help and of the configuration file."""

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
KEY_ACTIONS: tuple[Action, ...] = tuple(action for action in ACTIONS if action.keys)
"""The actions that have a key, which `[keys]` may change."""
COMMANDS: tuple[Action, ...] = tuple(action for action in ACTIONS if action.command)
"""The actions that can be typed after a slash, in the order of completion."""

DEFAULT_KEYS: dict[str, str] = {action.id: action.keys for action in KEY_ACTIONS}
"""Action → key or keys."""

# What a terminal sends for the left one is the right one: they are the same key.
_SAME_KEY = {"ctrl+m": "enter", "ctrl+i": "tab", "ctrl+left_square_bracket": "escape"}
_KEY = re.compile(r"(?:(?:ctrl|alt|shift|super|meta|hyper)\+)*(?:[a-z0-9_]+|[^\sA-Z,])")
_TYPED = re.compile(r"(?:shift\+)?(?:[^\s]|space)")


def key_names(keys: str) -> list[str]:
    """The single keys of a comma-separated list, blanks removed."""
    return [key.strip() for key in keys.split(",") if key.strip()]


class KeyConflictError(UserError):
    """A key that cannot do what it is set to do: the action it was set for and what it must be instead."""

    def __init__(self, action: str, must_be: str) -> None:
        super().__init__(f"The key of {action} must be {must_be}.")
        self.action = action
        self.must_be = must_be


def keymap(own: Mapping[str, str]) -> dict[str, str]:
    """Action → keys, the user's own in place of the defaults; empty for one whose default key the user has taken.

    Raises KeyConflictError for a key that is malformed, needed for typing, or bound to two actions.
    """
    taken = {_SAME_KEY.get(key, key) for keys in own.values() for key in key_names(keys)}
    gone = {action.id for action in KEY_ACTIONS if action.gives_way and taken & set(key_names(action.keys))}
    gone -= own.keys()
    chosen = {action: keys for action, keys in {**DEFAULT_KEYS, **own}.items() if action not in gone}
    owners: dict[str, str] = {}
    for action, keys in chosen.items():
        if not key_names(keys):
            raise KeyConflictError(action, f'a key, such as "{DEFAULT_KEYS[action]}"')
        for key in key_names(keys):
            if _KEY.fullmatch(key) is None:
                raise KeyConflictError(action, f'a key like "ctrl+r" or "f5", and "{key}" is none')
            if _TYPED.fullmatch(key) is not None:
                raise KeyConflictError(action, f'a key that types nothing, such as "alt+x", and "{key}" does')
            other = owners.setdefault(_SAME_KEY.get(key, key), action)
            if other != action:
                mine, theirs = (action, other) if action in own else (other, action)
                raise KeyConflictError(mine, f'a key that is free, and "{key}" belongs to "{theirs}"')
    return chosen | dict.fromkeys(gone, "")
