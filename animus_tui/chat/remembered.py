"""Where the part of a conversation begins that the model is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.attachments import newest_attached
from animus_tui.chat.history_window import history_window, limited_window, token_room
from animus_tui.chat.instructions import instructed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage, Conversation
    from animus_tui.chat.token_meter import TokenMeter
    from animus_tui.config.schema import Config


def newest_left_out(
    messages: Sequence[ChatMessage],
    config: Config,
    conversation: Conversation,
    meter: TokenMeter,
    *,
    sees: bool,
    new: ChatMessage | None = None,
    before: str | None = None,
) -> str | None:
    """Id of the newest message of a conversation that the limits keep from the model; None when they keep none.

    They are those of the request for an answer to `new`, one of the messages; by default, to what the user writes next.
    `sees`: the model is shown the pictures of the user. Only messages before the one with the id `before` count.
    """
    chat, note = config.chat, ""
    if len(messages) <= chat.history_size and chat.history_tokens is None:
        return None
    until = before if new is None else new.id
    addresses: dict[str, str] = {}
    if chat.history_tokens is not None:
        chat, note = instructed(config, conversation, messages, new, before=until)
        if sees:
            window = history_window(messages, chat.history_size, before=until)
            addresses = dict.fromkeys(newest_attached(window, new), "")
    room = token_room(chat, meter, new, addresses, note=note)
    left_out = limited_window(messages, chat.history_size, before=until, room=room).left_out
    return None if left_out is None else left_out.id
