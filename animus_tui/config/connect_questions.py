"""The questions that connect a service, in their order: the screen and the command line ask the same ones.

What was answered is tried before it counts: a service that refuses is told in a sentence, and the question is asked
again with what was typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.addresses import host_of
from animus_tui.config.loading import load_config
from animus_tui.config.schema import ChatConfig, Config
from animus_tui.config.services import (
    ANIMUS_KEY,
    ANIMUS_TOKEN,
    DEMO,
    NAMED,
    OTHER,
    Connection,
    FoundService,
    NamedService,
    completed,
)
from animus_tui.errors import ConfigError, UserError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from animus_tui.config.schema import ImageServiceName

NEARBY, NAMED_SECTION = "On this machine", "Services"
LIKE_CHAT, NO_IMAGES, OPENAI_IMAGES = "chat", "none", "openai-images"
OPENAI_URL = "https://api.openai.com/v1"
OPENAI_IMAGE_MODEL = "gpt-image-1"
NO_KEY = "empty where none is needed"


class Choice(Struct, frozen=True):
    """One of several answers."""

    id: str
    label: str
    note: str = ""
    section: str = ""
    """Title above those of a kind."""


class ChoicePage(Struct, frozen=True, kw_only=True):
    """A question with answers to choose from."""

    title: str
    choices: tuple[Choice, ...]
    selected: str = ""
    """Id of the choice that Enter takes at once; empty is the first."""
    takes_other: bool = False
    """Whether an answer of one's own is taken, too."""


class Field(Struct, frozen=True, kw_only=True):
    """A line of text that is asked for."""

    id: str
    label: str
    hint: str = ""
    """What is typed here, or what happens when it stays empty."""
    value: str = ""
    is_secret: bool = False
    is_needed: bool = True

    def __repr__(self) -> str:
        return f"Field({self.id!r})"


class FormPage(Struct, frozen=True, kw_only=True):
    """A question that is answered by typing."""

    title: str
    fields: tuple[Field, ...]


class Back(Exception):  # noqa: N818 (control flow, not an error)
    """The question before is to be asked again."""


class KeyRefused(UserError):  # noqa: N818 - named for what the user is told
    """The service wants a key, or another one."""


class Asker(Protocol):
    """Asks a person the questions. Cancelling it ends them all."""

    async def choose(self, page: ChoicePage) -> str:
        """The id of a choice, or what was typed in its place. Raises Back."""

    async def fill(self, page: FormPage) -> dict[str, str]:
        """What was typed, by the ids of the fields; nothing that is needed is blank. Raises Back."""

    def tell(self, sentence: str, *, can_leave: bool = True) -> None:
        """Show what is being waited for; without `can_leave` it cannot be cancelled."""

    def refuse(self, sentence: str) -> None:
        """Show what was wrong with the last answers, which will be asked for again."""


class Connector(Protocol):
    """Finds and tries services. What does not work is a UserError."""

    @property
    def has_keyring(self) -> bool:
        """Whether a key can be kept in the system's keyring."""

    async def discover(self) -> Sequence[FoundService]:
        """What listens on this machine."""

    async def check(self, connection: Connection) -> Sequence[str]:
        """Try the chat service; the models that it lists, if it lists any. KeyRefused: it wants a key, or another."""

    async def check_model(self, connection: Connection) -> None:
        """Try the model, where the service lists none."""

    async def check_images(self, connection: Connection) -> None:
        """Try the service that makes pictures."""

    async def connect(self, connection: Connection) -> None:
        """Use the connection from now on."""


