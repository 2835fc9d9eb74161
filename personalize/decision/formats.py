"""Which formats go well for this learner, as far as a list may count that? (L4)

Only where an experiment tries it out, as one of its two rankers, or has found that it helps. What
a learner asks for goes before what was observed, and may be nothing; what was observed counts with
consent to inferred preferences alone. It adds a little to what has the format and takes nothing
off what has not: no course is withheld, and nobody is called a kind of learner.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personalize.decision import standing
from personalize.decision.context import Context
from personalize.decision.parts import FORMAT_ASKED, FORMAT_OBSERVED
from personalize.decision.shelf import Floats, Shelf
from signals import api as signals
from signals import catalogue

Mask = NDArray[np.bool_]

NO_FORMAT = "none"  # the learner's word that formats shall not count


def counted(known: Context, shelf: Shelf) -> Context:
    """Return what is known with what formats add. Raises django.db.Error; three statements."""
    part, shares = _told(known)
    return with_shares(known, part, shares, shelf) if shares else known


def _told(known: Context) -> tuple[str, Mapping[str, float]]:
    """Return the part by which formats count, and the share of each; none where they do not."""
    asked = standing.profile(known.state.learner_id).format
    if asked == NO_FORMAT:
        return "", {}
    if asked:
        return FORMAT_ASKED, {asked: 1.0}
    if known.state.allowed.inferred:
        return FORMAT_OBSERVED, signals.format_preference(known.state.learner_id)
    return "", {}


def with_shares(known: Context, part: str, shares: Mapping[str, float], shelf: Shelf) -> Context:
    """Return what is known with what these shares of formats add under the name of a part."""
    lean = _lean(shares, shelf)
    situation = replace(known.situation, format=part, format_lean=lean)
    return replace(known, situation=situation, format_shares=shares)


_with: tuple[Shelf, dict[str, Mask]] | None = None


def _lean(shares: Mapping[str, float], shelf: Shelf) -> Floats:
    """Return by place, 0..1, how far the best format of a course is above an even share."""
    even = 1.0 / len(shares) if len(shares) > 1 else 0.0
    lean = np.zeros(len(shelf.course_ids))
    for name, share in shares.items():
        has = _having(shelf).get(name)
        if has is not None and share > even:
            lean[has] = np.maximum(lean[has], (share - even) / (1.0 - even))
    return lean


def _having(shelf: Shelf) -> dict[str, Mask]:
    """Return which places have a format, by format; computed when the catalogue has changed."""
    global _with
    if _with is None or _with[0] is not shelf:
        taught = catalogue.formats()
        of_place = [taught.get(course_id, frozenset()) for course_id in shelf.course_ids.tolist()]
        names = frozenset().union(*of_place)
        _with = (shelf, {name: np.array([name in has for has in of_place]) for name in names})
    return _with[1]
