"""Generating, saving and opening images, for keys, slash commands and the pane alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.chat.images.joined_prompt import ALL_LEFT_OUT, NONE_LEFT_OUT
from animus_tui.chat.images.moments import meant_prompt, moment_of
from animus_tui.chat.images.option_parser import parse_prompt
from animus_tui.chat.images.prompt_advice import advice
from animus_tui.errors import NoHomeError, UserError
from animus_tui.paths import expanded
from animus_tui.ui.controllers.moments import MomentController
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.user import UserEntry
from animus_tui.ui.images.image_files import ImageFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import App

    from animus_tui.chat.images.joined_prompt import Addition
    from animus_tui.chat.images.option_parser import ParsedPrompt
    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.completion import NameKind
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.widgets.prompt import Prompt


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


class ImageController:
    """Acts on the picture that has the focus, or else on the last one of the conversation."""

    def __init__(
        self,
        session: ChatSession,
        pane: ConversationPane,
        prompt: Prompt,
        reporter: Reporter,
        *,
        show_activity: Callable[[str], None],
        open_form: Callable[[str, PictureOptions, frozenset[Addition]], None],
    ) -> None:
        """`show_activity` shows what is under way for as long as it is; an empty text takes that away.

        `open_form` opens the form of a new picture with a prompt, options, and what is not joined to it.
        """
        self._session = session
        self._images = session.images
        self._pane = pane
        self._prompt = prompt
        self._reporter = reporter
        self.files = ImageFiles(session)
        self.moments = MomentController(
            session, prompt, reporter, show_activity=show_activity, open_form=open_form
        )
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
        return ImageCommand((), partial(self._images.start_video, self._chosen_id, prompt=argument or None))

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

    def regenerate(self) -> None:
        """Make a picture again with a new seed."""
        self._reporter.run(self._regenerate())

    async def _regenerate(self) -> None:
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

    def save(self, call: CommandCall) -> None:
        """Save the picture, or all of them; to the folder in force, to a file, or to a folder."""
        self._reporter.run(self._save(call.argument))

    async def _save(self, argument: str) -> str:
        """Returns what to say. A folder that is named is the one in force from then on."""
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

    def open(self, message_id: str, number: int) -> None:
        """Show the picture or the clip of a message with the system's viewer."""
        self._reporter.run(self._open(message_id, number))

    async def _open(self, message_id: str, number: int) -> str:
        return await self.files.open(self._record(message_id, number))

    def copy_path(self, message_id: str, number: int, app: App[Any]) -> None:
        """Put the path of the picture's file on the clipboard."""
        self._reporter.run(self._copy_path(message_id, number, app))

    async def _copy_path(self, message_id: str, number: int, app: App[Any]) -> str:
        return await self.files.copy_path(self._record(message_id, number), app)

    def choose_variant(self, message_id: str, index: int) -> None:
        """Show another variant of a picture."""
        self._reporter.run(self._choose_variant(message_id, index))

    async def _choose_variant(self, message_id: str, index: int) -> None:
        self._pane.updates.show_picture(await self._images.choose_variant(message_id, index))


def _left_out(said: ParsedPrompt) -> frozenset[Addition]:
    return ALL_LEFT_OUT if said.is_plain else NONE_LEFT_OUT
