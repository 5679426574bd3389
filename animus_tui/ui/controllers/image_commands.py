"""The commands that make pictures, read before anything is paid for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.chat.images.options import read_words
from animus_tui.chat.images.prompt_advice import advice

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.session import ChatSession


class ImageCommand(NamedTuple):
    """A command whose prompt and options were read without an error."""

    prompts: tuple[str, ...]
    """The prompts that were given, for the prompt advice."""
    start: Callable[[], object]
    """Begin. UserError when it cannot be done."""
    is_edit: bool = False

    def advice(self) -> str | None:
        """What the prompts leave open, in one sentence; None when there is nothing to say."""
        told = (advice(prompt, is_edit=self.is_edit) for prompt in self.prompts)
        return next((sentence for sentence in told if sentence), None)


# Each function takes what was typed behind the command and the id of the chosen picture's message, None for the last
# picture. UsageError: an option that cannot be read.


def image(argument: str, session: ChatSession, message_id: str | None) -> ImageCommand:
    """A new picture."""
    said = read_words(argument)
    return ImageCommand((said.prompt,), partial(session.images.start, said.prompt, options=said.options))


def edit(argument: str, session: ChatSession, message_id: str | None) -> ImageCommand:
    """The picture changed, or one at a public address."""
    said = read_words(argument, takes_source=True)
    start = partial(
        session.images.start_edit, said.prompt, message_id, source=said.source, options=said.options
    )
    return ImageCommand((said.prompt,), start, is_edit=True)


def batch(argument: str, session: ChatSession, message_id: str | None) -> ImageCommand:
    """A new picture from each line."""
    said = read_words(argument)
    prompts = tuple(line.strip() for line in said.prompt.splitlines() if line.strip())
    return ImageCommand(prompts, partial(session.images.start_batch, prompts, options=said.options))


def video(argument: str, session: ChatSession, message_id: str | None) -> ImageCommand:
    """A clip that begins with the picture."""
    return ImageCommand((), partial(session.images.start_video, message_id, prompt=argument or None))


def again(argument: str, session: ChatSession, message_id: str | None) -> ImageCommand:
    """The picture again with what is said, and else as it was, seed included; a new seed if nothing is said."""
    said = read_words(argument)
    return ImageCommand((said.prompt,), partial(_again, session, message_id, said.prompt, said.options))


def _again(session: ChatSession, message_id: str | None, prompt: str, options: PictureOptions) -> str:
    message = session.conversation.get(message_id) if message_id else session.images.last_image()
    seed = message.image.seed if message is not None and message.image is not None else None
    is_said = bool(prompt) or options != type(options)()
    keeps_seed = is_said and (options.count or 1) == 1 and seed is not None
    return session.images.start_variant(
        message_id, prompt=prompt or None, options=options, same_seed=keeps_seed
    )
