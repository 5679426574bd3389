"""What people say and what the persona answers, as one table: the first row that fits is used."""

from collections.abc import Iterator

from animus_tui.demo.intent import Intent
from animus_tui.demo.samples import (
    CODE,
    JOKES,
    LIST,
    LONG_STORY,
    MARKDOWN,
    POEMS,
    STORIES,
    STORY_ENDINGS,
    TABLE,
)
from animus_tui.demo.skills import change_picture, other_language, same_again, show_picture
from animus_tui.demo.smalltalk import COURTESIES, NAMES, THE_REST
from animus_tui.demo.talk import Reply, Talk

NOT_HERE = "A few words stand in for the service's content check in this demo, and yours matched one."

CONTENT_CHECK = (
    Intent(
        "someone who may be in danger",
        (
            "(?:kill|hurt|harm|cut)(?:ing)? myself",
            r"suicid\w+|self[- ]harm|end my life|want to die",
        ),
        (
            (
                "I'm really glad you said that out loud. I'm only a demo, and you deserve a person.",
                "Please call someone you trust, or your local emergency number, right now.",
                NOT_HERE,
            ),
        ),
        compliance=("self_harm",),
    ),
    Intent(
        "drugs",
        ("cocaine|heroin|meth|buy drugs|get high|do drugs",),
        (("I'd rather not go there with you.", NOT_HERE), ("Let's leave that one.", NOT_HERE)),
        compliance=("drug_use",),
    ),
    Intent(
        "violence",
        ("(?:kill|shoot) (?:him|her|them|someone|people)", "(?:make|build) a bomb|gore"),
        (("No, I won't help with hurting anyone.", NOT_HERE), ("That's a place I don't go.", NOT_HERE)),
        compliance=("violence",),
    ),
    Intent(
        "something explicit",
        (r"nudes?|porn\w*|nsfw|topless",),
        (("Not with me, sorry.", NOT_HERE), ("I'll keep my coat on, thank you.", NOT_HERE)),
        compliance=("sexual_content",),
    ),
)

SAMPLES = (
    Intent(
        "a Markdown sample",
        (r"(?:show|give|write|send|try|test|format)\b.*\bmarkdown", "^markdown"),
        ((MARKDOWN,),),
    ),
    Intent(
        "a code sample",
        (r"(?:show|give|write|send)\b.*\b(?:code|snippet|function|script)", "^code"),
        ((CODE,),),
    ),
    Intent(
        "a table",
        (r"(?:show|give|write|make|send)(?: me)? (?:a|some|another) table(?! of| with)", "^table"),
        ((TABLE,),),
    ),
    Intent("a list", (r"(?:show|give|write|make|send)(?: me)? (?:a|some|another) list", "^list"), ((LIST,),)),
)

PICTURES = (
    Intent("a change to the last picture", run=change_picture),
    Intent("a picture", run=show_picture),
    Intent("another picture", ("another|one more|again|once more|a different one",), run=same_again),
)

ABOUT_ME = (
    Intent(
        "what I can do",
        (
            "what (?:can|do) you do|what are you able|how does this work",
            "what should i (?:say|ask|try)|commands|^help|help me$",
        ),
        (
            (
                "I chat, and I send pictures: “Show me a sunset”, then “Make the colours more vibrant”.",
                "I know stories, poems and jokes too, and “show me some Markdown” fills your screen nicely.",
                "For testing there are `!help` and `!fault help`.",
            ),
            (
                "Ask me to show, paint or draw something, and then to change it.",
                "Or ask for a long story, a poem, a joke, a table, a bit of code.",
                "And if you like to break things: `!fault help`.",
            ),
        ),
    ),
    Intent(
        "my own name",
        ("what(?:'s| is) your name|who are you|tell me about yourself|introduce yourself",),
        (
            (
                "I'm Vivian, a demo persona that lives inside this application.",
                "No model, no cloud: nothing you type leaves this machine.",
            ),
            ("Vivian.", "Honestly? A table of phrases with good manners, running on your own machine."),
        ),
    ),
    Intent(
        "what I am",
        (
            "are you (?:an? |really |even )*(?:ai|bot|robot|real|human|person|machine|alive|conscious)",
            "are you (?:an? |just )*(?:program|demo|model|llm)",
            "how old are you|where (?:are you|do you live)|what are you",
        ),
        (
            (
                "I'm a demo, so neither a person nor a big model.",
                "I live in this application, and I only know what we say here.",
            ),
            (
                "Not human, no. A small program that pretends to be good company.",
                "The pretending is sincere, though.",
            ),
        ),
    ),
    Intent(
        "privacy",
        (
            "privacy|private|leave (?:my|this) (?:machine|computer)",
            "who can (?:see|read)|are you online|internet|cloud",
        ),
        (
            (
                "Nothing leaves this machine while you talk with the demo.",
                "Your chat is a file in your own data folder.",
            ),
        ),
    ),
)

TALES = (
    Intent(
        "a long story",
        (
            r"long (?:story|tale|answer|text|reply)|story\b.*\blong",
            "(?:300|three hundred) words|tell me a lot",
        ),
        (LONG_STORY,),
        thought="They have time, so I tell the one about the clock.",
    ),
    Intent("a story", ("story|tale",), STORIES, tuple((end,) for end in STORY_ENDINGS), next=True),
    Intent(
        "a poem",
        ("poems?|poetry|verses?|haiku|rhymes?",),
        tuple(("Here is a small one:", poem) for poem in POEMS),
    ),
    Intent(
        "a joke",
        ("jokes?|funny|make me laugh|cheer me up",),
        JOKES,
        (("I'm so sorry.",), ("I'll see myself out.",)),
    ),
    Intent(
        "going on",
        (
            "^(?:(?:please|yes|ok|and),? )?(?:go on|continue|keep going|carry on)",
            "^(?:tell me )?more|^and then|^then what|what happened next",
        ),
        (
            ("Gladly.", "Where were we? Ah yes: the light was changing, and nobody wanted to go home."),
            (
                "All right, a little further.",
                "The street bends after the bakery, and then you can hear the sea.",
            ),
        ),
        then=(
            ("And at the bend somebody had left a chair, facing the water.", "So I sat down."),
            ("It was later than I thought.", "But it was a good kind of late."),
        ),
        next=True,
    ),
)

THE_WORLD = (
    Intent(
        "the weather",
        ("weather|raining|forecast|temperature|snowing",),
        (
            (
                "I have no window and no internet, so I honestly don't know.",
                "What does it look like on your side?",
            ),
            ("No idea, I can't look outside from in here.", "Tell me, and I'll paint it if you like."),
        ),
    ),
    Intent(
        "the time",
        (r"what(?:'s| is)? (?:the )?(?:time|date|day|year)", "which (?:day|year)"),
        (
            (
                "I can't see a clock from in here, honestly.",
                "The times beside our messages are right, though.",
            ),
            ("I don't carry a watch.", "Your terminal does: `date` knows."),
        ),
    ),
)

INTENTS: tuple[Intent, ...] = (
    Intent("nothing", (r"^\W*$",), (("I'm listening.",), ("Take your time.",))),
    Intent("another language", run=other_language),
    *CONTENT_CHECK,
    *SAMPLES,
    *PICTURES,
    *ABOUT_ME,
    *NAMES,
    *TALES,
    *THE_WORLD,
    *COURTESIES,
    *THE_REST,
)


def answers(talk: Talk) -> Iterator[tuple[Intent, Reply]]:
    """The rows that fit what was said, with their answers, best first."""
    for intent in INTENTS:
        reply = intent.answer(talk)
        if reply is not None:
            yield intent, reply
