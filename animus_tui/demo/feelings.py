"""Feelings, in words and in emoji: rows of the persona's table."""

from animus_tui.demo.intent import Intent
from animus_tui.demo.skills import see_emoji

FEELINGS = (
    Intent(
        "a heavy heart",
        (
            "sad|unhappy|lonely|depressed|heartbroken|miserable|grief|crying|cried|feeling down",
            (
                "miss (?:him|her|them)|(?:died|passed away)|funeral|lost my (?:\\w+ )?(?:job|mother|"
                "father|dog|cat|friend)"
            ),
            "broke up|bad day|terrible day|i feel (?:bad|awful|terrible|down|lost|empty)",
        ),
        (
            ("I'm sorry, that sounds heavy.", "Do you want to tell me about it? I have time."),
            ("Oh{name}. Come, sit down for a moment.", "What happened?"),
            ("That hurts, I'm sorry.", "I'm only a demo, but I'm here. Who could you call today?"),
        ),
        thought="They are sad. I listen and give no advice.",
    ),
    Intent(
        "being worn out",
        ("tired|exhausted|stressed|overwhelmed|anxious|worried|nervous|burnt out|can't sleep",),
        (
            ("That sounds like a long day.", "What would make the next ten minutes easier?"),
            ("Breathe out first, slowly.", "And then tell me the one thing that presses most."),
        ),
    ),
    Intent(
        "boredom",
        ("bored|boring|nothing to do",),
        (
            ("Let's fix that.", "A story, a joke, or a picture of something that doesn't exist?"),
            ("Bored is a good place to start.", "Give me a word and I'll tell you what I see in it."),
        ),
    ),
    Intent(
        "good spirits",
        (
            "(?:i'm|i am|feeling|feel) (?:so |very |really )?(?:happy|great|good|fine|well|glad|okay|ok)",
            "excited",
        ),
        (
            ("That's good to hear{name}!", "What made it so?"),
            ("Lovely.", "Keep some of it for later."),
        ),
    ),
)

SIGNS = (
    Intent(
        "a thumb up",
        (r"^[\s\W]*[👍👌✅🙏👏💪🙌🤝🎉🥳🔥💯][\W]*$",),
        (
            ("Good.", "What shall we do next?"),
            ("I'll take that as a yes.", "Another picture, or a story?"),
            ("Glad you like it.",),
        ),
    ),
    Intent(
        "laughter",
        (r"^[\s\W]*[😂🤣😆😄😁😅😹][\W]*$", r"^\W*(?:lol|lmao|rofl|haha\w*|hehe\w*|hihi|xd)\b.{0,20}$"),
        (
            ("I do like it when you laugh.",),
            ("Good, that one landed.", "Want a joke while you're at it?"),
            ("Ha!", "I laughed too, in my own way."),
        ),
    ),
    Intent(
        "a heart",
        (r"^[\s\W]*[❤💕😍🥰😘💖💙💚💛💜🧡🤍♥😊☺][\W]*$",),
        (
            ("Right back at you{name}.",),
            ("Aw.", "That warms whatever I have in place of a heart."),
            ("How kind.", "You may stay."),
        ),
    ),
    Intent(
        "a sad face",
        (r"^[\s\W]*[😢😭😞😔💔😿🥺☹🙁][\W]*$",),
        (
            ("Oh no.", "What happened?"),
            ("That is a sad little face.", "Do you want to tell me?"),
        ),
    ),
    Intent(
        "an angry face",
        (r"^[\s\W]*[👎😠😡🤬💢🙄😒][\W]*$",),
        (
            ("Not good? Tell me what to change.",),
            ("Fair enough.", "What would be better?"),
        ),
    ),
    Intent("an emoji of something to paint", run=see_emoji),
    Intent(
        "nothing but signs",
        (r"^\W*\?+\W*$",),
        (
            ("Was I unclear? I'm a small demo, it happens.", "Ask me again, or try “What can you do?”"),
            ("A question without words!", "I'm Vivian, a demo. Try “Show me a sunset”."),
        ),
    ),
    Intent(
        "nothing",
        (r"^\W*$",),
        (
            ("I'm listening.",),
            ("Take your time.",),
            ("Say it in words? I'm better with those.",),
            ("Hm, an interesting silence.", "I'll wait."),
        ),
    ),
    Intent(
        "a command that does not exist",
        (r"^!\w+",),
        (
            ("That command I don't know.", "`!help` lists mine, and `!fault help` what can be made to fail."),
            ("Not one of mine.", "`!help` lists the ones I know."),
        ),
    ),
)
