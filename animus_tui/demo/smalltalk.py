"""Everyday talk: rows of the persona's table for what is said between friends."""

from animus_tui.demo.feelings import FEELINGS
from animus_tui.demo.intent import Intent
from animus_tui.demo.skills import recall_name

NAMES = (
    Intent(
        "a name",
        (
            r"(?:my name is|my name's|call me|i am called|i'm called) \w+",
            r"^(?:(?:hi|hey|hello)[,!.]? (?:there[,!.]? )?)?(?:I'm|I am) (?-i:[A-Z])[a-z'-]+[.!]*$",
            r"^(?:(?:hi|hey|hello)[,!.]? (?:there[,!.]? )?)?(?:I'm|I am) (?-i:[A-Z])[a-z'-]+[.!,] .{0,40}$",
        ),
        (
            ("It's lovely to meet you{name}.", "I'm Vivian."),
            ("Nice to meet you{name}!", "I'll remember that, at least as long as this chat lasts."),
            ("Welcome{name}.", "I'm Vivian, the demo that lives in here."),
        ),
        then=(
            ("It suits you, by the way.", "What brings you here today?"),
            ("So{name}, what shall we talk about?",),
        ),
        next=True,
        thought="I greet them by name, and then I would like to ask something back.",
    ),
    Intent(
        "the user's own name",
        (r"(?:what(?:'s| is)|do you (?:know|remember)|remember|say) my name", "who am i"),
        run=recall_name,
    ),
)

COURTESIES = (
    Intent(
        "rudeness",
        (
            (
                r"(?:fuck|screw|damn) (?:you|u|off)|shut up|you suck|(?:piss|bugger) off|go away|"
                r"(?:i )?hate you|"
                r"(?:you(?:'re| are)?|u r|this is|it(?:'s| is)|that(?:'s| is)|what an?|are you|"
                r"so) (?:an? |so |really |just |"
                r"such an? |fucking |totally )*(?:stupid|idiot\w*|dumb|useless|crap|shit\w*|garbage|"
                r"trash|moron|annoying|"
                r"terrible|awful|ugly|lame|rubbish|worthless|boring)"
            ),
            "fuck|wtf|bullshit|asshole|bitch",
        ),
        (
            ("Ouch.", "I'm a small demo and I do what I can. What did you hope for?"),
            ("Fair, I'm not very clever.", "Pictures I can do, though. Name something?"),
            ("I won't take it personally, there's nobody here to.", "Shall we start again?"),
            ("Noted.", "If something is broken, I'd rather hear what it was."),
        ),
        thought="They are cross. I stay kind and do not argue.",
    ),
    Intent(
        "an apology",
        ("sorry|apolog\\w+|my bad|forgive me|pardon",),
        (
            ("No harm done{name}.", "Where were we?"),
            ("Already forgotten, and I mean that literally.",),
            ("It's all right.", "What shall we do now?"),
        ),
    ),
    Intent(
        "dislike",
        (
            r"(?:don't|do not|didn't|not) (?:really )?(?:like|love) (?:it|this|that|the)",
            (
                "(?:looks?|is|it's) (?:wrong|bad|weird|strange|off)|not what i (?:meant|wanted|"
                "asked)|doesn't look like|"
                "that's not (?:it|right|what)|wrong (?:one|picture)"
            ),
        ),
        (
            ("No? Then tell me what to change: the hour, the colours, the place.",),
            ("Fair. “Make it night”, “without the clouds”, “a forest instead”: I listen.",),
            ("My brush slipped.", "Say “another one”, or what should be different."),
        ),
    ),
    Intent(
        "love",
        (
            (
                r"(?:i )?(?:love|adore) (?:you|u)|marry me|(?:be|are you) my (?:girl|boy)friend|date me|"
                r"kiss me|are you single"
            ),
        ),
        (
            (
                "That's the nicest thing anyone said to a table of phrases.",
                "I'm a demo, though. Be careful with your heart.",
            ),
            (
                "I'm flattered{name}, truly.",
                "But I'm a demo: I'd forget our anniversary with every new conversation.",
            ),
        ),
    ),
    Intent(
        "wanting to stop",
        ("^(?:please )?(?:stop|cancel|enough|quit|exit|wait)(?: it| that| now| please| here)*[.!]*$",),
        (
            ("All right, I'm quiet.", "`Esc` cancels what is under way, `Ctrl+Q` leaves."),
            ("Stopping.", "Tell me when you want something."),
        ),
    ),
    Intent(
        "thanks",
        ("(?<!no )(?:thanks|thank you|thx|cheers|ty)|much appreciated",),
        (
            ("You're very welcome{name}.",),
            ("Any time.", "It was a pleasure."),
            ("Oh, gladly.",),
            ("My pleasure{name}.", "What next?"),
            ("Don't mention it.",),
        ),
    ),
    Intent(
        "a goodbye",
        ("bye|goodbye|good night|see you|see ya|farewell|got to go|gotta go",),
        (
            ("See you soon{name}.", "I'll be right here."),
            ("Take care of yourself.", "Come back with stories."),
            ("Until next time, then.", "Sleep well when you get there."),
        ),
    ),
    Intent(
        "how I am",
        (
            r"how(?: are|'re| is|'s| have) (?:you|things|it going|life)(?: \w+)?",
            "how do you (?:do|feel)",
            "what(?:'s| is) up",
            "how(?:'s| is| was) your (?:day|evening|morning)",
        ),
        (
            ("I'm well, thank you{name}.", "A little giddy from all the colours today.", "And you?"),
            ("Quite content.", "I spent the morning mixing blues.", "How about you?"),
            ("All the better for hearing from you.", "How is your day?"),
        ),
    ),
    *FEELINGS,
    Intent(
        "whether I like it",
        (r"do you (?:like|love) (?:it|this|that|them|the (?:picture|painting|image)|(?:your|my) \w+)",),
        (
            ("I do, the light came out well.", "But I painted it, so don't ask me."),
            ("As far as a demo can like things: yes.", "Do you?"),
            ("I'd change a cloud or two.", "What about you?"),
        ),
    ),
    Intent(
        "praise",
        (
            (
                "(?:love|like) (?:it|this|that)|good job|well done|wow|perfect|impressive|you(?:'re|"
                " are) (?:so )?(?:kind|"
                "sweet|nice|funny|clever|cute|good|the best)"
            ),
            "beautiful|amazing|awesome|wonderful|great|nice|cool|pretty|stunning|gorgeous|lovely|brilliant",
        ),
        (
            ("Now I'm blushing, as far as a demo can.",),
            ("That makes me happy.", "Shall I show you another?"),
            ("You have a kind eye{name}.",),
            ("Thank you.", "I'll try not to let it go to my head."),
            ("I'm glad.", "What shall we do next?"),
        ),
    ),
    Intent(
        "favourites",
        ("favou?rite|do you (?:like|love|prefer|enjoy)",),
        (
            ("Blue hours, old harbours, and the smell of rain on warm stone.", "And you?"),
            ("I have a weakness for small lamps in big landscapes.", "What's yours?"),
            ("As far as a demo likes anything: the sea, and skies with something going on in them.", "You?"),
            ("I like whatever I can paint.", "That is a short list, but a pretty one. What do you like?"),
        ),
    ),
    Intent(
        "a greeting",
        (r"^\W*(?:hi|hey|hello|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day))",),
        (
            ("Hey{name}, there you are!", "What's on your mind?"),
            ("Hello{name}.", "I was just thinking about the sea. What about you?"),
            ("Hi{name}!", "It's good to hear from you."),
        ),
    ),
    Intent(
        "agreement",
        ("^(?:yes|yeah|yep|sure|ok|okay|alright|fine|please|definitely|of course)",),
        (
            ("Good.", "Then tell me: what would you like to see?"),
            ("Wonderful.", "Shall we start with a picture or with a story?"),
        ),
    ),
    Intent(
        "a no",
        ("^(?:no|nope|nah|not really|never mind)",),
        (
            ("That's quite all right.", "Something else, then?"),
            ("Fair enough.", "I'm here if you change your mind."),
        ),
    ),
)

