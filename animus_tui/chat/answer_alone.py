"""An answer to a prompt outside of the conversation: the model gets the history, which stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.attachments import addresses_of
from animus_tui.chat.history_window import chat_request
from animus_tui.chat.instructions import instructions_for
from animus_tui.chat.messages import ChatMessage

if TYPE_CHECKING:
    from animus_tui.backends.base.chat_values import ChatReply
    from animus_tui.backends.base.protocols import ChatBackend
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.token_meter import TokenMeter
    from animus_tui.config.schema import Config

MOST_UNSAID = 1500
"""Tokens of an answer to a prompt of this program: a hundred are enough, unless the model reasons first."""


async def answer_alone(
    chat: ChatBackend,
    config: Config,
    stored: StoredConversation,
    text: str,
    *,
    is_said: bool,
    meter: TokenMeter,
) -> ChatReply:
    """The answer to `text` in a conversation, for which `config` is what holds there. BackendError.

    Unless the prompt `is_said` by the user, it gets no author's note and no entries of the lorebook, and asks for a
    short answer that promises no image.
    """
    new = ChatMessage(role="user", content=text)
    said = new if is_said else None
    settings, note = instructions_for(config, stored.conversation, stored.messages, said)
    request = chat_request(
        settings,
        stored.messages,
        new,
        capabilities=chat.chat_capabilities,
        auto_turn=False,
        addresses=await addresses_of(stored, chat, settings),
        meter=meter,
        note=note if is_said else "",
    )
    if not is_said:
        most = min(request.sampling.max_tokens or MOST_UNSAID, MOST_UNSAID)
        looks = None if request.features.image_prompts is None else False
        request = replace(
            request,
            sampling=replace(request.sampling, max_tokens=most),
            features=replace(request.features, image_prompts=looks),
        )
    return await chat.complete(replace(request, stream=False))
