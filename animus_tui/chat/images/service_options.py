"""Which options an image service takes, and what is sent to it of all that is configured, remembered and said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from animus_tui.chat.abilities import LACKS, image_abilities, refuse_unknown, takes
from animus_tui.chat.images.options import (
    NOTHING_SAID,
    OF_CHARACTERS,
    WIRE_NAMES,
    PictureOptions,
    configured,
    layered,
    said_of,
)
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import UsageError, UserError

if TYPE_CHECKING:
    from animus_tui.backends.base.protocols import ImageCapabilities


def check_kind(
    service: ImageCapabilities, source: str | Path | None = None, *, is_edit: bool = False
) -> None:
    """Whether the service makes an image, or an edit, and can get the image to change. UserError, UsageError.

    `source` is the address or the file of that image, where it is from elsewhere.
    """
    if not service.generates:
        raise UserError(LACKS["images"])
    if source is None and not is_edit:
        if service.only_edits:
            raise UserError("This image service only changes pictures: use /edit, or --edit.")
        return
    if not (service.edits or service.edits_bytes):
        raise UserError(LACKS["edits"])
    if isinstance(source, Path) and not service.edits_bytes:
        sentence = "The service fetches the picture to change from a public address, https://…; "
        raise UsageError(f"{sentence}{source.name} is on this machine, and nothing can be uploaded there.")


def defaults_for(config: ImageConfig, service: ImageCapabilities) -> PictureOptions:
    """What holds where nothing is remembered or said: the configuration, as far as the service takes it.

    The default model is one of Animus; other services have a model of their own.
    """
    own = configured(config)
    if not service.own_defaults and own.model == ImageConfig().model:
        own = replace(own, model=None)
    return _taken(own, service)


def to_send(
    config: ImageConfig,
    remembered: PictureOptions,
    said: PictureOptions = NOTHING_SAID,
    *,
    service: ImageCapabilities,
    is_edit: bool = False,
) -> PictureOptions:
    """What the service has to be told: what was said or remembered, and below it the configuration.

    Of the configuration a service with good values of its own is told what differs from the default. `is_edit`: the
    picture starts from another one. What is remembered or configured and cannot be had is left out; UsageError when it
    is said now.
    """
    refuse_unknown(said, image_abilities(service))
    if is_edit:
        refuse_unknown(said, image_abilities(service, is_edit=True), is_edit=True)
    if not is_edit and said.strength is not None:
        raise UsageError("--strength goes with an edit: it says how much of the picture is changed.")
    options = _taken(layered(_configured(config, service), remembered, said), service, is_edit=is_edit)
    if not is_edit:
        options = replace(options, strength=None)
    if not options.character:
        if any(getattr(said, name) is not None for name in OF_CHARACTERS):
            raise UsageError("These settings of a face need a character: --character ID.")
        options = replace(options, **dict.fromkeys(OF_CHARACTERS))
    if reasons := _only_in_jobs(options, service):
        if said.model is not None:
            words = " and ".join(f"--{name}" for name in reasons)
            raise UsageError(f"--model does not go with {words}: there the service chooses the model.")
        options = replace(options, model=None)
    elif service.job_options and config.endpoint == "generation/create":
        options = replace(options, model=None)
    return options


def needs_job(options: PictureOptions, service: ImageCapabilities) -> bool:
    """Whether only a job of the service can do what is asked."""
    return service.only_jobs or bool(_only_in_jobs(options, service))


def _configured(config: ImageConfig, service: ImageCapabilities) -> PictureOptions:
    if not service.own_defaults:
        return defaults_for(config, service)
    own, default = asdict(configured(config)), asdict(configured(ImageConfig()))
    return PictureOptions(**{name: value for name, value in own.items() if value != default[name]})


def _taken(options: PictureOptions, service: ImageCapabilities, *, is_edit: bool = False) -> PictureOptions:
    abilities = image_abilities(service, is_edit=is_edit)
    return PictureOptions(
        **{name: value for name, value in asdict(options).items() if takes(abilities, name)}
    )


def _only_in_jobs(options: PictureOptions, service: ImageCapabilities) -> list[str]:
    said = said_of(options)
    return [name for name in WIRE_NAMES if name in said and name in service.job_options]
