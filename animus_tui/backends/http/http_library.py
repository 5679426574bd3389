"""httpx, httpcore beneath it and httpx-sse, imported without httpx's own command line.

`import httpx` also imports the program `httpx` where click, Pygments and Rich happen to be installed, which are needed
for other things here: some 50 ms that nothing in this package uses. httpx takes them for an optional extra and goes
on without them, so they are told to be missing for as long as its import lasts. Every module here takes httpx from
this one (an import contract sees to it), so that the first import is always this one.
"""

from __future__ import annotations

import sys

_COMMAND_LINE = "httpx._main"


def _import_without_command_line() -> None:
    """Import httpx for the first time. A version that needs its command line is imported with it."""
    if "httpx" in sys.modules or _COMMAND_LINE in sys.modules:
        return
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # as documented: its import fails
    try:
        import httpx  # noqa: F401
    except ImportError:
        pass  # the import below says what is wrong, if anything is
    finally:
        del sys.modules[_COMMAND_LINE]  # from now on it can be imported by its own name


_import_without_command_line()

import httpcore  # noqa: E402
import httpx  # noqa: E402
import httpx_sse  # noqa: E402

__all__ = ["httpcore", "httpx", "httpx_sse"]
