"""Is what a preview says of exposure what then happens, where learners go on and come and go?

A platform that stands still asks for lists for days; changes are previewed over what was asked for.
Then the same days are played again with each change in force and the same luck, and the days after
with it too: what the preview says must lie within 5% of what happened in both. In the days after
the share moves by itself too, by who happens to be there: see its standard errors.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from personalize import api
from personalize.data import Change, NewOverride
from personalize.decision import exploring
from personalize.decision.whatif import gather, measured
from signals.data import Actor, ActorKind
from tests.factories import moment
from tests.personalize.shop import Shop
from tests.personalize.whatif.asked import teach_in_schools, tell_chances
from tests.personalize.whatif.platform import DAYS_MOST, Lists, Platform

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
LEARNERS, WARM, DAYS = 500, 15, 6
OFF_MOST = 0.05  # of what happened

CHANGES = (
    (Change.BOOST, 0.2),
    (Change.PIN, 0.0),
    (Change.LOWER, 0.05),
    (Change.LOWER, 0.2),
)


@dataclass(frozen=True)
class Side:
    """A share of lists with its standard error by learner."""

    share: float
    error: float
    lists: int

    def __str__(self) -> str:
        return f"{self.share:.4f} ({self.error:.4f})"


def side(played: tuple[Lists, np.ndarray], at: int) -> Side:
    """Return in how many lists a course stood."""
    lists, whose = played
    hits = [(int(one), int(held), 1) for one, held in zip(whose, lists[:, at], strict=True)]
    share, error = measured.ratio(hits)
    return Side(share, error, len(hits))


def under(platform: Platform, new: NewOverride, at: int) -> Side:
    """Play days with a change in force, and take both back."""
    with platform.as_if():
        assert api.create_override(ROOT, new, now=moment()).state == "approved"
        found = side(platform.passes(DAYS), at)
    return found


def test_what_is_predicted_of_exposure_is_within_5_percent_of_what_happens(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploring, "SHARE", 0.1)
    teach_in_schools(trained)
    tell_chances(trained)
    platform = Platform(trained, monkeypatch, learners=LEARNERS)
    platform.passes(WARM)
    course = trained.field("Web")[4].course_id
    at = platform.courses.tolist().index(course)

    def new(change: Change, strength: float) -> NewOverride:
        return NewOverride(
            course_id=course,
            change=change,
            strength=strength,
            reason="Relaunch",
            starts_at=moment(days=DAYS_MOST - WARM, hours=1),
            ends_at=moment(days=-1),
        )

    with platform.as_if():
        before = side(platform.passes(DAYS, logs=True), at)
        assert gather.prepare(now=moment()).kept == before.lists
        told = [api.foresee_override(new(*each), now=moment()) for each in CHANGES]
        with platform.as_if():
            without = side(platform.passes(DAYS), at)
        after = [under(platform, new(*each), at) for each in CHANGES]
    same = [under(platform, new(*each), at) for each in CHANGES]

    print(f"\n{before.lists} lists, {before} with the course; days after, no rule: {without}")  # noqa: T201  the figures themselves
    off = []
    for each, found, then, later in zip(CHANGES, told, same, after, strict=True):
        assert found is not None
        assert found.held is not None
        assert found.held[0] == pytest.approx(before.share, rel=OFF_MOST)
        off += [abs(one.share - found.held[1]) / one.share for one in (then, later)]
        print(*each, f"predicted {found.held[1]}, same days {then}, days after {later}")  # noqa: T201
    assert max(off) <= OFF_MOST, off
