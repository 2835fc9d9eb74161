"""What may somebody mean by a few words? (L5) Candidates of a taxonomy; the learner confirms one.

By rules. A language model may stand in for `by_rules` and do no more than it does: it is given
the words and the entries there are, and returns keys of entries; whatever else it says is lost.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from personalize.agents.wishes import taught
from signals import catalogue
from signals.catalogue import closeness, words_of

ROLE, FIELD, SKILL = "role", "field", "skill"
MOST = 6
MOST_ROLES = 4
CLOSE = 0.4  # of words in common, from which an entry is worth asking about

Pick = Callable[[str, Sequence["Entry"]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing somebody can aim for."""

    kind: str  # role, field or skill
    name: str  # key of an occupation, or the field or skill itself
    title: str
    note: str = ""  # the title under which an occupation was found
    courses: int = 0  # that teach something for it

    @property
    def key(self) -> str:
        """Return what a form sends back."""
        return f"{self.kind}:{self.name}"


def by_rules(text: str, entries: Sequence[Entry]) -> list[str]:
    """Return the keys of the entries closest in words; occupations come already found by them."""
    words = words_of(text)
    ranked = []
    for place, entry in enumerate(entries):
        near = max(closeness(words, entry.title), closeness(words, entry.note))
        if near >= CLOSE or (entry.kind == ROLE and near > 0):
            ranked.append((not entry.courses, -round(near, 3), place, entry.key))
    return [key for *_rank, key in sorted(ranked)]


def understand(text: str, *, pick: Pick = by_rules) -> tuple[Entry, ...]:
    """Return what a text may mean, the likeliest first; nothing where nothing is like it."""
    entries = (*_roles(text), *subjects())
    return confirmed(pick(text, entries), entries)


def confirmed(keys: Iterable[str], entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of these keys, each once; a key that names none is left out."""
    known = {entry.key: entry for entry in entries}
    return tuple(known[key] for key in dict.fromkeys(keys) if key in known)[:MOST]


def subjects() -> tuple[Entry, ...]:
    """Return the fields and skills of the catalogue, those with most courses first."""
    fields = (Entry(FIELD, name, name, courses=n) for name, n in catalogue.fields())
    skills = (Entry(SKILL, name, name, courses=n) for name, n in catalogue.skills())
    return (*fields, *skills)


def _roles(text: str) -> tuple[Entry, ...]:
    courses = tuple(catalogue.courses().values())
    found = []
    for info in catalogue.occupations(text, most=2 * MOST_ROLES):
        weights, _untaught = taught(info.skills, courses)
        serving = sum(bool(weights.keys() & set(course.skills)) for course in courses)
        found.append(Entry(ROLE, info.key, info.title, info.known_as, serving))
    found.sort(key=lambda entry: not entry.courses)  # those taught here first, else as found
    return tuple(found[:MOST_ROLES])
