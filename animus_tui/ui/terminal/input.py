"""What a terminal sends, taken apart before any key is parsed: keys, pasted texts, and its answers to questions.

Bytes in, values out, no input and no output: the caller tells what time it is. Sources: ECMA-48 (control sequences and
strings); xterm's "Control Sequences" (bracketed paste, DA1 to DA3, XTVERSION, DECRQSS, DECRQM, window reports, OSC);
Kitty's "Terminal graphics protocol" and "Comprehensive keyboard handling in terminals".
"""

from __future__ import annotations

import re

from msgspec import Struct

from animus_tui.graphics.decoding.protocol import Rgb
from animus_tui.graphics.probe.terminal_probe import read_answers
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable

ESC = b"\x1b"
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
ESCAPE_DELAY = 0.1
"""Seconds without another byte after which ESC alone is the Escape key."""
SPLIT_DELAY = 0.75
"""The same while an answer may still come: a slow line may cut it right behind its ESC."""
REST_DELAY = 2.0
"""Seconds without another byte after which the rest of an unfinished sequence is not waited for any more."""
TAIL_TIME = 10.0
"""Seconds in which the rest of a sequence that was not waited for is still known as such."""
PASTE_DELAY = 2.0
"""Seconds without another byte after which a paste is over, whether its end marker came or not."""
PASTE_BYTE = 0.002
"""Seconds that each pasted byte earns, up to PASTE_DELAY: a line of 9600 baud goes on, somebody who types does not."""
BULK = 16
"""More bytes of text than that in one read are not typed: behind a paste that stalled they are still part of it."""
PASTE_TAIL_TIME = 60.0
"""Seconds in which the rest of a paste that stalled is still known as such."""
MOST_PASTED = 8 << 20
"""Bytes of one paste that are kept."""
_SLICE = 1 << 16
"""Characters that are cleaned at once: other threads have their turn in between."""
_SHORT = 2
"""Bytes: ESC and one more may be Alt and a letter."""

_AFTER_ESCAPE = frozenset(b"\x1b" + bytes(set(range(1, 0x1B)) - set(b"\b\t\n\r")))
"""Bytes before which ESC is a key of its own: no terminal tells Alt so, and Textual drops ESC before them."""
_BODY = rb"[^\x00-\x1f\x7f\x9c]{0,4096}"
"""Of a control string: no control characters."""
_NAMES = rb"[A-Za-z]=[\w-]{0,20}(?:,[A-Za-z]=[\w-]{0,20}){0,20}"
"""What stands before the semicolon in a graphics answer: `i=31,p=1`."""
_ANSWER = late_pattern(
    rb"""
    \x1b (?:
        \[ (?:
            \? (?P<mode> 2026|2048 ) ; \d{1,2} \$ y        # DECRPM, which Textual asked for
            | \? [\d;:]{0,200} (?P<attributes> c )         # DA1
            | [?>=] [\d;:]{0,200} [ -/]{0,3} [@-~]         # private: no key begins so
            | \d{1,6} ; \d{1,6} R                          # the position of the cursor
            | [\d;]{0,40} \$ y                             # DECRPM of an ANSI mode
            | (?! 48;) [\d;]{1,40} t                       # the window
            | [\d;]{1,40} [cn]                             # DA, DSR
        )
        | (?: P (?: >\| | [01] [$+] r | !\| ) BODY | \] \d{1,4} ; BODY | _G NAMES ; BODY ) (?: \x1b\\ | \x07 | \x9c )
    )
    """.replace(b"BODY", _BODY).replace(b"NAMES", _NAMES),
    re.VERBOSE,
)
_BEGUN = late_pattern(
    rb"""
    \x1b (?:
        \[ [<?>=]? [\d;:]{0,200} [ -/]{0,3}
        | P (?: >? | >\| BODY | [01] (?: [$+] (?: r BODY )? )? | ! (?: \| BODY )? ) \x1b?
        | \] \d{0,4} (?: ; BODY )? \x1b?
        | _ (?: G (?: [A-Za-z] | NAMES ,? (?: [A-Za-z] | ; BODY )? )? )? \x1b?
    )? \Z
    """.replace(b"BODY", _BODY).replace(b"NAMES", _NAMES),
    re.VERBOSE,
)
"""What may still become an answer, a paste or a key, up to the end of what came."""
_SURE = late_pattern(rb"\x1b(?:\[[?>=]|P(?:>\||[01][$+]r|!\|)|\]\d{1,4};|_G[A-Za-z]=)")
"""The beginning of an answer; nobody types that."""
_SEQUENCE = late_pattern(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)", re.DOTALL)
"""A key or a report of the mouse."""
_ESCAPED = late_pattern(
    rb"""
    \x1b (?! \[ . | O [A-DFHMP-Sa-djkm-y] | [bf] )  # another key, if only a word to the left or the right
    (?P<character> [ -~] | [\xc2-\xdf][\x80-\xbf] | [\xe0-\xef][\x80-\xbf]{2} | [\xf0-\xf4][\x80-\xbf]{3} )
    """,
    re.VERBOSE | re.DOTALL,
)
_MODIFIED = late_pattern(rb"\x1b\[27;(?P<modifiers>\d{1,3});(?P<code>\d{1,7})~")
"""A key with modifiers as xterm's modifyOtherKeys has it sent."""
_BREAK = late_pattern("\r\n|[\r\n]")