class ConnectQuestions:
    """Asks one question after the other and remembers what was typed."""

    def __init__(
        self, asker: Asker, connector: Connector, config: Config, *, suggested: NamedService | None = None
    ) -> None:
        """`config` is what is configured so far, which the questions suggest again.

        `suggested`: the service that Enter takes while nothing is configured and nothing was found.
        """
        self._asker = asker
        self._connector = connector
        self._config = config
        self._suggested = suggested
        self._found: Sequence[FoundService] | None = None
        self._typed: dict[str, str] = {}
        self._models: Sequence[str] = ()
        self._service: NamedService | FoundService = DEMO
        self._images = ""
        self._wants_key = False
        """Whether the service that was found wants a key, or another one than the present one."""
        self._has_asked = False
        self.connection = Connection(title="", backend=None)

    async def ask(self) -> Connection:
        """Ask everything and connect; what was answered, and works."""
        steps: list[Callable[[], Awaitable[None]]] = [
            self._ask_service,
            self._ask_access,
            self._ask_keyring,
            self._ask_model,
            self._ask_images,
            self._ask_image_access,
            self._ask_image_keyring,
            self._connect,
        ]
        at = 0
        asked: list[int] = []
        while at < len(steps):
            self._has_asked = False
            try:
                await steps[at]()
            except Back:
                at = asked.pop() if asked else 0
            except UserError as error:
                self._asker.refuse(_sentence(error))
                if not self._has_asked:  # nothing was typed here: what was chosen before does not work
                    at = asked.pop() if asked else 0
            else:
                if self._has_asked:
                    asked.append(at)
                at += 1
        return self.connection

    async def _choose(self, page: ChoicePage) -> str:
        self._has_asked = True
        return await self._asker.choose(page)

    async def _fill(self, title: str, *fields: Field) -> dict[str, str]:
        """What is typed into the fields, in which stands what was typed there before."""
        self._has_asked = True
        shown = tuple(replace(each, value=self._typed.get(each.id, each.value)) for each in fields)
        typed = await self._asker.fill(FormPage(title=title, fields=shown))
        self._typed.update(typed)
        return typed

    async def _connect(self) -> None:
        self._asker.tell("Connecting…", can_leave=False)
        await self._connector.connect(self.connection)

    # What answers

    async def _ask_service(self) -> None:
        if self._found is None:
            self._asker.tell("Looking what runs on this machine…")
            self._found = await self._connector.discover()
        near = self._near("chat")
        choices = [Choice(each.id, each.title, each.note, NEARBY) for each in near]
        choices += [Choice(each.id, each.title, each.note or each.host, NAMED_SECTION) for each in NAMED]
        chosen = await self._choose(
            ChoicePage(title="Which service answers?", choices=tuple(choices), selected=self._present(near))
        )
        services: list[NamedService | FoundService] = [*near, *NAMED]
        service = next(each for each in services if each.id == chosen)
        if service is not self._service:
            self._service, self._typed, self._images, self._wants_key = service, {}, "", False
        self.connection = Connection(title=service.title, backend=None)

    def _near(self, what: str) -> list[FoundService]:
        """What was found on this machine and makes `chat` or `images`."""
        return [each for each in self._found or () if what in each.makes]

    def _present(self, near: Sequence[FoundService]) -> str:
        """The service that is configured; where none is, one that was found; empty for the first."""
        api = self._config.api
        if not api.is_set_up:
            return near[0].id if near else self._suggested.id if self._suggested else ""
        if api.backend == "animus":
            return ANIMUS_TOKEN.id if api.token_provider_url else ANIMUS_KEY.id
        known: list[NamedService | FoundService] = [*near, *NAMED]
        return next((each.id for each in known if each.base_url == api.base_url), OTHER.id)

    async def _ask_access(self) -> None:
        service = self._service
        if service is DEMO:
            return
        if not isinstance(service, FoundService):
            await self._check(await self._typed_access(service))
            return
        connection = await self._found_access(service)
        try:
            await self._check(connection)
        except KeyRefused as error:
            if self._wants_key:
                raise
            self._wants_key = True
            if connection.api_key is not None:
                self._asker.refuse(_sentence(error))
            await self._check(await self._found_access(service))

    async def _check(self, connection: Connection) -> None:
        _check_settings(connection)
        self._asker.tell(f"Asking {connection.title}…")
        self._models = await self._connector.check(connection)
        self.connection = connection

    async def _found_access(self, service: FoundService) -> Connection:
        """How a service on this machine is reached; it is asked for a key only where the service wants one."""
        key = self._present_key(service.base_url)
        self._wants_key = self._wants_key or (service.wants_key and key is None)
        if self._wants_key:
            field = _key_field("API key", f"{service.title} wants one")
            key = (await self._fill(service.title, field))["key"]
        return Connection(title=service.title, backend="openai", base_url=service.base_url, api_key=key)

    async def _typed_access(self, service: NamedService) -> Connection:
        connection = Connection(
            title=service.title,
            backend=service.backend,
            base_url=service.base_url or None,
            key_check=service.key_check,
        )
        if service is ANIMUS_TOKEN:
            stated = self._config.api.token_provider_url or ""
            field = Field(id="provider", label="Address of the token provider", value=stated)
            typed = await self._fill(service.title, field)
            return replace(connection, token_provider_url=completed(typed["provider"]))
        if service is OTHER:
            is_other = self._config.api.backend == "openai"
            stated = self._config.api.base_url if is_other else ""
            typed = await self._fill(
                service.title,
                Field(id="address", label="Address", hint="such as http://127.0.0.1:8000/v1", value=stated),
                _key_field("API key", NO_KEY, is_needed=False),
            )
            address = completed(typed["address"])
            connection = replace(connection, base_url=address, title=host_of(address))
            present = self._present_key(connection.base_url or "")
            return replace(connection, api_key=typed["key"] or present)
        present = self._present_key(service.base_url)
        hint = "empty keeps the present one" if present else ""
        typed = await self._fill(service.title, _key_field("API key", hint, is_needed=not present))
        return replace(connection, api_key=typed["key"] or present)

    def _present_key(self, base_url: str) -> str | None:
        """The key that is configured for the service at this address; none that is another one's."""
        api = self._config.api
        is_same = api.base_url == base_url if api.backend == "openai" else not base_url
        return api.api_key if is_same else None

    async def _ask_keyring(self) -> None:
        await self._ask_where_kept(self.connection.api_key)

    async def _ask_image_keyring(self) -> None:
        if self.connection.api_key is None:  # both keys are kept in one place
            await self._ask_where_kept(self.connection.image_api_key)

    async def _ask_where_kept(self, key: str | None) -> None:
        if key is None or not self._connector.has_keyring:
            return
        choices = (
            Choice("keyring", "The system's keyring"),
            Choice("file", "The configuration file", "only you can read it"),
        )
        chosen = await self._choose(ChoicePage(title="Where is the key kept?", choices=choices))
        self.connection = replace(self.connection, in_keyring=chosen == "keyring")

    async def _ask_model(self) -> None:
        if self._service is DEMO:
            return
        present, default = self._config.chat.model, ChatConfig().model
        if self._models:
            choices = tuple(Choice(name, name) for name in self._models)
            selected = present if present in self._models else ""
            page = ChoicePage(
                title="Which model answers?", choices=choices, selected=selected, takes_other=True
            )
            model = await self._choose(page)
        else:
            is_same_kind = self._config.api.backend == self.connection.backend == "animus"
            value = present if is_same_kind else default if self.connection.backend == "animus" else ""
            field = Field(id="model", label="Name of the model", value=value)
            model = (await self._fill(self.connection.title, field))["model"]
        is_default = self.connection.backend == "animus" and model == default
        connection = replace(self.connection, model=None if is_default else model)
        _check_settings(connection)
        if not self._models and connection.backend == "openai":
            self._asker.tell(f"Asking {connection.title} for a word…")
            await self._connector.check_model(connection)
        self.connection = connection

    # What makes pictures

    async def _ask_images(self) -> None:
        if self._service is DEMO:
            return
        near = self._near("images")
        choices = [Choice(f"near-{each.id}", each.title, each.note, NEARBY) for each in near]
        title = self.connection.title
        choices += [
            Choice(LIKE_CHAT, f"As the chat: {title}", "", NAMED_SECTION),
            Choice(OPENAI_IMAGES, "OpenAI images", "or a service with the same API", NAMED_SECTION),
            Choice("automatic1111", "Stable Diffusion WebUI", "or Forge", NAMED_SECTION),
            Choice("comfyui", "ComfyUI", "with a workflow of yours", NAMED_SECTION),
            Choice(NO_IMAGES, "None", "", NAMED_SECTION),
        ]
        usual = self._present_images(near) or (choices[0].id if near else NO_IMAGES)
        self._images = await self._choose(
            ChoicePage(
                title="Which service makes pictures?",
                choices=tuple(choices),
                selected=self._images or usual,
            )
        )

    def _present_images(self, near: Sequence[FoundService]) -> str:
        """The service for pictures that is configured, or goes with the chat; empty where there is neither."""
        image = self._config.image
        found = (each for each in near if (each.id, each.base_url) == (image.backend, image.base_url))
        match image.backend:
            case "automatic1111" | "comfyui" as kind:
                return next((f"near-{each.id}" for each in found), kind)
            case "openai" if image.base_url:
                return OPENAI_IMAGES
            case _ if self.connection.backend == "animus":
                return LIKE_CHAT
        return ""

    def _present_image_key(self, backend: ImageServiceName, address: str | None) -> str | None:
        """The key that is configured for the picture service at this address; none that is another one's."""
        image = self._config.image
        is_same = (image.backend, image.base_url) == (backend, address)
        return image.api_key if is_same and address is not None else None

    async def _ask_image_access(self) -> None:
        if self._service is DEMO:
            return
        connection = await self._with_images()
        _check_settings(connection)
        if connection.image_backend not in (None, "none"):
            self._asker.tell("Asking the service that makes pictures…")
            await self._connector.check_images(connection)
        self.connection = connection

    async def _with_images(self) -> Connection:
        connection, chosen = self.connection, self._images
        found = next((each for each in self._near("images") if f"near-{each.id}" == chosen), None)
        kind = found.id if found else chosen
        if kind == NO_IMAGES:
            return replace(connection, image_backend="none")
        if kind == LIKE_CHAT and connection.backend == "animus":
            return connection
        fields = [*self._image_fields(kind, found)]
        typed = await self._fill(_IMAGE_TITLES.get(kind, connection.title), *fields) if fields else {}
        address = found.base_url if found else completed(typed.get("image_address", "")) or None
        backend: ImageServiceName = "openai"
        if kind in ("automatic1111", "comfyui"):
            backend = kind  # type: ignore[assignment]  # one of the two
        return replace(
            connection,
            image_backend=backend,
            image_base_url=address,
            image_api_key=typed.get("image_key") or self._present_image_key(backend, address),
            image_model=typed.get("image_model") or None,
            workflow=typed.get("workflow") or None,
        )

    def _image_fields(self, kind: str, found: FoundService | None) -> list[Field]:
        present = self._config.image
        model = Field(
            id="image_model",
            label="Picture model",
            hint="empty is the service's own",
            value=OPENAI_IMAGE_MODEL if kind == OPENAI_IMAGES or self._service.id == "openai" else "",
            is_needed=False,
        )
        key = Field(id="image_key", label="API key", hint=NO_KEY, is_secret=True, is_needed=False)
        address = Field(id="image_address", label="Address")
        of_kind = "openai" if kind == OPENAI_IMAGES else kind
        stated = present.base_url if present.backend == of_kind else None
        if stated and present.api_key:
            key = replace(key, hint="empty keeps the present one")
        match kind:
            case "openai-images":
                return [replace(address, value=stated or OPENAI_URL), key, model]
            case "automatic1111" if found is None:
                return [
                    replace(address, value=stated or "http://127.0.0.1:7860"),
                    replace(key, label="Name and password", hint=f"name:password, {key.hint}"),
                ]
            case "comfyui":
                workflow = Field(
                    id="workflow",
                    label="File of the workflow",
                    hint='as ComfyUI exports it with "Export (API)"',
                    value=present.workflow or "",
                )
                return (
                    [workflow]
                    if found
                    else [
                        replace(address, value=stated or "http://127.0.0.1:8188"),
                        workflow,
                    ]
                )
            case "chat":
                return [model]
        return []


_IMAGE_TITLES = {
    OPENAI_IMAGES: "OpenAI images",
    "automatic1111": "Stable Diffusion WebUI",
    "comfyui": "ComfyUI",
}


def _key_field(label: str, hint: str, *, is_needed: bool = True) -> Field:
    return Field(id="key", label=label, hint=hint, is_secret=True, is_needed=is_needed)


def _check_settings(connection: Connection) -> None:
    """ConfigError for what the configuration would refuse."""
    tables: dict[str, dict[str, object]] = {}
    for (table, key), value in connection.settings(Config()).items():
        if value is not None:
            tables.setdefault(table, {})[key] = value
    load_config(None, {}, flags=tables)


def _sentence(error: UserError) -> str:
    """What was wrong; of a refused setting only what it must be, as everybody sees what was typed."""
    if isinstance(error, ConfigError) and error.must_be:
        return f"It must be {error.must_be}."
    return str(error)
