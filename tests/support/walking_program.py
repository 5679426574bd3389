"""The program, and whenever the terminal loses the focus a line about every widget that is there.

The line is JSON: the screen, the widgets, and what was found on them that text from outside must never do.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from animus_tui.cli.main import main
from animus_tui.printable import printable
from animus_tui.ui.app import AnimusApp

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_AS_MARKUP = re.compile(r"(?<!\[b\])(?<!%5Bb%5D)Qz|(?<!app\.quit\])(?<!app\.quit%5D)Qx|Qt")
"""What of a hostile text stands alone once somebody has read its markup or a sequence in it; in an address it may
stand percent-encoded."""


def faults(widget: Widget) -> Iterator[str]:
    """What is wrong with a widget, as sentences."""
    for name in ("tooltip", "border_title", "border_subtitle", "placeholder"):
        value = getattr(widget, name, None)
        if isinstance(value, str) and "Qz" in value and not (name == "placeholder" and is_input(widget)):
            yield f"{name} is text that is read as markup: {value[:80]!r}"
        if isinstance(value, str | Content) and printable(str(value)) != str(value):
            yield f"{name} holds controls: {str(value)[:80]!r}"
    if not widget.display or not widget.size.area or not widget.is_on_screen:
        return
    strips = [widget.render_line(y) for y in range(widget.size.height)]
    rows = [strip.text for strip in strips]
    if any(printable(row) != row and not is_picture(row) for row in rows):
        yield f"controls in {next(row for row in rows if printable(row) != row)[:80]!r}"
    if found := READ_AS_MARKUP.search("".join(row.rstrip() for row in rows)):
        yield f"something was read as markup around {found.start()}: {''.join(rows)[:200]!r}"
    for strip in strips:
        for segment in strip:
            if segment.style is not None and any("click" in str(key) for key in segment.style.meta):
                yield f"an action on {segment.text[:80]!r}"


def is_input(widget: Widget) -> bool:
    """Whether the placeholder is shown as it stands."""
    return any(each.__name__ == "Input" for each in type(widget).__mro__)


def is_picture(row: str) -> bool:
    """Whether a row holds Kitty's placeholders of a picture of ours."""
    return "\U0010eeee" in row and printable(row.replace("\U0010eeee", "")) == row.replace("\U0010eeee", "")


def walk(app: AnimusApp) -> None:
    """Write the line."""
    seen, found = [], []
    for screen in app.screen_stack:
        for widget in screen.walk_children(with_self=True):
            if not isinstance(widget, Widget):
                continue
            seen.append(type(widget).__name__)
            found += [f"{type(widget).__name__}#{widget.id}: {fault}" for fault in faults(widget)]
    line = {"screen": type(app.screen).__name__, "widgets": seen, "faults": found}
    with Path(os.environ["WALK_REPORT"]).open("a", encoding="utf-8") as report:
        report.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    AnimusApp.on_app_blur = walk  # type: ignore[attr-defined]  # the application has no such method
    sys.exit(main(sys.argv[1:]))
