"""The forms in which a picture's prompt and settings are set, and the choice of the face that pictures get."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.form_plan import plan_change, plan_painting
from animus_tui.ui.screens.face_list import FaceList
from animus_tui.ui.screens.picture_form import PictureForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.account import CharacterChoice
    from animus_tui.chat.images.joined_prompt import Addition
    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.form_plan import Draft, FormPlan
    from animus_tui.ui.screens.face_list import Chosen


class FormController(Controller):
    """Opens a form for a new picture or for a change of one, and keeps what was typed into a form that is left."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        image_message: Callable[[], ChatMessage | None],
        show_characters: Callable[[str, Callable[[], None]], None],
    ) -> None:
        """`image_message` tells the message of the picture to change.

        `show_characters` shows the list of characters, filtered by words, and calls back when one was chosen.
        """
        super().__init__(parts)
        self._image_message = image_message
        self._show_characters = show_characters
        self._drafts: dict[tuple[str, str], Draft] = {}
        """By the ids of the conversation and of the message: what was typed into forms that were left."""

    def form(self) -> None:
        """Set a new picture in a form, beginning with what is written in the prompt."""
        written = self._prompt.whole_text
        words = "" if written.startswith("/") else written
        self._open(plan_painting(self._session, words), self._draft("", words))

    def open(self, words: str, options: PictureOptions, left_out: frozenset[Addition]) -> None:
        """Set a new picture in a form that begins with these words and options, and with what is not joined."""
        self._open(plan_painting(self._session, words, options, left_out), None)

    def _open(self, plan: FormPlan, draft: Draft | None) -> None:
        form = PictureForm(
            plan,
            draft=draft,
            keep=self._keeping(""),
            character=self._character if "characters" in self._session.abilities else None,
            choose_character=partial(self._show_characters, ""),
        )
        self._screen.app.push_screen(form)

    def _character(self) -> str:
        return self._session.images.character_name or "none"

    def changes(self) -> None:
        """Set the chosen picture, or the last one, anew in a form."""
        message = self._image_message()
        if message is None:
            self._reporter.say("There is no picture to change yet.", severity="warning")
        else:
            self.change(message.id, "prompt")

    def change(self, message_id: str, first: str) -> None:
        """Set a picture anew in a form; the field `first` gets the focus."""
        record = self._session.conversation.get(message_id).image
        if record is not None:
            plan = plan_change(self._session, message_id, record)
            draft = self._draft(message_id, plan.prompt)
            form = PictureForm(plan, first=first, draft=draft, keep=self._keeping(message_id))
            self._screen.app.push_screen(form)

    def _draft(self, message_id: str, words: str) -> Draft | None:
        """What was typed before into the form of a picture's message, or with an empty id of a new picture.

        `words` are those that the form would begin with now. Where they are others than those of the draft, they were
        written later and go before its own.
        """
        draft = self._drafts.get((self._session.conversation.conversation.id, message_id))
        if draft is None or draft.began_with == words:
            return draft
        return draft._replace(began_with=words, prompt=words)

    def _keeping(self, message_id: str) -> Callable[[Draft | None], None]:
        """What keeps what stands in such a form of this conversation when it is left; None when there is nothing."""
        form = self._session.conversation.conversation.id, message_id

        def keep(draft: Draft | None) -> None:
            if draft is None:
                self._drafts.pop(form, None)
            else:
                self._drafts[form] = draft

        return keep


NOBODY = ("none", "nobody")
"""Names that stand for no character."""


class FaceController(Controller):
    """Chooses a character by name or from the list of the account's characters."""

    def __init__(self, parts: ChatParts, *, on_chosen: Callable[[], object]) -> None:
        """`on_chosen` is called when another character was chosen."""
        super().__init__(parts)
        self._on_chosen = on_chosen

    def face(self, call: CommandCall) -> None:
        """Choose the character of that name, nobody, or one from the list."""
        name = call.argument
        if name.casefold() in NOBODY:
            self._reporter.run(self._choose(None))
        elif name:
            self._find(name)
        else:
            self.show_list()

    def show_list(self, words: str = "", then: Callable[[], None] | None = None) -> None:
        """Choose one from the list, which is filtered by `words`; `then` is called when one was chosen."""

        def take(chosen: Chosen | None) -> None:
            if chosen is not None:
                self._reporter.run(self._choose(chosen.character, then))

        current = self._session.images.remembered.character or None
        self._screen.app.push_screen(FaceList(self._session.account, current=current, words=words), take)

    @reported
    async def _find(self, name: str) -> str | None:
        """Choose the one of that name; show the list when there are several or none."""
        wanted = name.casefold()
        async for character in self._session.account.characters():
            if wanted in (character.name.casefold(), character.id.casefold()):
                return await self._choose(character)
        self.show_list(name)
        return None

    async def _choose(self, character: CharacterChoice | None, then: Callable[[], None] | None = None) -> str:
        self._session.images.choose_character(character)
        self._on_chosen()
        if then is not None:
            then()
        if character is None:
            return "No character in the pictures from now on"
        if character.is_ready:
            return f"The pictures get the face of {character.name} from now on"
        return f"{character.name} is chosen, but its training has not ended: {character.training}"
