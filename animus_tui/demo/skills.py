"""Answers that take more than a choice of phrases: pictures, names, other languages."""

import re

from animus_tui.demo.changes import asked_change, change_scene, is_missing, new_subject
from animus_tui.demo.foreign import shows, sights, things
from animus_tui.demo.languages import foreign_language, is_foreign_script
from animus_tui.demo.painting.scene import read_scene
from animus_tui.demo.talk import Reply, Talk
from animus_tui.demo.wishes import (
    HOME,
    PORTRAIT,
    SAME,
    SURPRISES,
    asked_subject,
    bare_subject,
    compose,
    leaves_it_open,
    refuses_pictures,
)

GIVING: dict[str, tuple[tuple[str, ...], ...]] = {
    r"sunset|sunrise|dusk|dawn|evening": (
        ("Oh, I know just the place.", "Give me a moment, the light is changing fast…"),
        ("Wait, I have to run to catch this one.", "There. Hold still, sun."),
        ("My favourite hour.", "One moment, before it's gone."),
    ),
    r"cat|kitten|dog|puppy|horse|wolf|fox|deer|bear|owl|bird|rabbit|elephant|dragon|butterfly": (
        ("With pleasure.", "If only it would hold still for a moment…"),
        ("Good choice, I like animals.", "One moment, I'm counting the legs."),
        ("Shh, not too loud.", "I don't want to scare it away while I paint."),
    ),
    r"ocean|sea|beach|lake|river|water|boat|ship": (
        ("Oh yes, let's go to the water.", "One moment, I'm waiting for the right wave."),
        ("I can almost smell the salt.", "Hold on, I'm getting my paints."),
        ("Water it is.", "Give me a moment, reflections take patience."),
    ),
    r"city|street|town|skyline|tokyo|paris|london|new york": (
        ("The city, gladly.", "One moment, somebody has to switch on all those windows."),
        ("Let's go downtown.", "Give me a moment, I'm counting floors."),
    ),
    r"": (
        ("With pleasure.", "Give me a moment to mix the colours…"),
        ("Oh, what a nice idea.", "Let me see what I can do."),
        ("I thought you'd never ask.", "One moment, I'm painting."),
        ("Gladly.", "Let me find a clean brush."),
        ("That one I'd like to see myself.", "A moment, please…"),
        ("Yes, let's.", "I'll start with the sky, I always do."),
    ),
}
"""What the picture's words hold → what is said while it is painted."""
MY_HOME = (
    ("I have no home, honestly, only this application.", "But if I had a window, this would be the view."),
    ("It's an imaginary one, as I'm a demo.", "Come, stand at the window."),
)
MYSELF = (
    ("I'm only a demo, but this is how I imagine myself.", "Don't look too closely at the hair."),
    ("All right, but be kind.", "One moment, I'm finding my good side."),
)
CHANGING = (
    ("The same scene {change}, of course.", "One moment, I'm at it."),
    ("Good idea, {change}.", "Let me go over the last picture once more."),
    ("I'll take the last one again, {change} this time.", "Almost there…"),
    ("Very well: {change}.", "I can see it already. A moment…"),
    ("Yes, that could suit it: {change}.", "Let me try."),
)
AGAIN = (
    ("Another one, gladly.", "The same scene, but from where I'm standing now."),
    ("Once more, then.", "It never comes out the same twice."),
    ("Gladly, I wasn't done with that one either.", "Let me look at it from the other side."),
)
OFFER = "Shall I paint that for you: {}?"
OFFERS_OF_ANY = ("Shall I show you another?", "Shall I paint you something?")
UNDERSTOOD = "I only speak English, but I think I understood: {subject}."
STARTING = ("Let me try…", "One moment, I'm painting.", "Here is what I make of it…")
NO_MORE = (
    ("All right, no pictures.", "What shall we talk about?"),
    ("Understood, the brushes stay in the glass.", "Just say so when you want one."),
)
PASTED_CODE = (
    (
        "That is code, and I'm too small a demo to read it.",
        "It looks tidy from here, though. What does it do?",
    ),
    ("Code! I can only admire its shape, I have no model behind me.", "The real service could read it."),
)
LONG_PASTE = 120
"""Words."""
PASTED_TEXT = (
    ("That is long: {count}.", "I'm only a demo and can't really read it. What is the short version?"),
    ("Whoa, {count}!", "Nothing in me understands texts, honestly. Tell me in a sentence?"),
)
_OFFERED = re.compile(re.escape(OFFER).replace(r"\{\}", "(?P<subject>.+)"))
_PLEASE = re.compile(
    r"\b(?:please|pls|plz|i'd like|i would like|i want|draw|paint|picture|image)\b", re.IGNORECASE
)
_SUM = re.compile(
    r"^\W*(?:(?:what(?:'s|s| is)|how much is|calculate|and|so) )?(?P<one>\d{1,6}) ?"
    r"(?P<sign>\+|-|−|\*|×|x|plus|minus|times) ?(?P<other>\d{1,6})\s*[=?.!]*$",
    re.IGNORECASE,
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
NOT_IN_IT = (
    ("Look for {what}? I painted none in this one.", "What else shall I change?"),
    ("There is nothing to take out: {what} was never in it.", "Shall I change something else?"),
)
_ABOUT_A_PICTURE = re.compile(
    r"\b(?:colou?rs?|picture|image|photo|painting|it|sky|light|try|redo|regenerate)\b", re.IGNORECASE
)


def other_language(talk: Talk) -> Reply | None:
    """A kind word in English to someone who writes in another language, and the picture when one was asked for."""
    script, name = is_foreign_script(talk.said), foreign_language(talk.said)
    wanted = things(talk.said) if shows(talk.said) else []
    if wanted and talk.pictures:
        subject = ", ".join(wanted)
        options = tuple((UNDERSTOOD.replace("{subject}", subject), line) for line in STARTING)
        thought = f"The user writes another language. I understand: {subject}."
        return _reply(talk.pick(options), thought, image_prompt=compose(subject, ""))
    if script:
        turns = (
            "That is a script I can't read yet, I'm sorry.",
            "I only speak English here. Try me in English?",
        )
        return _reply(turns, "The user writes in a script I do not know.")
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


def leave_it(talk: Talk) -> Reply | None:
    """Nothing is painted when that was the wish."""
    if not refuses_pictures(talk.said):
        return None
    return _reply(talk.pick(NO_MORE), "They want no pictures, so I send none.")


def change_picture(talk: Talk) -> Reply | None:
    """The last picture with a change, or another one in its place."""
    change = asked_change(talk.said, talk.picture or "")
    if change is None or (talk.picture is None and not _ABOUT_A_PICTURE.search(talk.said)):
        return None
    if not talk.pictures:
        return _reply(talk.pick(SWITCHED_OFF), "Pictures are switched off in this request.")
    if talk.picture is None:
        return _reply(talk.pick(NO_PICTURE_YET), "They want a picture changed, but there is none yet.")
    missing = is_missing(talk.picture, change)
    if missing is not None:
        return _reply(
            tuple(line.replace("{what}", missing) for line in talk.pick(NOT_IN_IT)),
            "It is not in the picture.",
        )
    subject = new_subject(change)
    if subject is not None:
        return _give(talk, subject)
    turns = tuple(line.replace("{change}", change) for line in talk.pick(CHANGING))
    thought = f"The last picture shows: {talk.picture}. They want it changed: {change}."
    return _reply(turns, thought, image_prompt=change_scene(talk.picture, change))


def show_picture(talk: Talk) -> Reply | None:
    """A picture of what was asked for."""
    subject = asked_subject(talk.said)
    if subject is None:
        return None
    return _give(talk, subject)


def name_a_scene(talk: Talk) -> Reply | None:
    """A picture of what was named and nothing else, while pictures are the topic; else an offer to paint it."""
    if talk.picture is not None and leaves_it_open(talk.said):
        return _give(talk, "")
    subject = bare_subject(talk.said)
    if subject is None or subject == SAME:
        return None
    if not subject:
        return _give(talk, subject)
    if talk.picture is not None or _PLEASE.search(talk.said):
        return _give(talk, subject)
    if not talk.pictures:
        return None
    options = tuple(
        (line, OFFER.format(subject)) for line in ("I can see it before me.", "What a nice thought.")
    )
    return _reply(talk.pick(options), f"They name {subject}. I offer to paint it.")


def accept_offer(talk: Talk) -> Reply | None:
    """The picture that was offered in the last message."""
    said = talk.recent[-1] if talk.recent else ""
    offered = _OFFERED.search(said)
    if offered is not None:
        return _give(talk, offered["subject"])
    if any(offer in said for offer in OFFERS_OF_ANY):
        return _give(talk, SAME if talk.picture is not None and "another" in said else "")
    return None


def same_again(talk: Talk) -> Reply | None:
    """The last picture once more, when a picture was the last thing sent or the wish speaks of one."""
    if talk.picture is None or not (talk.picture_is_last or _ABOUT_A_PICTURE.search(talk.said)):
        return None
    return _give(talk, SAME)


def first_again(talk: Talk) -> Reply | None:
    """The first picture of the conversation once more."""
    if talk.first_picture is None or not talk.pictures:
        return None
    turns = talk.pick(
        (("Back to the first one, then.", "I still know how it went."), ("The first one it is.",))
    )
    return _reply(turns, "They want the first picture again.", image_prompt=talk.first_picture)


def _give(talk: Talk, subject: str) -> Reply:
    """A picture of the subject; `SAME` is the last picture once more, "" is anything."""
    if not talk.pictures:
        return _reply(talk.pick(SWITCHED_OFF), "Pictures are switched off in this request.")
    if subject == SAME and talk.picture is not None:
        return _reply(
            talk.pick(AGAIN), "They liked the last picture and want another.", image_prompt=talk.picture
        )
    prompt = compose("" if subject == SAME else subject, talk.pick(SURPRISES))
    lines = next(
        options for pattern, options in GIVING.items() if re.search(rf"\b(?:{pattern})", prompt, re.I)
    )
    turns = talk.pick({PORTRAIT: MYSELF, HOME: MY_HOME}.get(prompt, lines))
    return _reply(
        turns, f"The user would like to see {subject or 'something'}. I paint it.", image_prompt=prompt
    )


def describe_picture(talk: Talk) -> Reply:
    """What the last picture shows."""
    if talk.picture is None:
        return _reply(talk.pick(NO_PICTURE_YET), "There is no picture to speak of yet.")
    options = tuple(
        (line, f"“{talk.picture}”.") for line in ("These were the words for it:", "It was meant to be:")
    )
    return _reply(talk.pick(options), f"The last picture shows: {talk.picture}.")


def calculate(talk: Talk) -> Reply | None:
    """The result of two small whole numbers."""
    found = _SUM.search(talk.said)
    if found is None:
        return None
    one, other = int(found["one"]), int(found["other"])
    sums = {
        "+": one + other,
        "plus": one + other,
        "-": one - other,
        "−": one - other,
        "minus": one - other,
        "*": one * other,
        "x": one * other,
        "×": one * other,
        "times": one * other,
    }
    turns = (f"{sums[found['sign'].lower()]}.", "That is about as far as my arithmetic goes.")
    return _reply(turns, "A small sum, that I can do.")


def see_emoji(talk: Talk) -> Reply | None:
    """An offer to paint what an emoji shows, when the painter knows it."""
    if re.search(r"\w", talk.said) or not talk.pictures:
        return None
    scenes = ((sight, read_scene(sight)) for sight in sights(talk.said))
    subject = next((sight for sight, scene in scenes if scene.places or scene.figures or scene.hour), None)
    if subject is None:
        return None
    options = tuple(
        (line, OFFER.format(f"a {subject}")) for line in ("I see what you mean.", "Pretty, even that small.")
    )
    return _reply(talk.pick(options), f"An emoji: {subject}. I offer to paint it.")


def read_paste(talk: Talk) -> Reply | None:
    """A word on something long or on code that was pasted."""
    count = talk.words
    if "```" in talk.said:
        return _reply(talk.pick(PASTED_CODE), "They paste code. I cannot read it and say so.")
    if count < LONG_PASTE and len(talk.said) < LONG_PASTE * 8:
        return None
    words = "word" if count == 1 else "words"
    options = tuple((line.replace("{count}", f"{count:,} {words}"), end) for line, end in PASTED_TEXT)
    return _reply(talk.pick(options), "A long text. I cannot read it and say so.")


def recall_name(talk: Talk) -> Reply:
    """The user's name, if they told it."""
    if talk.name is None:
        return _reply(("You haven't told me yet.", "What shall I call you?"), "I do not know their name.")
    return _reply((f"{talk.name}, of course.", "I do listen, you know."), f"They told me: {talk.name}.")


def _reply(turns: tuple[str, ...], reasoning: str, *, image_prompt: str | None = None) -> Reply:
    return Reply(turns=turns, content=" ".join(turns), reasoning=reasoning, image_prompt=image_prompt)
