"""Which words of a text count when it is searched? (L3, pure) Stems without the empty ones."""

import re
import unicodedata
from collections.abc import Iterator

from personalize.algorithms.retrieval.stems import stem

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


def words(text: str, language: str = "en") -> tuple[str, ...]:
    """Return the stems of a text in order, without words that say nothing by themselves.

    Such a word in capitals among others that are not names something: WHERE of SQL, IT, OR.
    """
    shouted = text.isupper()
    return tuple(
        stem(small, language)
        for word in _written(text)
        if (small := word.lower()) not in EMPTY or (word.isupper() and not shouted)
    )


def spelled(text: str) -> Iterator[str]:
    """Yield the words of a text as they are written, in small letters; numbers are words."""
    return (word.lower() for word in _written(text))


def _written(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    for found in _WORD.finditer(plain):
        word = found.group()
        if len(word) <= LONGEST and (len(word) > 1 or word.isdigit()):
            yield word if word.lower() in EMPTY else re.sub("'[sS]$", "", word)
