"""Reasoning that a model writes inline as one `<think>…</think>` block: taken out of a text, whole or streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OPENING = "<think>"
CLOSING = "</think>"


class ReasoningSplitter:
    """Separates the first `<think>` block from the visible text, piece by piece.

    Feeding a text in any pieces yields the same as feeding it whole. Visible text is trimmed at its start at once;
    white space at its end is held back until more text follows, so that joining all pieces gives the trimmed text.

    Some models close a block that they never opened: then all the text before it was reasoning. That is known only
    when the end of the block comes: `is_recalled` turns true with that piece, whose reasoning holds all of that text,
    and the visible text of the pieces before it no longer counts.
    """

    def __init__(self) -> None:
        self.is_recalled = False
        self._held = ""
        self._state = "before"
        self._before: list[str] = []
        """All the text before the block."""
        self._visible = _Trimmer()
        self._reasoning = _Trimmer()

    def feed(self, text: str) -> tuple[str, str]:
        """Take the next piece; returns the visible text and the reasoning that it completes."""
        return self._advance(self._held + text, final=False)

    def finish(self) -> tuple[str, str]:
        """The stream has ended: what was held back as the possible beginning of a tag."""
        return self._advance(self._held, final=True)

    def _advance(self, text: str, *, final: bool) -> tuple[str, str]:
        self._held = ""
        visible = reasoning = ""
        while text:
            if self._state == "after":
                return visible + self._visible.feed(text), reasoning
            tags = (OPENING, CLOSING) if self._state == "before" else (CLOSING,)
            tag = min((tag for tag in tags if tag in text), key=text.index, default="")
            ahead, _, rest = text.partition(tag) if tag else (text, "", "")
            if not tag and not final:
                held = max(_overlap(text, tag) for tag in tags)
                ahead, self._held = text[: len(text) - held], text[len(text) - held :]
            if self._state == "inside":
                reasoning += self._reasoning.feed(ahead)
            elif tag == CLOSING:
                visible, reasoning = "", self._reasoning.feed("".join([*self._before, ahead]))
                self._visible, self.is_recalled = _Trimmer(), True
            else:
                visible += self._visible.feed(ahead)
                self._before.append(ahead)
            if tag:
                self._before.clear()
                self._state = "inside" if tag == OPENING else "after"
            text = rest
        return visible, reasoning


class _Trimmer:
    """Trims a text at both ends while it arrives."""

    def __init__(self) -> None:
        self._started = False
        self._space = ""

    def feed(self, text: str) -> str:
        """What may be shown by now: white space waits until something follows it."""
        if not self._started:
            text = text.lstrip()
            self._started = bool(text)
        body = text.rstrip()
        if not body:
            self._space += text
            return ""
        out = self._space + body
        self._space = text[len(body) :]
        return out


def _overlap(text: str, tag: str) -> int:
    """Length of the longest end of `text` that is a beginning of `tag`."""
    return next((n for n in range(min(len(text), len(tag) - 1), 0, -1) if tag.startswith(text[-n:])), 0)


def split_reasoning_of_turns(turns: Sequence[str]) -> tuple[list[str], str | None]:
    """The visible text of each turn, and their reasoning, also when one block reaches over several turns.

    A turn without any part of a block stays as it is. A block that is closed only begins with the first turn.
    """
    visible: list[str] = []
    reasoning: list[str] = []
    inside = _closes_first("\n".join(turns))
    for turn in turns:
        text = OPENING + turn if inside else turn
        inside = text.rfind(OPENING) > text.rfind(CLOSING)
        shown, thought = split_reasoning(text) if OPENING in text else (turn, None)
        visible.append(shown)
        reasoning += [thought] if thought else []
    return visible, "\n".join(reasoning) or None


def _closes_first(text: str) -> bool:
    """Whether a block is closed that was never opened."""
    ahead, closing, _ = text.partition(CLOSING)
    return bool(closing) and OPENING not in ahead


def split_reasoning(text: str) -> tuple[str, str | None]:
    """The visible text and the reasoning of a whole text; None when there is no block or it is blank."""
    splitter = ReasoningSplitter()
    visible, reasoning = splitter.feed(text)
    more_visible, more_reasoning = splitter.finish()
    return visible + more_visible, (reasoning + more_reasoning) or None
