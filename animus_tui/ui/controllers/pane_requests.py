"""Which controller does what the conversation pane asks for by a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from animus_tui.ui.conversation.actions import (
    BranchRequested,
    CancelRequested,
    ChangeRequested,
    CopyRequested,
    LinkOpened,
    MessageRequested,
    PaneRequest,
    PictureRequested,
    RestoreRequested,
    RetryRequested,
    SuggestionChosen,
    VariantRequested,
)

if TYPE_CHECKING:
    from typing import Any

    from textual.screen import Screen

    from animus_tui.ui.controllers.chat_controllers import ChatControllers

LINKS = ("http://", "https://", "mailto:")
"""Links that are opened; others are ignored."""


class PaneRequests:
    """Passes each request of the conversation pane to the controller that does it."""

    def __init__(self, controllers: ChatControllers, screen: Screen[Any]) -> None:
        self._controllers = controllers
        self._screen = screen

    def handle(self, request: PaneRequest) -> None:
        """Do what is asked for, or begin it."""
        controllers = self._controllers
        match request:
            case SuggestionChosen():
                controllers.conversation.suggest(request.text)
            case RetryRequested():
                controllers.conversation.retry_entry(request.entry)
            case CancelRequested():
                controllers.conversation.cancel_image(request.image_id)
            case ChangeRequested():
                controllers.forms.change(request.message_id, request.change)
            case VariantRequested():
                controllers.images.choose_variant(request.message_id, request.index)
            case MessageRequested():
                controllers.revisions.do(request.message_id, request.action)
            case RestoreRequested():
                controllers.revisions.restore()
            case BranchRequested():
                controllers.revisions.step_branch(request.message_id, request.step)
            case PictureRequested():
                self._do_with_picture(request)
            case LinkOpened():
                self._open_link(request.href)
            case CopyRequested():
                self._copy(request)
            case _:
                assert_never(request)

    def _do_with_picture(self, request: PictureRequested) -> None:
        images, message_id, number = self._controllers.images, request.message_id, request.number
        match request.action:
            case "view" if images.is_clip(message_id, number):
                images.open(message_id, number)
            case "view" | "details":
                with_details = request.action == "details"
                self._controllers.navigation.view_message(message_id, number, with_details=with_details)
            case "copy":
                images.copy_path(message_id, number, self._screen.app)
            case "open":
                images.open(message_id, number)
            case _:
                assert_never(request.action)

    def _open_link(self, href: str) -> None:
        if href.startswith(LINKS):
            self._screen.app.open_url(href)
        else:
            self._controllers.reporter.say("Only web and mail links are opened.", severity="warning")

    def _copy(self, request: CopyRequested) -> None:
        from animus_tui.ui.terminal.clipboard import copy, told  # for who copies something

        sentence = told(request.text)
        self._controllers.reporter.say(f"{sentence} ({request.what})" if request.what else sentence)
        self._screen.run_worker(copy(self._screen.app, request.text))
