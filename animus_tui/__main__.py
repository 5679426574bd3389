"""`python -m animus_tui` is `animus-chat`."""

import sys

from animus_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