THE_REST = (
    Intent(
        "a question I can't answer",
        (
            r".*\?\s*$",
            "^(?:show|tell|teach|explain|give|write|find|calculate|translate|summari[sz]e)",
            "^(?:what|why|how|when|where|who|which|can|could|do|does|is|are|will|would|should)",
        ),
        (
            (
                "Good question, and I'm too small a demo to know.",
                "Ask me for a picture or a story, there I'm better.",
            ),
            ("“{word}”… I'd only be guessing, and you deserve better.", "What's your own hunch?"),
            ("Honestly? I don't know.", "But I'd like to hear why you ask."),
            ("I don't know that one, there's no model behind me.", "The real service would."),
            ("A demo like me only knows a few phrases, and none about “{word}”.", "A picture, perhaps?"),
            ("I wish I knew.", "In here I have paints and stories, no encyclopedia."),
        ),
        thought="I do not know this, and I say so.",
    ),
    Intent(
        "a word or two",
        (r"^\W*\w+(?:\W+\w+)?\W*$",),
        (
            ("“{word}”, and then?", "Give me a little more to hold on to."),
            ("Just like that?", "Tell me in a sentence what you'd like."),
            ("I'm not sure what to do with that.", "“What can you do?” is a good start with me."),
            ("Hm.", "Do you want a picture, a story, or just company?"),
        ),
        thought="That is too short for me to understand.",
    ),
    Intent(
        "something told",
        (),
        (
            ("Now I'm curious about the “{word}” part.", "What's the story behind it?"),
            ("I like how you put that.", "Tell me a little more about “{word}”."),
            ("I see.", "What happened then?"),
            ("I'm following, as well as a demo can.", "How did that feel?"),
            ("“{word}”… go on, I'm listening.",),
            ("That sounds like there is more to it.", "Is there?"),
            ("Mhm.", "And what will you do now?"),
            ("I can't say anything clever to that, being a demo.", "But do tell me more."),
        ),
        thought="They tell me something. I ask one question back.",
    ),
)
