"""RGB pixels → half-block cells, or what a graphics protocol transmits; by term-image where it is installed.

Runs in the decoding process and in the full-quality viewer only. Both modules have the same four functions:

- `cells(picture, colours)`: the lines of a picture of `columns`×`2·rows` pixels, each cell two pixels; colours are
  24-bit, or indexes into xterm's palette where `colours` is "256" or "16".
- `payload(picture)`: the data of a Kitty transmission: compressed by zlib, then in base64, without control data.
- `kitty(picture, columns, rows)`: the commands of the Kitty graphics protocol that show a picture at the cursor.
- `iterm2(picture, columns, rows)`: the same as iTerm2's inline image, OSC 1337.

The last two give up to `rows` strings, one for each row of the terminal from the top; the cursor is placed before each.
"""

from __future__ import annotations

from animus_tui.graphics.engine import term_image_version

if term_image_version() is not None:
    from animus_tui.graphics.term_image_compat import cells, iterm2, kitty, payload
else:
    from animus_tui.graphics.without_term_image import cells, iterm2, kitty, payload

__all__ = ["PIXELS_PER_CELL", "cells", "iterm2", "kitty", "payload"]

PIXELS_PER_CELL = (1, 2)
"""Width and height of a half-block cell in pixels, one above the other."""
