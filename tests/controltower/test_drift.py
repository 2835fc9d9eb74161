"""The page of drift: what is watched, what moved, who looks at it; and what rules left out."""

from datetime import datetime

import pytest
from django.test import Client

from controltower.views.drift import name
from personalize.engine.drift.alerts import listed, settle
from personalize.engine.drift.features import Feature
from personalize.engine.drift.looks import Look, Moved, PartNow
from personalize.engine.drift.watch import keep
from signals import api as signals
from tests.factories import moment, root, uma
from tests.personalize.engine.models import promoted

PAGE = "/tower/models/drift/"
MODELS = "/tower/models/"
REASON = {"reason": "a campaign for carers"}


def part(name: str, now: float, then: float, *, judged: bool = True) -> PartNow:
    """Return a part of a feature over a day."""
    change = now / then - 1
    return PartNow(name, now, then, change, judged=judged, beyond=abs(change) >= 0.15)


def looked(
    feature: Feature, *parts: PartNow, moved: tuple[Moved, ...] = (), days: float = 30.0
) -> datetime:
    """Keep what a look found, with its alert where something moved; return when."""
    at = moment()
    look = Look(
        feature=feature,
        days=days,
        moved=moved,
        index=0.01,
        mixed=False,
        parts=parts,
        trend=(None,) * 10 + (0.02, 0.03, 0.02, 0.05),
        calm=not moved,
        at=at,
    )
    keep([look], now=at)
    settle([look], now=at)
    return at


@pytest.fixture
def page(client: Client, db: None) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def text_of(page: Client, address: str = PAGE) -> str:
    return " ".join(page.get(address).content.decode().split())


def test_before_the_first_look_the_page_says_when_it_comes(page: Client) -> None:
    assert "Nothing has been looked at yet" in text_of(page)


def test_a_feature_stands_with_its_parts_now_and_in_the_weeks_before(page: Client) -> None:
    looked(Feature.FIELD, part("Data", 0.61, 0.6), part("Care", 0.39, 0.41))
    text = text_of(page)
    for said in (
        "Fields of the courses",
        "as in the weeks before, at most 5% off",
        "61.0%",
        "60.0%",
        "+2%",
        "\u22125%",
    ):
        assert said in text
    assert "on each of 4 days: now 5.0%, 5.0% at most." in text
    assert "I look at it" not in text


def test_only_what_is_an_alert_is_coloured(page: Client) -> None:
    far = PartNow("Care", 0.57, 0.39, 0.46, judged=True, beyond=False)
    looked(Feature.FIELD, far)
    text = text_of(page)
    assert "up to 46% off, as weeks may differ by chance" in text
    assert "+46%" in text
    assert 'class="far"' not in text
    assert 'num s bad"' not in text


def test_of_an_alert_the_parts_it_names_are_coloured(page: Client) -> None:
    parts = [PartNow(name, 0.5, 0.4, 0.25, judged=True, beyond=False) for name in ("Care", "Data")]
    looked(Feature.FIELD, *parts, moved=(Moved("Care", 2, 0.24, 8.0, 6.2),))
    assert text_of(page).count('class="far"') == 1


def test_a_young_platform_is_told_how_many_days_are_known(page: Client) -> None:
    looked(Feature.FIELD, part("Data", 1.0, 1.0, judged=False), days=5.4)
    text = text_of(page)
    assert "5 days of 14 are known" in text
    assert "not judged yet" in text


def test_an_alert_says_what_moved_and_what_follows_and_is_taken_with_a_reason(page: Client) -> None:
    moved = (Moved("Care", 2, 0.24, 8.0, 6.2), Moved("Care", 12, 0.2, 7.0, 6.2))
    looked(Feature.FIELD, part("Care", 0.48, 0.39), moved=moved)
    text = text_of(page)
    for said in (
        "Care: +24% against the weeks before, over 10 minutes",
        "Nobody looks at it yet",
        "A model is trained",
    ):
        assert said in text
    (alert,) = listed()
    address = f"{PAGE}{alert.number}/take/"
    assert (
        "Nothing was changed" in page.post(address, {"reason": " "}, follow=True).content.decode()
    )
    assert listed()[0].owner == ""
    assert "The alert is yours" in page.post(address, REASON, follow=True).content.decode()
    assert "uma looks at it" in text_of(page)
    assert signals.ledger_rows(action_prefix="drift.")[0].detail["reason"] == REASON["reason"]
    answer = page.post(f"{PAGE}{alert.number + 1}/take/", REASON, follow=True)
    assert "That alert is over" in answer.content.decode()


def test_no_model_is_promised_where_none_is_a_remedy(page: Client) -> None:
    looked(
        Feature.VOLUME, part("events", 90.0, 200.0), moved=(Moved("events", 1, -0.55, 9.0, 6.2),)
    )
    text = text_of(page)
    assert "Events: \u221255% against the weeks before, over 5 minutes" in text
    assert "No newer model is a remedy" in text


def test_the_page_of_models_counts_open_alerts_and_tells_what_governed_a_training(
    client: Client, db: None
) -> None:
    client.force_login(root().account)
    looked(Feature.FIELD, part("Care", 0.48, 0.39), moved=(Moved("Care", 2, 0.24, 8.0, 6.2),))
    counts = {"led_by_own_lists": {"rows": 1_250.0, "left_out": 200.0, "weight": 400.0}}
    promoted("one", now=moment(), governed=counts)
    text = text_of(client, MODELS)
    assert 'Drift <span class="tag bad">1' in text
    for said in ("What it was not to learn from", "Led to by our own lists", "1,050", "200"):
        assert said in text


def test_a_model_from_before_rules_were_counted_tells_nothing_of_them(
    client: Client, db: None
) -> None:
    client.force_login(root().account)
    promoted("one", now=moment())
    assert "What it was not to learn from" not in text_of(client, MODELS)


@pytest.mark.parametrize(
    ("feature", "part", "said"),
    [
        ("kind", "course.viewed", "Course viewed"),
        ("kind", "rec.shown", "Pick shown"),
        ("field", "U.S. History", "U.S. History"),
        ("field", "web.dev", "Web.dev"),
    ],
)
def test_kinds_of_events_alone_are_told_in_two_words(feature: str, part: str, said: str) -> None:
    assert name(feature, part) == said
