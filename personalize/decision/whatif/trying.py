"""In how many lists will a course stand, what is tried out in one of ten counted in? (L4, pure)

Which list tries something out, and what, is drawn when it is asked for (decision/policy.py); over
many lists the draws come to what is worked out here.
"""

import numpy as np

from personalize.data import Change
from personalize.decision.whatif.panel import ALLOWED, BLOCKED, NOWHERE, Panel
from personalize.decision.whatif.slates import BLOCK, Floats, Lists, Mask, Places, Rulebook


def held(panel: Panel, lists: Lists, book: Rulebook, place: int, *, share: float) -> Floats:
    """Return the chance that each own list holds a course: 0 or 1 where nothing is tried out.

    Lists are those that come out where nothing is; share is that of requests which try.
    """
    stands = (lists == place).any(axis=1)
    found: Floats = stands.astype(np.float64)
    tries = np.flatnonzero(panel.own.explores) if share else np.zeros(0, np.intp)
    for start in range(0, len(tries), BLOCK):
        rows = tries[start : start + BLOCK]
        drawn, kept, free = _draws(panel, lists[rows], book, rows, place)
        lost = free & stands[rows]
        found[rows] += share * np.where(stands[rows], np.where(lost, kept - 1.0, 0.0), drawn)
    return found


def _draws(
    panel: Panel, lists: Lists, book: Rulebook, rows: Places, place: int
) -> tuple[Floats, Floats, Mask]:
    """Return the chances that the course is drawn and that none goes, and where it would go."""
    placed, hidden = _by_people(panel, book, rows)
    there = lists != NOWHERE
    greedy = there & ~np.take_along_axis(placed, np.maximum(lists, 0), axis=1)
    flags = panel.own.flags[rows]
    may = ((flags & ALLOWED) > 0) & ((flags & BLOCKED) == 0) & ~placed & ~hidden
    weights = np.where(may, panel.tried, 0.0)
    whole = weights.sum(axis=1)
    told = whole * greedy[:, 1:].any(axis=1) > 0
    of = np.where(told, whole, 1.0)
    within = np.where(greedy, np.take_along_axis(weights, np.maximum(lists, 0), axis=1), 0.0)
    columns = np.arange(lists.shape[1])
    last = np.where(greedy, columns, NOWHERE).max(axis=1, initial=NOWHERE)
    at = np.where(greedy & (lists == place), columns, NOWHERE).max(axis=1, initial=NOWHERE)
    return (
        np.where(told, weights[:, place] / of, 0.0),
        np.where(told, within.sum(axis=1) / of, 1.0),
        (at != NOWHERE) & (at == last),
    )


def _by_people(panel: Panel, book: Rulebook, rows: Places) -> tuple[Mask, Mask]:
    """Return which courses people put into lists, and which they took out."""
    shape: tuple[int, int] = panel.own.flags[rows].shape
    placed: Mask = np.zeros(shape, dtype=bool)
    hidden = placed.copy()
    for rule in book.rules:
        acts = rule.mask(panel.own, rows)
        if rule.change in {Change.PIN, Change.BOOST}:
            placed[acts, rule.place] = True
        elif rule.change is Change.HIDE:
            hidden[acts, rule.place] = True
    return placed, hidden
