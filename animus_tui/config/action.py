"""What an action is: its keys, its command, when it works and where the footer shows it. No table and no action."""

from __future__ import annotations

from keyword import iskeyword
from typing import Literal

from msgspec import Struct

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
