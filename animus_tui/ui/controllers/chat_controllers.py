"""The controllers of the chat screen, put together."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

from animus_tui.chat.storage.draft import has_pictures
from animus_tui.config.keymap import key_names
from animus_tui.ui.controllers.conversation import ConversationController
from animus_tui.ui.controllers.display import ConversationDisplay
from animus_tui.ui.controllers.drafts import DraftController
from animus_tui.ui.controllers.reporter import Reporter
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import PromptBar
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import Any

    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from animus_tui.chat.attachments import Attachment
    from animus_tui.chat.session import ChatSession
    from animus_tui.config.action import Owner
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.ui.controllers.attachments import AttachmentController
    from animus_tui.ui.controllers.characters import CharacterController
    from animus_tui.ui.controllers.conversations import ConversationsController
    from animus_tui.ui.controllers.faces import FaceController
    from animus_tui.ui.controllers.find import FindController
    from animus_tui.ui.controllers.forms import FormController
    from animus_tui.ui.controllers.images import ImageController
    from animus_tui.ui.controllers.models import ModelController
    from animus_tui.ui.controllers.navigation import NavigationController
    from animus_tui.ui.controllers.notifier import Notifier
    from animus_tui.ui.controllers.promises import PromiseController
    from animus_tui.ui.controllers.revisions import RevisionController
    from animus_tui.ui.controllers.styles import StyleController
    from animus_tui.ui.controllers.transfer import TransferController
    from animus_tui.ui.controllers.writing import WritingController
    from animus_tui.ui.widgets.find_bar import FindBar


class ChatControllers:
    """Gives each controller the session and the widgets that it needs; to be used once these are on the screen.

    Those that few conversations need are imported and made when they are first asked for.
    """

    def __init__(
        self,
        screen: Screen[Any],
        session: ChatSession,
        keys: Mapping[str, str],
        *,
        terminal: Terminal,
        decoder: PictureDecoder | None,
        service: str,
        notice: str | None,
        suggestions: Sequence[str],
        show_conversation: Callable[[], object],
        choose_model: Callable[[str], object],
    ) -> None:
        """`keys` maps each action to its key or keys; `service`, `notice` and `suggestions` are shown.

        `show_conversation` shows the open conversation from its beginning. `choose_model` has a model answer from then
        on.
        """
        self._screen = screen
        self._session = session
        self._keys = keys
        self._terminal = terminal
        self._decoder = decoder
        self._service = service
        self._notice = notice
        self._suggestions = suggestions
        self._show_conversation = show_conversation
        self._choose_model = choose_model
        self.reporter = Reporter(screen, show=self._note)
        self.made_search: FindController | None = None
        """None until somebody searches."""
        self.made_navigation: NavigationController | None = None
        """None until the viewer, the gallery or the help is opened."""
        self.made_transfer: TransferController | None = None
        """None until something is exported or imported."""
        self.made_revisions: RevisionController | None = None
        """None until a message is to be changed."""
        self.made_attachments: AttachmentController | None = None
        """None until a picture is attached."""

    def use_service(self, words: str, suggestions: Sequence[str]) -> None:
        """Show that another service answers, and forget what the former one told."""
        for name in ("models", "faces"):
            self.__dict__.pop(name, None)
        self.display.use_service(words, suggestions)

    def of(self, owner: Owner) -> object:
        """The object that has the methods of an owner's actions."""
        match owner:
            case "app":
                return self._screen.app
            case "prompt":
                return self._prompt
            case _:
                return getattr(self, owner)

    def _note(self, text: str, severity: SeverityLevel) -> None:
        """The pane shows what there is to say: it knows whether it is to be a line of its own."""
        self._pane.updates.note(text, severity=severity)

    @cached_property
    def _pane(self) -> ConversationPane:
        return self._screen.query_one(ConversationPane)

    @cached_property
    def _prompt(self) -> Prompt:
        return self._screen.query_one(Prompt)

    @cached_property
    def display(self) -> ConversationDisplay:
        """Shows the open conversation."""
        return ConversationDisplay(
            self._session,
            self._pane,
            self._prompt,
            self._screen.query_one(StatusLine),
            self.reporter,
            service=self._service,
            notice=self._notice,
            suggestions=self._suggestions,
            show_anew=self._show_conversation,
        )

    @cached_property
    def conversation(self) -> ConversationController:
        """Sends, cancels, tries again."""
        return ConversationController(
            self._session,
            self._pane,
            self._prompt,
            self.reporter,
            cancel_other=self._cancel_other,
            attached_to_send=self._attached_to_send,
        )

    @property
    def attachments(self) -> AttachmentController:
        """Attaches pictures to the message that is being written."""
        if self.made_attachments is None:
            from animus_tui.ui.controllers.attachments import (
                AttachmentController,
            )  # few conversations need it

            self.made_attachments = AttachmentController(
                self._session,
                self._prompt,
                self.reporter,
                self._decoder,
                import_cards=lambda paths: self.characters.import_cards(paths),
            )
        return self.made_attachments

    def show_attached(self) -> None:
        """Say which pictures go with the message of the open conversation."""
        if self.made_attachments is not None or has_pictures(self._session.conversation.folder):
            self.attachments.show()

    def _attached_to_send(self) -> AbstractAsyncContextManager[Sequence[Attachment]]:
        return nullcontext(()) if self.made_attachments is None else self.made_attachments.sending()

    @cached_property
    def images(self) -> ImageController:
        """Makes, saves and opens pictures."""
        from animus_tui.ui.controllers.images import ImageController  # 25 ms of a start

        return ImageController(
            self._session,
            self._pane,
            self._prompt,
            self.reporter,
            show_activity=self.display.show_activity,
            open_form=lambda words, options, left_out: self.forms.open(words, options, left_out),
        )

    @property
    def _is_writing_prompt(self) -> bool:
        return "images" in self.__dict__ and self.images.moments.is_writing

    @cached_property
    def faces(self) -> FaceController:
        """Chooses the face in the pictures."""
        # With the forms 20 ms of a start.
        from animus_tui.ui.controllers.faces import FaceController

        return FaceController(
            self._session,
            self.reporter,
            push_screen=self._screen.app.push_screen,
            on_chosen=self.display.show_status,
        )

    @cached_property
    def styles(self) -> StyleController:
        """Chooses the style of the pictures."""
        from animus_tui.ui.controllers.styles import StyleController  # few conversations need it

        return StyleController(self._session, self._prompt, self.reporter)

    @cached_property
    def characters(self) -> CharacterController:
        """Chooses who answers."""
        from animus_tui.ui.controllers.characters import CharacterController  # not before the first frame

        return CharacterController(
            self._session,
            self._prompt,
            self.reporter,
            renderer=self._pane.images.renderer,
            decoder=self._decoder,
            push_screen=self._screen.app.push_screen,
        )

    @cached_property
    def models(self) -> ModelController:
        """Chooses the model that answers."""
        from animus_tui.ui.controllers.models import ModelController  # few conversations need it

        return ModelController(self._session, self._prompt, self.reporter, choose=self._choose_model)

    @cached_property
    def promises(self) -> PromiseController:
        """Takes what the user says to promised pictures."""
        from animus_tui.ui.controllers.promises import PromiseController  # few conversations need it

        return PromiseController(
            self._session,
            self._pane,
            self.reporter,
            self._screen,
            send_keys=key_names(self._keys["send"]),
            newline_keys=key_names(self._keys["newline"]),
            edit_in_prompt=lambda message: self.revisions.edit_promise(message),
        )

    @cached_property
    def forms(self) -> FormController:
        """Opens the forms of pictures."""
        from animus_tui.ui.controllers.forms import FormController  # with the characters 20 ms of a start

        return FormController(
            self._session,
            self._prompt,
            self.reporter,
            push_screen=self._screen.app.push_screen,
            image_message=lambda: self.images.message,
            show_characters=self.faces.show_list,
        )

    @cached_property
    def drafts(self) -> DraftController:
        """Keeps what is being written."""
        return DraftController(self._prompt)

    @cached_property
    def writing(self) -> WritingController:
        """Opens the editor, and what was sent."""
        from animus_tui.ui.controllers.writing import WritingController  # few conversations need it

        return WritingController(
            self._screen.app, self._prompt, self.reporter, private_folder=self._private_folder
        )

    def _private_folder(self) -> Path | None:
        """Where a temporary conversation is, which may leave nothing elsewhere."""
        return self._session.conversation.folder if self._session.is_temporary else None

    @cached_property
    def notifier(self) -> Notifier:
        """Tells what is ready while the terminal has no focus."""
        from animus_tui.ui.controllers.notifier import Notifier  # most conversations have the focus

        return Notifier(self._screen, self._session, self._terminal)

    @property
    def search(self) -> FindController:
        """Searches the conversation."""
        if self.made_search is None:
            from animus_tui.ui.controllers.find import FindController  # 40 ms of a start

            self.made_search = FindController(
                self._session,
                self._pane,
                self._prompt,
                mount=self._mount_bar,
                search_everything=lambda words: self.navigation.search_everything(words),
            )
        return self.made_search

    async def _mount_bar(self, bar: FindBar) -> None:
        await self._screen.mount(bar, before=self._screen.query_one(PromptBar))

    @property
    def transfer(self) -> TransferController:
        """Exports and imports conversations."""
        if self.made_transfer is None:
            from animus_tui.ui.controllers.transfer import TransferController  # 40 ms of a start

            self.made_transfer = TransferController(
                self._session,
                self.reporter,
                set_interval=self._screen.set_interval,
                show_activity=self.display.show_activity,
            )
        return self.made_transfer

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way that can be cancelled: an answer, a picture, its prompt, an export."""
        is_exporting = self.made_transfer is not None and self.made_transfer.is_exporting
        return self.conversation.is_busy or is_exporting or self._is_writing_prompt

    def _cancel_other(self) -> None:
        if self._is_writing_prompt:
            self.images.moments.cancel()
        elif self.made_transfer is not None:
            self.made_transfer.cancel()

    @property
    def navigation(self) -> NavigationController:
        """Opens the viewer, the gallery, the search in all conversations and the help."""
        if self.made_navigation is None:
            from animus_tui.ui.controllers.navigation import NavigationController  # 100 ms of a start

            self.made_navigation = NavigationController(
                self._screen,
                self._session,
                self._pane,
                self.images,
                self.reporter,
                self._keys,
                find_in=lambda words, message_id: self.search.find_in(words, message_id),
            )
        return self.made_navigation

    @cached_property
    def conversations(self) -> ConversationsController:
        """Opens the list of conversations, and renames the open one."""
        from animus_tui.ui.controllers.conversations import ConversationsController  # 20 ms of a start

        return ConversationsController(
            self._session,
            self._pane,
            self.reporter,
            push_screen=self._screen.app.push_screen,
            begin_new=lambda then: self.characters.choose_for_new(then),
            show_status=self.display.show_status,
            search_everything=lambda words: self.navigation.search_everything(words),
        )

    @property
    def revisions(self) -> RevisionController:
        """Changes what was said."""
        if self.made_revisions is None:
            from animus_tui.ui.controllers.revisions import RevisionController  # not before the first frame

            self.made_revisions = RevisionController(
                self._session, self._prompt, self.reporter, self.conversation.show_asked
            )
        return self.made_revisions
