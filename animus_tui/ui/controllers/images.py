"""Generating, saving and opening images, for keys, slash commands and the pane alike."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from animus_tui.chat.images.joined_prompt import ALL_LEFT_OUT, NONE_LEFT_OUT, shows_character
from animus_tui.chat.images.moments import instruction, meant_prompt, moment_of, shaped, written_prompt
from animus_tui.chat.images.option_parser import parse_prompt, parse_words
from animus_tui.chat.images.options import merged
from animus_tui.chat.images.prompt_advice import advice
from animus_tui.errors import NoHomeError, UserError
from animus_tui.paths import expanded
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.user import UserEntry
from animus_tui.ui.images.picture_source import ImageFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.images.joined_prompt import Addition
    from animus_tui.chat.images.moments import Moment
    from animus_tui.chat.images.option_parser import ParsedPrompt
    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.ui.commands.completion import NameKind
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts

ACTIVITY = "writing the prompt, Esc cancels"
LEFT = "The picture was not made: its conversation was left while the prompt was being written."


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


class MomentController(Controller):
    """Has the model write the prompt of a picture of the moment, one at a time; it is made, or shown in the form."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        show_activity: Callable[[str], None],
        open_form: Callable[[str, PictureOptions, frozenset[Addition]], None],
    ) -> None:
        """`show_activity` shows what is under way; `open_form` as of the controller of pictures."""
        super().__init__(parts)
        self._show_activity = show_activity
        self._open_form = open_form
        self._writing: asyncio.Task[str] | None = None

    @property
    def is_writing(self) -> bool:
        """Whether a prompt is being written."""
        return self._writing is not None

    def cancel(self) -> None:
        """Stop the writing; no picture is made."""
        if self._writing is not None:
            self._writing.cancel()

    def start(
        self,
        moment: Moment,
        said: PictureOptions,
        typed: str,
        *,
        left_out: frozenset[Addition] = NONE_LEFT_OUT,
    ) -> None:
        """Begin; `typed` is what goes back into the prompt when that fails. UserError: one is being written.

        `left_out` is what is not joined to the prompt.
        """
        if self.is_writing:
            raise UserError("A prompt is being written already. Esc cancels it.")
        self._writing = asyncio.get_running_loop().create_task(self._write(moment))
        without = replace(moment, left_out=moment.left_out | left_out)
        self._make(without, said, typed, self._writing)

    async def _write(self, moment: Moment) -> str:
        asked = instruction(moment, self._session.config.chat.name)
        reply = await self._session.complete(asked, is_said=False)
        return written_prompt(reply.content or reply.image_prompt or "")

    @reported
    async def _make(
        self, moment: Moment, said: PictureOptions, typed: str, writing: asyncio.Task[str]
    ) -> str | None:
        conversation_id = self._session.conversation.conversation.id
        self._show_activity(ACTIVITY)
        try:
            await asyncio.wait({writing})
        finally:  # also when the application ends
            writing.cancel()
            self._writing = None
            self._show_activity("")
        try:
            if writing.cancelled():
                self._give_back(typed)
                return "Cancelled: no prompt was written, and no picture is made"
            prompt = writing.result()
            if self._session.conversation.conversation.id != conversation_id:
                return LEFT
            self._begin(moment, said, prompt)
        except UserError:
            self._give_back(typed)
            raise
        return None

    def _give_back(self, typed: str) -> None:
        if not self._prompt.whole_text:
            self._prompt.restore(typed)

    def _begin(self, moment: Moment, said: PictureOptions, prompt: str) -> None:
        """Make the picture, or have its prompt looked at first."""
        images, holds = self._session.images, self._session.config
        left_out = moment.left_out
        if moment.shape == "any" and not shows_character(prompt, holds.chat.name):
            left_out |= {"appearance"}
        if said.width is None:
            style = images.additions.without(left_out).options
            held = merged(images.defaults, style, images.remembered)
            shape = shaped(moment, held, takes_any_size="steps" in images.capabilities.options)
            said = replace(said, width=shape.width, height=shape.height)
        if holds.image.when == "ask":
            self._open_form(prompt, said, left_out)
        else:
            images.start(prompt, options=said, left_out=left_out)


