"""What people say and what the persona answers, as one table: the first row that fits is used."""

import re
from collections.abc import Iterator
from dataclasses import replace

from animus_tui.demo.about import ABOUT_ME
from animus_tui.demo.feelings import SIGNS
from animus_tui.demo.intent import Intent
from animus_tui.demo.samples import (
    CODE,
    FRUIT,
    JOKES,
    LIST,
    LONG_STORY,
    MARKDOWN,
    NUMBERED,
    PLANETS,
    POEMS,
    STORIES,
    STORY_ENDINGS,
    TABLE,
)
from animus_tui.demo.skills import (
    accept_offer,
    calculate,
    change_picture,
    describe_picture,
    first_again,
    leave_it,
    name_a_scene,
    other_language,
    read_paste,
    same_again,
    show_picture,
)
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

_GIVE = (
    r"(?:show|give|write|send|make|create|print|try|test|format|generate|want|need|like|"
    r"have)(?: (?:me|us|this|it))?"
    r"(?: (?:as|in|with|please))? (?:(?:a|an|some|another|any|the|one|your|short|small|simple|little|"
    r"nice|sample|long)"
    r" ){0,3}"
)
SAMPLES = (
    Intent(
        "a Markdown sample", (_GIVE + r"(?:\w+ )?markdown(?! (?:table|list))", "^markdown"), ((MARKDOWN,),)
    ),
    Intent(
        "a code sample",
        (
            _GIVE + r"(?:\w+ ){0,2}(?:code|snippet|script)",
            _GIVE + r"(?:python|javascript|rust|java|c|go) (?:function|program|class|example)",
            _GIVE + "(?:function|program)",
            r"^(?:\w+ )?code",
        ),
        ((CODE,),),
    ),
    Intent("a table of planets", (_GIVE + r"(?:\w+ )?table\b.*\b(?:planets?|space|solar)",), ((PLANETS,),)),
    Intent(
        "a table", (_GIVE + r"(?:\w+ )?table(?! with (?:a|the)\b)", "^(?:a )?table"), ((TABLE,), (PLANETS,))
    ),
    Intent("a numbered list", (_GIVE + "(?:numbered|ordered|to-?do|step.by.step) list",), ((NUMBERED,),)),
    Intent(
        "a list of fruit", (_GIVE + r"(?:\w+ )?list\b.*\b(?:fruits?|food|shopping|groceries)",), ((FRUIT,),)
    ),
    Intent("a list", (_GIVE + r"(?:\w+ )?list", "^(?:a )?list"), ((LIST,), (NUMBERED,), (FRUIT,))),
)

PICTURES = (
    Intent("no pictures, please", run=leave_it),
    Intent(
        "what the last picture shows",
        (
            (
                r"what (?:did|have) you (?:just )?(?:paint|draw|show|sen[dt])\w*(?: me)?(?: (?:just now|"
                r"last))?\W*$"
            ),
            (
                r"what(?:'s| is| was) (?:in|on|that|this|it) ?(?:the |that |this |"
                r"a )?(?:last )?(?:picture|image|painting)"
            ),
            (
                r"what am i (?:looking at|seeing)|(?:describe|explain) (?:it|(?:the|that|this|your) (?:\w+ )?"
                r"(?:picture|image|painting))"
            ),
        ),
        run=describe_picture,
    ),
    Intent(
        "the first picture",
        (r"(?:show|see|back to|do|make|paint|want|like|again)\b.* first (?:one|picture|image|painting)",),
        run=first_again,
    ),
    Intent("a change to the last picture", run=change_picture),
    Intent("a picture", run=show_picture),
    Intent("a scene and nothing else", run=name_a_scene),
    Intent(
        "an offer taken",
        (
            (
                "^(?:oh )?(?:yes|yeah|yep|sure|ok|okay|please|definitely|of course|gladly|why not|"
                "go ahead|do it|i'd love)"
            ),
        ),
        run=accept_offer,
    ),
    Intent(
        "another picture",
        (
            (
                "^(?:(?:and|ok|now|please|can you do|do|give me|make|yes|oh|just)[, ]+)*(?:another|"
                "one more|again|once more|"
                "a different one|try (?:it )?again|do (?:it|that) again|redo|regenerate)"
                r"(?: (?:one|picture|time|please|it|version|like (?:it|that|this)))*\W*$"
            ),
        ),
        run=same_again,
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
        (r"weather|(?:is|isn't) it (?:raining|snowing|sunny)|forecast|temperature",),
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


def _once_more(talk: Talk) -> Reply | None:
    """Another joke, poem or story, when that was what came before."""
    said = next((text for text in reversed(talk.earlier) if not _ANOTHER.match(text)), "")
    before = replace(talk, said=said)
    return next(filter(None, (tale.answer(before) for tale in TALES)), None)


_ANOTHER = re.compile(
    r"^\W*(?:and )?(?:another|one more|once more|again|more|next)(?: one)?(?: please)?\W*$", re.IGNORECASE
)

INTENTS: tuple[Intent, ...] = (
    *SIGNS,
    Intent("another language", run=other_language),
    *CONTENT_CHECK,
    Intent("something pasted", run=read_paste),
    Intent("a sum", run=calculate),
    *SAMPLES,
    *PICTURES,
    Intent("one more of those", (_ANOTHER.pattern,), run=_once_more),
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
