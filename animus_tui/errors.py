"""Everything that a person is told when something goes wrong, as one family of errors.

UserError             what was asked for did not work, or cannot be done now
├── UsageError        what was asked for makes no sense; the command line ends with exit code 2
│   ├── BlankError    a text that has to say something is blank
│   ├── ConfigError   the configuration cannot be used
│   └── NoHomeError   the user has no home folder
├── StoreError        the disk refuses, or a conversation can only be read
├── ImageError        an image job ended without an image (animus_tui.chat.images.job)
├── CardError         a file is no character card that can be read
├── PictureUnreadable a picture's file cannot be shown (animus_tui.graphics.decoding.decoder)
└── BackendError      a service refuses or cannot be reached (animus_tui.backends.base.errors)

An error is raised where its reason is known. The screen shows it in `animus_tui.ui.controllers.controller`, the command
line in `animus_tui.cli.guard`. Every other exception is a fault of the program: it ends up in the log.
"""

from __future__ import annotations


class UserError(Exception):
    """An error that a person is told of. `str()` is title and sentence; neither holds a secret."""

    def __init__(self, sentence: str, *, title: str = "") -> None:
        super().__init__(f"{title}: {sentence}" if title else sentence)
        self.sentence = sentence
        """What went wrong and what to do about it."""
        self.title = title
        """What went wrong, in a word or two; empty where the sentence says it all."""


class UsageError(UserError):
    """What was asked for makes no sense, or cannot work in this environment."""


class BlankError(UsageError, ValueError):
    """A message or a prompt is blank. The contract of the session promises a ValueError for it."""


class ConfigError(UsageError):
    """The configuration cannot be used. The sentence says where, what, and what is allowed instead."""

    def __init__(self, sentence: str, must_be: str = "") -> None:
        super().__init__(sentence)
        self.must_be = must_be
        """What the refused value must be instead, when it was a value that was refused."""


class NoHomeError(UsageError):
    """The user has no home folder that could be found."""


class StoreError(UserError):
    """The disk refuses, or the conversation can only be read; the sentence says what, where and what to do."""


class CardError(UserError):
    """A file is no character card that can be read; the sentence says why."""