class Keys(Struct, frozen=True):
    """Bytes of keys, of the mouse and of what else the parser understands; whole sequences."""

    data: bytes


class EscapeKey(Struct, frozen=True):
    """The Escape key of a terminal that sends ESC alone for it."""


class EscapedCharacter(Struct, frozen=True):
    """ESC and a character right behind it: Alt with that character, or the Escape key and then the character."""

    character: str


class Pasted(Struct, frozen=True):
    """A paste: text without escape sequences and control characters, line breaks as `\\n`, never empty."""

    text: str


class Background(Struct, frozen=True):
    """The terminal's background, told later than it was waited for: red, green and blue, 0 to 255."""

    colour: Rgb


Item = Keys | EscapeKey | EscapedCharacter | Pasted | Background


class TerminalInput:
    """Takes apart what comes, in its order, wherever reads happen to end.

    A paste is one value however it comes. An answer of the terminal is nothing at all, asked for or not. What is
    unfinished is held back for a bounded time: `deadline` says when `expire` has to decide about it.
    """

    def __init__(self, escape_delay: float = ESCAPE_DELAY) -> None:
        """`escape_delay`: seconds after which ESC alone is a key, where no answer is expected."""
        self._escape_delay = escape_delay
        self._held = b""
        """An unfinished sequence, or its end when its beginning was given up."""
        self._given_up = b""
        """The beginning of a sequence that was not waited for any more; its rest may still come."""
        self._since = 0.0
        """When the last byte of either came."""
        self._is_burst = False
        """Whether the last bytes came faster than they are typed."""
        self._expected_until = 0.0
        self._paste: _Paste | None = None
        self._stalled_until = 0.0
        """Until when the rest of a paste that stalled may still come."""
        self._items: list[Item] = []

    def expect_answers(self, until: float) -> None:
        """The terminal was asked something and may answer until then."""
        self._expected_until = until

    @property
    def deadline(self) -> float | None:
        """When to call `expire`, unless more has come by then; None when nothing is held back."""
        if self._paste is not None:
            return self._paste.until
        return self._since + self._patience if self._held else None

    def feed(self, data: bytes, now: float) -> list[Item]:
        """What it is that came with one read."""
        self._is_burst = len(data) > _SHORT
        if self._paste is not None and now >= self._paste.until and not _is_pasted(data):
            self._end_paste(now)
        if self._paste is not None:
            self._take_pasted(data, now)
        elif now < self._stalled_until:
            self._take_behind_stalled(data, now)
        elif self._held or self._given_up:
            self._take_rest(data, now)
        else:
            self._take(data, now)
        return self._taken()

    def expire(self, now: float) -> list[Item]:
        """What is not waited for any longer; to be called while nothing more has come."""
        deadline = self.deadline
        if deadline is not None and now >= deadline:
            if self._paste is not None:
                self._end_paste(now)
            else:
                self._give_up(now)
        return self._taken()

    def _taken(self) -> list[Item]:
        items, self._items = self._items, []
        return items

    def _add_keys(self, data: bytes) -> None:
        if not data:
            return
        if self._items and isinstance(last := self._items[-1], Keys):
            self._items[-1] = Keys(last.data + data)
        else:
            self._items.append(Keys(data))

    # Sequences

    def _take(self, data: bytes, now: float) -> None:
        """Bytes at the beginning of which no sequence is under way."""
        at = 0
        while at < len(data):
            begins = data.find(ESC, at)
            if begins < 0:
                self._add_keys(data[at:])
                return
            self._add_keys(data[at:begins])
            at = begins
            if answer := _ANSWER.match(data, at):
                self._note(answer)
                at = answer.end()
            elif data.startswith(PASTE_START, at):
                self._paste = _Paste(now)
                self._take_pasted(data[at + len(PASTE_START) :], now)
                return
            elif data.startswith(PASTE_END, at):  # of a paste that was given up
                at += len(PASTE_END)
            elif _BEGUN.match(data, at):
                self._held, self._since = data[at:], now
                return
            elif data[at + 1] in _AFTER_ESCAPE:
                self._items.append(EscapeKey())
                at += 1
            elif escaped := _ESCAPED.match(data, at):
                self._items.append(EscapedCharacter(escaped["character"].decode()))
                at = escaped.end()
            else:
                key = _SEQUENCE.match(data, at)
                end = key.end() if key else at + 1
                self._add_keys(_MODIFIED.sub(_as_code, data[at:end]))
                at = end

    def _take_rest(self, data: bytes, now: float) -> None:
        """Bytes that may go on with a sequence."""
        given_up, self._given_up = self._given_up, b""
        held, self._held = self._held, b""
        waited = now - self._since
        begun = given_up + held
        whole = begun + data
        if given_up and waited > TAIL_TIME:
            self._add_keys(held)
            self._take(data, now)
        elif (answer := _ANSWER.match(whole)) and self._is_rest(given_up, whole, data, now):
            self._note(answer)
            self._take(whole[answer.end() :], now)
        elif whole.startswith(PASTE_START):
            self._take(whole, now)
        elif not given_up:
            is_key = len(whole) > _SHORT and _SEQUENCE.fullmatch(whole)
            if held == ESC and waited > self._escape_delay and not _BEGUN.match(whole) and not is_key:
                self._items.append(EscapeKey())
                self._take(data, now)
            else:
                self._take(whole, now)
        elif not _BEGUN.match(whole):
            self._take(held + data, now)
        elif _SURE.match(whole) or self._is_expecting(now):
            self._given_up, self._held, self._since = given_up, held + data, now
        else:  # typed, it seems; what follows may show that it was not
            self._add_keys(held + data)
            self._given_up, self._since = whole, now

    def _give_up(self, now: float) -> None:
        """The sequence that is held back does not go on."""
        held, self._held = self._held, b""
        begun = self._given_up + held
        is_sequence = len(begun) > _SHORT and (
            self._is_burst or self._is_expecting(self._since) or _SURE.match(begun) is not None
        )
        if begun == ESC:
            self._items.append(EscapeKey())
        elif held == begun and (escaped := _ESCAPED.fullmatch(held)):
            self._items.append(EscapedCharacter(escaped["character"].decode()))
        elif not is_sequence:
            self._add_keys(held)
        self._given_up, self._since = begun, now

    def _is_rest(self, given_up: bytes, whole: bytes, data: bytes, now: float) -> bool:
        """Whether `data` ends an answer of which `given_up` was the beginning, and is not typed key by key."""
        return not given_up or self._is_expecting(now) or len(data) > _SHORT or _SURE.match(whole) is not None

    def _note(self, answer: re.Match[bytes]) -> None:
        """Terminals answer in order: two of the answers are those to what is asked last."""
        mode = answer["mode"]
        if answer["attributes"] or mode == b"2048":
            self._expected_until = 0.0
        if mode:
            self._add_keys(answer[0])
        elif (told := read_answers(answer[0], asked=b"")[0].background) is not None:
            self._items.append(Background(told))

    def _is_expecting(self, now: float) -> bool:
        return now < self._expected_until

    @property
    def _patience(self) -> float:
        """Seconds from the last byte on that what is held back is waited for."""
        if len(self._given_up) + len(self._held) > _SHORT:
            return REST_DELAY
        return SPLIT_DELAY if self._is_expecting(self._since) else self._escape_delay

    # Pastes

    def _take_pasted(self, data: bytes, now: float) -> None:
        assert self._paste is not None  # noqa: S101 (the caller looked)
        rest = self._paste.take(data, now)
        if rest is not None:
            self._add_pasted(self._paste.whole())
            self._paste = None
            self._take(rest, now)

    def _end_paste(self, now: float) -> None:
        """The end marker does not come: what came is the paste, and the keyboard works again."""
        paste, self._paste = self._paste, None
        if paste is not None:
            self._add_pasted(paste.whole())
            self._stalled_until = now + PASTE_TAIL_TIME

    def _take_behind_stalled(self, data: bytes, now: float) -> None:
        """Keys, or what a paste without an end still had to say."""
        data, self._held, self._given_up = self._held + data, b"", b""
        pasted, marker, rest = data.partition(PASTE_END)
        if marker:
            self._stalled_until = 0.0
            self._add_pasted(pasted)
            self._take(rest, now)
        elif _is_pasted(data):
            self._add_pasted(data)
        else:
            self._take(data, now)

    def _add_pasted(self, data: bytes) -> None:
        if text := _cleaned(data.decode("utf-8", "replace")):
            self._items.append(Pasted(text))


