"""What the command line asks for."""

from __future__ import annotations

from typing import Literal


class Arguments:
    """What was asked for. A field that a command does not take keeps its default."""

    command: str = "chat"
    config: str | None = None
    demo: bool = False
    conversation: str | None = None
    last: bool = False
    """The conversation that was used last, by whatever."""
    new: bool = False
    character: str | None = None
    """With whom a new conversation is begun."""
    temporary: bool = False
    """A new conversation that leaves nothing on the disk."""
    graphics: str | None = None
    text: list[str]
    attach: list[str]
    """Files of pictures that go with the text."""
    json: bool = False
    verbose: bool = False
    prompt: str | None = None
    output: str | None = None
    parents: bool = False
    """Whether the folder of `output` is made where there is none."""
    edit: str | None = None
    plain: bool = False
    info: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    """Name and value of what is said about a picture, as it was typed."""
    host: str = "127.0.0.1"
    port: int = 0
    force: bool = False
    words: list[str]
    """Words to search for."""
    id: str = ""
    """Of a conversation, or the beginning of it."""
    ids: list[str]
    shell: str = ""
    format: Literal["md", "html", "json", "txt"] | None = None
    copy: bool = False
    """Whether a conversation that is there already is imported beside it."""
    action: Literal["", "import", "export", "remove"] = ""
    """What is done with a character."""
    files: list[str]
    """Conversations or character cards to import."""
    name: str = ""
    """Of a character, or the beginning of it."""
