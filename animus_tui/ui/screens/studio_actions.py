"""What the studio's keys and commands do: orders, the form, whose face, and one job's end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on

from animus_tui.paths import NoHomeError
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.form_drafts import FormDrafts
from animus_tui.ui.screens.chat_actions import ChatActions
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from animus_tui.chat.account import CharacterChoice
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.form_drafts import Draft
    from animus_tui.ui.orders import Order
    from animus_tui.ui.screens.character_list import Chosen

NOBODY = ("none", "nobody")
"""Names that stand for no character."""


class StudioActions(ChatActions):
    """Direct control over pictures."""

    def __init__(self, session: ChatSession, keys: Mapping[str, str]) -> None:
        """`keys` maps each action to its key or keys."""
        super().__init__(session, keys)
        self._drafts = FormDrafts()
        self._advised = ""
        """The command that was answered with advice: whoever sends it again means it."""

    def _resume(self) -> None:
        """Go on with the pictures that were in the making when the application ended."""
        self.run_worker(self._session.resume())

    def studio_notes(self) -> Iterator[str]:
        """For the line at the top: whose face the pictures get, and what the service told of the account."""
        if name := self._session.images.character_name:
            yield f"as {name}"
        credits_told = self._session.images.credits
        if credits_told is not None and credits_told.balance is not None:
            cost = "" if credits_told.cost is None else f", the last took {credits_told.cost:g}"
            yield f"{credits_told.balance:g} credits left{cost}"

    def explain_saving(self) -> None:
        """Where one begins to say where to save stands the folder in force."""
        prompt = self.query_one(Prompt)
        if prompt.text != "/save ":
            return
        try:
            told = f"Pictures are saved in {self._requests.folder.current}; a file, another folder, or all"
        except NoHomeError as error:
            told = str(error)
        prompt.explain(told)

    # Orders

    def order(self, call: CommandCall, text: str) -> None:
        """Have made what a command asks for; what cannot be, and what is vague, goes back into the prompt."""
        from animus_tui.ui.orders import read_order

        try:
            order = read_order(call, self._session, self._requests.chosen_id)
        except ValueError as error:
            self._refuse(text, str(error))
            return
        advice = order.advice() if text != self._advised else None
        self._advised = text if advice else ""
        prompt = self.query_one(Prompt)
        if advice:
            prompt.restore(text)
            if self.has_class("-plain"):
                self.say(advice)
            else:
                prompt.explain(advice)
        else:
            self._start(order, text)

    def _start(self, order: Order, text: str) -> None:
        try:
            order.start()
        except ValueError as error:
            self._refuse(text, str(error))
        self.refresh_bindings()

    def _refuse(self, text: str, sentence: str) -> None:
        self.query_one(Prompt).restore(text)
        self.say(sentence, severity="warning")

    def key_escape(self) -> None:
        """Back to writing, unless the key stops the chosen job; it comes here before it comes to the bindings."""
        if not self.pane.actions.can("cancel"):
            super().key_escape()

    @on(ConversationPane.CancelRequested)
    def _cancel_requested(self, event: ConversationPane.CancelRequested) -> None:
        self._do(self._session.images.cancel(event.image_id))

    # The form

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work now; the footer shows those."""
        if action == "changes":
            return self._session.conversation.has_picture
        return super().check_action(action, parameters)

    def action_form(self) -> None:
        """Set a new picture in a form, beginning with what is written."""
        from animus_tui.ui.form_plan import plan_painting
        from animus_tui.ui.screens.picture_form import PictureForm

        written = self.query_one(Prompt).whole_text
        words = "" if written.startswith("/") else written
        draft, keep = self._draft("", words)
        form = PictureForm(
            plan_painting(self._session, words),
            draft=draft,
            keep=keep,
            character=lambda: self._session.images.character_name or "nobody",
            choose_character=lambda told: self._list_characters("", told),
        )
        self.app.push_screen(form)

    def action_changes(self) -> None:
        """Set the chosen picture, or the last one, anew in a form."""
        message = self._requests.picture()
        if message is None:
            self.say("There is no picture to change yet.", severity="warning")
        else:
            self._change(message.id, "prompt")

    @on(ConversationPane.ChangeRequested)
    def _change_requested(self, event: ConversationPane.ChangeRequested) -> None:
        self._change(event.message_id, event.change)

    def _change(self, message_id: str, first: str) -> None:
        from animus_tui.ui.form_plan import plan_change
        from animus_tui.ui.screens.picture_form import PictureForm

        record = self._session.conversation.get(message_id).image
        if record is not None:
            plan = plan_change(self._session, message_id, record)
            draft, keep = self._draft(message_id, plan.prompt)
            self.app.push_screen(PictureForm(plan, first=first, draft=draft, keep=keep))

    def _draft(self, message_id: str, words: str) -> tuple[Draft | None, Callable[[Draft | None], None]]:
        """What was typed into a form of this conversation before, and how to keep what is typed now."""
        conversation_id = self._session.conversation.conversation.id
        draft = self._drafts.get(conversation_id, message_id, words)
        return draft, partial(self._drafts.keep, conversation_id, message_id)

    # Whose face

    def choose_character(self, name: str) -> None:
        """The character of that name, nobody, or one from a list."""
        if name.casefold() in NOBODY:
            self._do(self._take_character(None))
        elif name:
            self._do(self._find_character(name))
        else:
            self._list_characters("", None)

    def _list_characters(self, words: str, then: Callable[[], None] | None) -> None:
        from animus_tui.ui.screens.character_list import CharacterList

        def take(chosen: Chosen | None) -> None:
            if chosen is not None:
                self._do(self._take_character(chosen.character, then))

        current = self._session.images.remembered.character or None
        self.app.push_screen(CharacterList(self._session.account, current=current, words=words), take)

    async def _find_character(self, name: str) -> str | None:
        """Take the one of that name; the list, when there are several or none."""
        from animus_tui.chat.account import AccountError

        wanted = name.casefold()
        try:
            async for character in self._session.account.characters():
                if wanted in (character.name.casefold(), character.id.casefold()):
                    return await self._take_character(character)
        except AccountError as error:
            raise ValueError(str(error)) from error
        self._list_characters(name, None)
        return None

    async def _take_character(
        self, character: CharacterChoice | None, then: Callable[[], None] | None = None
    ) -> str:
        self._session.images.choose_character(character)
        self.show_status()
        if then is not None:
            then()
        if character is None:
            return "The pictures get nobody's face from now on"
        if character.is_ready:
            return f"The pictures get the face of {character.name} from now on"
        return f"{character.name} is chosen, but its training has not ended: {character.training}"

    def show_status(self) -> None:
        """Show the line at the top anew."""
        raise NotImplementedError
