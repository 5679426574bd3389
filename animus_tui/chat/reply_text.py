"""The text of a reply: the reasoning in its `<think>…</think>` block is taken out, and the rest is cut into bubbles."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from animus_tui.config.schema import AutoTurnConfig

THINK = "<think>"
THINK_END = "</think>"

_EMOJI = "[\u2600-\u27bf\u2b50\u2b55\u2764\U0001f000-\U0001faff\u200d\ufe0f]"
_MOOD = rf"(?:{_EMOJI}|[:;]-?[)(DPp](?!\w)|<3)"
"""What says in which mood the sentence before it was meant, and so belongs to it."""
_CLOSING = "[\"'”’»“)\\]*_~」』]"
_END = late_pattern(
    rf"(?:(?<![.!?…])(?P<mark>[.!?…]++){_CLOSING}*+(?:\s*{_MOOD})*+(?=\s)|"
    rf"[。！？]++{_CLOSING}*+(?:\s*{_MOOD})*+|(?<!{_EMOJI}){_EMOJI}++(?=\s))\s*+"
)
"""The end of a sentence with the white space behind it."""
_OPENING = late_pattern(r"[\s\"'“„«(\[*_~¿¡「『]*")
_WHOLE = late_pattern(
    r"`[^`]+`|\([^()]*\)|\[[^\[\]]*\]|\"[^\"]*\"|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|「[^「」]*」|"
    r"(?P<stars>\*{1,3})[^*]+(?P=stars)|(?<!\w)_[^_]+_(?!\w)"
)
"""Code, brackets, quoted words and emphasis: cut in two, the halves would mean something else."""
_SHORTENED: Final = """
    mr mrs ms dr prof st jr sr vs etc eg ie e.g i.e approx no nr ca bzw usw z.b u.a d.h vgl ggf inkl m mme mlle sra dra
    av p pp cf fig vol ed est inc ltd co a.m p.m u.s
    """
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_LAST_WORD = late_pattern(r"[\w.]*\w$")


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
            tags = (THINK, THINK_END) if self._state == "before" else (THINK_END,)
            tag = min((tag for tag in tags if tag in text), key=text.index, default="")
            ahead, _, rest = text.partition(tag) if tag else (text, "", "")
            if not tag and not final:
                held = max(_overlap(text, tag) for tag in tags)
                ahead, self._held = text[: len(text) - held], text[len(text) - held :]
            if self._state == "inside":
                reasoning += self._reasoning.feed(ahead)
            elif tag == THINK_END:
                visible, reasoning = "", self._reasoning.feed("".join([*self._before, ahead]))
                self._visible, self.is_recalled = _Trimmer(), True
            else:
                visible += self._visible.feed(ahead)
                self._before.append(ahead)
            if tag:
                self._before.clear()
                self._state = "inside" if tag == THINK else "after"
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
        text = THINK + turn if inside else turn
        inside = text.rfind(THINK) > text.rfind(THINK_END)
        shown, thought = split_reasoning(text) if THINK in text else (turn, None)
        visible.append(shown)
        reasoning += [thought] if thought else []
    return visible, "\n".join(reasoning) or None


def _closes_first(text: str) -> bool:
    """Whether a block is closed that was never opened."""
    ahead, closing, _ = text.partition(THINK_END)
    return bool(closing) and THINK not in ahead


def split_reasoning(text: str) -> tuple[str, str | None]:
    """The visible text and the reasoning of a whole text; None when there is no block or it is blank."""
    splitter = ReasoningSplitter()
    visible, reasoning = splitter.feed(text)
    more_visible, more_reasoning = splitter.finish()
    return visible + more_visible, (reasoning + more_reasoning) or None


_FENCE = late_pattern(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})(.*)$", re.MULTILINE)
"""The marks of a fence and what stands behind them; backticks that are closed on the same line are none."""
_LIST_ITEM = late_pattern(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+\S", re.MULTILINE)
_TABLE_ROW = late_pattern(r"^\s*\|.*\|\s*$", re.MULTILINE)
_TABLE_RULE = late_pattern(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$", re.MULTILINE)
_QUOTE = late_pattern(r"^ {0,3}>", re.MULTILINE)
_HEADING = late_pattern(r"^ {0,3}#{1,6}\s+\S|^ {0,3}\S.*\n {0,3}(?:=+|-{2,})\s*$", re.MULTILINE)
_PARAGRAPH = late_pattern(r"\n[ \t]*\n(?=\S)")
"""Between two blocks; what is indented after a blank line still belongs to the list before it."""
_INDENTED_CODE = late_pattern(r"\n[ \t]*\n(?: {4}|\t)[ \t]*\S")
_BLOCKS = (_FENCE, _LIST_ITEM, _TABLE_ROW, _TABLE_RULE, _QUOTE, _HEADING, _INDENTED_CODE)


def has_block_structure(text: str) -> bool:
    """Whether the text holds a code block, list, table, quote or heading of Markdown."""
    return any(pattern.search(text) for pattern in _BLOCKS)


def split_turns(
    content: str, turns: Sequence[str], *, max_turns: int, has_next: bool, cuts_sentences: bool = False
) -> list[str]:
    """The bubbles of a reply, trimmed, none blank; an empty list when there is no text.

    `content` and `turns` are free of reasoning already. Content with line breaks and without block structure becomes
    its non-blank lines; else the service's `turns` are used when there are several; else, with `cuts_sentences`, for a
    service that knows no turns, its sentences, or its paragraphs where it has block structure; else it is one bubble.
    At most `max_turns` bubbles, one fewer (but at least one) when the character wants to go on.
    """
    content = content.strip()
    offered = _keep_blocks_whole([turn for turn in turns if turn.strip()])
    most = max(1, max_turns - 1) if has_next else max_turns
    if "\n" in content and not has_block_structure(content):
        return _merge([line.strip() for line in content.split("\n") if line.strip()], most, "\n")
    if len(offered) > 1:
        return _merge(offered, most, " ")
    if content and cuts_sentences:
        return _groups(content, most)
    return [content] if content else offered


def _groups(content: str, most: int) -> list[str]:
    """Neighbouring sentences or paragraphs of a text as at most so many parts of it, each as it stands there."""
    starts = _paragraph_starts(content) if has_block_structure(content) else sentence_starts(content)
    edges = [0, *starts, len(content)]
    bounds = [0, *accumulate(_sizes(len(edges) - 1, most))]
    return [content[edges[first] : edges[last]].strip() for first, last in pairwise(bounds)]


def _paragraph_starts(text: str) -> list[int]:
    """Where paragraphs begin, but for the first, inside of no block and behind no words that lead to what follows."""
    fences = _fences(text)
    starts: list[int] = []
    begun = 0
    for gap in _PARAGRAPH.finditer(text):
        last, begun = text[begun : gap.start()].rstrip(), gap.end()
        following = text[begun : text.find("\n", begun) + 1 or None]
        leads = last.endswith(":") or ("\n" not in last and _HEADING.match(last))
        if not (is_within(fences, begun) or leads or _cuts_a_list_or_table(last, following)):
            starts.append(begun)
    return starts


def _keep_blocks_whole(turns: Sequence[str]) -> list[str]:
    """The turns, trimmed; neighbours are joined between which a fenced code block, list or table would be cut."""
    whole: list[str] = []
    for turn in turns:
        if whole and _inside_fence(whole[-1]):
            whole[-1] += "\n" + turn.strip("\r\n")  # the indentation of code means something
        elif whole and _cuts_a_list_or_table(whole[-1].strip(), turn.strip()):
            whole[-1] += "\n" + turn.strip()
        else:
            whole.append(turn)
    return [turn.strip() for turn in whole]


def _cuts_a_list_or_table(before: str, after: str) -> bool:
    block, first = _PARAGRAPH.split(before)[-1], after.partition("\n")[0]
    if _LIST_ITEM.match(first):
        return _LIST_ITEM.search(block) is not None
    if _TABLE_RULE.match(first):
        return "|" in block.rpartition("\n")[2]
    if _TABLE_ROW.match(first):
        return _TABLE_ROW.match(block.rpartition("\n")[2]) is not None
    return "|" in first and _TABLE_RULE.search(block) is not None


def _inside_fence(text: str) -> bool:
    """Whether a fence is still open at the end."""
    fences = _fences(text)
    return bool(fences) and fences[-1][1] > len(text)


def fence_after(line: str, fence: str) -> str:
    """The marks of the fenced code block that is open behind a line, empty when none is; `fence` is that before it.

    A fence closes with at least as many of the same character, alone.
    """
    match = _FENCE.match(line)
    if match is None:
        return fence
    mark, words = match.groups()
    if not fence:
        return mark
    return "" if mark.startswith(fence) and not words.strip() else fence


def _fences(text: str) -> list[tuple[int, int]]:
    """Begin and end of each fenced code block; of one that is still open the end lies behind the text."""
    found: list[tuple[int, int]] = []
    fence, start = "", 0
    for match in _FENCE.finditer(text):
        before, fence = fence, fence_after(match[0], fence)
        if fence and not before:
            start = match.start()
        elif before and not fence:
            found.append((start, match.end()))
    return [*found, (start, len(text) + 1)] if fence else found


def _merge(items: list[str], most: int, joint: str) -> list[str]:
    """Groups of neighbours as even as can be, the larger ones first."""
    if len(items) <= most:
        return items
    bounds = [0, *accumulate(_sizes(len(items), most))]
    return [_join(items[start:end], joint) for start, end in pairwise(bounds)]


def _sizes(count: int, most: int) -> list[int]:
    """How many of `count` items each of at most so many groups has: as even as can be, the larger ones first."""
    groups = min(count, most)
    size, larger = divmod(count, groups)
    return [size + (index < larger) for index in range(groups)]


def _join(items: Sequence[str], joint: str) -> str:
    text = items[0]
    for before, after in pairwise(items):
        # A space would glue a block to the words beside it and spoil its Markdown.
        apart = has_block_structure(before) or has_block_structure(after)
        text += ("\n\n" if apart else joint) + after
    return text


def typing_delay(text: str, config: AutoTurnConfig, rng: random.Random) -> float:
    """How long the character types `text`, in milliseconds, between `min_delay` and `max_delay`."""
    words = len(text.split())
    variation = 1 + rng.uniform(-config.speed_variation, config.speed_variation)
    delay = words / config.base_typing_speed * 60_000 * variation
    return min(max(delay, config.min_delay), config.max_delay)


# Where the sentences of a text begin


def sentence_starts(text: str) -> list[int]:
    """Where each sentence but the first begins; none of them inside code, brackets, quoted words or emphasis."""
    wholes = [match.span() for match in _WHOLE.finditer(text)]
    return [
        match.end()
        for match in _END.finditer(text)
        if match.end() < len(text)
        and _begins(text, match.end())
        and not _abbreviates(text, match)
        and not is_within(wholes, match.end())
    ]


def is_within(spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a position lies inside one of the spans, and not at its edge; they are in order and do not overlap."""
    before = bisect_left(spans, at, key=itemgetter(0))
    return before > 0 and at < spans[before - 1][1]


def sentences(text: str) -> list[str]:
    """The sentences of a text, trimmed, none blank."""
    edges = [0, *sentence_starts(text), len(text)]
    return [sentence for start, end in pairwise(edges) if (sentence := text[start:end].strip())]


def _begins(text: str, at: int) -> bool:
    """Whether a sentence can begin here: not with a small letter, and not with a mark alone."""
    opening = _OPENING.match(text, at)
    first = text[opening.end() : opening.end() + 1] if opening else ""
    return bool(first) and not first.islower()


def _abbreviates(text: str, end: re.Match[str]) -> bool:
    """Whether the full stop belongs to the word before it: an abbreviation, an initial, the number of a day."""
    word = _LAST_WORD.search(text, max(0, end.start() - 20), end.start())
    if end["mark"] != "." or word is None:
        return False
    last = word[0]
    is_initial = len(last) == 1 and last.isupper() and last != "I"
    return is_initial or last.lower() in _ABBREVIATIONS or (last.isdecimal() and len(last) <= 2)
