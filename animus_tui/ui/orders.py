"""What a command about pictures asks for, read before anything is paid for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall


class Order(NamedTuple):
    """Something to be made."""

    prompts: tuple[str, ...]
    """The words that were said for it, to be looked at by the coach."""
    start: Callable[[], object]
    """Begin. ValueError with one sentence when it cannot be done."""
    is_edit: bool = False

    def advice(self) -> str | None:
        """What its words leave open; None when there is nothing to say."""
        from animus_tui.chat.images.prompt_advice import advice

        told = (advice(prompt, is_edit=self.is_edit) for prompt in self.prompts)
        return next((sentence for sentence in told if sentence), None)


def read_order(call: CommandCall, session: ChatSession, message_id: str | None) -> Order:
    """The order of a command; `message_id` names the chosen picture, None the last one. ValueError."""
    from animus_tui.chat.images.option_parser import read_words

    images = session.images
    if call.name == "video":
        return Order((), partial(images.start_video, message_id, prompt=call.argument or None))
    said = read_words(call.argument, takes_source=call.name == "edit")
    prompt, options = said.prompt, said.options
    match call.name:
        case "edit":
            start = partial(images.start_edit, prompt, message_id, source=said.source, options=options)
            return Order((prompt,), start, is_edit=True)
        case "batch":
            prompts = tuple(line.strip() for line in prompt.splitlines() if line.strip())
            return Order(prompts, partial(images.start_batch, prompts, options=options))
        case "again":
            return Order((prompt,), partial(_again, session, message_id, prompt, options))
        case _:
            return Order((prompt,), partial(images.start, prompt, options=options))


def _again(session: ChatSession, message_id: str | None, prompt: str, options: PictureOptions) -> str:
    """The picture again with what is said here, and else as it was, seed included; a new seed if nothing is said."""
    message = session.conversation.get(message_id) if message_id else session.images.last_image()
    seed = message.image.seed if message is not None and message.image is not None else None
    is_said = bool(prompt) or options != type(options)()
    keeps_seed = is_said and (options.count or 1) == 1 and seed is not None
    return session.images.start_variant(
        message_id, prompt=prompt or None, options=options, same_seed=keeps_seed
    )