class _Paste:
    """The text between the markers, as far as it has come."""

    def __init__(self, now: float) -> None:
        self._kept = bytearray()
        self._end = b""
        """The last bytes, which may begin the end marker."""
        self.until = now + PASTE_DELAY
        """When it is waited for no longer."""

    def take(self, data: bytes, now: float) -> bytes | None:
        """Take more of the paste; returns what stands behind the end marker, None as long as that has not come."""
        self.until = min(now + PASTE_DELAY, self.until + PASTE_BYTE * len(data))
        data = self._end + data
        text, marker, rest = data.partition(PASTE_END)
        if marker:
            self._keep(text)
            self._end = b""
            return rest
        kept = max(0, len(data) - len(PASTE_END) + 1)
        self._keep(data[:kept])
        self._end = data[kept:]
        return None

    def whole(self) -> bytes:
        """The pasted text, as far as it was kept."""
        self._keep(self._end)
        self._end = b""
        return bytes(self._kept)

    def _keep(self, data: bytes) -> None:
        self._kept += data[: MOST_PASTED - len(self._kept)]


def _as_code(key: re.Match[bytes]) -> bytes:
    """The same key in the form of Kitty's protocol, in which Textual finds all modifiers."""
    return b"\x1b[%b;%bu" % (key["code"], key["modifiers"])


def _is_pasted(data: bytes) -> bool:
    """Whether what came in one read belongs to a paste and is nothing that is typed."""
    return PASTE_END in data or len(_SEQUENCE.sub(b"", data)) > BULK


def _cleaned(text: str) -> str:
    """What a terminal obeys goes; cut behind line breaks, for no sequence goes across one."""
    parts: list[str] = []
    start = 0
    while start < len(text):
        line_break = _BREAK.search(text, start + _SLICE)
        end = line_break.end() if line_break else len(text)
        parts.append(printable(text[start:end]))
        start = end
    return "".join(parts)
