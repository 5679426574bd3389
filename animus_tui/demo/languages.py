"""Which language a short text is in, as far as everyday words and scripts tell. Pure."""

import re
import unicodedata

_WORDS = {
    "German": (
        "ich du und nicht wie geht dir kannst mir bitte zeig zeige ein eine einen mich ist das heißt "
        "guten tag danke wer bist möchte"
    ),
    "French": (
        "je tu est les une bonjour merci peux montre moi comment ça va vous suis un le la quel salut "
        "s'il plaît"
    ),
    "Spanish": (
        "hola qué cómo estás puedes gracias por favor muéstrame una el la los yo quiero buenos días "
        "eres es un me"
    ),
    "Italian": (
        "ciao come stai puoi grazie per favore mostrami una il che sono voglio buongiorno chi sei è un mi"
    ),
    "Portuguese": "olá como está você pode obrigado obrigada mostre uma o não quero bom dia quem é um me",
    "Dutch": (
        "hallo hoe gaat het met je kun mij laat zien een ik niet dank wie ben bent jij goedemorgen van"
    ),
}
LANGUAGES = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_ENGLISH = """
the a an is are am i you me my your and to of it in on what how who can could do does show tell please
this that with for hello hi hey thanks make more not
"""
ENGLISH = frozenset(_ENGLISH.split())
SCRIPTS = frozenset(
    {"CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "DEVANAGARI", "THAI"}
)


def is_foreign_script(text: str) -> bool:
    """Whether most letters are of another script than Latin."""
    letters = [unicodedata.name(c, "").replace("-", " ").split(" ")[0] for c in text if c.isalpha()]
    return sum(script in SCRIPTS for script in letters) * 2 > len(letters)


def foreign_language(text: str) -> str | None:
    """The language of a text with two or more of its everyday words, and more of them than English ones."""
    words = set(re.findall(r"[^\W\d_][\w']*", text.lower()))
    scores = {name: len(words & known) for name, known in LANGUAGES.items()}
    name = max(scores, key=lambda language: scores[language])
    return name if scores[name] >= 2 and scores[name] > len(words & ENGLISH) else None
