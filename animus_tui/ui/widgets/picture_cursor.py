"""The keys of a picture that is being made, and of several from which one is to be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.binding import Binding
from textual.message import Message

from animus_tui.chat.images.options import MOST_PICTURES
from animus_tui.ui.flow.grid import CHOOSE
from animus_tui.ui.flow.picture import CANCEL, PictureEntry
from animus_tui.ui.widgets.message_cursor import MessageCursor

if TYPE_CHECKING:
    from animus_tui.ui.flow.grid import Reach

Change = Literal["prompt", "size"]
"""What is to be other than in the picture that is there; all else stays, the seed too."""


class PictureCursor(MessageCursor):
    """Adds to the cursor: stop the chosen job, choose the marked picture, have it made with one thing changed."""

    BINDINGS = [
        Binding("escape", "cancel_chosen", "Cancel this", show=False),
        # All that Enter does: a key that is bound here is taken from the bindings above.
        Binding("enter", "take", "Choose", show=False),
        Binding("enter", "act", "Try again", show=False),
        Binding("enter", "picture('view')", "View", show=False),
        Binding("p", "change('prompt')", "Other words", tooltip="Same seed, other words", show=False),
        Binding("s", "change('size')", "Other size", tooltip="Same words, other size", show=False),
        *(
            Binding(f"{number}", f"choose_number({number})", show=False)
            for number in range(1, MOST_PICTURES + 1)
        ),
    ]

    class CancelRequested(Message):
        """Stop this job and no other."""

        def __init__(self, image_id: str) -> None:
            super().__init__()
            self.image_id = image_id

    class ChangeRequested(Message):
        """Have a picture made once more, with one thing changed."""

        def __init__(self, message_id: str, change: Change) -> None:
            super().__init__()
            self.message_id = message_id
            self.change: Change = change

    @property
    def _picture(self) -> PictureEntry | None:
        entry = self.chosen_entry
        return entry if isinstance(entry, PictureEntry) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the keys work now."""
        picture = self._picture
        match action:
            case "cancel_chosen":
                return picture is not None and picture.is_waiting
            case "take":
                return picture is not None and picture.is_undecided
            case "choose_number":
                number = parameters[0] if parameters else 0
                return picture is not None and isinstance(number, int) and number <= picture.choices
            case "change":
                return picture is not None and picture.message is not None and not picture.is_undecided
            case _:
                return super().check_action(action, parameters)

    def action_cancel_chosen(self) -> None:
        """Stop the newest job of the chosen picture."""
        if (picture := self._picture) is not None and picture.image_id is not None:
            self.post_message(self.CancelRequested(picture.image_id))

    def action_change(self, change: Change) -> None:
        """Have the chosen picture made once more, with one thing changed."""
        if (picture := self._picture) is not None and picture.message is not None:
            self.post_message(self.ChangeRequested(picture.message.id, change))

    def _take_hints(self) -> None:
        """The captions of pictures that wait for a choice say how one comes to it from where one is."""
        has_focus = self.screen.focused is self
        for entry in self.flow.made():
            if isinstance(entry, PictureEntry) and entry.is_undecided:
                reach: Reach = "away" if not has_focus else "here" if entry is self.chosen else "there"
                if entry.tell_keys(reach):
                    self.entry_changed(entry)

    def on_focus(self) -> None:
        """Show in the captions that the keys of pictures work."""
        super().on_focus()
        self._take_hints()

    def on_blur(self) -> None:
        """Show in the captions that the keys of pictures do not work."""
        super().on_blur()
        self._take_hints()

    def _choose(self, index: int, *, step: int = 0) -> None:
        super()._choose(index, step=step)
        self._take_hints()

    # Several pictures

    def action_take(self) -> None:
        """Choose the marked picture."""
        if (picture := self._picture) is not None:
            self.action_choose_number(picture.marked + 1)

    def action_choose_number(self, number: int) -> None:
        """Choose the picture of this number."""
        picture = self._picture
        if picture is not None and picture.message is not None and 0 < number <= picture.choices:
            self.post_message(self.VariantRequested(picture.message.id, number - 1))

    def action_choose(self, step: int) -> None:
        """Among several pictures the one above or below; else the message above or below."""
        if not self._mark(0, step):
            super().action_choose(step)

    def action_choose_picture(self, step: int) -> None:
        """Among several pictures the one to the left or right; else the picture above or below."""
        if not self._mark(step, 0):
            super().action_choose_picture(step)

    def action_variant(self, step: int) -> None:
        """Among several pictures the one before or after; else the variant."""
        picture = self._picture
        if picture is None or not picture.is_undecided:
            super().action_variant(step)
        else:
            self._mark(step, 0)

    def _mark(self, across: int, down: int) -> bool:
        picture = self._picture
        if picture is None or not picture.mark(across, down):
            return False
        self.entry_changed(picture)
        return True

    def picture_clicked(self, entry: PictureEntry, action: str) -> None:
        """Do what a click on a picture means."""
        if action == CANCEL and entry.image_id is not None:
            self.post_message(self.CancelRequested(entry.image_id))
        elif action.startswith(CHOOSE) and entry.message is not None:
            self.post_message(self.VariantRequested(entry.message.id, int(action.removeprefix(CHOOSE))))
        else:
            super().picture_clicked(entry, action)
