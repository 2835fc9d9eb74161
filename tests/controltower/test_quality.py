"""The page of signal quality: what each rule found, whose it is, and who is silent."""

from datetime import timedelta

import pytest
from django.test import Client

from signals.models import QualityMonth, Source, SourceDay
from signals.processing.rules.registry import RULES
from tests.factories import moment, uma

pytestmark = pytest.mark.django_db
PAGE = "/tower/quality/"
CODES = {rule.name: rule.code for rule in RULES}


@pytest.fixture
def analyst(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def counted(
    rule: str, source: str = "lms", *, learners: int | None = 40, months_ago: int = 0
) -> None:
    """Store a cell of the audit."""
    owner, _ = Source.objects.get_or_create(
        name=source, defaults={"title": source.upper(), "created_at": moment()}
    )
    month = moment(days=1).date().replace(day=1)
    for _ in range(months_ago):
        month = (month - timedelta(days=1)).replace(day=1)
    SourceDay.objects.get_or_create(day=month, source_id=owner.pk, defaults={"events": 1000})
    QualityMonth.objects.create(
        month=month,
        source_id=owner.pk,
        rule=CODES[rule],
        version=1,
        events=120,
        learners=learners,
        samples=["2 openings of a day left again"],
    )


def text(client: Client, **query: str) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_rule_stands_with_its_owner_and_action(analyst: Client) -> None:
    page = text(analyst)
    told = {rule.name: f"rule {rule.name}, version {rule.version}<" in page for rule in RULES}
    assert [name for name, here in told.items() if not here] == []
    assert page.count("Look at the source&#x27;s access log") == 2
    assert "Nothing has been judged yet" in page


def test_counts_and_samples_stand_by_source(analyst: Client) -> None:
    counted("accidental_click")
    counted("unknown_course", "portal", learners=None)
    page = text(analyst)
    assert "about 120 events of 40 learners" in page
    assert "2 openings of a day left again" in page
    assert page.count("about 120 events") == 2
    rows = {row.rule.name: row for row in analyst.get(PAGE).context["rows"]}
    assert [source.name for source, _ in rows["unknown_course"].cells] == ["portal"]
    assert (rows["unknown_course"].level, rows["in_the_future"].level) == ("bad", "")


def test_another_month_shows_its_own_counts(analyst: Client) -> None:
    counted("late", months_ago=2)
    assert "about 120 events" not in text(analyst)
    month = analyst.get(PAGE).context["audit"].months[2]
    assert "about 120 events" in text(analyst, month=f"{month:%Y-%m}")


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "nonsense", "2026-13", ""])
def test_a_month_that_makes_no_sense_is_no_error(analyst: Client, month: str) -> None:
    assert "Signal quality" in text(analyst, month=month)


def test_a_silent_source_is_named_first(analyst: Client) -> None:
    owner = Source.objects.create(name="lms", title="Campus", created_at=moment())
    for ago in (8, 15):
        day = moment().date() - timedelta(days=ago)
        SourceDay.objects.create(day=day, source_id=owner.pk, events=500)
    assert "Campus is silent" in text(analyst)
    overview = analyst.get("/tower/").content.decode()
    assert "A source is silent" in overview
    assert "Campus sent nothing since yesterday" in overview


def test_the_page_costs_few_statements_however_much_there_is(
    analyst: Client, django_assert_max_num_queries: object
) -> None:
    for rule in ("late", "recommended", "accidental_click", "crawler"):
        for source in ("a", "b", "c"):
            counted(rule, source)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        text(analyst)
