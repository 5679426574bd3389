"""animus-chat: characters of the Animus platform, in the terminal."""

__version__ = "0.5.0"
