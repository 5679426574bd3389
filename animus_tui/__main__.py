"""`python -m animus_tui` is `animus-chat`."""

import sys

from animus_tui.start import main

if __name__ == "__main__":
    sys.exit(main())
