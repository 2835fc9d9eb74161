"""Do the heads say probabilities that come true? Judged by simulated learners (L3)."""

from tests.personalize.heads import simulated

# Fixed before any head was fitted: the people who judge them may not be tuned to them.
FROZEN = "85ee53e7eb49edf3befaab096c445389959420c21f1b73f4928c02cbfcaec854"


def test_the_behaviour_of_simulated_learners_is_the_one_frozen_before_tuning() -> None:
    assert simulated.digest() == FROZEN
