"""The weekly review: made of what was kept, the same byte for byte whenever it is opened."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.test import Client

from controltower import charts
from experiments import lifecycle, review
from experiments.data import ExperimentRefusedError, Holding
from experiments.models import Experiment, RampStep, Review, Snapshot
from signals import api as signals
from signals.models import Rollup
from tests.controltower.looks import effect, look_of, shipped
from tests.experiments.plans import plan
from tests.experiments.world import UMA, day, look, start_another, started, tampering
from tests.factories import moment, root, uma

KEY = plan().key
# The experiment of these tests starts on Thursday, 1 October 2026; looks are kept at its start.
WEEK, END = "2026-W40", datetime.fromisoformat("2026-10-02T06:00:00+00:00")
PAGE = f"/tower/review/{WEEK}/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def due() -> None:
    """A running experiment whose look says that its guardrail fell."""
    started()
    look_of("ctr", low=0.01, high=0.05, lost=True, advice="roll back")


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-20T05:59:00+00:00", "2026-W46"),
        ("2026-11-20T06:00:00+00:00", "2026-W47"),
        ("2026-11-22T23:00:00+00:00", "2026-W47"),
        ("2026-11-26T12:00:00+00:00", "2026-W47"),
        ("2026-11-20T06:30:00+01:00", "2026-W46"),
        ("2027-01-02T00:00:00+00:00", "2026-W53"),
    ],
)
def test_a_week_ends_on_friday_at_six(now: str, week: str) -> None:
    assert review.finished_week(datetime.fromisoformat(now)) == week
    assert review.week_end(week) <= datetime.fromisoformat(now)


@pytest.mark.parametrize("week", ["2026", "2026-W54", "w47", "2026-W47-1", "0-W1"])
def test_what_is_no_week_is_refused(week: str) -> None:
    with pytest.raises(ExperimentRefusedError, match="is no week"):
        review.week_end(week)


def test_a_week_that_is_not_over_has_no_review() -> None:
    started()
    with pytest.raises(ExperimentRefusedError, match="ends on 2 October 2026"):
        review.review(WEEK, now=day(0.5))


def test_a_week_before_every_experiment_has_no_review(page: Client) -> None:
    started()
    assert page.get("/tower/review/2026-W39/").status_code == 404
    assert not Review.objects.exists()


def test_the_review_proposes_what_the_last_look_advises(page: Client) -> None:
    due()
    answer = page.get(PAGE)
    (screen,) = answer.context["screens"]
    assert (screen.kept["headline"], screen.kept["propose"]) == (
        "Stop: something that may not get worse did",
        "stop",
    )
    assert (answer.context["due"], screen.kept["due"]) == (1, True)
    text = " ".join(answer.content.decode().split())
    assert "1 to stop" in text
    assert plan().hypothesis in text
    assert f'href="/tower/experiments/{KEY}/#next"' in text


def test_numbers_of_learners_are_rounded() -> None:
    due()
    content = review.review(WEEK, now=moment()).content
    assert content["experiments"][0]["n"] == {"generic": 3000, "model": 3000}
    assert "n_control" not in str(content)


def test_what_waits_for_people_comes_first() -> None:
    start_another(1)
    due()
    content = review.review(WEEK, now=moment()).content
    assert [one["key"] for one in content["experiments"]] == [KEY, "experiment-1"]
    assert content["experiments"][1]["headline"] == "Wait: no answer before 15 October"


def test_on_paper_it_is_the_same_byte_for_byte_whoever_opens_it_when(client: Client) -> None:
    due()
    client.force_login(uma().account)
    before = client.get(f"{PAGE}print/").content

    look_of("ctr", low=-0.2, high=-0.1, number=2, advice="extend")
    lifecycle.stop(UMA, key=KEY, reason="enough", now=day(20))
    lifecycle.decide(UMA, key=KEY, verdict="roll back", reason="it fell", now=day(21))
    start_another(2)
    client.force_login(root().account)

    assert client.get(f"{PAGE}print/").content == before
    assert b"csrf" not in before


def test_a_kept_review_opens_from_what_was_kept_alone(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    due()
    before = page.get(f"{PAGE}print/").content

    def not_made_anew(*_args: object) -> None:
        raise KeyError("a metric that there is no more")

    monkeypatch.setattr(review, "_content", not_made_anew)
    assert page.get(f"{PAGE}print/").content == before


def test_opened_late_it_says_what_was_kept_by_the_end_of_its_week() -> None:
    due()
    at_once = review.review(WEEK, now=END)
    with tampering():
        Review.objects.all().delete()
    lifecycle.stop(UMA, key=KEY, reason="enough", now=day(20))
    lifecycle.decide(UMA, key=KEY, verdict="roll back", reason="it fell", now=day(21))
    later = review.review(WEEK, now=moment())
    assert (later.digest, later.content) == (at_once.digest, at_once.content)


def test_opened_late_it_names_the_next_look_as_the_week_knew_it() -> None:
    started(ramp=(0.1, 0.25, 0.5, 1.0))
    (then,) = review.review(WEEK, now=END).content["experiments"]
    opened(day(40), share=0.25, number=2)
    with tampering():
        Review.objects.all().delete()
    (later,) = review.review(WEEK, now=moment()).content["experiments"]
    assert later["next_look"] == then["next_look"] == day(3 * 3 + 14).date().isoformat()


def test_a_step_held_back_moves_the_answer_on_and_the_share_is_what_it_was_open_to() -> None:
    started(ramp=(0.1, 0.25, 0.5, 1.0))
    opened(day(30), share=0.25, number=2)
    (entry,) = review.review("2026-W43", now=day(40)).content["experiments"]
    until = review.week_end("2026-W43")
    assert entry["share"] == pytest.approx(0.1)
    assert entry["next_look"] == (until + timedelta(days=2 * 3 + 14)).date().isoformat()
    (later,) = review.review("2026-W45", now=day(40)).content["experiments"]
    assert later["share"] == pytest.approx(0.25)


def test_a_guardrail_of_nobody_is_not_said_to_hold(page: Client) -> None:
    due()
    row = Snapshot.objects.get()
    row.results["guardrails"] = [
        asdict(Holding("fairness", "Nobody is behind", ok=True, says="Nobody.")),
        asdict(Holding("consent", "Consent is kept", ok=True, says="Kept.", evidence={"lists": 0})),
    ]
    with tampering():
        row.save()
    for address in (PAGE, f"/tower/experiments/{KEY}/"):
        text = " ".join(page.get(address).content.decode().split())
        assert text.count("Not judged") == 1
        assert text.index("Nobody is behind") < text.index("Not judged")
        assert text.index("Not judged") < text.index("Consent is kept")


def opened(at: datetime, *, share: float, number: int) -> None:
    """Open it to more, on evidence this test is not about."""
    experiment = Experiment.objects.get(key=KEY)
    with tampering():
        RampStep.objects.create(
            experiment=experiment, number=number, share=share, at=at, by="staff:uma"
        )


def test_a_proposal_says_rose_of_what_should_fall() -> None:
    started(guardrails=("modules_completed", "not_for_me"))
    worse = replace(effect("not_for_me", low=0.02, high=0.06), better="down")
    look(results={**KEPT, "effects": [asdict(worse)]})
    (entry,) = review.review(WEEK, now=END).content["experiments"]
    assert entry["headline"] == "Stop: lists with a course sent away rose"


KEPT = {
    "trustworthy": True,
    "as_of": day(1).isoformat(),
    "confidence": 0.95,
    "n": {"generic": 3000, "model": 3000},
    "detectable": {},
    "advice": "roll back",
    "sentence": "More is sent away.",
}


def test_what_is_decided_is_read_once_and_then_gone() -> None:
    due()
    lifecycle.stop(UMA, key=KEY, reason="enough", now=day(3))
    lifecycle.decide(UMA, key=KEY, verdict="roll back", reason="it fell", now=day(4))
    (entry,) = review.review("2026-W41", now=moment()).content["experiments"]
    assert (entry["headline"], entry["reason"]) == ("Decided: roll back", "it fell")
    assert review.review("2026-W42", now=moment()).content["experiments"] == []


def test_the_beat_keeps_the_last_week_once() -> None:
    due()
    assert review.write_due_review(now=END) == WEEK
    assert review.write_due_review(now=END) is None


def test_without_experiments_the_beat_keeps_nothing(page: Client) -> None:
    assert review.write_due_review(now=END) is None
    assert "There is nothing to review yet" in page.get("/tower/review/").content.decode()


@pytest.mark.parametrize(
    "what", [lambda rows: rows.update(content="{}"), lambda rows: rows.delete()]
)
def test_nobody_changes_a_review(what: Callable[[QuerySet[Review]], object]) -> None:
    due()
    review.review(WEEK, now=END)
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        what(Review.objects.filter(week=WEEK))


def test_a_touched_review_says_so(page: Client) -> None:
    due()
    review.review(WEEK, now=END)
    with tampering():
        row = Review.objects.get(week=WEEK)
        row.content = row.content.replace("Short lessons", "Long lessons")
        row.save()
    assert "This review was changed" in page.get(PAGE).content.decode()


def test_the_newest_week_is_where_the_rail_leads(page: Client) -> None:
    due()
    answer = page.get("/tower/review/")
    assert answer["Location"] == f"/tower/review/{review.finished_week(moment())}/"
    assert 'href="/tower/review/"' in page.get(PAGE).content.decode()


def test_what_was_shipped_stands_with_every_later_reading(page: Client) -> None:
    shipped(reread="faded", now=day(2))
    before = review.review("2026-W40", now=moment()).content
    assert before["rereads"] == []
    after = page.get("/tower/review/2026-W45/").context["rereads"]
    (row,) = after
    assert (row.at_launch, row.reading, row.tone) == ("+3.0 pts", "Faded: propose removal", "warn")
    assert row.cells == ((30, "+0.5 pts"), (90, "due 1 Jan"), (180, "due 1 Apr"))


@pytest.mark.parametrize(
    ("clicks", "said", "tone"),
    [(260, "Yes", "up"), (140, "No", "dn"), (210, "Not clear", "")],
)
def test_the_week_is_compared_with_the_one_before(
    page: Client, clicks: int, said: str, tone: str
) -> None:
    due()
    of_lists(END - timedelta(days=3), shown=2000, clicked=clicks)
    of_lists(END - timedelta(days=10), shown=2000, clicked=200)
    of_lists(END, shown=5000, clicked=4000)  # the day is not over
    better = page.get(PAGE).context["better"]
    assert (better.said, better.tone, better.lists) == (said, tone, 2000)
    assert better.moved == charts.signed((clicks - 200) / 20, 1)
    of_lists(END - timedelta(days=2), shown=2000, clicked=0)
    assert page.get(PAGE).context["better"] == better  # what was said stays said


def test_of_a_week_without_lists_nothing_is_said(page: Client) -> None:
    due()
    of_lists(END - timedelta(days=3), shown=2000, clicked=200)
    assert page.get(PAGE).context["better"] is None


def of_lists(at: datetime, *, shown: int, clicked: int) -> None:
    """Let so many lists be counted that were shown then, and clicked."""
    for kind, count in (("rec.shown", shown), ("rec.clicked", clicked)):
        code = signals.kind_codes()[kind]
        Rollup.objects.create(step_at=at, kind=code, surface=1, arm=1, count=count)


@pytest.mark.parametrize(
    ("lift", "figure", "tone"),
    [
        ({"share": 0.0412, "low": 0.012, "high": 0.0703, "reading": "better"}, "+4.1%", "up"),
        (
            {"share": -0.0412, "low": -0.07, "high": -0.012, "reading": "worse"},
            f"{charts.MINUS}4.1%",
            "dn",
        ),
    ],
)
def test_all_of_it_is_held_against_the_comparison_group(
    page: Client,
    monkeypatch: pytest.MonkeyPatch,
    lift: dict[str, object],
    figure: str,
    tone: str,
) -> None:
    due()
    kept = {**lift, "held": 1205, "others": 22_900}
    monkeypatch.setattr(review, "against_holdout", lambda until: kept)
    answer = page.get(PAGE)
    found = answer.context["against"]
    assert (found.figure, found.tone) == (figure, tone)
    assert "1,205 held out" in answer.content.decode()
    monkeypatch.setattr(review, "against_holdout", lambda until: {"why": "few"})
    assert page.get(PAGE).context["against"] == found  # what was said stays said


def test_where_the_comparison_group_says_nothing_the_page_says_so(page: Client) -> None:
    due()
    answer = page.get(PAGE)
    assert answer.context["against"].figure == "Not shown"
    assert "fewer than 10 learners of the holdout completed" in answer.content.decode()


def test_a_review_of_before_it_was_read_opens_still(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    due()
    made = review._content

    def without(week: str, until: datetime) -> dict[str, object]:
        return {name: kept for name, kept in made(week, until).items() if name != "holdout"}

    monkeypatch.setattr(review, "_content", without)
    assert "it was not read yet" in page.get(PAGE).content.decode()
