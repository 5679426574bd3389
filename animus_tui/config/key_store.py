"""Keys of services in the system's keyring, for who has installed the extra `keyring` and wants them there.

`api_key = "keyring"` in the configuration stands for such a key. It is kept under the address of its service: a key is
never read for another address than the one that it was kept for.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from animus_tui.addresses import host_of
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import TypeVar

    from animus_tui.config.schema import Config

    T = TypeVar("T")

IN_KEYRING = "keyring"
"""Stands in the configuration in the place of a key that the system's keyring has."""
PROGRAM = "animus-chat"
"""The name under which the keyring has our keys."""
ADVICE = "F2 in the application or animus-chat init asks for the key anew."


class KeyringError(UserError):
    """The keyring cannot be used, or has no key."""


def is_available() -> bool:
    """Whether there is a keyring that can keep a key. Slow: it is imported, and looks for the system's."""
    if find_spec("keyring") is None:
        return False
    try:
        keyring = _library()
        return bool(keyring.get_keyring().priority > 0)
    except Exception:  # noqa: BLE001 (whatever a foreign keyring raises: it is none that could be offered)
        return False


def keep(part: str, address: str, key: str) -> None:
    """Keep the key of a part of the configuration, `api` or `image`, for the service at an address. KeyringError."""
    keyring = _library()
    _with_keyring(lambda: keyring.set_password(PROGRAM, _name(part, address), key), "did not take the key")


def with_keys(config: Config) -> Config:
    """The configuration with the keys that the keyring has in their places. KeyringError; slow where it has any."""
    api, image = config.api, config.image
    if api.api_key == IN_KEYRING:
        config = replace(config, api=replace(api, api_key=_kept("api", api.base_url)))
    if image.api_key == IN_KEYRING:
        address = image_address(config)
        config = replace(config, image=replace(image, api_key=_kept("image", address)))
    return config


def image_address(config: Config) -> str:
    """The address under which the key for pictures is kept."""
    return config.image.base_url or config.image.backend or config.api.base_url


def _kept(part: str, address: str) -> str:
    if find_spec("keyring") is None:
        raise KeyringError(
            f"The key for {host_of(address)} is in the keyring, which takes one more package: "
            "pip install 'animus-chat[keyring]'."
        )
    keyring = _library()
    key: str | None = _with_keyring(
        lambda: keyring.get_password(PROGRAM, _name(part, address)), "cannot be read"
    )
    if not key:
        raise KeyringError(f"The system's keyring has no key for {host_of(address)}. {ADVICE}")
    return key


def _library() -> ModuleType:
    """The package `keyring`. Slow: it looks for the system's keyring."""
    # keyring begins with a module inside this package. Where another thread imports the whole of it meanwhile, as httpx
    # does for its certificates, each would wait for what the other one holds, and Python ends that with an error.
    import importlib.resources  # noqa: F401

    import keyring  # 180 ms, and only who keeps keys there needs it

    return keyring


def _with_keyring(act: Callable[[], T], failed: str) -> T:
    """What the keyring answers. Its own words are not told: nobody knows what stands in them."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 (each system's keyring raises errors of its own)
        sentence = (
            f"The system's keyring {failed} ({type(error).__name__}). Unlock it, or keep the key in the file."
        )
        raise KeyringError(sentence) from None


def _name(part: str, address: str) -> str:
    return f"{part} {_origin(address)}"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}" if parts.netloc else address
