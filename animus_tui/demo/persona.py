"""Vivian, the persona of the demo: a pure function from the messages to the answer.

She has no model behind her. What is said is looked up in a table (`animus_tui.demo.intents`). Which of a few
phrases is used depends on a hash of the messages, so the same conversation always gets the same answer. She
remembers what the conversation holds: the user's name, and the last picture from the history's
`<image description="…" />` entries. A few words stand in for the service's content check (drugs, violence,
explicit pictures, self-harm), and she says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from animus_tui.demo.commands import command
from animus_tui.demo.intent import AFTERTHOUGHTS
from animus_tui.demo.intents import answers
from animus_tui.demo.talk import Reply, Talk, listen

READ_CHARACTERS = 1_500
"""How much of a message is read for its meaning."""
_UNBROKEN = (
    "You asked for a fault, so here are some ordinary words to carry it.",
    "They are neither very short nor very long, and they go on for a line or two.",
    "If you can read them to the end, nothing went wrong that they could not survive.",
)


def answer(
    messages: Sequence[Mapping[str, object]], *, pictures: bool = True, tools: Sequence[str] = ()
) -> Reply:
    """The answer to a conversation, in the wire's message form.

    `pictures`: a picture may be promised. `tools`: names of the functions that may be called.
    """
    return respond(listen(messages, pictures=pictures, tools=tools))


def respond(talk: Talk) -> Reply:
    """The answer to what was said: a command's, a continuation, or that of the first intent that fits."""
    if talk.tool_result is not None:
        result = talk.tool_result.strip() or "nothing at all"
        turns = ("Thank you, that's what I needed.", f"The tool says: {result}")
        return Reply(turns=turns, content=" ".join(turns), reasoning="The tool has answered, I pass it on.")
    if talk.follow_ups > 1:
        closing = talk.pick(AFTERTHOUGHTS)
        return Reply(turns=closing, content=" ".join(closing), reasoning="I have said enough.")
    if talk.said.lower().startswith("!fault"):
        return Reply(turns=_UNBROKEN, content=" ".join(_UNBROKEN), reasoning="The user tries out a fault.")
    found = command(talk.said)
    if found is not None and talk.follow_ups == 0:
        return found[0].run(talk, found[1], respond)
    # The tables' expressions are made for what people type, not for what they paste.
    intent, reply = next(answers(replace(talk, said=talk.said[:READ_CHARACTERS])))
    return intent.go_on(talk) if talk.follow_ups else reply
