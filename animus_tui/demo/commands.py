"""Commands that begin with an exclamation mark: the demo does on request what a model does now and then.

`!help` lists them. `!fault …` is the faults' own (see `animus_tui.demo.faults`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from animus_tui.demo.samples import ESCAPES, LONG_STORY
from animus_tui.demo.talk import Reply, Talk, ToolCall

Respond = Callable[[Talk], Reply]
LONGEST = 20_000
"""Words; more is cut."""


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table: how it is written, what it does and the function that does it."""

    usage: str
    summary: str
    run: Callable[[Talk, str, Respond], Reply]


def _whole(content: str) -> Reply:
    return Reply(turns=(content,) if content else (), content=content)


def _help(_talk: Talk, _rest: str, _respond: Respond) -> Reply:
    rows = [f"- `{command.usage}` {command.summary}" for command in COMMANDS.values()]
    return _whole("\n".join([*rows, "- `!fault help` lists what can be made to fail"]))


def _echo(_talk: Talk, rest: str, _respond: Respond) -> Reply:
    return _whole(rest)


def _turns(_talk: Talk, rest: str, _respond: Respond) -> Reply:
    turns = tuple(filter(None, (part.strip() for part in rest.split("|"))))
    return Reply(turns=turns, content=" ".join(turns))


def _next(talk: Talk, rest: str, respond: Respond) -> Reply:
    reply = respond(replace(talk, said=rest or "Go on"))
    return replace(reply, next=talk.follow_ups == 0, image_prompt=None)


def _think(talk: Talk, rest: str, respond: Respond) -> Reply:
    reply = respond(replace(talk, said=rest or "What do you think?"))
    thought = reply.reasoning or "The user wants to see me think."
    return replace(reply, content=f"<think>{thought}</think>\n\n{reply.content}", reasoning=None)


def _tool(talk: Talk, rest: str, _respond: Respond) -> Reply:
    name = rest.split(maxsplit=1)[0] if rest else next(iter(talk.tools), "get_weather")
    arguments = json.dumps({"city": "Lisbon", "unit": "celsius"})
    return Reply(
        turns=(),
        content="",
        reasoning=f"I need what {name} knows before I can answer.",
        tool_calls=(ToolCall(name=name, arguments=arguments),),
    )


def _words(_talk: Talk, rest: str, _respond: Respond) -> Reply:
    count = min(int(rest), LONGEST) if rest.isdecimal() else 300
    source = " ".join(LONG_STORY).split()
    return _whole(" ".join(source[i % len(source)] for i in range(count)))


def _escapes(_talk: Talk, _rest: str, _respond: Respond) -> Reply:
    return _whole(ESCAPES)


def _credits(_talk: Talk, rest: str, _respond: Respond) -> Reply:
    balance = int(rest) if rest.isascii() and rest.isdecimal() and len(rest) < 7 else None
    if balance is None:
        return _whole("How many? A whole number, please, as in `!credits 3`.")
    return replace(_whole(f"The account has {balance} credits now."), credits=balance)


def _silence(_talk: Talk, _rest: str, _respond: Respond) -> Reply:
    return replace(_whole(""), reasoning="I would rather say nothing.")


COMMANDS: Mapping[str, Command] = {
    "help": Command("!help", "lists these commands", _help),
    "echo": Command("!echo TEXT", "answers TEXT as it is, line breaks included", _echo),
    "turns": Command("!turns A | B | C", "answers in these turns", _turns),
    "next": Command("!next TEXT", "answers TEXT and goes on unasked", _next),
    "think": Command("!think TEXT", "answers TEXT with a <think> block in front", _think),
    "tool": Command("!tool [NAME]", "asks for a call of the tool NAME", _tool),
    "words": Command("!words N", "answers N words", _words),
    "escapes": Command("!escapes", "answers with escape sequences in the text", _escapes),
    "credits": Command("!credits N", "gives the account N credits", _credits),
    "silence": Command("!silence", "answers with reasoning and no text", _silence),
}


def command(said: str) -> tuple[Command, str] | None:
    """The command that a text begins with, and the rest of the text."""
    head, _, rest = said.removeprefix("!").partition(" ")
    found = COMMANDS.get(head.strip().lower()) if said.startswith("!") else None
    return (found, rest.strip()) if found else None
