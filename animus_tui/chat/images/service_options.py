"""Which options an image service takes, and which of those configured, remembered and given are sent to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from animus_tui import addresses, paths
from animus_tui.chat.abilities import LACKS, image_abilities, refuse_unknown, takes
from animus_tui.chat.images.options import (
    NO_OPTIONS,
    OF_CHARACTERS,
    WIRE_NAMES,
    PictureOptions,
    configured,
    given_options,
    merged,
)
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import UsageError, UserError
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from animus_tui.backends.base.protocols import ImageCapabilities


MOST_SHOWN = 40
"""Characters of a refused address or path that a sentence shows."""


def check_kind(
    capabilities: ImageCapabilities, source: str | Path | None = None, *, is_edit: bool = False
) -> None:
    """Whether the service makes an image, or an edit, and can get the image to change. UserError, UsageError.

    `source` is the address or the file of that image, where it is from elsewhere.
    """
    if not capabilities.generates:
        raise UserError(LACKS["images"])
    if source is None and not is_edit:
        if capabilities.only_edits:
            raise UserError("This image service only changes pictures: use /edit, or --edit.")
        return
    if not (capabilities.edits or capabilities.edits_bytes):
        raise UserError(LACKS["edits"])
    if isinstance(source, Path) and not capabilities.edits_bytes:
        sentence = "The service fetches the picture to change from a public address, https://…; "
        raise UsageError(f"{sentence}{source.name} is on this machine, and nothing can be uploaded there.")


def source_of(text: str) -> str | Path:
    """The picture to change: an address as it is, or the absolute path of a file. UsageError when it is neither."""
    if addresses.is_service(text):
        return text
    if text[:5].lower() == "data:":
        raise UsageError(
            "The picture to change is named by an address, https://…, or a file; not by its bytes (data:)."
        )
    if not text.strip():
        raise UsageError("--source has no value; it takes an address, https://…, or a file.")
    try:
        path = paths.expanded(text).absolute()
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        shown = short_line(text, MOST_SHOWN)
        raise UsageError(
            f"There is no picture “{shown}”: name an address, https://…, or a file that is there."
        )
    return path


def defaults_for(config: ImageConfig, capabilities: ImageCapabilities) -> PictureOptions:
    """The options that apply where none are remembered or given: the configuration, as far as the service takes it.

    The default model is one of Animus; other services have a model of their own.
    """
    own = configured(config)
    if not capabilities.own_defaults and own.model == ImageConfig().model:
        own = replace(own, model=None)
    return _taken(own, capabilities)


def options_to_send(
    config: ImageConfig,
    remembered: PictureOptions,
    given: PictureOptions = NO_OPTIONS,
    *,
    capabilities: ImageCapabilities,
    is_edit: bool = False,
) -> PictureOptions:
    """The options of a request: those that are given, then those remembered, then the configuration.

    A service with good defaults of its own gets of the configuration only what differs from ours. `is_edit`: the
    picture starts from another one. An option that the service does not take is left out when it is remembered or
    configured; UsageError when it is given now.
    """
    refuse_unknown(given, image_abilities(capabilities))
    if is_edit:
        refuse_unknown(given, image_abilities(capabilities, is_edit=True), is_edit=True)
    if not is_edit and given.strength is not None:
        raise UsageError("--strength goes with an edit: it says how much of the picture is changed.")
    options = _taken(
        merged(_configured(config, capabilities), remembered, given), capabilities, is_edit=is_edit
    )
    if not is_edit:
        options = replace(options, strength=None)
    if not options.character:
        if any(getattr(given, name) is not None for name in OF_CHARACTERS):
            raise UsageError("These settings of a face need a character: --character ID.")
        options = replace(options, **dict.fromkeys(OF_CHARACTERS))
    if reasons := _only_in_jobs(options, capabilities):
        if given.model is not None:
            words = " and ".join(f"--{name}" for name in reasons)
            raise UsageError(f"--model does not go with {words}: there the service chooses the model.")
        options = replace(options, model=None)
    elif capabilities.job_options and config.endpoint == "generation/create":
        options = replace(options, model=None)
    return options


def needs_job(options: PictureOptions, capabilities: ImageCapabilities) -> bool:
    """Whether only a job of the service can do what is asked."""
    return capabilities.only_jobs or bool(_only_in_jobs(options, capabilities))


def _configured(config: ImageConfig, capabilities: ImageCapabilities) -> PictureOptions:
    if not capabilities.own_defaults:
        return defaults_for(config, capabilities)
    own, default = asdict(configured(config)), asdict(configured(ImageConfig()))
    return PictureOptions(**{name: value for name, value in own.items() if value != default[name]})


def _taken(
    options: PictureOptions, capabilities: ImageCapabilities, *, is_edit: bool = False
) -> PictureOptions:
    abilities = image_abilities(capabilities, is_edit=is_edit)
    return PictureOptions(
        **{name: value for name, value in asdict(options).items() if takes(abilities, name)}
    )


def _only_in_jobs(options: PictureOptions, capabilities: ImageCapabilities) -> list[str]:
    given = given_options(options)
    return [name for name in WIRE_NAMES if name in given and name in capabilities.job_options]
