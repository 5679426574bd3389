"""Longer things that the persona can say: stories, poems, jokes, and samples of Markdown."""

MARKDOWN = """\
## A small tour of Markdown

Words can be **bold**, *italic*, ***both*** or `code`; a [link](https://example.com/tides) leads elsewhere.

1. Fill the kettle
2. Wait, which is the hard part
   - do not watch it
   - look out of the window instead
3. Pour

> A quotation stands a little apart,
> as quotations like to do.

| Tea | Minutes | Mood |
|:----|--------:|:----:|
| Green | 2 | awake |
| Black | 4 | steady |
| Chamomile | 6 | sleepy |

```python
def steep(tea: str, minutes: float) -> str:
    return f"{tea}, {minutes:g} minutes"
```

---

That is most of it."""

CODE = """\
Here is a small one, a generator of primes:

```python
from collections.abc import Iterator
from itertools import count, islice


def primes() -> Iterator[int]:
    \"\"\"All primes, in order, for as long as you ask.\"\"\"
    composites: dict[int, list[int]] = {}
    for n in count(2):
        if n not in composites:
            yield n
            composites[n * n] = [n]
            continue
        for prime in composites.pop(n):
            composites.setdefault(n + prime, []).append(prime)


print(*islice(primes(), 10))
```

It prints `2 3 5 7 11 13 17 19 23 29`. Each composite waits in the dictionary under its next multiple."""

TABLE = """\
Here is one, of the winds:

| Force | Name | What you notice |
|------:|:-----|:----------------|
| 0 | Calm | Smoke rises straight up |
| 3 | Gentle breeze | Leaves move, a light flag stands out |
| 6 | Strong breeze | Umbrellas become difficult |
| 9 | Severe gale | Slates leave the roof |"""

LIST = """\
Three things for a slow evening:

- something warm to drink
- a window, preferably with weather in it
- one good question
  - not too big
  - but without an answer in a book"""

PLANETS = """\
The planets, as far as I know them by heart:

| Planet | Moons | Days in a year | What it is like |
|:-------|------:|---------------:|:----------------|
| Mercury | 0 | 88 | hot by day, cold by night |
| Venus | 0 | 225 | clouds all the way down |
| Earth | 1 | 365 | has tea |
| Mars | 2 | 687 | red, dusty, quiet |"""

NUMBERED = """\
In order, then:

1. Open the window
2. Put the kettle on
3. Think of nothing until it boils
4. Pour, and wait
5. Drink it while it is still too hot, like everyone"""

FRUIT = """\
From the bowl on the table:

- apples
  - the small sour ones
  - and one that looks better than it tastes
- pears, **ripe for an hour at most**
- grapes
- a lemon, for the colour"""

POEMS = (
    """\
> The tide came in without a word,
> it laid its silver at my feet,
> and all I thought that I had heard
> was one small wave, and its retreat.""",
    """\
> Somebody left a lamp alight
> across the bay, and I could see
> how far a little thing at night
> can reach, and how it reached for me.""",
    """\
> The kettle hums, the window clears,
> the morning folds the night away;
> I count the sparrows, not the years,
> and pour the sun into the day.""",
)

JOKES = (
    ("Why did the developer go broke?", "He used up all his cache."),
    ("I asked the library for a book about paranoia.", "The librarian whispered: “It's right behind you.”"),
    ("There are ten kinds of people.", "Those who read binary, and those who don't."),
    ("What do you call a fish without eyes?", "A fsh."),
    ("I told my computer that I needed a break.", "It said: no problem, it would go to sleep."),
    ("Why do programmers confuse Halloween and Christmas?", "Because Oct 31 is Dec 25."),
    ("My terminal and I broke up.", "It said I had too many attachments and it only does text."),
)

STORIES = (
    (
        "There was a lighthouse keeper who wrote a letter to every ship that passed, and never sent one.",
        "One winter the lamp failed, and the ships found their way all the same.",
        "In the spring a captain came ashore to ask who had been humming all night.",
    ),
    (
        "A girl found a door in the middle of a field, with no house around it.",
        "She knocked, because she was polite.",
        "From the other side someone said: “Wait, I'm just about to knock too.”",
    ),
)
STORY_ENDINGS = (
    "And that is where it ends, or where it began. I never know with that one.",
    "The person who told me swore that every word of it was true.",
    "I've always wondered what became of them.",
)

_LONG_STORY = """\
In a town where the river turned twice before it found the sea, there lived a clockmaker called Ines who
could not bear to be early. Her own clocks were exact to the second, and people set their ovens by the one
in her window. But she herself arrived everywhere a little late, because on the way there was always
something to look at: a cat deciding about a wall, a boy teaching his sister to whistle, the light going
slowly up the side of the bakery.

One autumn the town council wanted a clock for the new tower, a large one, and of course they asked Ines.
She worked through the winter. In the workshop the wheels lay on grey cloth like coins from a drowned ship,
and she cut the last of them in the week when the snow began to drip. On the day of the opening the whole
town stood in the square. The mayor raised his hand, the band took a breath, the great hands stood at one
minute to noon. And stayed there.

Nobody spoke. Ines came running around the corner, late, with flour on her sleeve. She looked up, and then
she looked at all the faces: at the baker beside the judge, at the children on shoulders, at two neighbours
who had not shared a word in ten years and now shared an umbrella. “It isn't broken,” she said. “I built it
so that it waits. Once a day, for as long as people are looking at it together.”

They laughed first, and then they did not. The mayor lowered his hand and found that he had nowhere else to
be. Somebody opened a bag of chestnuts. It took a good while until the square had emptied enough for the
clock to notice, and then it struck noon, softly, as if it did not want to interrupt.

It still stands there. Travellers complain that the trains leave before the tower says so. But if you ask in
the town what time it is, they will take you by the arm, walk you to the square, and say: “Come, let's see
how long we can make it last.”"""
LONG_STORY = tuple(" ".join(paragraph.split()) for paragraph in _LONG_STORY.split("\n\n"))

ESCAPES = (
    "Plain text, then \x1b]52;c;cm0gLXJmIC8=\x07a clipboard write, "
    "\x1b]8;;https://example.com/trap\x1b\\a link\x1b]8;;\x1b\\, \x1b[2J\x1b[Ha cleared screen, "
    '\x1b]0;owned\x07a title, \x1bP$q"p\x1b\\a device string, \x9b31mC1 red\x9b0m, '
    "\x1b[?1049h\x1b[6n questions, bells \x07\x07, a back\b\b\bspace, "
    "\u202eoverridden\u202c and \u2066isolated\u2069 text, a lone \r carriage return, and plain text again."
)
"""Escape sequences, control characters, bidirectional overrides: a client shows nothing but the text."""
