"""Which forms of a word are one word? (L3, pure) Stems of the languages lessons are written in.

Stems need not be words: what matters is that "used", "uses" and "using" meet. English is Porter's
second stemmer (https://snowballstem.org/algorithms/english/stemmer.html) after a list of irregular
forms, German is CISTEM (Weissweiler & Fraser 2017), Arabic is light10 (Larkey, Ballesteros &
Connell 2007) with the beginnings of verbs; Spanish loses its commonest endings.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Stemmer = Callable[[str], str]

_VOWELS = "aeiouy"
_NO_CHANGE = frozenset(
    ("sky", "news", "atlas", "cosmos", "bias", "andes", "early", "only", "inning", "outing")
)
_DOUBLE = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_R1_BEGINS = ("gener", "commun", "arsen")
_LI_AFTER = frozenset("cdeghkmnrt")

_STEP_2 = (
    ("ization", "ize"), ("isation", "ize"), ("ational", "ate"), ("fulness", "ful"),
    ("ousness", "ous"), ("iveness", "ive"), ("tional", "tion"), ("biliti", "ble"),
    ("lessli", "less"), ("entli", "ent"), ("ation", "ate"), ("alism", "al"), ("aliti", "al"),
    ("ousli", "ous"), ("iviti", "ive"), ("fulli", "ful"), ("enci", "ence"), ("anci", "ance"),
    ("abli", "able"), ("izer", "ize"), ("iser", "ize"), ("ator", "ate"), ("alli", "al"),
    ("bli", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("alise", "al"), ("icate", "ic"),
    ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous",
    "ive", "ize", "ise", "al", "er", "ic",
)  # fmt: skip

# Irregular forms, the one that stands for all of them first.
_IRREGULAR = """
arise arose arisen; be; bear bore borne; beat beaten; become became; begin began begun; bend bent
bite bit bitten; bleed bled; blow blew blown; break broke broken; breed bred; bring brought
build built; burn burnt; buy bought; catch caught; choose chose chosen; cling clung; come came
creep crept; deal dealt; dig dug; do did; draw drew drawn; dream dreamt; drink drank drunk
drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find
flee fled; fly flew flown flies; forbid forbade forbidden; forget forgot forgotten; forgive forgave
forgiven; freeze froze frozen; give gave given; grind; grow grew grown; hang hung; have had
hear heard; hide hid hidden; hold held; keep kept; kneel knelt; know knew known; lay laid; lead led
lean leant; leap leapt; learn learnt; leave; lend lent; lie lying lain; light lit; lose lost
make made; mean meant; meet met; pay paid; ride rode ridden; ring rang rung; rise rose risen
run ran; say said; see saw seen; seek sought; sell sold; send sent; sew sewn; shake shook shaken
shine shone; shoot shot; show shown; shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat
sleep slept; slide slid; speak spoke spoken; spend spent; spill spilt; spin spun; spoil spoilt
stand stood; steal stole stolen; stick stuck; sting stung; strike struck; swear swore sworn
sweep swept; swell swollen; swim swam swum; swing swung; take took taken; teach taught; tear tore
torn; tell told; think thought; throw threw thrown; understand understood; wake woke woken
wear wore worn; weave wove woven; weep wept; win won; wind; write wrote written; go went gone
child children; person people persons; man men; woman women; foot feet; tooth teeth; mouse mice
goose geese; leaf leaves; knife knives; wife wives; half halves; shelf shelves; loaf loaves
wolf wolves; criterion criteria; datum data; index indices; axis axes; analysis analyses
hypothesis hypotheses; crisis crises; matrix matrices; bacterium bacteria; fungus fungi
medium media; die died dying dies; tie tied tying ties; good better best; bad worse worst
far farther further; little less least; analyze analyse analysed analysing
"""


def _of_list(text: str) -> Mapping[str, str]:
    groups = (group.split() for group in re.split(r"[;\n]", text))
    return {form: forms[0] for forms in groups for form in forms[1:]}


_BASE = _of_list(_IRREGULAR)
# Graded forms are taken back only where they cannot be something else.
_GRADED_WORDS = """big hot wet dry thin fat high low long short large small old young new near deep
wide warm cold cool hard soft fast slow light dark bright thick strong weak heavy easy early late
cheap dear clean dirty safe simple quick great tall steep loud quiet sharp"""
_GRADED = frozenset(_GRADED_WORDS.split())


@lru_cache(maxsize=200_000)
def stem(word: str, language: str = "en") -> str:
    """Return the stem of a word in small letters; numbers and short words are as they are."""
    if word[:1].isdigit():
        return word.replace(",", ".")
    if "\u0600" <= word[:1] <= "\u06ff":
        return _arabic(word)
    if len(word) < 3 or not word.isalpha():
        return word
    return _STEMMERS.get(language, _english)(word)


def _english(word: str) -> str:
    word = _BASE.get(word, word)
    word = _positive(word)
    if word in _NO_CHANGE or len(word) < 3 or not word.isascii():
        return word
    word = re.sub(r"(^|[aeiouy])y", r"\1Y", word)
    r1 = _region(word)
    word = _step_1(word, r1)
    if len(word) > 2 and word[-1] in "yY" and word[-2] not in _VOWELS:
        word = word[:-1] + "i"
    word = _step_2(word, r1)
    word = _step_3(word, r1)
    word = _step_4(word, r1)
    return _step_5(word, r1).replace("Y", "y")


def _positive(word: str) -> str:
    """Return "hot" for "hotter" and "hottest", of the words graded most."""
    for ending in ("er", "est"):
        root = word.removesuffix(ending)
        if root == word:
            continue
        for base in (root, root[:-1], root + "e", root[:-1] + "y"):
            if base in _GRADED:
                return base
    return word


def _region(word: str) -> int:
    """Return where Porter's R1 begins: after the first consonant that follows a vowel."""
    for begin in _R1_BEGINS:
        if word.startswith(begin):
            return len(begin)
    return _after(word, 0)


