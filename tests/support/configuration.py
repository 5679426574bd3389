"""A configuration as it is read from a file."""

from collections.abc import Mapping
from pathlib import Path

from animus_tui.config.loading import load_config
from animus_tui.config.schema import Config


def load(
    folder: Path,
    text: str,
    env: Mapping[str, str] | None = None,
    flags: dict[str, dict[str, object]] | None = None,
) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, env or {}, flags=flags or {})
