"""Everyday words of other languages that name things to paint, and emoji, put into English. Pure.

This is no translation: the words that are known are put in place of the foreign ones, the rest stays as it is.
Words that mean something else in English (`chat`, `see`, `mare`) are left out.
"""

import re
import unicodedata
from collections.abc import Iterator

_WORDS = {
    "sunset": "sonnenuntergang coucher_de_soleil coucher_du_soleil puesta_de_sol puesta_del_sol "
    "atardecer tramonto "
    "por_do_sol zonsondergang закат заката",
    "sunrise": "sonnenaufgang lever_de_soleil lever_du_soleil amanecer alba nascer_do_sol zonsopgang рассвет",
    "sea": "meer ozean ocean_pacifique mer plage_et_mer oceano mare_aperto il_mare al_mare sul_mare "
    "zee море моря морем",
    "beach": "strand plage playa spiaggia praia пляж",
    "lake": "bergsee am_see ein_see einen_see lac lago meertje озеро озера",
    "mountains": "berg berge bergen gebirge montagne montagnes montana montanas montagna montanha "
    "montanhas горы гора",
    "forest": "wald walder foret forets bosque foresta bosco floresta bos лес леса лесу",
    "city": "stadt ville ciudad citta cidade город города",
    "desert": "wuste desierto deserto woestijn пустыня",
    "flowers": "blumen blume fleurs fleur flores fiori bloemen цветы",
    "night": "nacht nachts nuit noche notte noite ночь ночью",
    "stars": "sterne etoiles estrellas stelle estrelas sterren звезды",
    "moon": "mond lune luna lua maan луна луны",
    "snow": "schnee neige nieve neve sneeuw снег снегу",
    "rain": "regen pluie lluvia pioggia chuva дождь",
    "autumn": "herbst automne otono autunno outono herfst осень",
    "winter": "hiver invierno inverno зима зимой",
    "cat": "katze kater gato gatto kat кошка кот кота кошку",
    "dog": "hund chien perro cane cachorro hond собака собаку",
    "horse": "pferd cheval caballo cavallo cavalo paard лошадь",
    "bird": "vogel oiseau pajaro uccello passaro птица",
    "wolf": "loup lobo lupo волк волка",
    "fox": "fuchs renard zorro volpe raposa vos лиса лису",
    "house": "haus maison casa huis дом",
    "castle": "schloss burg chateau castillo castello castelo kasteel замок",
    "boat": "boot segelboot bateau barco barca лодка корабль",
    "lighthouse": "leuchtturm phare faro farol vuurtoren маяк",
    "tree": "baum arbre arbol albero arvore boom дерево",
    "woman": "frau femme mujer donna mulher vrouw женщина женщину",
    "man": "mann homme hombre uomo homem мужчина мужчину",
    "red": "rot rote roter rotes rouge rojo roja rosso rossa vermelho rood красный",
    "blue": "blau blaue bleu bleue azul azzurro blauw синий",
    "green": "grun grune vert verte verde groen зеленый",
}  # fmt: skip
_SIGNS = {
    "sunset": "夕日 夕焼け 日没 日落 석양 노을",
    "sunrise": "日の出 日出 朝日",
    "sea": "海 바다",
    "mountains": "山 산",
    "forest": "森 森林 숲",
    "lake": "湖 호수",
    "city": "街 城市 都市 도시",
    "night": "夜 밤",
    "moon": "月",
    "snow": "雪 눈",
    "flowers": "花 꽃",
    "cat": "猫 貓 고양이",
    "dog": "犬 狗",
    "horse": "馬 马",
    "castle": "城",
    "woman": "女",
    "house": "家",
}
"""Of scripts that are written without gaps: also found inside a longer run of signs."""
_SIGHT = {
    "water wave": "sea",
    "beach with umbrella": "beach",
    "desert island": "beach",
    "palm tree": "palm",
    "evergreen tree": "forest",
    "deciduous tree": "tree",
    "night with stars": "city night",
    "cityscape": "city",
    "milky way": "milky way",
    "ringed planet": "planet",
    "cherry blossom": "spring flowers",
    "fallen leaf": "autumn",
    "maple leaf": "autumn",
    "snowflake": "snow",
    "sailboat": "boat",
    "house building": "house",
}
"""Names of emoji that say something else than what is seen on them."""


def _plain(text: str) -> str:
    """Return the text in lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def _turned_over(table: dict[str, str]) -> dict[str, str]:
    """Return foreign → English, the longest first."""
    pairs = (
        (_plain(word.replace("_", " ")), thing) for thing, line in table.items() for word in line.split()
    )
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


_ENGLISH = _turned_over(_WORDS)
_ENGLISH_OF_SIGNS = _turned_over(_SIGNS)
_KNOWN = re.compile(
    rf"(?<!\w)(?:{'|'.join(map(re.escape, _ENGLISH))})(?!\w)|{'|'.join(map(re.escape, _ENGLISH_OF_SIGNS))}"
)
_SHOWING = re.compile(
    r"\b(?:zeig\w*|male?\b|zeichne\w*|montre\w*|dessine\w*|peins|muestra\w*|mostrar\w*|ensena\w*|dibuja\w*|"
    r"pinta\w*|mostra\w*|mostre\w*|disegna\w*|dipingi\w*|desenh\w*|laat\b.*\bzien|teken|schilder|покаж\w*|нарису\w*)"
    r"|見せて|描いて|みせて|给我看|画|보여|그려",
)


def shows(text: str) -> bool:
    """Whether someone asks in another language to be shown or painted something."""
    return _SHOWING.search(_plain(text)) is not None


def things(text: str) -> list[str]:
    """The things to paint that are named in another language, in English, in their order, each once."""
    found = _KNOWN.findall(_plain(text))
    return list(dict.fromkeys(_ENGLISH.get(word) or _ENGLISH_OF_SIGNS[word] for word in found))


def sights(text: str) -> list[str]:
    """What the emoji of a text show, in English."""
    return list(dict.fromkeys(_sights(text)))


def _sights(text: str) -> Iterator[str]:
    for sign in text:
        if unicodedata.category(sign) == "So":
            name = unicodedata.name(sign, "").lower()
            # An animal has two emoji, of which one is only its face.
            yield _SIGHT.get(name, name.removesuffix(" face"))


def in_english(text: str) -> str:
    """Return the text followed by what is named in it in other languages and shown by emoji."""
    return " ".join([text, *things(text), *sights(text)])
