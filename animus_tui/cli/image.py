"""`image`: pictures of one prompt, made, kept in a conversation and saved; `image --info`: how a picture was made."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from animus_tui import paths
from animus_tui.chat.chosen_character import settings_named
from animus_tui.chat.events import ImageGenerationComplete
from animus_tui.chat.images.job import ImageError
from animus_tui.chat.images.joined_prompt import ALL_LEFT_OUT, NONE_LEFT_OUT
from animus_tui.chat.images.metadata import read_metadata
from animus_tui.chat.images.option_parser import read_option
from animus_tui.chat.images.options import NO_OPTIONS, WIRE_NAMES, PictureOptions, merged
from animus_tui.chat.images.saving import SaveFolder, save_picture
from animus_tui.chat.images.service_options import check_kind, options_to_send, source_of
from animus_tui.cli.backends import image_capabilities
from animus_tui.cli.compose import configured, enter, service, tell_notices
from animus_tui.cli.headless import converse
from animus_tui.cli.output import DONE, FAILED, complain, is_terminal, say, say_json, well_formed
from animus_tui.cli.printing import EventPrinter
from animus_tui.cli.progress import shown_progress
from animus_tui.config.schema import Config, ImageConfig
from animus_tui.errors import UsageError, UserError
from animus_tui.printable import printable, short_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from animus_tui.backends.base.protocols import ImageCapabilities
    from animus_tui.chat.events import SessionEvent
    from animus_tui.chat.images.joined_prompt import Addition
    from animus_tui.chat.images.metadata import ImageMetadata
    from animus_tui.chat.session import ChatSession
    from animus_tui.cli.arguments import Arguments


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Make the pictures, save them and print their paths; with `--json` events in place of that. 1: any failed."""
    if arguments.info is not None:
        return _tell_metadata(paths.expanded(arguments.info), as_json=arguments.json)
    config = configured(arguments, env)
    abilities = image_capabilities(Config() if arguments.demo else config)
    if not abilities.generates:
        raise UserError('No service makes pictures; "animus-chat init" sets one up.')
    own_character = _own_character(arguments, config, env, abilities)
    wanted = _image_arguments(arguments, abilities, own_character)
    target = _target(arguments, config, env)
    saved, failures = list[Path](), list[str]()

    async def act(session: ChatSession) -> None:
        await enter(session, arguments.conversation, new=True, last=arguments.last, character=own_character)
        tell_notices(session)
        await _generate(session, wanted, target, saved, failures)

    printer = EventPrinter(as_json=arguments.json, verbose=arguments.verbose)
    with service(config, force_demo=arguments.demo) as answering:
        if answering.notice:
            complain(answering.notice)
        with shown_progress(quiet=arguments.json) as progress:

            def see(event: SessionEvent) -> None:
                progress(event)
                if arguments.json or not isinstance(event, ImageGenerationComplete):
                    printer(event)
                else:
                    printer.note_missing(event)

            asyncio.run(converse(answering, paths.data_dir(env), act, see))
    printer.close()
    for path in saved:
        if arguments.json:
            say_json(json.dumps({"event": "imageSaved", "path": str(path)}))
        else:
            say(printable(str(path), newlines=False))
    for sentence in failures:
        complain(sentence)
    return FAILED if printer.failed or failures or not saved else DONE


class ImageArguments(NamedTuple):
    """The pictures that are asked for."""

    prompt: str
    options: PictureOptions
    source: str | Path | None
    """Address or file of the picture to change."""
    left_out: frozenset[Addition] = NONE_LEFT_OUT
    """What is not joined to the prompt."""


async def _generate(
    session: ChatSession, wanted: ImageArguments, target: Path, saved: list[Path], failures: list[str]
) -> None:
    """Have the pictures made in the session's conversation and save them.

    `saved` gets the absolute path of each, `failures` a sentence for each that came and could not be saved. What did
    not come is published by the session as an event.
    """
    prompt, options, source, left_out = wanted
    try:
        image_id = session.images.start(prompt, options=options, source=source, left_out=left_out)
        made = await session.images.finished(image_id)
    except ImageError:
        return
    for number, (record, file) in enumerate(zip(made.records, made.paths, strict=True)):
        try:
            path = await asyncio.to_thread(save_picture, file, record, target, numbered=number > 0)
        except UserError as error:
            failures.append(f"{error} It is kept as {file}.")
        else:
            saved.append(path.absolute())


