"""Every action of the table can be done: its owner has a method of its name."""

from __future__ import annotations

import inspect

from animus_tui.config.actions import ACTIONS
from animus_tui.ui.app import AnimusApp
from animus_tui.ui.controllers.attachments import AttachmentController
from animus_tui.ui.controllers.characters import CharacterController
from animus_tui.ui.controllers.chat_controllers import ChatControllers
from animus_tui.ui.controllers.conversation import ConversationController
from animus_tui.ui.controllers.conversations import ConversationsController
from animus_tui.ui.controllers.find import FindController
from animus_tui.ui.controllers.forms import FaceController, FormController
from animus_tui.ui.controllers.images import ImageController
from animus_tui.ui.controllers.models import ModelController, StyleController
from animus_tui.ui.controllers.navigation import NavigationController
from animus_tui.ui.controllers.promises import PromiseController
from animus_tui.ui.controllers.revisions import RevisionController
from animus_tui.ui.controllers.transfer import TransferController
from animus_tui.ui.controllers.writing import WritingController
from animus_tui.ui.screens.chat import ChatScreen

OWNERS: dict[str, type] = {
    "attachments": AttachmentController,
    "conversation": ConversationController,
    "images": ImageController,
    "forms": FormController,
    "faces": FaceController,
    "styles": StyleController,
    "characters": CharacterController,
    "search": FindController,
    "navigation": NavigationController,
    "writing": WritingController,
    "conversations": ConversationsController,
    "models": ModelController,
    "revisions": RevisionController,
    "transfer": TransferController,
    "promises": PromiseController,
}


def test_an_action_is_a_method_of_its_owner_and_gets_the_call_when_it_takes_an_argument() -> None:
    for action in [a for a in ACTIONS if a.owner in OWNERS]:
        method = getattr(OWNERS[action.owner], action.method)
        assert len(inspect.signature(method).parameters) == (2 if action.argument else 1)


def test_each_owner_is_one_of_the_controllers_of_the_chat_screen() -> None:
    assert not [owner for owner in OWNERS if not hasattr(ChatControllers, owner)]


def test_all_other_actions_are_those_of_the_application_and_of_the_prompt() -> None:
    for action in [a for a in ACTIONS if a.owner not in OWNERS]:
        if action.owner == "app":
            assert callable(getattr(AnimusApp, f"action_{action.id}"))
        else:
            assert action.id in ("send", "newline")


def test_the_controllers_and_the_screen_have_one_class_of_ours_above_them_at_most() -> None:
    for owner in (ChatScreen, *OWNERS.values()):
        ours = [base.__name__ for base in owner.__mro__[1:] if base.__module__.startswith("animus_tui")]
        assert len(ours) <= 1, ours
