"""Which courses may be tried out, in which lists, and by which draw? (L4) No model has a say in it.

One place of a tenth of the lists goes to a course drawn evenly from a pool. What comes of those
draws can judge any model, so the pool of a day is the same whichever model serves: some of the
most chosen courses, and some that nobody has taken yet. The draws of a request are those its id
names, so that they can be made again from the log.
"""

from datetime import date

import numpy as np

from personalize.data import Intent
from personalize.decision.context import Ask
from personalize.decision.policy import EXPLORE_POOL, NEWCOMER_SHARE
from personalize.decision.shelf import Floats, Places, Shelf

SHARE = 0.1  # of requests
AMONG = 300  # most chosen courses the pool of a day is drawn from
DRAWN = 45  # so that about 30 are left when what a learner knows is taken out
NEWCOMERS_DRAWN = 9  # beside them, of courses nobody has taken yet
NAMED_BITS = 30  # of a request's entropy, that its id holds (signals.request_ids)
PER_MILLE = 1000
# Who has come to go on, or is about to be tested, has come for something.
NOT_WHILE = frozenset({Intent.CONTINUE, Intent.TEST})


def draws(ask: Ask) -> np.random.Generator | None:
    """Return the draws of this request where it tries something out, else None."""
    number = int.from_bytes(ask.entropy) & (1 << NAMED_BITS) - 1
    if not may(ask) or number % PER_MILLE >= SHARE * PER_MILLE:
        return None
    return np.random.default_rng(number)


def may(ask: Ask) -> bool:
    """Say whether a place of such a request's list may go to what is tried out, if luck has it."""
    return not ask.lessons and ask.intent not in NOT_WHILE


def pool(day: date, popular: tuple[int, ...], newcomers: Places, shelf: Shelf) -> Places:
    """Return what everyone may be offered today to learn from; popular: course ids, most first."""
    known = shelf.known(popular[:AMONG])
    luck = np.random.default_rng(day.toordinal()).random(int(shelf.course_ids.max(initial=0)) + 1)

    def drawn(places: Places, most: int) -> Places:
        """Return some places: a course's luck is its own, whatever else there is to draw from."""
        return places[np.argsort(luck[shelf.course_ids[places]])[:most]]

    return np.concatenate([drawn(known, DRAWN), drawn(newcomers, NEWCOMERS_DRAWN)])


def likely(popular: tuple[int, ...], newcomers: Places, shelf: Shelf) -> Floats:
    """Return by place how likely it is tried out beside the others that may be, over many days.

    What is known shares one part evenly, and what nobody has taken another (policy.EXPLORE_POOL).
    """
    known = np.setdiff1d(shelf.known(popular[:AMONG]), newcomers)
    found = np.zeros(len(shelf.course_ids))
    new = min(int(NEWCOMER_SHARE * EXPLORE_POOL), NEWCOMERS_DRAWN, len(newcomers)) / EXPLORE_POOL
    found[known] = (1 - new) / max(len(known), 1)
    found[newcomers] = new / max(len(newcomers), 1)
    return found
