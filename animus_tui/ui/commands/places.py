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
    """What they do, imperative and short, without a full stop."""
    needs: str = ""
    """What a service has to be able to do for it, as in the table of actions; empty for nothing."""


class Place(Struct, frozen=True):
    """Where keys of their own work."""

    title: str
    keys: tuple[PlaceKeys, ...]


WRITING = (
    PlaceKeys(
        "↑ ↓",
        "On the first and last row: recall sent messages, from all conversations; your draft comes back",
    ),
    PlaceKeys("/", "As the first character: commands; Tab completes, Enter runs, Esc closes"),
    PlaceKeys(
        "--", "After the prompt of /image, /edit, /batch and /again: options, such as --size", "images"
    ),
    PlaceKeys("//", "At the start: send a message that begins with a slash"),
    PlaceKeys("^_ ^Y", "Undo, redo"),
    PlaceKeys("^← ^→", "Move by word; with Shift select"),
    PlaceKeys("^A ^E", "Start and end of the line"),
    PlaceKeys("^W ^U ^K", "Delete the word before, to the start, to the end of the line"),
    PlaceKeys(
        "^X ^C ^V",
        "Cut, copy, paste; pasted text keeps its line breaks, a very long one is shown as a label",
    ),
)
FULL_QUALITY = PlaceKeys(
    "Enter f", "Full quality: the picture takes the whole terminal until you press a key"
)
VIEWING = (
    PlaceKeys("← →", "Previous, next picture of the conversation"),
    PlaceKeys("↑ ↓ [ ]", "Previous, next variant; the conversation then shows it too"),
    FULL_QUALITY,
    PlaceKeys("i y o s", "Details; copy its path; open it with the system viewer; save it"),
    PlaceKeys("Esc q", "Back to the conversation, with the picture selected"),
)
GALLERY = (
    PlaceKeys("Arrows", "From picture to picture; also PgUp, PgDn, Home and End"),
    PlaceKeys("Enter", "Go to the picture in its conversation"),
    PlaceKeys("/", "Filter by words of the prompt; Esc shows all"),
    PlaceKeys("v y o", "View it full screen; copy its path; open it with the system viewer"),
    PlaceKeys("* f", "Star it, or take the star away; show only those with a star"),
    PlaceKeys("x X", "Select it; select all, or none"),
    PlaceKeys("d Delete", "Delete it or what is selected, after a question: here, or at the service too"),
    PlaceKeys("Tab", "The account's groups, and back; Enter opens a group, Esc goes up", "groups"),
    PlaceKeys("Esc q", "Back to the conversation"),
)
CONVERSATIONS = (
    PlaceKeys("↑ ↓", "From conversation to conversation; also PgUp PgDn ^Home ^End"),
    PlaceKeys("Enter", "Open it, as a click does; in the trash: restore it"),
    PlaceKeys("Letters", "Filter by words of title, character and last message; Esc shows all"),
    PlaceKeys("^R ^T ^A", "Rename, pin, archive, and back"),
    PlaceKeys("^D ^U", "Delete to the trash, which is emptied after 30 days; undo"),
    PlaceKeys("^Y", "Duplicate"),
    PlaceKeys("^O", "Archived conversations, the trash, and back"),
    PlaceKeys("Tab", "Search the words in all messages"),
    PlaceKeys("Esc", "Back to the conversation"),
)
CHARACTERS = (
    PlaceKeys("↑ ↓", "From character to character; also PgUp PgDn ^Home ^End"),
    PlaceKeys("Enter", "Begin a conversation with it, or have it answer from now on, as a click does"),
    PlaceKeys("Letters", "Filter by words of name, description and greeting; Esc shows all"),
    PlaceKeys("^O ^S", "Import a character card; export the character as one"),
    PlaceKeys("^D ^U", "Delete an imported character; undo"),
    PlaceKeys("Esc", "Back to where you were"),
)
SEARCHING = (
    PlaceKeys("Letters", "Words that a message or the prompt of a picture must have, all of them"),
    PlaceKeys("↑ ↓", "From message to message; also PgUp PgDn"),
    PlaceKeys("Enter", "Go to the message in its conversation, as a click does"),
    PlaceKeys("Esc", "Back to where you were"),
)
READING = (
    PlaceKeys("Tab Esc", "To the conversation, and back to the prompt"),
    PlaceKeys("↑ ↓", "In it: from message to message"),
    PlaceKeys("← →", "In it: from picture to picture"),
    PlaceKeys("y c o", "On a message: copy it, copy its next code block, open its next link"),
    PlaceKeys("r", "On a reply: regenerate it; the old one stays as a version"),
    PlaceKeys("g", "On a reply that was cut: go on where it stopped"),
    PlaceKeys("e", "On your message: edit it and send it again; on a reply: correct it by hand"),
    PlaceKeys("[ ]", "On a message or a picture: previous, next version or variant"),
    PlaceKeys("q h d", "On a message: quote it, hide it from the model or show it again, delete it"),
    PlaceKeys(
        "u", "After deleting messages: bring the last one back, until you quit or leave the conversation"
    ),
    PlaceKeys("f", "On a message: fork, a new conversation up to there"),
    PlaceKeys("Enter v", "On a picture: view it full screen, as a click does"),
    PlaceKeys(
        "i y o", "On a picture: details, copy its path, open it with the system viewer; a video is played"
    ),
    PlaceKeys("Space", "On an answer: show or hide its reasoning"),
    PlaceKeys("p s", "On a picture: same seed, another prompt; same prompt, another size", "images"),
    PlaceKeys("1 to 8, Enter", "On several pictures of one prompt: choose one, as arrows or a click do"),
    PlaceKeys("Esc", "On a picture in progress: cancel it"),
    PlaceKeys("Enter r", "On what failed: retry"),
    PlaceKeys(
        "Enter p x",
        "On a promised picture, where you are asked: generate it, change its prompt, decline it",
        "images",
    ),
    PlaceKeys("PgUp PgDn", "Scroll; End goes to the end and follows"),
    PlaceKeys(
        "Mouse",
        "Drag to select text, also beyond the edge; a double click selects a word, a triple click a line",
    ),
    PlaceKeys("Alt+1 2 3", "In an empty conversation: send a suggestion"),
    PlaceKeys("^P", "Command palette, and the themes"),
)

