"""Answers that take more than a choice of phrases: pictures, names, other languages."""

import re

from animus_tui.demo.languages import foreign_language, is_foreign_script
from animus_tui.demo.talk import Reply, Talk
from animus_tui.demo.wishes import PORTRAIT, SURPRISES, asked_change, asked_subject, change_scene, compose

GIVING: dict[str, tuple[tuple[str, ...], ...]] = {
    r"sunset|sunrise|dusk|dawn|evening": (
        ("Oh, I know just the place.", "Give me a moment, the light is changing fast…"),
        ("Wait, I have to run to catch this one.", "There. Hold still, sun."),
    ),
    r"ocean|sea|beach|lake|river|water": (
        ("Oh yes, let's go to the water.", "One moment, I'm waiting for the right wave."),
        ("I can almost smell the salt.", "Hold on, I'm getting my paints."),
    ),
    r"": (
        ("With pleasure.", "Give me a moment to mix the colours…"),
        ("Oh, what a nice idea.", "Let me see what I can do."),
        ("I thought you'd never ask.", "One moment, I'm painting."),
    ),
}
"""What the picture's words hold → what is said while it is painted."""
MYSELF = (
    ("I'm only a demo, but this is how I imagine myself.", "Don't look too closely at the hair."),
    ("All right, but be kind.", "One moment, I'm finding my good side."),
)
CHANGING = (
    ("The same scene {change}, of course.", "One moment, I'm at it."),
    ("Good idea, {change}.", "Let me go over the last picture once more."),
    ("I'll take the last one again, {change} this time.", "Almost there…"),
)
AGAIN = (
    ("Another one, gladly.", "The same scene, but from where I'm standing now."),
    ("Once more, then.", "It never comes out the same twice."),
)
SWITCHED_OFF = (
    ("I'd love to show you, but pictures are switched off in this chat.", "Turn them on and ask me again."),
    ("My paints are locked away: pictures are switched off here.", "With them on I could show you."),
)
NO_PICTURE_YET = (
    (
        "I would, but there is no picture yet.",
        "Ask me to show you something first, and then we change it together.",
    ),
    ("Change which one? I haven't shown you anything yet.", "Name something, and I'll paint it."),
)
_ABOUT_A_PICTURE = re.compile(r"\b(?:colou?rs?|picture|image|photo|painting|it|sky|light)\b", re.IGNORECASE)


def other_language(talk: Talk) -> Reply | None:
    """A kind word in English to someone who writes in another language."""
    if is_foreign_script(talk.said):
        turns = (
            "That is a script I can't read yet, I'm sorry.",
            "I only speak English here. Try me in English?",
        )
        return _reply(turns, "The user writes in a script I do not know.")
    name = foreign_language(talk.said)
    if name is None:
        return None
    options = (
        (
            f"That looks like {name} to me, and I wish I spoke it.",
            "I only know English in here. Shall we try that?",
        ),
        (
            f"Is that {name}? It sounds lovely.",
            "I can only answer in English, I'm sorry. Ask me again that way?",
        ),
    )
    return _reply(talk.pick(options), f"The user writes {name}. I only speak English and say so kindly.")


def change_picture(talk: Talk) -> Reply | None:
    """The last picture with a change."""
    change = asked_change(talk.said)
    if change is None or (talk.picture is None and not _ABOUT_A_PICTURE.search(talk.said)):
        return None
    if not talk.pictures:
        return _reply(talk.pick(SWITCHED_OFF), "Pictures are switched off in this request.")
    if talk.picture is None:
        return _reply(talk.pick(NO_PICTURE_YET), "They want a picture changed, but there is none yet.")
    turns = tuple(line.replace("{change}", change) for line in talk.pick(CHANGING))
    thought = f"The last picture shows: {talk.picture}. They want it changed: {change}."
    return _reply(turns, thought, image_prompt=change_scene(talk.picture, change))


def show_picture(talk: Talk) -> Reply | None:
    """A picture of what was asked for."""
    subject = asked_subject(talk.said)
    if subject is None:
        return None
    if not talk.pictures:
        return _reply(talk.pick(SWITCHED_OFF), "Pictures are switched off in this request.")
    prompt = compose(subject, talk.pick(SURPRISES))
    lines = next(options for pattern, options in GIVING.items() if re.search(pattern, prompt, re.IGNORECASE))
    turns = talk.pick(MYSELF if prompt == PORTRAIT else lines)
    return _reply(
        turns, f"The user would like to see {subject or 'something'}. I paint it.", image_prompt=prompt
    )


def same_again(talk: Talk) -> Reply | None:
    """The last picture once more, when a picture was the last thing sent."""
    if talk.picture is None or not talk.picture_is_last or not talk.pictures:
        return None
    return _reply(
        talk.pick(AGAIN), "They liked the last picture and want another.", image_prompt=talk.picture
    )


def recall_name(talk: Talk) -> Reply:
    """The user's name, if they told it."""
    if talk.name is None:
        return _reply(("You haven't told me yet.", "What shall I call you?"), "I do not know their name.")
    return _reply((f"{talk.name}, of course.", "I do listen, you know."), f"They told me: {talk.name}.")


def _reply(turns: tuple[str, ...], reasoning: str, *, image_prompt: str | None = None) -> Reply:
    return Reply(turns=turns, content=" ".join(turns), reasoning=reasoning, image_prompt=image_prompt)
