"""The controllers of the chat screen, put together."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

from animus_tui.chat.storage.draft import has_pictures
from animus_tui.config.keymap import key_names
from animus_tui.ui.controllers.controller import ChatParts, Reporter
from animus_tui.ui.controllers.conversation import ConversationController
from animus_tui.ui.controllers.display import ConversationDisplay
from animus_tui.ui.controllers.drafts import DraftController
from animus_tui.ui.conversation.actions import (
    BranchRequested,
    CancelRequested,
    ChangeRequested,
    CopyRequested,
    LinkOpened,
    MessageRequested,
    PaneRequest,
    PictureRequested,
    PromiseRequested,
    RestoreRequested,
    RetryRequested,
    SuggestionChosen,
    VariantRequested,
)
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import PromptBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from animus_tui.chat.attachments import Attachment
    from animus_tui.chat.session import ChatSession
    from animus_tui.config.action import Owner
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.ui.commands.completion import NameKind
    from animus_tui.ui.controllers.attachments import AttachmentController
    from animus_tui.ui.controllers.characters import CharacterController
    from animus_tui.ui.controllers.conversations import ConversationsController
    from animus_tui.ui.controllers.find import FindController
    from animus_tui.ui.controllers.forms import FaceController, FormController
    from animus_tui.ui.controllers.images import ImageController
    from animus_tui.ui.controllers.models import ModelController, StyleController
    from animus_tui.ui.controllers.navigation import NavigationController
    from animus_tui.ui.controllers.notifier import Notifier
    from animus_tui.ui.controllers.promises import PromiseController
    from animus_tui.ui.controllers.revisions import RevisionController
    from animus_tui.ui.controllers.transfer import TransferController
    from animus_tui.ui.controllers.writing import WritingController
    from animus_tui.ui.widgets.find_bar import FindBar

LINKS = ("http://", "https://", "mailto:")
"""Links that are opened; others are ignored."""


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
                return self.parts.prompt
            case _:
                return getattr(self, owner)

    async def read_names(self, kind: NameKind) -> Sequence[str]:
        """The names that there are: of models that answer, of characters, of image models and samplers."""
        if kind == "model":
            return await self.models.offered()
        if kind == "style":
            return await self.styles.offered()
        if kind == "character":
            return await self.characters.names()
        return await self.images.offered_names(kind)

    def _note(self, text: str, severity: SeverityLevel) -> None:
        """The pane shows what there is to say: it knows whether it is to be a line of its own."""
        self.parts.pane.updates.note(text, severity=severity)

    @cached_property
    def parts(self) -> ChatParts:
        """What each of them is given."""
        screen = self._screen
        pane, prompt = screen.query_one(ConversationPane), screen.query_one(Prompt)
        return ChatParts(self._session, screen, pane, prompt, self.reporter)

    @cached_property
    def display(self) -> ConversationDisplay:
        """Shows the open conversation."""
        return ConversationDisplay(
            self.parts,
            service=self._service,
            notice=self._notice,
            suggestions=self._suggestions,
            show_anew=self._show_conversation,
        )

    @cached_property
    def conversation(self) -> ConversationController:
        """Sends, cancels, tries again."""
        return ConversationController(
            self.parts, cancel_other=self._cancel_other, attached_to_send=self._attached_to_send
        )

    @property
    def attachments(self) -> AttachmentController:
        """Attaches pictures to the message that is being written."""
        if self.made_attachments is None:
            # Few conversations need it.
            from animus_tui.ui.controllers.attachments import AttachmentController

            self.made_attachments = AttachmentController(
                self.parts, self._decoder, import_cards=lambda paths: self.characters.import_cards(paths)
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
            self.parts,
            show_activity=self.display.show_activity,
            open_form=lambda words, options, left_out: self.forms.open(words, options, left_out),
        )

    @property
    def _is_writing_prompt(self) -> bool:
        return "images" in self.__dict__ and self.images.moments.is_writing

    @cached_property
    def faces(self) -> FaceController:
        """Chooses the face in the pictures."""
        from animus_tui.ui.controllers.forms import FaceController  # with the forms 20 ms of a start

        return FaceController(self.parts, on_chosen=self.display.show_status)

    @cached_property
    def styles(self) -> StyleController:
        """Chooses the style of the pictures."""
        from animus_tui.ui.controllers.models import StyleController  # few conversations need it

        return StyleController(self.parts)

    @cached_property
    def characters(self) -> CharacterController:
        """Chooses who answers."""
        from animus_tui.ui.controllers.characters import CharacterController  # not before the first frame

        return CharacterController(self.parts, self._decoder)

    @cached_property
    def models(self) -> ModelController:
        """Chooses the model that answers."""
        from animus_tui.ui.controllers.models import ModelController  # few conversations need it

        return ModelController(self.parts, choose=self._choose_model)

    @cached_property
    def promises(self) -> PromiseController:
        """Takes what the user says to promised pictures."""
        from animus_tui.ui.controllers.promises import PromiseController  # few conversations need it

        return PromiseController(
            self.parts,
            send_keys=key_names(self._keys["send"]),
            newline_keys=key_names(self._keys["newline"]),
            edit_in_prompt=lambda message: self.revisions.edit_promise(message),
        )

    @cached_property
    def forms(self) -> FormController:
        """Opens the forms of pictures."""
        from animus_tui.ui.controllers.forms import FormController  # with the characters 20 ms of a start

        return FormController(
            self.parts, image_message=lambda: self.images.message, show_characters=self.faces.show_list
        )

    @cached_property
    def drafts(self) -> DraftController:
        """Keeps what is being written."""
        return DraftController(self.parts.prompt)

    @cached_property
    def writing(self) -> WritingController:
        """Opens the editor, and what was sent."""
        from animus_tui.ui.controllers.writing import WritingController  # few conversations need it

        return WritingController(self.parts)

    @cached_property
    def notifier(self) -> Notifier:
        """Tells what is ready while the terminal has no focus."""
        from animus_tui.ui.controllers.notifier import Notifier  # most conversations have the focus

        return Notifier(self.parts, self._terminal)

    @property
    def search(self) -> FindController:
        """Searches the conversation."""
        if self.made_search is None:
            from animus_tui.ui.controllers.find import FindController  # 40 ms of a start

            self.made_search = FindController(
                self.parts,
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

            self.made_transfer = TransferController(self.parts, show_activity=self.display.show_activity)
        return self.made_transfer

    @property
    def navigation(self) -> NavigationController:
        """Opens the viewer, the gallery, the search in all conversations and the help."""
        if self.made_navigation is None:
            from animus_tui.ui.controllers.navigation import NavigationController  # 100 ms of a start

            self.made_navigation = NavigationController(
                self.parts,
                self.images,
                self._keys,
                find_in=lambda words, message_id: self.search.find_in(words, message_id),
            )
        return self.made_navigation

    @cached_property
    def conversations(self) -> ConversationsController:
        """Opens the list of conversations, and renames the open one."""
        from animus_tui.ui.controllers.conversations import ConversationsController  # 20 ms of a start

        return ConversationsController(
            self.parts,
            begin_new=lambda then: self.characters.choose_for_new(then),
            show_status=self.display.show_status,
            search_everything=lambda words: self.navigation.search_everything(words),
        )

    @property
    def revisions(self) -> RevisionController:
        """Changes what was said."""
        if self.made_revisions is None:
            from animus_tui.ui.controllers.revisions import RevisionController  # not before the first frame

            self.made_revisions = RevisionController(self.parts, self.conversation.show_asked)
        return self.made_revisions

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

    # What the pane asks for

    def do_requested(self, request: PaneRequest) -> None:  # noqa: C901 (one case a request)
        """Do what is asked for, or begin it."""
        match request:
            case SuggestionChosen():
                self.conversation.suggest(request.text)
            case RetryRequested():
                self.conversation.retry_entry(request.entry)
            case CancelRequested():
                self.conversation.cancel_image(request.image_id)
            case ChangeRequested():
                self.forms.change(request.message_id, request.change)
            case PromiseRequested():
                self.promises.answer(request.message_id, request.answer)
            case VariantRequested():
                self.images.choose_variant(request.message_id, request.index)
            case MessageRequested():
                self.revisions.do(request.message_id, request.action)
            case RestoreRequested():
                self.revisions.restore()
            case BranchRequested():
                self.revisions.step_branch(request.message_id, request.step)
            case PictureRequested():
                self._do_with_picture(request)
            case LinkOpened():
                self._open_link(request.href)
            case CopyRequested():
                self._copy(request)
            case _:
                assert_never(request)

    def _do_with_picture(self, request: PictureRequested) -> None:
        images, message_id, number = self.images, request.message_id, request.number
        match request.action:
            case "view" if images.is_clip(message_id, number):
                images.open(message_id, number)
            case "view" | "details":
                with_details = request.action == "details"
                self.navigation.view_message(message_id, number, with_details=with_details)
            case "copy":
                images.copy_path(message_id, number)
            case "open":
                images.open(message_id, number)
            case _:
                assert_never(request.action)

    def _open_link(self, href: str) -> None:
        if href.startswith(LINKS):
            self._screen.app.open_url(href)
        else:
            self.reporter.say("Only web and mail links are opened.", severity="warning")

    def _copy(self, request: CopyRequested) -> None:
        from animus_tui.ui.terminal.clipboard import copy, told  # for who copies something

        sentence = told(request.text)
        self.reporter.say(f"{sentence} ({request.what})" if request.what else sentence)
        self._screen.run_worker(copy(self._screen.app, request.text))
