"""The services that can be connected: which there are, what each needs, and the settings that reach one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from animus_tui.addresses import is_near
from animus_tui.config.key_store import IN_KEYRING
from animus_tui.config.schema import ChatService, Config, ImageServiceName, variable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Settings = dict[tuple[str, str], object]
"""Table and key → value; None for the default."""


class NamedService(Struct, frozen=True, kw_only=True):
    """A service that is known by name."""

    id: str
    title: str
    backend: ChatService | None = None
    """None for what makes pictures alone, and for the demo."""
    base_url: str = ""
    """Its address; empty where that is asked for, or is the default one."""
    key_check: str = ""
    """A path below the address that only a good key may ask for, where the list of models is everybody's."""
    note: str = ""

    @property
    def host(self) -> str:
        """The host of its address; empty where it has none."""
        return urlsplit(self.base_url).netloc


ANIMUS_KEY = NamedService(id="animus", title="Animus", backend="animus", note="API key")
ANIMUS_TOKEN = NamedService(id="animus-token", title="Animus", backend="animus", note="token provider")
OTHER = NamedService(
    id="other", title="Another address", backend="openai", note="any service with OpenAI's chat API"
)
DEMO = NamedService(id="demo", title="Demo", note="nothing leaves this machine")
NAMED: tuple[NamedService, ...] = (
    ANIMUS_KEY,
    ANIMUS_TOKEN,
    NamedService(id="openai", title="OpenAI", backend="openai", base_url="https://api.openai.com/v1"),
    NamedService(
        id="openrouter",
        title="OpenRouter",
        backend="openai",
        base_url="https://openrouter.ai/api/v1",
        key_check="key",
    ),
    NamedService(id="mistral", title="Mistral", backend="openai", base_url="https://api.mistral.ai/v1"),
    NamedService(id="groq", title="Groq", backend="openai", base_url="https://api.groq.com/openai/v1"),
    NamedService(id="deepseek", title="DeepSeek", backend="openai", base_url="https://api.deepseek.com/v1"),
    OTHER,
    DEMO,
)
"""In the order of the list."""


class FoundService(Struct, frozen=True, kw_only=True):
    """A service that listens on this machine and answered as what it is."""

    id: str
    title: str
    base_url: str
    """As `[api]` or `[image]` of the configuration has it."""
    models: tuple[str, ...] = ()
    """Names of models that it told, in its order."""
    makes: tuple[str, ...] = ("chat",)
    """`chat`, `images` or both."""
    wants_key: bool = False
    """Whether it tells nothing without a key."""

    @property
    def note(self) -> str:
        """Its address, and how many models it told of, or that it wants a key."""
        count = len(self.models)
        told = f" · {count} model{'s' if count > 1 else ''}" if count else ""
        told = " · wants a key" if self.wants_key else told
        return urlsplit(self.base_url).netloc + told


class Connection(Struct, frozen=True, kw_only=True):
    """What was answered: the service for the chat and the one for pictures. Its text holds no key."""

    title: str
    backend: ChatService | None
    """None is the demo."""
    base_url: str | None = None
    """None is the address of Animus that is configured, or else its default one."""
    api_key: str | None = None
    token_provider_url: str | None = None
    key_check: str = ""
    model: str | None = None
    image_backend: ImageServiceName | None = None
    """None is what goes with the chat: Animus with Animus, else nothing."""
    image_base_url: str | None = None
    image_api_key: str | None = None
    image_model: str | None = None
    workflow: str | None = None
    in_keyring: bool = False
    """Whether the keys are kept in the system's keyring instead of the file."""

    def __repr__(self) -> str:
        return f"Connection({self.title!r}, {self.base_url!r})"

    def settings(self, current: Config) -> Settings:
        """What the configuration file has to say in place of what is configured now."""
        is_animus = self.backend in (None, "animus")
        values: Settings = {
            ("api", "backend"): None if is_animus else self.backend,
            ("api", "token_provider_url"): self.token_provider_url,
            ("api", "api_key"): self._kept(self.api_key),
            ("chat", "model"): self.model,
            ("image", "backend"): self.image_backend,
            ("image", "base_url"): self.image_base_url,
            ("image", "api_key"): self._kept(self.image_api_key),
            ("image", "workflow"): self.workflow,
        }
        if not is_animus or current.api.backend != "animus":
            values["api", "base_url"] = self.base_url
        makes_images = self.image_backend or ("animus" if is_animus else "none")
        if self.image_model is not None or makes_images not in (current.image_service, "none"):
            values["image", "model"] = self.image_model  # another service has other models
        return values

    def _kept(self, key: str | None) -> str | None:
        return IN_KEYRING if key is not None and self.in_keyring else key


def completed(address: str) -> str:
    """An address as somebody types it, with what it lacks: `localhost:8080/v1` begins with `http://`."""
    address = address.strip()
    if "://" in address or not address:
        return address.rstrip("/")
    address = address.rstrip("/")
    try:
        host = urlsplit(f"//{address}").hostname or ""
    except ValueError:
        return address
    return f"{'http' if is_near(host) else 'https'}://{address}"


def overruled(settings: Mapping[tuple[str, str], object], env: Mapping[str, str]) -> list[str]:
    """The environment variables that say some of the settings, so that the file has no say."""
    names = (variable(table, key) for table, key in settings)
    return [name for name in names if env.get(name, "").strip()]


def told_overruled(names: Sequence[str], so: str) -> str:
    """A sentence that says what these variables do, and what to do; `so` is what follows from it."""
    verbs = ("is", "goes") if len(names) == 1 else ("are", "go")
    return (
        f"{' and '.join(names)} {verbs[0]} set and {verbs[1]} before the configuration file, {so}. "
        f'To change that, type "unset {" ".join(names)}" in the shell before you start animus-chat.'
    )
