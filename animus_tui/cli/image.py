"""`image`: one picture, made, kept in a conversation of its own and saved where the user wants it."""

from __future__ import annotations

import asyncio
import stat
from typing import TYPE_CHECKING

from animus_tui import addresses, paths
from animus_tui.chat.events import ImageGenerationComplete
from animus_tui.chat.saving import SaveError, save_picture
from animus_tui.cli.compose import configured, converse, enter, service
from animus_tui.cli.output import DONE, FAILED, FailedError, WrongUsageError, complain, say, well_formed
from animus_tui.cli.printing import EventPrinter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from animus_tui.chat.events import SessionEvent
    from animus_tui.chat.session import ChatSession
    from animus_tui.cli.arguments import Arguments
    from animus_tui.config import Config


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Make the picture, save it and print its path; with `--json` print its events in place of that."""
    config = configured(arguments, env)
    target = _target(arguments, config)
    prompt = well_formed(arguments.prompt)
    if not prompt.strip():
        raise WrongUsageError("A picture needs words: the prompt is blank.")
    picture = Painting(prompt, arguments.edit, arguments.seed, target)
    printer = EventPrinter(as_json=arguments.json, verbose=arguments.verbose)

    def see(event: SessionEvent) -> None:
        if arguments.json or not isinstance(event, ImageGenerationComplete):
            printer(event)

    with service(config, force_demo=arguments.demo) as answering:
        if answering.notice:
            complain(answering.notice)
        asyncio.run(converse(answering.config, paths.data_dir(env), picture.paint, see))
    if printer.failed or picture.saved is None:
        return FAILED
    if not arguments.json:
        say(str(picture.saved))
    elif arguments.verbose:
        complain(f"saved to {picture.saved}")
    return DONE


class Painting:
    """One picture that is asked for."""

    def __init__(self, prompt: str, edit: str | None, seed: int | None, target: Path) -> None:
        self.saved: Path | None = None
        """Where it was saved, once it was."""
        self._prompt = prompt
        self._edit = edit
        self._seed = seed
        self._target = target

    async def paint(self, session: ChatSession) -> None:
        """Have it made in a new conversation, and save it."""
        await enter(session, None, new=True)
        settings = {} if self._seed is None else {"seed": self._seed}
        session.generate_image(self._prompt, input_image_url=self._edit, settings=settings)
        await session.wait()
        message = session.last_image()
        if message is None or message.image is None:
            return  # why, the session has told as an event
        try:
            file = session.conversation.path_of(message.image.file)
            self.saved = save_picture(file, message.image, self._target).absolute()
        except SaveError as error:
            raise FailedError(str(error)) from None


def _target(arguments: Arguments, config: Config) -> Path:
    """The file or folder to save to. Told now, before credits are spent: what exists, and an address that is none."""
    if arguments.edit is not None and not (
        addresses.is_service(arguments.edit) or arguments.edit.startswith("data:image/")
    ):
        raise WrongUsageError("--edit takes the address of a picture, https://…, that the service can reach.")
    if arguments.output is None:
        folder = target = paths.pictures_dir(config.image.save_dir)
    else:
        target = paths.expanded(arguments.output)
        folder = target if _is_folder(target) else target.parent
    if (obstacle := paths.obstacle(folder)) is not None:
        raise FailedError(f"The picture cannot be saved: {obstacle}.")
    return target


def _is_folder(target: Path) -> bool:
    """Whether there is a folder of this name. FailedError: something else has the name, or nothing can have it."""
    try:
        is_folder = stat.S_ISDIR(target.lstat().st_mode) or target.is_dir()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise FailedError(f"{target} cannot be written: {error.strerror or error}.") from None
    if not is_folder:
        raise FailedError(f"{target} exists already and is left alone; choose another name.")
    return True