def _own_character(
    arguments: Arguments, config: Config, env: Mapping[str, str], service: ImageCapabilities
) -> str | None:
    """The character that `--character` names, unless it is the id of one of the account. UsageError."""
    named = [well_formed(text) for name, text in arguments.options if name == "character"]
    if not named:
        return None
    try:
        settings_named(paths.data_dir(env), config, named[-1])
    except UsageError:
        if service.characters:
            return None  # the service knows whether it is one of its own
        raise
    if arguments.conversation is not None or arguments.last:
        raise UsageError(
            f"{short_line(named[-1])} is a character of yours, with whom a new conversation begins: "
            "that goes neither with --conversation nor with -c."
        )
    return named[-1]


def _image_arguments(
    arguments: Arguments, service: ImageCapabilities, own_character: str | None
) -> ImageArguments:
    """What is asked for. All that makes no sense is told now, before credits are spent: UsageError."""
    prompt = well_formed(arguments.prompt or "")
    if not prompt.strip():
        raise UsageError("A picture needs words: the prompt is blank.")
    said = [each for each in arguments.options if own_character is None or each[0] != "character"]
    options = merged(*(read_option(name, well_formed(text)) for name, text in said))
    source = None if arguments.edit is None else source_of(arguments.edit)
    options_to_send(ImageConfig(), NO_OPTIONS, options, capabilities=service, is_edit=source is not None)
    check_kind(service, source)
    return ImageArguments(prompt, options, source, ALL_LEFT_OUT if arguments.plain else NONE_LEFT_OUT)


def _target(arguments: Arguments, config: Config, env: Mapping[str, str]) -> Path:
    """The file or folder to save to. What exists already is told now, before credits are spent: UserError."""
    if arguments.output is None:
        folder = target = SaveFolder(paths.data_dir(env), config.image.save_dir).current
    else:
        target = paths.expanded(arguments.output)
        is_folder = _is_folder(target) or not target.suffix or arguments.output.endswith("/")
        folder = target if is_folder else target.parent
    if (obstacle := paths.obstacle(folder)) is not None:
        raise UserError(f"The picture cannot be saved: {obstacle}.")
    if arguments.output is not None and not folder.is_dir():
        _make(folder, arguments)
    return target


def _make(folder: Path, arguments: Arguments) -> None:
    """The folder that `-o` names. UserError: nobody said that it is to be made, or it cannot be."""
    if not arguments.parents:
        raise UserError(f"There is no folder {folder}; --parents makes it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be made: {error.strerror or error}.") from None


def _is_folder(target: Path) -> bool:
    """Whether there is a folder of this name. UserError: something else has the name, or nothing can have it."""
    try:
        is_folder = stat.S_ISDIR(target.lstat().st_mode) or target.is_dir()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UserError(f"{target} cannot be written: {error.strerror or error}.") from None
    if not is_folder:
        raise UserError(f"{target} exists already and is left alone; choose another name.")
    return True


# The metadata of a saved picture


def _tell_metadata(path: Path, *, as_json: bool) -> int:
    """Print a table on a terminal, a line a fact in a pipe, or one JSON object. UserError when it tells nothing."""
    facts = read_metadata(path)
    if as_json:
        say_json(msgspec.json.encode(facts).decode())
        return DONE
    rows = [
        (printable(name, newlines=False), printable(value, newlines=False))
        for name, value in _metadata_rows(facts)
    ]
    if is_terminal(sys.stdout):
        from animus_tui.cli.rich_output import print_table  # rich takes 45 ms, and a pipe needs nothing of it

        print_table(("bold", row) for row in rows)
    else:
        for name, value in rows:
            say(f"{name}: {value}")
    return DONE


def _metadata_rows(facts: ImageMetadata) -> Iterator[tuple[str, str]]:
    """Name and value of what is known, settings by the names of their options."""
    names, known_size = {wire: name for name, wire in WIRE_NAMES.items()}, ("width", "height")
    yield "prompt", facts.prompt
    if facts.source:
        yield "changed from", facts.source
    if facts.seed is not None:
        yield "seed", str(facts.seed)
    if facts.model:
        yield "model", facts.model
    if facts.width and facts.height:
        yield "size", f"{facts.width}×{facts.height} pixels"
    for name, value in facts.settings.items():
        if name in known_size and facts.width and facts.height:
            continue
        words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield names.get(name, name).replace("_", " "), words
    if facts.created:
        yield "made", facts.created