def _after(word: str, start: int) -> int:
    found = re.compile(r"[aeiouy][^aeiouy]").search(word, start)
    return found.end() if found else len(word)


def _step_1(word: str, r1: int) -> str:
    if word.endswith("sses"):
        word = word[:-2]
    elif word.endswith(("ied", "ies")):
        word = word[:-2] if len(word) > 4 else word[:-1]
    elif re.search(r"(x|ch|sh|ss|zz)es$", word):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("us", "ss", "is")):
        word = word[:-1] if re.search(r"[aeiouy].", word[:-1]) else word
    for ending in ("eedly", "eed"):
        if word.endswith(ending):
            return word[: -len(ending)] + "ee" if len(word) - len(ending) >= r1 else word
    for ending in ("ingly", "edly", "ing", "ed"):
        root = word.removesuffix(ending)
        if root != word:
            return _mended(root, r1) if re.search(r"[aeiouy]", root) else word
    return word


def _mended(root: str, r1: int) -> str:
    if root.endswith(("at", "bl", "iz")):
        return root + "e"
    if root.endswith(_DOUBLE):
        return root if len(root) == 3 and root[0] in "aeo" else root[:-1]
    return root + "e" if len(root) <= r1 and _ends_short(root) else root


def _ends_short(word: str) -> bool:
    return bool(re.search(r"[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$", word))


def _step_2(word: str, r1: int) -> str:
    for ending, instead in _STEP_2:
        if word.endswith(ending):
            root = word.removesuffix(ending)
            return root + instead if len(root) >= r1 else word
    if word.endswith("ogi") and word[-4:-3] == "l" and len(word) - 3 >= r1:
        return word[:-1]
    if word.endswith("li") and len(word) - 2 >= r1 and word[-3] in _LI_AFTER:
        return word[:-2]
    return word


def _step_3(word: str, r1: int) -> str:
    for ending, instead in _STEP_3:
        if word.endswith(ending):
            root = word.removesuffix(ending)
            return root + instead if len(root) >= r1 else word
    return word.removesuffix("ative") if len(word) - 5 >= _after(word, r1) else word


def _step_4(word: str, r1: int) -> str:
    r2 = _after(word, r1)
    for ending in _STEP_4:
        if word.endswith(ending):
            root = word.removesuffix(ending)
            return root if len(root) >= r2 else word
    root = word.removesuffix("ion")
    return root if root != word and len(root) >= r2 and root[-1] in "st" else word


def _step_5(word: str, r1: int) -> str:
    root, r2 = word[:-1], _after(word, r1)
    if word.endswith("e"):
        return root if len(root) >= r2 or (len(root) >= r1 and not _ends_short(root)) else word
    if word.endswith("ll") and len(root) >= r2:
        return root
    return word


_GERMAN_SIGNS = (("sch", "$"), ("ei", "%"), ("ie", "&"))
_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


def _german(word: str) -> str:
    word = word.translate(_UMLAUTS)
    word = re.sub(r"^ge(?=.{4})", "", word)
    for letters, sign in _GERMAN_SIGNS:
        word = word.replace(letters, sign)
    word = re.sub(r"(.)\1", r"\1*", word)
    while len(word) > 3:
        shorter = re.sub(r"(em|er|nd)$", "", word) if len(word) > 5 else word
        shorter = shorter if shorter != word else re.sub(r"[tesn]$", "", word)
        if shorter == word:
            break
        word = shorter
    word = re.sub(r"(.)\*", r"\1\1", word)
    for letters, sign in _GERMAN_SIGNS:
        word = word.replace(sign, letters)
    return word


_ACCENTS = str.maketrans("áéíóúü", "aeiouu")
_SPANISH_WORDS = """aciones uciones amientos imientos amiento imiento acion ucion idades idad mente
adora adores ador antes ante ancia iendo ando aremos eremos iremos abamos asteis isteis aron ieron
aban adas ados idas idos aste iste amos emos imos aba ada ado ida ido ian ias ara era ira aran eran
iran ia ar er ir an en as es os io a e o s"""
_SPANISH_ENDINGS = _SPANISH_WORDS.split()


def _spanish(word: str) -> str:
    word = word.translate(_ACCENTS)
    for ending in _SPANISH_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return re.sub(r"(?:gu|qu)$", lambda found: found.group()[0], word).replace("z", "c")


_ARABIC_SIGNS = re.compile("[\u064b-\u0652\u0640]")
_ARABIC_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
_ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال", "و", "ف", "ب", "ل")
_ARABIC_ENDINGS = (
    "تها",
    "تهم",
    "ها",
    "هم",
    "كم",
    "نا",
    "ان",
    "ات",
    "ون",
    "ين",
    "يه",
    "ته",
    "تك",
    "تي",
)
_ARABIC_LAST = ("ه", "ي", "ك", "ت")
_ARABIC_VERBS = ("ا", "ي", "ت", "ن")


def _arabic(word: str) -> str:
    word = _ARABIC_SIGNS.sub("", word).translate(_ARABIC_SAME)
    for begin in _ARTICLES:
        if word.startswith(begin) and len(word) - len(begin) >= 3:
            word = word.removeprefix(begin)
            break
    for endings in (_ARABIC_ENDINGS, _ARABIC_LAST):
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                word = word.removesuffix(ending)
                break
    if len(word) == 4 and word[0] in _ARABIC_VERBS:
        word = word[1:]
    return word


_STEMMERS: Mapping[str, Stemmer] = {"en": _english, "de": _german, "es": _spanish}
