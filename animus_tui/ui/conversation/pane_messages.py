"""What the user asks for in the conversation, as messages to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from animus_tui.ui.conversation.entries.entry import Entry

PictureWish = Literal["view", "facts", "copy", "open"]
"""See it large, read what is known of it, have the path of its file, or hand it to the viewer of the system."""
Change = Literal["prompt", "size"]
"""What is to be other than in the picture that is there; all else stays, the seed too."""


class SuggestionChosen(Message):
    """Say this."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class RetryRequested(Message):
    """Try again what failed: an answer, a picture, or a promise that was not kept."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


class VariantRequested(Message):
    """Show another variant of a picture."""

    def __init__(self, message_id: str, index: int) -> None:
        super().__init__()
        self.message_id = message_id
        self.index = index


class PictureRequested(Message):
    """Do something with a picture that is there."""

    def __init__(self, message_id: str, wish: PictureWish) -> None:
        super().__init__()
        self.message_id = message_id
        self.wish = wish


class CancelRequested(Message):
    """Stop this job and no other."""

    def __init__(self, image_id: str) -> None:
        super().__init__()
        self.image_id = image_id


class ChangeRequested(Message):
    """Have a picture made once more, with one thing changed."""

    def __init__(self, message_id: str, change: Change) -> None:
        super().__init__()
        self.message_id = message_id
        self.change: Change = change


class LinkOpened(Message):
    """A web or mail address was clicked or chosen."""

    def __init__(self, href: str) -> None:
        super().__init__()
        self.href = href


class CopyRequested(Message):
    """Put a text on the clipboard; `what` names it."""

    def __init__(self, text: str, what: str = "") -> None:
        super().__init__()
        self.text = text
        self.what = what


class Typed(Message):
    """A letter that means nothing here, or a pasted text: the user wants to write."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
