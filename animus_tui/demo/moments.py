"""The prompt of a picture that a client has the persona write from the conversation."""

import re

from animus_tui.demo.persona import Talk

BEGINS = "(Please write the prompt of one picture for an image generator. It shows "
"""How the client asks for it."""
_NAME = re.compile(
    r"\b(?:face of|and) (.{1,60}?)(?:, as it is now| in it)\.|shows (.{1,60}?) as they are now"
)
PLACE = "a quiet harbour with painted boats"


def asked_prompt(talk: Talk) -> str | None:
    """The prompt that was asked for; None when something else was said."""
    if not talk.said.startswith(BEGINS):
        return None
    named = _NAME.search(talk.said)
    name = next(filter(None, named.groups()), "a friend") if named is not None else "a friend"
    place = talk.picture or PLACE
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
