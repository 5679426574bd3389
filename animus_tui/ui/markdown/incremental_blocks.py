"""Which blocks of a growing Markdown text are stable, and how the rest is laid out."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from animus_tui.markdown.parser import (
    LONE,
    IncrementalInlineParser,
    ListShape,
    block_end,
    block_tokens,
    shape_of,
)
from animus_tui.ui.markdown.blocks import BlockLayout, Known
from animus_tui.ui.markdown.code_blocks import layout_code_parts, parts
from animus_tui.ui.markdown.layout_buffer import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from animus_tui.ui.markdown.layout_buffer import LayoutBuffer

_LISTS = ("bullet_list_open", "ordered_list_open")
_MAY_GO_ON = re.compile(r"\s|[-+*](?:\s|$)|\d{1,9}(?:$|[.)](?:\s|$))|$")
"""A line that is not complete and may become one that goes on with a list or indented code."""


class _OpenFence(NamedTuple):
    """A block of code whose upper part is stable."""

    opening: str
    """Its first line."""
    code: str
    """The stable part."""


class IncrementalBlocks:
    """Lays out the rest of a growing text.

    A block is stable behind a blank line, unless what follows may turn out to go on with it, as the next item goes on
    with a list. Without a blank line it is stable when the next one begins right below it and two lines of that are
    complete: no rule of the parser looks further ahead to end a block. Of a fence that is still open the parts are
    stable that are coloured on their own, of a list that is the last block all items but the last.
    """

    def __init__(self) -> None:
        self._references: dict[str, Any] = {}
        """Link definitions that are stable."""
        self._addresses: dict[str, str] = {}
        """Those in the whole text."""
        self._known = Known()
        self._inline = IncrementalInlineParser()
        self._within: _OpenFence | ListShape | None = None
        """The block of which the upper part is stable."""

    @property
    def is_within(self) -> bool:
        """Whether the rest of the text begins within a block."""
        return self._within is not None

    def layout_rest(self, rest: str, buffer: LayoutBuffer, *, has_brackets: bool) -> Checkpoint | None:
        """Lay out the rest; how much of it is stable then, or None if it changes what is stable already.

        A link definition does, if there are brackets in what is stable.
        """
        opening = self._within.opening if isinstance(self._within, _OpenFence) else ""
        references = self._references.copy()
        tokens = block_tokens(opening + rest, references, begins_in_list=isinstance(self._within, ListShape))
        addresses = {label: str(reference["href"]) for label, reference in references.items()}
        if addresses != self._addresses:
            if has_brackets:
                return None
            self._known, self._inline, self._addresses = Known(), IncrementalInlineParser(), addresses
        block_layout = BlockLayout(buffer, references, self._inline.parse, self._known)
        new = _Rest(opening + rest, len(opening), tokens, block_layout, self._within)
        if not new.layout():
            return None
        for label, reference in references.items():
            if reference["map"][0] < new.stable_line:
                self._references.setdefault(label, reference)
        self._known, self._within = block_layout.used, new.within
        return new.stable


class _Rest:
    """The rest of a text at one time."""

    def __init__(
        self,
        text: str,
        shift: int,
        tokens: Sequence[Token],
        block_layout: BlockLayout,
        within: _OpenFence | ListShape | None,
    ) -> None:
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]
        self._shift = shift
        """Characters before the text that do not count."""
        self._last = len(self._lines) - 1
        """The line that is not complete yet, and often empty."""
        self._tokens, self._block_layout, self._buffer = tokens, block_layout, block_layout.buffer
        self.within = within
        """The block within which the stable part ends."""
        self.stable = Checkpoint()
        self.stable_line = 0

    def layout(self) -> bool:
        """Lay out all blocks; False, if the first does not go on with the block within which the rest begins."""
        start, above, tokens = 0, None, self._tokens
        begins_within = self.within is not None
        if begins_within and not tokens:
            return False
        while start < len(tokens):
            block, stop = tokens[start], block_end(tokens, start)
            line = block.map[0] if block.map else 0
            if above is not None and self._is_stable(above, line):
                self._settle(line)
            if start == 0 and begins_within:
                if not self._go_on(block, stop):
                    return False
            elif stop == len(tokens) and self._is_open_fence(block):
                self._buffer.begin_block()
                self._layout_fence(block, "", above=False)
            elif stop == len(tokens) and block.type in _LISTS:
                self._buffer.begin_block()
                self._layout_items(start, stop, shape_of(tokens, start, stop))
            else:
                self._block_layout.layout_blocks(tokens, start, stop)
            start, above = stop, block
        if above is not None and self._is_stable(above, self._last):
            self._settle(self._last)
        return True

    def _settle(self, line: int) -> None:
        self.within = None
        self.stable_line = line
        self.stable = self._buffer.mark(self._starts[line] - self._shift)

    def _is_stable(self, block: Token, line: int) -> bool:
        """Whether no further text can change a block that ends above a line, where the next one begins."""
        end = block.map[1] if block.map else line
        if self._lines[line - 1].strip(" \t") or end > line - 1:
            return end == line and line + 1 < self._last
        if block.type in (*_LISTS, "code_block") or LONE in block.meta:
            return line < self._last or not _MAY_GO_ON.match(self._lines[line])
        return True

    def _go_on(self, block: Token, stop: int) -> bool:
        """Lay out the first block, whose upper part is stable; False, if it makes that look different."""
        within = self.within
        if isinstance(within, _OpenFence):
            self._layout_fence(block, within.code, above=True)
            return True
        if within is None or block.type not in _LISTS:
            return False
        whole = within.goes_on_with(shape_of(self._tokens, 0, stop))
        if whole is not None:
            self._layout_items(0, stop, whole)
        return whole is not None

    def _is_open_fence(self, block: Token) -> bool:
        """Whether it is a fence at the margin that is not closed yet."""
        if block.type != "fence" or not block.map or self._lines[block.map[0]][:1] not in ("`", "~"):
            return False
        lines = len(block.content.removesuffix("\n").split("\n")) if block.content else 0
        return block.map[1] - block.map[0] < lines + 2

    def _layout_fence(self, block: Token, code: str, *, above: bool) -> None:
        """Lay out a fence at the margin, whose `code` above is stable; all parts but the last are stable now."""
        source = block.content.removesuffix("\n")
        *done, last = parts(source)
        is_open = self._is_open_fence(block)
        if done and is_open:
            line = block.map[0] if block.map else 0
            layout_code_parts(self._buffer, done, block.info, above=above, below=True)
            length = sum(map(len, done))
            self.within = _OpenFence(self._lines[line] + "\n", code + source[:length])
            self.stable_line = line + 1
            self.stable = self._buffer.mark(self._starts[line + 1] + length - self._shift)
            layout_code_parts(self._buffer, [last], block.info, above=True, grows=True)
        else:
            layout_code_parts(self._buffer, [*done, last], block.info, above=above, grows=is_open)
        self._buffer.out.code.append(code + source)

    def _layout_items(self, start: int, stop: int, shape: ListShape) -> None:
        """Lay out the last items of a list; where the list is the last block, all but the last are stable."""
        begins: list[tuple[int, Checkpoint]] = []

        def begin(item: Token) -> None:
            line = item.map[0] if item.map else 0
            begins.append((line, self._buffer.mark(self._starts[line] - self._shift)))

        self._block_layout.item_begins = begin
        self._block_layout.layout_items(self._tokens, start, stop, shape)
        complete = [at for at, (line, _) in enumerate(begins) if at and line < self._last]
        if complete and stop == len(self._tokens) and shape.loose is not None:
            self.stable_line, self.stable = begins[complete[-1]]
            self.within = replace(shape, items=shape.items - len(begins) + complete[-1])
