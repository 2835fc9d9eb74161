"""What is an answer, and what does it stand on? (L5) Plain data, made by `ask`."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    REFUSED = "refused"  # the lessons do not say
    EMPTY = "empty"  # nothing was asked, or nothing that has a word in it


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of a lesson, or the beginning of one: `sentence` is then empty and `place` 0."""

    course_id: int
    module_id: int
    position: int  # of the module in its course, from 1
    title: str  # of the module
    place: int  # of the sentence in its module, from 1
    sentence: str  # as it is written, marks and all
    said: str = ""  # the same in fewer words, where a language model shortened it


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to one question: sentences that say it, or why there is none and where to look."""

    question: str
    kind: Kind
    cited: tuple[Place, ...] = ()  # one to three, the best paragraph first
    sureness: float = 0.0  # 0..1, how likely these sentences answer it
    nearest: Place | None = None  # where a refusal sends the learner
    follow_ups: tuple[str, ...] = ()  # what can be asked about next
    by: str = ""  # the language model that shortened the sentences, empty where none did
    model_away: bool = False  # one was to, and gave nothing in time
