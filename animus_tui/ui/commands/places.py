"""The keys that work in one place only, for the help and for the README.

They cannot be configured. A test compares them with the bindings of the widgets.
"""

from __future__ import annotations

from msgspec import Struct


class PlaceKeys(Struct, frozen=True):
    """One or several keys that are explained together."""

    shown: str
    """The keys as they are shown, with blanks between them."""
    help: str
    """One sentence."""


class Place(Struct, frozen=True):
    """Where keys of their own work."""

    title: str
    keys: tuple[PlaceKeys, ...]


WRITING = (
    PlaceKeys(
        "↑ ↓",
        "On the first and the last row: what you sent before, here and elsewhere; your draft comes back.",
    ),
    PlaceKeys("/", "Commands, as the first letter; Tab completes, Enter takes, Esc closes."),
    PlaceKeys("--", "Behind the words of /image, /edit, /batch and /again: options, such as --size."),
    PlaceKeys("//", "At the beginning: say a text that begins with a slash."),
    PlaceKeys("^_ ^Y", "Undo, redo."),
    PlaceKeys("^← ^→", "A word back, a word on; with Shift select."),
    PlaceKeys("^A ^E", "Begin and end of the line."),
    PlaceKeys("^W ^U ^K", "Delete the word before, to the begin, to the end of the line."),
    PlaceKeys(
        "^X ^C ^V",
        "Cut, copy, paste; what you paste keeps its line breaks, and a very long text stands as a label.",
    ),
)
FULL_QUALITY = PlaceKeys(
    "Enter f", "Full quality: the whole terminal is the picture's until you press a key."
)
VIEWING = (
    PlaceKeys("← →", "The picture before, the next one, through the whole conversation."),
    PlaceKeys("↑ ↓ [ ]", "The variant before, the next one; the conversation then shows it too."),
    FULL_QUALITY,
    PlaceKeys("i y o s", "What it was made from; copy its path; open it outside; save it."),
    PlaceKeys("Esc q", "Back to the conversation, with the picture chosen."),
)
GALLERY = (
    PlaceKeys("Arrows", "From picture to picture; PgUp, PgDn, Home and End go farther."),
    PlaceKeys("Enter", "To the place of the picture, in whichever conversation it stands."),
    PlaceKeys("/", "Only pictures with these words in their prompts; Esc shows all again."),
    PlaceKeys("v y o", "View it as large as the screen; copy its path; open it outside."),
    PlaceKeys("Tab", "The account's groups of pictures, and back; Enter opens a group, Esc goes up."),
    PlaceKeys("Esc q", "Back to the conversation."),
)
READING = (
    PlaceKeys("Tab Esc", "To the conversation, and back to the prompt."),
    PlaceKeys("↑ ↓", "There: from message to message."),
    PlaceKeys("← →", "There: from picture to picture."),
    PlaceKeys("y c o", "On a message: copy it, copy its code block by block, open its links one by one."),
    PlaceKeys("Enter v", "On a picture: view it as large as the screen; a click does the same."),
    PlaceKeys(
        "i y o", "On a picture: what it was made from, copy its path, open it outside; a clip is played."
    ),
    PlaceKeys("Space", "On an answer: open or fold its reasoning."),
    PlaceKeys("[ ]", "On a picture: the one before, the next one."),
    PlaceKeys("p s", "On a picture: same seed and other words; same words and another size."),
    PlaceKeys(
        "1 to 8, Enter", "On several pictures of one prompt: choose one; arrows mark, a click does, too."
    ),
    PlaceKeys("Esc", "On a picture that is being made: stop this one."),
    PlaceKeys("Enter r", "On what failed: try it again."),
    PlaceKeys("PgUp PgDn", "Scroll; End goes back down and follows."),
    PlaceKeys("Mouse", "Drag to mark text, also beyond the edge; twice marks a word, three times a line."),
    PlaceKeys("Alt+1 2 3", "In an empty conversation: one of the suggestions."),
    PlaceKeys("^P", "All of this by a word of what you want, and the themes."),
)

PLACES = (
    Place("In the message", WRITING),
    Place("In the conversation", READING),
    Place("While a picture fills the screen", VIEWING),
    Place("In the gallery", GALLERY),
)
"""In the order of the help."""
