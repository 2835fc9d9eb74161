"""Which words of a text count when it is searched? (L3, pure) Stems without the empty ones.

Stems need not be words: what matters is that "adjusting", "adjusted" and "adjusts" meet. Rules are
those of Porter (1980), shortened; German and Spanish lose their commonest endings.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

LONGEST = 40  # letters of a word; anything longer is no word people ask for
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[^\W_]+")

_ENGLISH = """a about above after again against all also am an and any anybody anyone anything
are aren't as at be because been before being below between both but by can can't cannot could
couldn't did didn't do does doesn't doing don't down during each either else ever every few for
from further get gets getting give go goes going got had hadn't has hasn't have haven't having he
he'd he'll he's her here here's hers herself hi him himself his how how's i i'd i'll i'm i've if
in into is isn't it it's its itself just let let's like may me might mine more most much must my
myself need no nor not of off often ok on once one only or other ought our ours ourselves out over
own please really same she she'd she'll she's should shouldn't so some somebody someone something
still such than thanks that that's the their theirs them themselves then there there's these they
they'd they'll they're they've thing things this those though through thus to too under until up
upon us very was wasn't we we'd we'll we're we've were weren't what what's when when's where
where's whether which while who who's whom whose why why's will with within without won't would
wouldn't yet you you'd you'll you're you've your yours yourself yourselves tell explain say says
said mean means know anyway actually"""
_GERMAN = """aber alle als also am an auch auf aus bei beim bin bis bist da damit dann das
dass dein dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du
durch ein eine einem einen einer eines er es etwas euch euer für gegen hab habe haben hat hatte
hier hin hinter ich ihm ihn ihr ihre im in ist ja jede jeder jedes jetzt kann kannst kein keine
können könnte machen man mehr mein meine mich mir mit muss musst müssen nach nicht nichts noch nun
nur ob oder ohne sehr sein seine sich sie sind so soll sollte sonst über um und uns unser unter
viel vom von vor wann warum was weil welche welcher welches wenn wer werde werden wie wieder will
wir wird wirst wo wofür woher womit wozu wurde würde zu zum zur zwischen"""
_SPANISH = """al algo algún alguna algunas alguno algunos ante antes aquí así aún aunque cada
como cómo con contra cosa cuál cuáles cuando cuándo cuánto de del desde donde dónde dos durante el
él ella ellas ellos en entonces entre era es esa ese eso esta está están este esto estos fue ha
hace hacer hay hasta la las le les lo los más me mi mí mientras mucho muy nada ni no nos nosotros
o otra otro para pero poco por porque por qué puede puedo pues que qué quién quiero se sea según
ser si sí sido sin sobre son su sus también tan tanto te tengo ti tiene todo todos tu tú un una
uno unos usted va y ya yo"""
_ARABIC = """في من على إلى عن ما ماذا هل كيف لماذا متى أين هو هي هذا هذه ذلك تلك التي الذي أن
إن لا لم لن قد كان كانت مع أو ثم كل بعد قبل عند بين حتى إذا"""
EMPTY = frozenset(f"{_ENGLISH} {_GERMAN} {_SPANISH} {_ARABIC}".split())

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize",
    "isation": "ize", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al",
    "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive",
    "biliti": "ble", "entli": "ent", "ousli": "ous", "alli": "al", "eli": "e", "bli": "ble",
    "logi": "log", "fulli": "ful", "lessli": "less", "ingli": "",
}  # fmt: skip
_STEP_3 = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
}  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ent", "ism", "ate", "iti", "ous", "ive",
    "ize", "ise", "ion", "al", "er", "ic", "or",
)  # fmt: skip
_MARKED = re.compile(r"[äöüßáéíóúñ]")


def words(text: str) -> tuple[str, ...]:
    """Return the stems of a text in order, without words that say nothing by themselves."""
    return tuple(stem(word) for word in spelled(text) if word not in EMPTY)


def spelled(text: str) -> Iterator[str]:
    """Yield the words of a text as they are written, in small letters; numbers are words."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    for found in _WORD.finditer(plain):
        word = found.group()
        if len(word) <= LONGEST and (len(word) > 1 or word.isdigit()):
            yield word.removesuffix("'s") if word not in EMPTY else word


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the stem of a word in small letters; numbers and short words are as they are."""
    if len(word) < 4 or not word.isalpha():
        return word.replace(",", ".") if word[:1].isdigit() else word
    if not word.isascii():
        return _without_ending(word) if _MARKED.search(word) else _without_article(word)
    for step in (_plural, _past, _final_y):
        word = step(word)
    word = _replaced(word, _STEP_2)
    word = _replaced(word, _STEP_3)
    return _final_e(_stripped(word))


def _without_ending(word: str) -> str:
    for ending in ("en", "er", "es", "em", "as", "os", "e", "s", "n", "a", "o"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def _without_article(word: str) -> str:
    for article in ("وال", "بال", "كال", "فال", "ال", "لل"):
        if word.startswith(article) and len(word) - len(article) >= 3:
            return word.removeprefix(article)
    return word


def _measure(word: str) -> int:
    """Return how many times vowels are followed by consonants (Porter's m)."""
    shape = re.sub(r"[^aeiouy]+", "c", re.sub(r"[aeiouy]+", "v", word))
    return shape.count("vc")


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and re.search(r"[aeiouy]", root) and len(root) > 2:
            return _repaired(root)
    return word


def _repaired(root: str) -> str:
    if root.endswith(("at", "bl", "iz")):
        return root + "e"
    if root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    return root


def _final_y(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


def _replaced(word: str, endings: dict[str, str]) -> str:
    for ending, instead in endings.items():
        if word.endswith(ending):
            root = word.removesuffix(ending)
            return root + instead if _measure(root) > 0 else word
    return word


def _stripped(word: str) -> str:
    for ending in _STEP_4:
        if word.endswith(ending):
            root = word.removesuffix(ending)
            if _measure(root) <= 1 or (ending == "ion" and root[-1] not in "st"):
                return word
            return root
    return word


def _final_e(word: str) -> str:
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