SETTINGS = (
    PlaceKeys("↑ ↓", "From setting to setting; also PgUp PgDn"),
    PlaceKeys("Letters", "Filter by words"),
    PlaceKeys("Enter Space", "Change it; while you type a value: Enter accepts it, Esc does not"),
    PlaceKeys("← →", "Previous, next value"),
    PlaceKeys("Del", "Back to the default"),
    PlaceKeys("Esc F6", "Close; what was changed is kept already"),
)
CONNECTING = (
    PlaceKeys("↑ ↓", "In a list: from line to line; also PgUp PgDn"),
    PlaceKeys("Letters", "Filter the list, or fill in the field"),
    PlaceKeys("Tab", "Next field"),
    PlaceKeys("Enter", "Next question"),
    PlaceKeys("Alt+←", "Back to the question before"),
    PlaceKeys("Esc F2", "Cancel; everything stays as it was"),
)
FORM = (
    PlaceKeys("Tab", "Next field; with Shift the one before"),
    PlaceKeys("^Enter ^O", "Generate; so does Enter on the button"),
    PlaceKeys("Space", "On a text that is added to the prompt: leave it out, or take it in again"),
    PlaceKeys("Esc", "Cancel; what you typed is there when you open the form again"),
)
FACES = (
    PlaceKeys("↑ ↓", "From character to character"),
    PlaceKeys("Letters", "Filter by words of name, description and state of training"),
    PlaceKeys("Enter", "Choose it, as a click does"),
    PlaceKeys("^T", "Ask the account again"),
    PlaceKeys("Esc", "Cancel"),
)
IN_SETTINGS = Place("In the settings", SETTINGS)
IN_CONNECTING = Place("While you connect a service", CONNECTING)
IN_FORM = Place("In the form for a picture", FORM)
IN_FACES = Place("In the list of faces", FACES)
IN_VIEWER = Place("While a picture fills the screen", VIEWING)
IN_GALLERY = Place("In the gallery", GALLERY)
IN_CONVERSATIONS = Place("In the list of conversations", CONVERSATIONS)
IN_CHARACTERS = Place("In the list of characters", CHARACTERS)
IN_SEARCH = Place("In the search of all conversations", SEARCHING)

PLACES = (
    Place("In the message", WRITING),
    Place("In the conversation", READING),
    IN_VIEWER,
    IN_GALLERY,
    IN_CONVERSATIONS,
    IN_CHARACTERS,
    IN_SEARCH,
)
"""In the order of the help of the conversation; the boxes, which name their keys themselves, have their own."""
