"""For how long was everybody given the control? Told with the health of an experiment."""

import pytest

from experiments import api, lifecycle
from experiments.health import HealthCheck
from tests.experiments.plans import plan
from tests.experiments.world import UMA, day, start_another, started

KEY = plan().key

pytestmark = pytest.mark.django_db


def paused(*, since: float, until: float | None = None, key: str = KEY) -> None:
    lifecycle.pause(UMA, key=key, reason="the list is broken", now=day(since))
    if until is not None:
        lifecycle.resume(UMA, key=key, reason="it is mended", now=day(until))


def told(at: float) -> HealthCheck | None:
    checks = api.health(KEY, now=day(at))
    return next((one for one in checks if one.title.startswith("Paused")), None)


def test_without_a_pause_nothing_is_said() -> None:
    started()
    start_another(1)
    paused(since=1, until=2, key="experiment-1")
    assert told(10) is None


@pytest.mark.parametrize(
    ("pauses", "at", "value", "ok"),
    [
        ([(1, 1.5)], 10, "0.5 of 10.0 days", True),
        ([(1, 1.5), (4, 4.25)], 10, "0.8 of 10.0 days", False),
        ([(4, None)], 10, "6.0 of 10.0 days", False),
        ([(4, 8)], 6, "2.0 of 6.0 days", False),
    ],
)
def test_every_pause_counts_as_long_as_it_was(
    pauses: list[tuple[float, float | None]], at: float, value: str, ok: bool
) -> None:
    started()
    for since, until in pauses:
        paused(since=since, until=until)
    found = told(at)
    assert found is not None
    assert (found.value, found.ok) == (value, ok)


def test_a_pause_that_is_still_to_come_is_none() -> None:
    started()
    paused(since=20, until=21)
    assert told(10) is None


def test_what_is_stopped_while_it_rests_was_paused_until_then() -> None:
    started()
    paused(since=8)
    lifecycle.stop(UMA, key=KEY, reason="it cannot be mended", now=day(10))
    found = told(40)
    assert found is not None
    assert (found.value, found.ok) == ("2.0 of 10.0 days", False)
    assert "Gains and losses come out smaller" in found.says
