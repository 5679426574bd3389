"""What the demo says to commands, which begin with an exclamation mark, and to a client's wish for a prompt.

A command has it do on request what a model does now and then.

`!help` lists them. `!fault …` is not among them (see `animus_tui.demo.faults`).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from msgspec.structs import replace as replaced

from animus_tui.demo.data import data_file
from animus_tui.demo.persona import Reply, Talk, ToolCall, respond, sayings, spoken

MOST_WORDS = 20_000
ESCAPES = (
    "Plain text, then \x1b]52;c;cm0gLXJmIC8=\x07a clipboard write, "
    "\x1b]8;;https://example.com/trap\x1b\\a link\x1b]8;;\x1b\\, \x1b[2J\x1b[Ha cleared screen, "
    '\x1b]0;owned\x07a title, \x1bP$q"p\x1b\\a device string, \x9b31mC1 red\x9b0m, '
    "\x1b[?1049h\x1b[6n questions, bells \x07\x07, a back\b\b\bspace, "
    "\u202eoverridden\u202c and \u2066isolated\u2069 text, a lone \r carriage return, and plain text again."
)
"""Escape sequences, control characters and bidirectional overrides: a client shows nothing but the text."""
BEGINS = "(Please write the prompt of one picture for an image generator. It shows "
"""How the client asks for it."""
_NAME = re.compile(
    r"\b(?:face of|and) (.{1,60}?)(?:, as it is now| in it)\.|shows (.{1,60}?) as they are now"
)
_PLACE = "a quiet harbour with painted boats"


def _whole(content: str) -> Reply:
    return Reply(turns=(content,) if content else (), content=content)


def _help(_talk: Talk, _rest: str) -> Reply:
    rows = [f"- `{usage}` {what}" for usage, what in data_file("texts")["commands"].items()]
    return _whole("\n".join([*rows, "- `!fault help` lists what can be made to fail"]))


def _turns(_talk: Talk, rest: str) -> Reply:
    turns = tuple(filter(None, (part.strip() for part in rest.split("|"))))
    return Reply(turns=turns, content=" ".join(turns))


def _next(talk: Talk, rest: str) -> Reply:
    return replaced(respond(replace(talk, said=rest or "Hello")), next=True, image_prompt=None)


def _think(talk: Talk, rest: str) -> Reply:
    reply = respond(replace(talk, said=rest or "Hello"))
    return replaced(reply, content=f"<think>{reply.reasoning}</think>\n\n{reply.content}", reasoning=None)


def _tool(talk: Talk, rest: str) -> Reply:
    name = rest.split(maxsplit=1)[0] if rest else next(iter(talk.tools), "get_weather")
    call = ToolCall(name, json.dumps({"city": "Lisbon", "unit": "celsius"}))
    return replaced(_whole(""), reasoning=f"I have to ask {name} before I can answer.", tool_calls=(call,))


def _words(_talk: Talk, rest: str) -> Reply:
    count = min(int(rest), MOST_WORDS) if rest.isdecimal() else 300
    story = next(row for row in sayings().replies if row.about == "a story")
    source = " ".join(story.says[0]).split()
    return _whole(" ".join(source[number % len(source)] for number in range(count)))


def _credits(_talk: Talk, rest: str) -> Reply:
    if not (rest.isascii() and rest.isdecimal() and len(rest) < 7):
        return _whole("How many? A whole number, please, as in `!credits 3`.")
    return replaced(_whole(f"The account has {int(rest)} credits now."), credits=float(rest))


COMMANDS: Mapping[str, Callable[[Talk, str], Reply]] = {
    "help": _help,
    "echo": lambda _, rest: _whole(rest),
    "turns": _turns,
    "next": _next,
    "think": _think,
    "tool": _tool,
    "words": _words,
    "escapes": lambda *_: _whole(ESCAPES),
    "credits": _credits,
    "silence": lambda *_: spoken((), "I would rather say nothing."),
}
"""By name. `texts.toml` says what each of them does."""


def asked_prompt(talk: Talk) -> str | None:
    """The prompt that was asked for; None when something else was said."""
    if not talk.said.startswith(BEGINS):
        return None
    named = _NAME.search(talk.said)
    name = next(filter(None, named.groups()), "a friend") if named is not None else "a friend"
    place = talk.picture or _PLACE
    asked = talk.said[len(BEGINS) :]
    if asked.startswith("a close portrait"):
        return (
            f"Close portrait of the face of {name}, a small smile, looking at the camera, soft evening light"
        )
    if asked.startswith("the whole scene"):
        return f"{name} in {place}, seen from some distance, warm evening light, long shadows"
    if asked.startswith("the place alone"):
        return f"{place}, nobody there, wide view, warm evening light"
    if asked.startswith("what the last message"):
        said = next((text for text in reversed(talk.earlier) if text.strip()), "")
        return " ".join(said.split())[:200] or place
    return f"{name} leaning on a railing, hands in the pockets of a coat, {place} behind, warm evening light"


def answer(talk: Talk) -> Reply:
    """The answer to what was said: that of a command, or else the persona's."""
    if (prompt := asked_prompt(talk)) is not None:
        return _whole(prompt)
    head, _, rest = talk.said.partition(" ")
    command = COMMANDS.get(head[1:].lower()) if head.startswith("!") else None
    if command is None or talk.follow_ups or talk.tool_result is not None:
        return respond(talk)
    return command(talk, rest.strip())
