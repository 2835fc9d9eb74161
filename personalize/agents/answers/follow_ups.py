"""What can be asked next? (L5) Questions that the sentences near an answer answer themselves.

A question is made from the wording of a sentence by a few rules a language, and offered only if
asking it is answered with that sentence.
"""

import re
from collections.abc import Callable, Iterator

from personalize.agents.answers.asked import Asked, language, read
from personalize.agents.answers.segments import Segments

MOST = 2
TRIED = 12  # sentences that a question is made from and asked
LONGEST = 80  # letters of a question that fits a button

Cites = Callable[[Asked], frozenset[int]]  # the rows of the sentences that answer a question

# What stands before the comma of "If the skin is broken, cover it" is asked about as it stands.
_IF = (
    ("en", re.compile(r"^If ([^,;:]+),"), "What if {}?"),
    ("en", re.compile(r"^When ([^,;:]+),"), "What happens when {}?"),
    ("de", re.compile(r"^Wenn ([^,;:]+),"), "Was ist, wenn {}?"),
    ("es", re.compile(r"^Si ([^,;:]+),"), "¿Qué pasa si {}?"),
    ("es", re.compile(r"^Cuando ([^,;:]+),"), "¿Qué pasa cuando {}?"),
)
_IS = (
    ("en", re.compile(r"^(An? (?:[\w-]+ ){1,3}?)(?:is an? |is the |means )"), "What is {}?"),
    (
        "de",
        re.compile(r"^(Eine? (?:[\w-]+ ){1,3}?)(?:ist (?:eine?|der|die|das)|bedeutet) "),
        "Was ist {}?",
    ),
    (
        "es",
        re.compile(r"^(Una? (?:[\w-]+ ){1,3}?)(?:es una? |es el |es la |significa )"),
        "¿Qué es {}?",
    ),
)
# What points at another sentence or an example, so that the question could not stand alone.
_POINTING = re.compile(
    r"\d|`|\b(only|nur|solo|it|its|this|that|these|those|they|them|he|she|him|her|his|their|one|ones|both|such|so"
    r"|er|sie|es|ihn|ihm|dies\w*|das|dabei|damit|davon|él|ella|ellos|ellas|eso|esto|esta|este"
    r"|esos|esas|lo|otro|otra)\b",
    re.IGNORECASE,
)


def near(asked: Asked, course: Segments, row: int, *, cites: Cites) -> tuple[str, ...]:
    """Return questions from the sentences after the one that answers, then from others.

    `cites` says which sentences would answer; those in `row`'s own paragraph are answered already.
    """
    found: list[str] = []
    made = 0
    for other in _around(course, row):
        question = question_of(course.places[other].sentence)
        if not question or question == asked.text or question in found:
            continue
        made += 1
        if other in cites(read(question, course.language)):
            found.append(question)
        if len(found) == MOST or made == TRIED:
            break
    return tuple(found)


def question_of(sentence: str) -> str:
    """Return the question a sentence answers, "" where no rule makes one that stands alone."""
    spoken = language(sentence)
    for rules, whole in ((_IF, True), (_IS, False)):
        for of, pattern, wording in rules:
            match = pattern.match(sentence)
            if match is None or of != spoken:
                continue
            about = match.group(1).strip()
            about = about if whole else about[0].lower() + about[1:]
            asked = wording.format(about)
            if len(asked) <= LONGEST and not _POINTING.search(about):
                return asked
    return ""


def _around(course: Segments, row: int) -> Iterator[int]:
    """Yield the sentences of the module from the answer on, then those of the others in turn."""
    paragraph, module = int(course.paragraph_of[row]), int(course.module_of[row])
    rows = range(len(course.places))
    own = [i for i in rows if course.module_of[i] == module and course.paragraph_of[i] != paragraph]
    others = [i for i in rows if course.module_of[i] != module]
    yield from sorted(own, key=lambda i: (i < row, abs(i - row)))
    yield from sorted(others, key=lambda i: (i < row, abs(i - row)))
