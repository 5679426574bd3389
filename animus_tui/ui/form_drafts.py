"""What was typed into forms that were left without making a picture, for the next time that they are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from animus_tui.chat.images.joined_prompt import NONE_LEFT_OUT, Addition

if TYPE_CHECKING:
    from collections.abc import Mapping


class Draft(NamedTuple):
    """What stands in a form."""

    began_with: str
    """The words that the form was opened with."""
    prompt: str
    values: Mapping[str, str]
    """By the name of the option, as typed."""
    left_out: frozenset[Addition] = NONE_LEFT_OUT
    """What is not joined to the words."""


class FormDrafts:
    """At most one draft for each form of a conversation, as long as the application runs."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], Draft] = {}

    def get(self, conversation_id: str, message_id: str, words: str) -> Draft | None:
        """The draft of the form of a picture's message, or with an empty id of a new picture.

        `words` are those that the form would begin with now. Where they are others than those of the draft, they were
        written later and go before its own.
        """
        draft = self._drafts.get((conversation_id, message_id))
        if draft is None or draft.began_with == words:
            return draft
        return draft._replace(began_with=words, prompt=words)

    def keep(self, conversation_id: str, message_id: str, draft: Draft | None) -> None:
        """Keep what stands in a form that is left; None when there is nothing to keep."""
        if draft is None:
            self._drafts.pop((conversation_id, message_id), None)
        else:
            self._drafts[conversation_id, message_id] = draft
