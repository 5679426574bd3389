"""What the persona says about itself, the demo and the application: rows of the persona's table."""

from animus_tui.demo.account import STARTING_CREDITS
from animus_tui.demo.intent import Intent

ABOUT_ME = (
    Intent(
        "no credits left",
        (
            r"(?:use up|use|spend|burn|take away|take|empty|waste) (?:up )?(?:all )?(?:of )?my (?:\w+ )?credits?",
            r"(?:let )?my credits run out",
        ),
        (
            (
                "All gone: the account has no credits now.",
                "Try `/image a boat --count 2` to see what that looks like. “Top up my credits” brings them back.",
            ),
        ),
        credits=0.0,
    ),
    Intent(
        "new credits",
        (
            r"(?:top up|refill|fill up|renew|restore|reset|bring back)(?: all)?(?: of)? (?:my|the) (?:\w+ )?credits?",
            r"(?:give me|i need|i want|buy)(?: me)? (?:some |a few )?(?:more |new )?credits",
        ),
        ((f"Done: {STARTING_CREDITS:g} new credits.", "It's play money, so be generous with it."),),
        credits=STARTING_CREDITS,
    ),
    Intent(
        "what I can do",
        (
            (
                "what (?:can|do|else can) you do|what are you (?:able|good)|how does (?:this|it) work|"
                "how do (?:you|i) work this"
            ),
            (
                "what (?:should|can|could) i (?:say|ask|try|do)(?: (?:here|now|you|next))?|commands|"
                "^help|help me$|"
                "how do i (?:start|begin|use)"
            ),
        ),
        (
            (
                "I chat, and I send pictures: “Show me a sunset”, then “Make the colours more vibrant”.",
                "For more control there is the studio: `/image`, `/edit`, `/character` and `/video`.",
                "I know stories, poems and jokes too, and for testing there are `!help` and `!fault help`.",
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
        ("what(?:'s| is) your name|who are you|tell me (?:\\w+ )?about you(?:rself)?|introduce yourself",),
        (
            (
                "I'm Vivian, a demo persona that lives inside this application.",
                "No model, no cloud: nothing you type leaves this machine.",
            ),
            ("Vivian.", "Honestly? A table of phrases with good manners, running on your own machine."),
        ),
    ),
    Intent(
        "what this is",
        (
            "what(?:'s| is) (?:this|that)(?: (?:app|application|program|thing|place|chat|about|here|for))?$",
            (
                "what(?:'s| is) (?:this|that)(?: (?:app|application|program|thing|place|chat|about|here|"
                "for))?[?!.]"
            ),
            (
                "where am i|what(?:'s| is) animus(?:-chat)?|what(?:'s| is) this (?:app|application|"
                "program|all about)"
            ),
        ),
        (
            (
                "This is animus-chat, a chat application for your terminal.",
                "And I'm its built-in demo: a small program on your own machine, so that you can try everything.",
            ),
            (
                "A chat with pictures, in a terminal.",
                "You are talking to the demo that comes with it. With an account, a real model would answer here.",
            ),
        ),
    ),
    Intent(
        "being a demo",
        (
            (
                r"(?:you|this|it|that)(?:'s|'re| is| are)? (?:\w+ )?(?:an? |just |only |the )*demo|"
                r"what(?:'s| is| does) (?:an? |the )?demo\b.*|is (?:this|it|that) (?:an? |just |only |"
                r"the )*demo"
            ),
        ),
        (
            (
                "Yes, a demo: phrases from a table, pictures from a small painter program.",
                "All of it on your machine.",
            ),
            (
                "That's right, I'm the demo.",
                "It's for trying the application before you sign in to the real service.",
            ),
        ),
    ),
    Intent(
        "what I see",
        (
            r"what (?:do|can) you see(?: (?:from|through|out of|in front of) .*)?\W*$",
            "can you (?:see|hear) (?:me|us|this)",
        ),
        (
            (
                "Nothing, honestly: I have no eyes and no window, only your words.",
                "Shall I paint you something?",
            ),
            ("Only this conversation.", "But I can make up a view. Shall I paint you something?"),
        ),
    ),
    Intent(
        "what I am",
        (
            (
                "(?:are|r) (?:you|u) (?:an? |really |even |actually |just |only |some kind of |the )*"
                "(?:real|human|person|machine|alive|conscious|ai|a\\.i\\.|bot|robot|chat ?bot|"
                "chat ?gpt|gpt\\S*|claude|gemini|"
                "llama|siri|program|demo|model|llm|computer|fake|script|sentient|woman|man|girl|boy|there)"
            ),
            (
                "you(?:'re| are) (?:an? |really |just |only |not )*(?:real|human|person|bot|robot|demo|"
                "ai|machine|program)"
            ),
            (
                "is (?:this|that|it) (?:an? |real |really |just |only )*(?:ai|a\\.i\\.|bot|demo|model|"
                "llm|chat ?gpt|human|person)"
            ),
            "(?:which|what) (?:\\w+ )?(?:model|llm|ai) (?:are|is|do)",
            (
                "how old are you|where (?:are|do) you (?:from|live)|where are you|what are you|"
                "(?:do|can) you (?:really )?(?:think|feel|understand|learn|dream|sleep|eat)(?=\\W*$)"
            ),
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
            (
                "Honestly: a demo with a table of phrases, no AI behind it.",
                "The real service would put a language model in my place.",
            ),
        ),
    ),
    Intent(
        "the real service",
        (
            (
                "real (?:service|thing|server|model|ai|one)|(?:sign|log) ?in|log ?on|api[- ]?key|"
                "(?:my|an|the) account|"
                "connect|set ?up|configur\\w+|animus(?:ai)?"
            ),
        ),
        (
            (
                "For the real service, quit and run `animus-chat init`: it asks for a token address or an API key.",
                "I'm only the demo that answers as long as nothing is configured.",
            ),
            (
                "With `animus-chat init` you sign in to the real one.",
                "Then a real model answers, and I go back to my table of phrases.",
            ),
        ),
    ),
    Intent(
        "who made me",
        (
            (
                "who (?:made|built|wrote|created|programmed|designed|developed|trained) (?:you|this)|"
                "your (?:maker|creator)"
            ),
        ),
        (
            (
                "The people who made animus-chat wrote me along with it.",
                "I'm the part that answers while no real service is configured.",
            ),
            (
                "I came with the application, as a stand-in.",
                "It's the source folder `demo`, if you like to look.",
            ),
        ),
    ),
    Intent(
        "my pictures",
        (
            (
                r"who (?:paints|painted|draws|drew|makes|made|creates) (?:the|these|those|your|that|"
                r"this) ?(?:pictures?|"
                r"images?|paintings?|one)?"
            ),
            (
                r"(?:are|is) (?:the|these|those|your|this|that) (?:pictures?|images?|paintings?|"
                r"photos?) (?:real|ai|generated|"
                r"made|from|yours|fake|photos?)\b"
            ),
            (
                r"how (?:do|did|can) you (?:paint|draw|make|create|generate|do (?:that|this|it))|"
                r"do you (?:paint|draw)|"
                r"why (?:is|are|does) (?:it|they|this|that|the pictures?)\b.*(?:abstract|strange|odd|"
                r"weird|wrong)"
            ),
        ),
        (
            (
                "I paint them myself, on your machine, from the words: no image model, just brushes made of code.",
                "So expect landscapes rather than masterpieces.",
            ),
            (
                "They are drawn by a small painter program from the words it knows.",
                "What it doesn't know becomes something abstract. It's a demo, after all.",
            ),
        ),
    ),
    Intent(
        "money",
        ("(?:cost|costs|price|pricing|free|pay|paid|credits?|subscription)",),
        (
            (
                "The demo costs nothing: no real account, no network, and credits that are play money.",
                "The real service has its own plans and takes credits for pictures.",
            ),
            (
                "With me everything is free: the studio's credits are play money.",
                "“Use up my credits” shows what happens without, “top up my credits” brings them back.",
            ),
        ),
    ),
    Intent(
        "privacy",
        (
            "privacy|private|leave (?:my|this) (?:machine|computer)",
            (
                "who can (?:see|read)|are you online|internet|cloud|offline|(?:my|our) (?:data|"
                "chats?|messages?) "
                "(?:is |are )?(?:stored|saved|kept|safe|go)|(?:save|store|keep|log)s? (?:my|"
                "our) (?:data|chats?|messages?)"
            ),
        ),
        (
            (
                "Nothing leaves this machine while you talk with the demo.",
                "Your chat is a file in your own data folder.",
            ),
            (
                "It all stays here: no network, no account.",
                "What we say is kept in a file in your data folder, and only there.",
            ),
        ),
    ),
    Intent(
        "my memory",
        (
            "(?:do|will|can) you (?:still )?(?:remember|forget)(?! my name| what i)",
            "remember (?:me|this|that|us)|good memory",
        ),
        (
            (
                "I remember what stands in this conversation: your name, the last picture.",
                "Another conversation starts from nothing.",
            ),
            (
                "As long as this conversation is open, yes.",
                "It is still there after a restart, so I'd read it again.",
            ),
        ),
    ),
    Intent(
        "how to use the application",
        (
            (
                r"how (?:do|can|to) (?:i )?(?:save|export|download|keep|copy|quit|exit|close|leave|"
                r"regenerate|stop|cancel|"
                r"start a new|open|delete|scroll|zoom|resize|change the (?:theme|keys?|model|settings?))"
            ),
            "(?:which|what) keys?|short ?cuts?|key ?bindings?",
        ),
        (
            (
                "`Ctrl+S` saves the picture, `Ctrl+R` paints it anew, `Esc` cancels, `Ctrl+Q` quits.",
                "`F1` shows all keys, and a `/` in the message box lists the commands.",
            ),
            (
                "Press `F1` in the application: it lists every key.",
                "The ones you need first: `Ctrl+S` saves a picture, `Ctrl+N` starts anew, `Ctrl+Q` quits.",
            ),
        ),
    ),
)