class ImageController(Controller):
    """Acts on the picture that has the focus, or else on the last one of the conversation."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        show_activity: Callable[[str], None],
        open_form: Callable[[str, PictureOptions, frozenset[Addition]], None],
    ) -> None:
        """`show_activity` shows what is under way for as long as it is; an empty text takes that away.

        `open_form` opens the form of a new picture with a prompt, options, and what is not joined to it.
        """
        super().__init__(parts)
        self._images = parts.session.images
        self.files = ImageFiles(parts.session)
        self.moments = MomentController(parts, show_activity=show_activity, open_form=open_form)
        self._names: dict[NameKind, list[str]] = {}
        """What the service has listed."""
        self._advised = ""
        """The command that was answered with advice: whoever sends it again means it."""

    # Which picture

    @property
    def message(self) -> ChatMessage | None:
        """The message of the chosen picture, or else of the last one."""
        return self._chosen_message() or self._session.conversation.messages.last_picture()

    def _chosen_message(self) -> ChatMessage | None:
        entry = self._pane.cursor.entry
        return entry.message if isinstance(entry, PictureEntry) else None

    @property
    def _chosen_id(self) -> str | None:
        message = self._chosen_message()
        return message.id if message is not None else None

    @property
    def shown_id(self) -> str | None:
        """The message whose picture is chosen, also one of the user's, or else that of the last picture."""
        entry = self._pane.cursor.entry
        if isinstance(entry, UserEntry) and entry.slots:
            return entry.id
        message = self.message
        return message.id if message is not None else None

    def _record(self, message_id: str, number: int = 0) -> ImageRecord:
        """The picture of a message; `number` counts those of a user's message from 0."""
        message = self._session.conversation.get(message_id)
        attached = message.attached or []
        record = attached[number] if message.image is None and number < len(attached) else message.image
        if record is None:
            raise UserError("There is no picture here any more.")
        return record

    async def offered_names(self, kind: NameKind) -> list[str]:
        """The models or the samplers that the service lists, for completion; none where it cannot be asked."""
        if not self._names.get(kind):
            ask = self._images.samplers if kind == "sampler" else self._images.models
            try:
                self._names[kind] = await ask()
            except UserError:
                return []  # the picture itself will say why
        return self._names[kind]

    # Actions of the table: generating images. Options that cannot be read are a UsageError.

    def image(self, call: CommandCall) -> None:
        """Generate an image."""
        self._begin(call, self._read_image)

    def _read_image(self, argument: str) -> ImageCommand:
        said = parse_prompt(argument)
        if (moment := moment_of(said.prompt)) is not None:
            start_moment = partial(
                self.moments.start, moment, said.options, f"/image {argument}", left_out=_left_out(said)
            )
            return ImageCommand((), start_moment)
        prompt = meant_prompt(said.prompt)
        start = partial(self._images.start, prompt, options=said.options, left_out=_left_out(said))
        return ImageCommand((prompt,), start)

    def edit(self, call: CommandCall) -> None:
        """Generate a changed version of an image of the conversation, or of one at a public address."""
        self._begin(call, self._read_edit)

    def _read_edit(self, argument: str) -> ImageCommand:
        said = parse_prompt(argument, takes_source=True)
        start = partial(
            self._images.start_edit, said.prompt, self._chosen_id, source=said.source, options=said.options
        )
        return ImageCommand((said.prompt,), start, is_edit=True)

    def batch(self, call: CommandCall) -> None:
        """Generate an image from each line."""
        self._begin(call, self._read_batch)

    def _read_batch(self, argument: str) -> ImageCommand:
        said = parse_prompt(argument)
        prompts = tuple(line.strip() for line in said.prompt.splitlines() if line.strip())
        start = partial(self._images.start_batch, prompts, options=said.options, left_out=_left_out(said))
        return ImageCommand(prompts, start)

    def video(self, call: CommandCall) -> None:
        """Generate a clip that begins with an image."""
        self._begin(call, self._read_video)

    def _read_video(self, argument: str) -> ImageCommand:
        words = parse_words(argument, command="/video")
        return ImageCommand((), partial(self._images.start_video, self._chosen_id, prompt=words or None))

    def again(self, call: CommandCall) -> None:
        """Generate an image again: with what is said and else as it was, seed included; else with a new seed."""
        self._begin(call, self._read_again)

    def _read_again(self, argument: str) -> ImageCommand:
        said = parse_prompt(argument)
        return ImageCommand((said.prompt,), partial(self._start_again, said))

    def _start_again(self, said: ParsedPrompt) -> str:
        prompt, options = said.prompt, said.options
        message = self.message
        seed = message.image.seed if message is not None and message.image is not None else None
        is_said = bool(prompt) or options != type(options)()
        keeps_seed = is_said and (options.count or 1) == 1 and seed is not None
        return self._images.start_variant(
            self._chosen_id,
            prompt=prompt or None,
            options=options,
            same_seed=keeps_seed,
            left_out=_left_out(said),
        )

    @reported
    async def regenerate(self) -> None:
        """Make a picture again with a new seed."""
        self._images.start_variant(self._chosen_id)

    def _begin(self, call: CommandCall, read: Callable[[str], ImageCommand]) -> None:
        """Begin what a command asks for; one that cannot be done, or is vague, goes back into the prompt."""
        try:
            command = read(call.argument)
            advice = command.advice() if call.text != self._advised else None
            self._advised = call.text if advice else ""
            if advice is None:
                command.start()
                return
        except UserError as error:
            self._prompt.restore(call.text)
            self._reporter.tell(error)
            return
        self._prompt.restore(call.text)
        if self._session.config.ui.plain:
            self._reporter.say(advice)
        else:
            self._prompt.explain(advice)

    # Actions of the table: saving

    @reported
    async def save(self, call: CommandCall) -> str:
        """Save the picture, or all of them; to the folder in force, to a file, or to a folder.

        A folder that is named is the one in force from then on.
        """
        argument = call.argument
        word, _, rest = argument.partition(" ")
        if word == "all":
            return await self.files.save_all(rest.strip())
        target = expanded(argument) if argument else None
        if target is None or not (argument.endswith("/") or target.is_dir() or not target.suffix):
            return await self.files.save(self._image(), target)
        folder = self.files.folder.change(argument)
        said = f"Pictures are saved in {folder} from now on{'' if folder.is_dir() else ', a new folder'}"
        return f"{await self.files.save(self._image())}. {said}" if self.shown_id is not None else said

    def _image(self) -> ImageRecord:
        message_id = self.shown_id
        if message_id is None:
            raise UserError("There is no picture to save yet.")
        return self._record(message_id)

    def explain_saving(self) -> None:
        """Say above the prompt which folder is in force."""
        try:
            told = f"Pictures are saved in {self.files.folder.current}; a file, another folder, or all"
        except NoHomeError as error:
            told = str(error)
        self._prompt.explain(told)

    # From the pane and the viewer

    def is_clip(self, message_id: str, number: int) -> bool:
        """Whether a message shows a clip, which the terminal cannot play."""
        return self._record(message_id, number).video is not None

    @reported
    async def open(self, message_id: str, number: int) -> str:
        """Show the picture or the clip of a message with the system's viewer."""
        return await self.files.open(self._record(message_id, number))

    @reported
    async def copy_path(self, message_id: str, number: int) -> str:
        """Put the path of the picture's file on the clipboard."""
        return await self.files.copy_path(self._record(message_id, number), self._screen.app)

    @reported
    async def choose_variant(self, message_id: str, index: int) -> None:
        """Show another variant of a picture."""
        self._pane.updates.show_picture(await self._images.choose_variant(message_id, index))


def _left_out(said: ParsedPrompt) -> frozenset[Addition]:
    return ALL_LEFT_OUT if said.is_plain else NONE_LEFT_OUT
