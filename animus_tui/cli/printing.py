"""A session's events on standard output: as text to read, or as one line of JSON each."""

from __future__ import annotations

import sys
from math import ceil
from typing import TYPE_CHECKING

from animus_tui.chat.events import (
    CreditsTold,
    ExchangeComplete,
    HistorySaved,
    HistoryUnsaved,
    ImageGenerationComplete,
    ImageGenerationError,
    ImagePromised,
    MessageComplete,
    MessageError,
    MessageRestart,
    MessageTokens,
    RetryScheduled,
    event_json,
)
from animus_tui.chat.messages import cut_note
from animus_tui.cli.output import complain, is_terminal, say, say_json
from animus_tui.errors import UserError
from animus_tui.printable import PrintableStream, printable

if TYPE_CHECKING:
    from animus_tui.chat.events import SessionEvent


class EventPrinter:
    """Prints events and remembers whether something failed. Failures go to standard error, one sentence each."""

    def __init__(self, *, as_json: bool, verbose: bool) -> None:
        self._failed = False
        self._unsaved: set[str] = set()
        """Ids of the messages that the disk refused so far."""
        self._refusals: set[str] = set()
        """Sentences about that which were printed already."""
        self._title_refused = ""
        """The sentence about a title that the disk refused, which is printed at the end if it is the only one."""
        self._as_json = as_json
        self._verbose = verbose
        self._streaming: str | None = None
        self._stream = PrintableStream()
        self._said_something = False
        self._has_failed_to_print = False
        self._held: list[str] = []
        """Streamed text that is not printed yet."""
        # A terminal shows words as they come. What else reads them wants the answer, and what streams in may yet turn
        # out to be reasoning.
        self._is_live = is_terminal(sys.stdout)

    @property
    def failed(self) -> bool:
        """Whether something did not come, or could not be kept."""
        return self._failed or bool(self._unsaved)

    def __call__(self, event: SessionEvent) -> None:
        """Print the event, if there is something to print, and if what was printed before it arrived."""
        if self._has_failed_to_print:
            return
        try:
            self._tell(event)
        except (BrokenPipeError, UserError):
            # What ends now, ends for this reason: nobody reads, or wants to be told, what follows from it.
            self._has_failed_to_print = True
            raise

    def close(self) -> None:
        """Tell of a title that could not be saved, unless messages could not be either, which was told."""
        if self._title_refused and not self._refusals:
            complain(self._title_refused)

    def note_missing(self, event: ImageGenerationComplete) -> None:
        """Tell of pictures that did not come, though others of the same prompt did."""
        if event.missing:
            self._failed = True
            complain(
                f"{event.missing} of {event.missing + len(event.paths)} pictures did not come: {event.error}"
            )

    def _tell(self, event: SessionEvent) -> None:
        if self._as_json:
            say_json(event_json(event))
        else:
            self._print(event)
        self._complain(event)

    def _print(self, event: SessionEvent) -> None:
        match event:
            case MessageTokens(content=content) if not self._is_live:
                self._held.append(content)
            case MessageTokens(message_id=message_id, content=content):
                if self._streaming != message_id:
                    self._begin_paragraph()
                    self._streaming, self._stream = message_id, PrintableStream()
                say(self._stream.feed(content), end="")
            case MessageRestart():
                self._held.clear()
                self._end_stream()
            case MessageComplete(message_id=message_id) if self._streaming == message_id:
                self._end_stream()
                self._print_notes(event)
            case MessageComplete(content=content):
                self._held.clear()
                if content.strip():
                    self._begin_paragraph()
                    say(content)
                self._print_notes(event)
            case ImageGenerationComplete(prompt=prompt, path=path):
                self._begin_paragraph()
                say(
                    f"[picture: {printable(prompt, newlines=False)} → {printable(str(path), newlines=False)}]"
                )
            case ImagePromised(prompt=prompt):
                self._begin_paragraph()
                say(f"[picture promised: {printable(prompt, newlines=False)}]")
            case ExchangeComplete() | MessageError():
                self._end_stream()

    def _print_notes(self, event: MessageComplete) -> None:
        for call in event.tool_calls or []:
            function = call.get("function")
            name = function.get("name", "?") if isinstance(function, dict) else "?"
            self._begin_paragraph()
            say(f"[tool call: {printable(str(name), newlines=False)}]")

        if note := cut_note(event.finish_reason):
            complain(f"{note}.")

    def _begin_paragraph(self) -> None:
        self._end_stream()
        if self._said_something:
            say("")
        self._said_something = True

    def _end_stream(self) -> None:
        if self._held:
            text = "".join(self._held)
            self._held.clear()
            self._begin_paragraph()
            say(text)
        if self._streaming is not None:
            say(self._stream.close())
            self._streaming = None

    def _complain(self, event: SessionEvent) -> None:
        match event:
            case (
                MessageError(title=title, error=sentence) | ImageGenerationError(title=title, error=sentence)
            ):
                self._failed = True
                complain(f"{title}: {sentence}")
            case ImageGenerationComplete():
                self.note_missing(event)
            case CreditsTold(cost=cost, balance=balance) if self._verbose:
                known = ((cost, "spent"), (balance, "left"))
                complain("credits: " + ", ".join(f"{n:g} {word}" for n, word in known if n is not None))
            case ExchangeComplete(outcome=outcome):
                self._failed = self._failed or outcome != "complete"
            case HistoryUnsaved(message_ids=[], error=sentence):
                self._title_refused = sentence
            case HistoryUnsaved(message_ids=message_ids, error=sentence):
                self._unsaved.update(message_ids)
                if sentence not in self._refusals:
                    complain(sentence)
                self._refusals.add(sentence)
            case HistorySaved(message_ids=message_ids, is_all=is_all):
                self._unsaved.difference_update(message_ids)
                if is_all:
                    self._title_refused = ""
            case RetryScheduled(title=title, delay=delay) if self._verbose:
                complain(f"{title}: trying again in {ceil(delay / 1000)} s")
