"""L1: which occupation is meant by a few words? Titles that share a word, the closest first."""

from collections.abc import Mapping
from types import MappingProxyType

from signals.data import OccupationInfo
from signals.models.occupations import Occupation
from signals.models.statements import run
from signals.processing.titles import closeness, words_of

LOOKED_AT = 600  # titles that share a word, the shortest and fullest first
CLOSE = 0.45
BEHIND = 0.9  # what a title that is not the occupation's own counts

_TITLES = """
SELECT o.key, o.title::text, t.title::text, o.skills
FROM signals_occupationtitle t
JOIN signals_occupation o ON o.id = t.occupation_id
CROSS JOIN to_tsquery('simple', %b) q
WHERE to_tsvector('simple', COALESCE(t.title, '')) @@ q
ORDER BY ts_rank(to_tsvector('simple', COALESCE(t.title, '')), q, 2) DESC, t.id
LIMIT %b
"""


def find(text: str, *, most: int) -> tuple[OccupationInfo, ...]:
    """Return the occupations a text may mean, the closest first. One statement."""
    words = words_of(text.replace("\x00", ""))
    asked = " | ".join(f"'{word}':*" for word in (w.replace("'", "") for w in words) if word)
    if not asked:
        return ()
    best: dict[str, tuple[float, OccupationInfo]] = {}
    for key, title, known_as, skills in run(_TITLES, [asked, LOOKED_AT]):
        near = closeness(words, known_as) * (1.0 if known_as == title else BEHIND)
        if near >= CLOSE and near > best.get(key, (0.0, None))[0]:
            told = "" if known_as == title else known_as
            best[key] = (near, OccupationInfo(key, title, MappingProxyType(skills), told))
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].title, pair[1].key))
    return tuple(info for _near, info in ranked[:most])


def read(key: str) -> OccupationInfo | None:
    """Return an occupation by its key; None where there is none. One statement."""
    row = Occupation.objects.filter(key=key).first()
    return None if row is None else OccupationInfo(row.key, row.title, _weights(row.skills))


def _weights(skills: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType({name: float(weight) for name, weight in skills.items()})
