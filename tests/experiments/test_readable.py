"""How many have to tell of a metric before a figure of it is shown?"""

from dataclasses import replace

import numpy as np
import pytest

from experiments.samples import Arms, is_readable
from experiments.stats.adjusted_ratio import PairedRatio
from tests.experiments.plans import plan


def stars(given: list[int], *, learners: int) -> PairedRatio:
    """The ratings of an arm, one a learner who gave any."""
    rows = np.zeros((learners, 4))
    rows[: len(given), 0] = given
    rows[: len(given), 1] = 1
    return PairedRatio(
        learners, rows.sum(axis=0), rows.T @ rows, learners=learners, telling=len(given)
    )


@pytest.mark.parametrize(("raters", "shown"), [(1, False), (9, False), (10, True), (60, True)])
def test_a_ratio_is_shown_where_ten_learners_have_part_in_it(raters: int, shown: bool) -> None:
    given = [1 + number % 5 for number in range(raters)]
    arms: Arms = {"generic": stars([1, 5] * 40, learners=500), "model": stars(given, learners=500)}
    assert is_readable(plan(), arms) is shown


def test_where_nobody_gave_anything_nothing_is_shown() -> None:
    nothing = stars([], learners=500)
    assert not is_readable(plan(), {"generic": nothing, "model": nothing})


@pytest.mark.parametrize(("raters", "shown"), [(1, False), (9, False), (10, True)])
def test_classes_tell_no_more_of_few_raters_than_learners_do(raters: int, shown: bool) -> None:
    """Of thirty classes only so many learners rated, two of them in one class."""
    given = [3, *(1 + number % 5 for number in range(raters - 1))]
    few = replace(stars(given, learners=30), learners=700)
    many = replace(stars([1, 5] * 15, learners=30), learners=700)
    assert is_readable(plan(unit="class"), {"generic": many, "model": few}) is shown


def test_fewer_than_ten_classes_are_not_read_however_many_learners_they_have() -> None:
    few = replace(stars([3, 4, 5], learners=9), learners=300, telling=200)
    assert not is_readable(plan(unit="class"), {"generic": few, "model": few})
