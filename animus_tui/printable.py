"""Text from the network is data: what is left of it here changes nothing on a terminal but the text.

Well-formed escape sequences (CSI, OSC, DCS and their kin, in the 7-bit and the 8-bit form) go as a
whole; of a malformed or unfinished one the introducer goes and the rest stays as plain text. Other
controls go, every kind of line break becomes `\\n`. Embeddings, overrides and isolates of text direction
go; the plain marks U+200E and U+200F stay: they move nothing but their neighbours, and right-to-left
text needs them. What cannot be shown at all becomes U+FFFD.
"""

from __future__ import annotations

from animus_tui.late_pattern import late_pattern

_BREAK = late_pattern("\r\n|[\r\x85\u2028\u2029]")
_SEQUENCE = late_pattern(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS, …
    "|\x1b[ -/]+[0-~]"  # character sets and the like
    "|\x1b[0-OQ-WYZ\\\\`-~]"  # two-character sequences
)
_CONTROL = late_pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]")
# U+10EEEE is Kitty's placeholder for a part of a picture: foreign text could show somebody else's. What stands for a
# part elsewhere (`graphics.rendering.pixel_rows`) is of planes 4 to 13, which have no characters.
_UNSHOWABLE = late_pattern("[\ud800-\udfff\U00040000-\U000dffff\U0010eeee]")
_SUSPECT = late_pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff\U00040000-\U000dffff\U0010eeee]"
)
LONGEST_LINE = 1000
"""Characters of a text in one line; no terminal is wider, and what measures text takes its time."""
_WHITE = str.maketrans("\n\t", "  ")
# The end of a text that may go on as a sequence or as a line break.
_UNFINISHED = late_pattern(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*\\Z"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x00-\x1f\x7f-\x9f]*\x1b?\\Z"
    "|\x1b[ -/]*\\Z"
    "|\r\\Z"
)
LONGEST_SEQUENCE = 4096
"""Characters of an unfinished sequence that are waited for."""
_NOT_ASCII = late_pattern("[^\x00-\x7e]")
_NOT_IN_JSON = late_pattern("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\U0010eeee]")


def printable(text: str, *, newlines: bool = True) -> str:
    """`text` without what a terminal obeys; with `newlines` off, each line break and tab is a space."""
    # Most texts are letters and line breaks; to compile the pattern takes longer than to look at a hundred of them.
    if not text.replace("\n", "").isprintable() and _SUSPECT.search(text) is not None:
        text = _SEQUENCE.sub("", _BREAK.sub("\n", text))
        text = _UNSHOWABLE.sub("\ufffd", _CONTROL.sub("", text))
    return text if newlines else text.translate(_WHITE)


def short_line(text: str, most: int = LONGEST_LINE) -> str:
    """`text` for a label or a line of a widget: printable, without line breaks, at most that many characters."""
    line = printable(text[: 2 * most], newlines=False)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def counted(number: int, noun: str) -> str:
    """`1 message`, `2,000 messages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class PrintableStream:
    """Makes a text printable that comes in pieces; a sequence may be cut anywhere between two of them."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown of the text so far and was not returned before."""
        text = self._held + piece
        unfinished = _UNFINISHED.search(text) if _SUSPECT.search(text) is not None else None
        end = len(text) if unfinished is None else unfinished.start()
        if len(text) - end > LONGEST_SEQUENCE:
            end = len(text)
        self._held = text[end:]
        return printable(text[:end])

    @property
    def unfinished(self) -> str:
        """The rest of the text so far, which may mean something else with what follows."""
        return printable(self._held)

    def close(self) -> str:
        """The rest: nothing comes any more."""
        rest, self._held = printable(self._held), ""
        return rest


def safe_json(text: str, *, only_ascii: bool = False) -> str:
    """JSON of the same value in which no control and no mark of text direction stands as itself."""
    unsafe = _NOT_ASCII if only_ascii else _NOT_IN_JSON
    return unsafe.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
