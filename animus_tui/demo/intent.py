"""One row of the persona's table: a kind of thing that people say, and the answers to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from animus_tui.demo.talk import Reply, Talk, salient

Turns = tuple[str, ...]
LONG_TURN = 160
"""Characters; longer messages are paragraphs of their own in the whole text."""
AFTERTHOUGHTS: tuple[Turns, ...] = (
    ("That was all, really.",),
    ("I'll leave it there, your turn.",),
    ("Anyway. What do you think?",),
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A row. In answers, `{name}` is ", Ada" if the user told a name, and `{word}` a word that stood out."""

    name: str
    said: tuple[str, ...] = ()
    """Expressions, one of which stands in the user's words as whole words, in any case; () fits always."""
    says: tuple[Turns, ...] = ()
    """Answers, of which one is chosen; each is a few short messages."""
    then: tuple[Turns, ...] = AFTERTHOUGHTS
    """What is said when the persona is to go on without a new message."""
    next: bool = False
    """It would like to go on unasked."""
    thought: str = "I answer warmly and briefly."
    compliance: tuple[str, ...] = ()
    credits: float | None = None
    """What the account has afterwards."""
    run: Callable[[Talk], Reply | None] | None = None
    """Answers in place of `says`; None from it passes on to the next row."""
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = rf"(?<!\w)(?:{'|'.join(self.said)})(?!\w)" if self.said else ""
        object.__setattr__(self, "_pattern", re.compile(pattern, re.IGNORECASE))

    def answer(self, talk: Talk) -> Reply | None:
        """The answer to what was said, when this row fits."""
        if not self._pattern.search(talk.said):
            return None
        if self.run is not None:
            return self.run(talk)
        return replace(self._say(talk, self.says, goes_on=self.next), credits=self.credits)

    def go_on(self, talk: Talk) -> Reply:
        """What is said unasked after the answer: once more, and then it stops."""
        return self._say(talk, self.then if talk.follow_ups == 1 else AFTERTHOUGHTS, goes_on=False)

    def _say(self, talk: Talk, options: tuple[Turns, ...], *, goes_on: bool) -> Reply:
        name = f", {talk.name}" if talk.name else ""
        word = salient(talk.said)
        if not word:
            options = (
                tuple(turns for turns in options if not any("{word}" in line for line in turns)) or options
            )
        turns = tuple(line.replace("{name}", name).replace("{word}", word) for line in talk.pick(options))
        short = all(len(turn) < LONG_TURN and "\n" not in turn for turn in turns)
        return Reply(
            turns=turns,
            content=(" " if short else "\n\n").join(turns),
            next=goes_on,
            reasoning=f"The user's words read like this: {self.name}. {self.thought}",
            compliance=self.compliance,
        )
