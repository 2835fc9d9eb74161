"""Levels of service: held against a recount, and alarms that neither cry wolf nor sleep."""

from datetime import timedelta

import numpy as np
import pytest

from personalize import api
from personalize.models import AnsweredMinute
from personalize.operations.levels import MINUTES, PROMISED
from tests.factories import moment

pytestmark = pytest.mark.django_db
KINDS = {"learner": ("recommend", "capture", "flags", "page"), "admin": ("tower",)}


def planted(rows: list[tuple[int, str, int, int, int]]) -> None:
    """Plant (minutes ago, kind, answered, failed, late)."""
    AnsweredMinute.objects.bulk_create(
        AnsweredMinute(
            minute=moment() - timedelta(minutes=ago),
            kind=kind,
            answered=answered,
            failed=failed,
            late=late,
        )
        for ago, kind, answered, failed, late in rows
    )


def level(key: str) -> api.ServiceLevel:
    return next(one for one in api.service_levels(now=moment()) if one.key == key)


def test_every_window_equals_a_recount() -> None:
    rng = np.random.default_rng(7)
    drawn: dict[tuple[int, str], tuple[int, int, int]] = {}
    for _ in range(300):
        ago = int(rng.choice([0, 1, 4, 5, 6, 29, 30, 59, 60, 359, 360, 4319, 4320, 43199, 43200]))
        kind = str(rng.choice(["recommend", "capture", "flags", "page", "tower"]))
        drawn[ago, kind] = (int(rng.integers(50, 90)), int(rng.integers(9)), int(rng.integers(9)))
    planted([(ago, kind, *counts) for (ago, kind), counts in drawn.items()])
    for key, kinds in KINDS.items():
        found = level(key)
        for window in found.windows:
            mine = [
                counts
                for (ago, kind), counts in drawn.items()
                if kind in kinds and ago < MINUTES[window.name]
            ]
            assert window.answered == sum(answered for answered, _, _ in mine)
            assert window.bad == sum(failed + late for _, failed, late in mine)
            share = window.bad / window.answered
            assert window.burn == pytest.approx(share / (1 - found.objective))


def test_learners_are_promised_999_and_people_at_the_controls_995() -> None:
    assert {key: share for key, (share, _) in PROMISED.items()} == {
        "learner": 0.999,
        "admin": 0.995,
    }


def test_without_a_request_nothing_is_claimed_and_nothing_is_spent() -> None:
    assert level("learner").good_share is None
    assert level("learner").budget_left == 1
    assert level("learner").alarm == ""


def test_what_is_allowed_is_just_used_up() -> None:
    planted([(20_000, "page", 100_000, 60, 40)])
    assert level("learner").budget_left == pytest.approx(0)
    assert level("learner").good_share == pytest.approx(0.999)


@pytest.mark.parametrize(
    ("rows", "alarm"),
    [
        ([(1, "page", 1000, 20, 0), (30, "page", 1000, 20, 0)], "page"),  # 2%: 20 times
        ([(30, "page", 1000, 40, 0), (1, "page", 1000, 0, 0)], "ticket"),  # over: five calm minutes
        ([(1, "page", 100, 5, 0)], ""),  # a quiet night
        ([(20, "page", 10_000, 80, 0), (200, "page", 10_000, 80, 0)], "page"),  # 8 times, 6 hours
        ([(200, "page", 10_000, 20, 0), (3000, "page", 10_000, 20, 0)], "ticket"),  # twice, 3 days
        ([(1, "tower", 1000, 20, 0)], ""),  # 4 times what the controls may
    ],
)
def test_alarms(rows: list[tuple[int, str, int, int, int]], alarm: str) -> None:
    planted(rows)
    found = {one.key: one.alarm for one in api.service_levels(now=moment())}
    assert found["learner"] == alarm
    assert found["admin"] in {"", "ticket"}
