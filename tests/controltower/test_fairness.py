"""The page on fairness: gaps by kind of learner with base and interval, and what alarms."""

from datetime import timedelta

import pytest
from django.test import Client

from personalize import api as personalize
from personalize.data import CohortGap, Source
from personalize.decision import exposed
from personalize.decision.fair import Fairness
from personalize.models import Decision
from personalize.models.decisions import SOURCE_CODES
from signals import api as signals
from signals.clock import now
from tests.factories import moment, new_learner, some_uuid, uma

pytestmark = pytest.mark.django_db


def gap(measure: str, value: str, *, alarm: bool, low: float = 0.4, high: float = 0.7) -> CohortGap:
    return CohortGap(measure, "language", value, 123, 0.2, 0.4, 0.5, low, high, alarm)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Fairness:
    """Return gaps as a model and fourteen days would leave them."""
    gaps = (
        gap("recall", "de", alarm=True),
        gap("calibration", "de", alarm=False, low=-0.01, high=0.01),
        gap("exposure", "es", alarm=True),
    )
    at = now()
    one = Fairness(None, gaps, (), at - timedelta(days=14), at, read=True)
    monkeypatch.setattr(personalize, "fairness", lambda *, now: one)
    return one


def test_each_gap_stands_with_its_base_and_interval_and_alarms_are_called_out(
    client: Client, found: Fairness
) -> None:
    client.force_login(uma().account)
    answer = client.get("/tower/fairness/")
    kinds = {kind.value: kind for kind in answer.context["kinds"]}
    assert kinds["de"].recall == "20.0%, others 40.0% (0.40 to 0.70 times)"
    assert kinds["es"].exposure == "20.0% of lists, others 40.0% (0.40 to 0.70 times)"
    assert kinds["de"].learners == "125"
    assert len(answer.context["alarms"]) == 2
    assert "2 gaps are too wide" in answer.content.decode()


def test_the_table_counts_as_the_page_does(client: Client, found: Fairness) -> None:
    client.force_login(uma().account)
    told = b"".join(client.get("/tower/fairness/fairness.csv")).decode()
    assert "recall,language,de,125,0.2,0.4,0.5,0.4,0.7,yes" in told.replace('"', "")


def test_before_any_model_the_page_says_so(client: Client) -> None:
    client.force_login(uma().account)
    told = client.get("/tower/fairness/").content.decode()
    assert "No model has served yet." in told
    assert "it takes 50 of each" in told


def asked(learner_id: int, source: Source, times: int) -> None:
    Decision.objects.bulk_create(
        Decision(
            served_at=moment(days=3),
            request_id=some_uuid(),
            learner_id=learner_id,
            surface=1,
            source=SOURCE_CODES[source],
            took_ms=1,
            course_ids=[],
            scores=[],
            confidences=[],
            slots=[],
        )
        for _ in range(times)
    )


def test_a_kind_that_gets_fewer_lists_of_its_own_is_found() -> None:
    for language, own in (("de", 4), ("es", 1)):
        for _ in range(50):
            learner_id = new_learner()
            signals.set_groups(learner_id, {"language": language}, now=moment(days=9))
            asked(learner_id, Source.MODEL, own)
            asked(learner_id, Source.POPULAR, 4 - own)
            asked(learner_id, Source.HOLDOUT, 1)  # no failure to serve anybody
    gaps = exposed.exposure_gaps(since=moment(days=5), until=moment(days=1))
    by_value = {one.value: one for one in gaps if one.cohort == "language"}
    assert (by_value["es"].own, by_value["es"].others, by_value["es"].alarm) == (0.25, 1.0, True)
    assert not by_value["de"].alarm
    assert by_value["es"].low <= by_value["es"].gap <= by_value["es"].high
