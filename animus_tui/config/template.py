"""The configuration as a commented TOML file: the comments are the docstrings and the types of the tree."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import TYPE_CHECKING

import msgspec
import tomli_w

from animus_tui.config import schema as tree
from animus_tui.config.actions import KEY_ACTIONS
from animus_tui.config.schema import NAMED, SAMPLING, allowed, example, named_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.config.schema import Config, Section

HEAD = """\
# The configuration of animus-chat. Every setting may be left out.
# Precedence: flags, environment, file, defaults. The variables are ANIMUS_BACKEND, ANIMUS_TOKEN_PROVIDER_URL,
# ANIMUS_API_KEY, ANIMUS_BASE_URL, ANIMUS_GENERATION_URL, ANIMUS_FIRST_WORD, ANIMUS_GRAPHICS and, for all others,
# ANIMUS_ with table and key, such as ANIMUS_CHAT_MODEL. ANIMUS_API_KEY is for the service that ANIMUS_BACKEND names, or
# else for Animus.
# A conversation keeps what [chat], [auto_turn] and the looks in [image] said when it was begun: what is changed here is
# for new ones.
"""

EXAMPLES = """\
# Whole configurations, of which the lines can be copied:
#
# Animus
#   [api]
#   api_key = "your-key"
#
# Ollama, and Stable Diffusion WebUI or Forge, started with --api
#   [api]
#   backend = "openai"
#   base_url = "http://127.0.0.1:11434/v1"
#   [chat]
#   model = "llama3.2:3b"
#   [image]
#   backend = "automatic1111"
#   base_url = "http://127.0.0.1:7860"
#   width = 512
#   height = 512
#
# OpenAI
#   [api]
#   backend = "openai"
#   base_url = "https://api.openai.com/v1"
#   api_key = "your-key"
#   [chat]
#   model = "gpt-4.1-mini"
#   [image]
#   backend = "openai"
#   model = "gpt-image-1"
#
# OpenRouter, with a model that sends pictures within its replies
#   [api]
#   backend = "openai"
#   base_url = "https://openrouter.ai/api/v1"
#   api_key = "your-key"
#   [chat]
#   model = "google/gemini-2.5-flash-image"
#   [image]
#   backend = "none"
#
# llama.cpp and ComfyUI
#   [api]
#   backend = "openai"
#   base_url = "http://127.0.0.1:8080/v1"
#   [image]
#   backend = "comfyui"
#   base_url = "http://127.0.0.1:8188"
#   workflow = "~/workflow_api.json"
"""
"""Stand in the file of all settings, in which each is commented out."""
EXAMPLE_NAMES = {"characters": "mira", "styles": "watercolour"}
"""Table → the name that its example has."""


def settings_text(config: Config, *, show_defaults: bool) -> str:
    """The file that holds this configuration, each setting with its comment.

    What is unset is commented out, with an example; without `show_defaults` so is what has its default value.
    """
    parts = [_table(name, getattr(config, name), show_defaults=show_defaults) for name in tree.SECTIONS]
    head = [HEAD, EXAMPLES, "\n".join([*_named(), ""])] if show_defaults else [HEAD]
    return "\n".join([*head, *("\n".join([*part, ""]) for part in (*parts, _keys(config)))])


def field_docs() -> dict[str, dict[str, str]]:
    """Class → field → docstring, as they stand in the source of the tree; the class's own under an empty name."""
    docs: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(tree)).body:
        if isinstance(node, ast.ClassDef):
            pairs = zip(node.body, node.body[1:], strict=False)
            docs[node.name] = {"": ast.get_docstring(node) or ""} | dict(
                found for pair in pairs if (found := _documented(*pair))
            )
    return docs


def _documented(field: ast.stmt, following: ast.stmt) -> tuple[str, str] | None:
    match field, following:
        case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
            return name, text
        case _:
            return None


def _table(table: str, section: Section, *, show_defaults: bool) -> Iterator[str]:
    docs, default = field_docs()[type(section).__name__], _default(section)
    yield _comment(docs[""].partition(": ")[2])
    yield f"[{table}]"
    for field in msgspec.structs.fields(section):
        value = getattr(section, field.name)
        is_shown = value is not None and (show_defaults or value != getattr(default, field.name))
        yield _comment(docs[field.name], *_range(field.type))
        yield _line(field.name, example(field.type) if value is None else value, is_set=is_shown)


def _named() -> Iterator[str]:
    """Examples of tables with names of the user's own, as comments, with all keys that no other table has."""
    yield "# Characters and styles of yours, each a table with a name of its own; all keys may be left out:"
    for table, section in NAMED.items():
        docs, keys = field_docs()[section.__name__], named_schema(table)[""]
        name = EXAMPLE_NAMES[table]
        yield "#"
        yield _comment(docs[""].partition(": ")[2])
        yield "#"
        yield f"#   [{table}.{name}]"
        for key, kind in keys.items():
            if key in docs:
                yield f"#   {_comment(docs[key], *_range(kind))}"
                yield f"#   {_line(key, example(kind), is_set=True)}"
        if table == "characters":
            yield "#   # As in [chat]:"
            yield from (f"#   #   {', '.join(some)}" for some in (SAMPLING[:6], SAMPLING[6:]))
            yield "#   temperature = 0.9"
            yield "#   # All keys of [auto_turn], and of [image]:"
            yield f"#   #   {', '.join(tree.LOOKS)}"
            yield f"#   [{table}.{name}.auto_turn]"
            yield "#   enabled = false"
            yield f"#   [{table}.{name}.image]"
            yield "#   width = 768"


def _default(section: Section) -> Section:
    """What the section is when nothing is set, but for a name, which the system message follows."""
    default = type(section)()
    if isinstance(section, tree.ChatConfig):
        return msgspec.structs.replace(default, system_message=tree.introduction(section.name))
    return default


def _keys(config: Config) -> Iterator[str]:
    yield _comment(field_docs()["Config"]["keys"].partition(": ")[2])
    yield "[keys]"
    for action in KEY_ACTIONS:
        own = config.keys.get(action.id)
        yield _comment(action.help)
        yield _line(action.id, action.keys if own is None else own, is_set=own is not None)


def _line(key: str, value: object, *, is_set: bool) -> str:
    return f"{'' if is_set else '#'}{key} = {literal(value)}"


def literal(value: object) -> str:
    """A value as TOML writes it, in one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return tomli_w.dumps({"": value}).removeprefix('"" = ').rstrip("\n")


def _range(kind: object) -> Iterator[str]:
    """What the type allows, unless the value beside it shows that already."""
    words = allowed(kind)
    if not words.startswith(("a text", "true")):
        yield words


def _comment(*sentences: str) -> str:
    return "# " + " ".join(text[0].upper() + text[1:].removesuffix(".") + "." for text in sentences)


if __name__ == "__main__":  # python -m animus_tui.config.template > config.example.toml
    sys.stdout.write(settings_text(tree.Config(), show_defaults=True))
