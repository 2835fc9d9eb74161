"""Is this week's model better? The page says what the verdicts say, and nothing more."""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from personalize.decision.verdict import last_end
from personalize.models import WeeklyVerdict
from tests.factories import moment, uma

PAGE = "/tower/models/better/"
CLEAR = {
    "reward": "opened",
    "verdict": "better",
    "weeks": 1,
    "new": 0.12,
    "old": 0.1,
    "difference": 0.02,
    "low": 0.004,
    "high": 0.036,
    "visible": 0.023,
    "draws": 9_120,
    "learners": 4_115,
    "by": {"ips": 0.021, "snips": 0.019, "dr": 0.02},
}
UNCLEAR = CLEAR | {
    "reward": "learnt",
    "verdict": "can't tell",
    "weeks": 4,
    "difference": -0.001,
    "low": -0.009,
    "high": 0.007,
    "visible": 0.011,
}


def keep(*rewards: Mapping[str, Any], weeks_ago: int = 0, why: str = "", spoilt: str = "") -> None:
    """Keep a verdict of some weeks ago."""
    until = last_end(moment()) - timedelta(weeks=weeks_ago)
    since = until - timedelta(weeks=2)
    content = {
        "format": 1,
        "shown_since": f"{since}T00:00:00+00:00",
        "shown_until": f"{since + timedelta(weeks=1)}T00:00:00+00:00",
        "until": str(until),
        "new": f"w{weeks_ago}",
        "old": f"w{weeks_ago + 1}",
        "why": why,
        "rewards": list(rewards),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = sha256((text + spoilt).encode()).hexdigest()
    WeeklyVerdict.objects.create(until=until, made_at=moment(), content=text, digest=digest)


@pytest.fixture
def analyst(client: Client, db: None) -> Client:
    """Return an analyst's browser."""
    client.force_login(uma().account)
    return client


def test_before_the_first_verdict_the_page_says_when_it_comes(analyst: Client) -> None:
    text = analyst.get(PAGE).content.decode()

    assert "No verdict yet" in text
    assert "A small comparison group sees what everyone chooses most." in text


def test_a_clear_verdict_stands_with_its_interval_and_an_unclear_one_with_what_would_show(
    analyst: Client,
) -> None:
    keep(CLEAR, UNCLEAR)

    text = analyst.get(PAGE).content.decode()

    assert "w0 against w1" in text
    assert "Better than the week before" in text
    assert "95% interval +0.4 pts to +3.6 pts, by learner. 9,120 draws of 4,115 learners" in text
    assert "IPS +2.1 pts, SNIPS +1.9 pts, DR +2.0 pts" in text
    assert "Not clear yet" in text
    assert "learners in 4 weeks" in text
    assert text.count("would show in four of five such weeks") == 1
    assert "A difference of +1.1 pts would show" in text


def test_weeks_before_stand_below_with_why_there_was_no_comparison(analyst: Client) -> None:
    keep(CLEAR, UNCLEAR)
    keep(CLEAR | {"verdict": "worse"}, UNCLEAR, weeks_ago=1)
    keep(weeks_ago=2, why="same_model")

    text = analyst.get(PAGE).content.decode()

    assert "Worse than the week before" in text
    assert "The model was the same in both weeks." in text


def test_a_verdict_somebody_touched_is_marked(analyst: Client) -> None:
    keep(CLEAR, UNCLEAR, spoilt=" ")

    assert "Its text is not the one that was written." in analyst.get(PAGE).content.decode()
