"""The read-out: nothing before the first look, then every metric with its interval and track."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from django.test import Client

from experiments import api as experiments
from experiments.data import FIRST_EXPERIMENT
from signals import api as signals
from signals import catalogue
from signals.data import SYSTEM, Exposed, NewEvent
from tests.experiments.plans import plan
from tests.experiments.world import UMA, VERA
from tests.factories import moment, new_course, new_learner, uma
from tests.signals.derive.happened import answering, store

PAGE = f"/tower/experiments/{FIRST_EXPERIMENT}/"
ARMS = ("generic", "model")
CLICKED = {"generic": 0.2, "model": 0.8}  # of the lists, so that the difference is beyond doubt


@pytest.fixture
def page(client: Client, db: None) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def shown_lists(per_arm: int, *, started: datetime, lessons: float) -> None:
    """Expose learners to both arms; each sees four lists, and half finish a lesson."""
    rng = np.random.default_rng(7)
    course = new_course("py", modules=["a"])
    module = catalogue.modules(course.course_id)[0].module_id
    taught = course.course_id
    at = started + timedelta(hours=1)
    rows, events = [], []
    for arm in ARMS * per_arm:
        learner = new_learner()
        rows.append(Exposed(FIRST_EXPERIMENT, learner, arm, at))
        if rng.random() < lessons:
            events.append(NewEvent("lesson.completed", learner, at, taught, module))
        for number in range(4):
            then = at + timedelta(hours=number)
            led = answering(learner, then)
            events.append(NewEvent("rec.shown", learner, then, context=led))
            if rng.random() < CLICKED[arm]:
                events.append(NewEvent("rec.clicked", learner, then, taught, context=led))
    signals.expose(rows)
    store(events, now=moment())


def begin(*, days_ago: int, per_arm: int = 0, lessons: float = 0.5) -> datetime:
    started = moment(days=days_ago)
    experiments.ensure_first_experiment(SYSTEM, now=started)
    shown_lists(per_arm, started=started, lessons=lessons)
    return started


def test_before_the_first_look_there_is_n_its_date_and_what_it_will_see(page: Client) -> None:
    started = begin(days_ago=5, per_arm=12)
    answer = page.get(PAGE)
    context, text = answer.context, answer.content.decode()
    assert context["readout"].n == {"generic": 10, "model": 10}
    assert context["readout"].waiting.next_look == (started + timedelta(days=14)).date()
    assert context["waiting"][0].title == "Click-through per learner"
    assert context["waiting"][0].detectable.endswith(" pts")
    assert (context["groups"], context["proposal"].tone) == ([], "")
    assert "Wait: no answer before" in text
    assert "Results by track" not in text
    assert context["digest"][:8] in text


def test_before_the_first_look_the_stages_say_where_it_stands(page: Client) -> None:
    started = begin(days_ago=5)
    stages = page.get(PAGE).context["stages"]
    assert [(stage.title, stage.state) for stage in stages] == [
        ("Plan", "done"),
        ("Approval", "done"),
        ("Start", "done"),
        ("Look 1", "now"),
        ("Look 2", ""),
        ("Look 3", ""),
        ("Decision", ""),
    ]
    first = started + timedelta(days=14)
    assert stages[3].note == f"{first.day} {first:%B}"


def test_after_a_look_every_metric_shows_its_interval_in_its_track(page: Client) -> None:
    begin(days_ago=29, per_arm=15)
    experiments.take_due_looks(now=moment())
    answer = page.get(PAGE)
    groups = {group.track: group for group in answer.context["groups"]}
    assert list(groups) == ["progression", "engagement"]
    (clicks,) = groups["engagement"].lines
    (lessons,) = groups["progression"].lines
    assert (clicks.reading, clicks.tone, clicks.place.css) == ("Better", "eng", "eng")
    assert (lessons.reading, lessons.tone, lessons.place.css) == ("Not clear", "", "mut")
    assert clicks.place.low < clicks.place.middle < clicks.place.high
    assert answer.context["proposal"].headline.startswith("People decide")
    assert answer.context["readout"].sentence in answer.content.decode()
    assert answer.context["stages"][-1].note == "Due"


def test_looks_show_the_effect_that_was_measured(page: Client) -> None:
    begin(days_ago=29, per_arm=15)
    experiments.take_due_looks(now=moment())
    effect = page.get(PAGE).context["groups"][1].lines[0].effect
    assert f"{100 * effect.control_mean:.1f}%" in page.get(PAGE).content.decode()
    assert effect.low < effect.variant_mean - effect.control_mean < effect.high
    assert effect.control_mean == pytest.approx(CLICKED["generic"], abs=0.15)
    assert effect.variant_mean == pytest.approx(CLICKED["model"], abs=0.15)


def test_the_arms_keep_their_names_once_a_look_is_taken(page: Client) -> None:
    begin(days_ago=29, per_arm=15)
    experiments.take_due_looks(now=moment())
    context = page.get(PAGE).context
    assert (context["control"], context["variant"]) == ARMS


@pytest.mark.parametrize("lessons", [0.0, 1.0])
def test_a_metric_in_which_all_did_the_same_says_nothing(page: Client, lessons: float) -> None:
    begin(days_ago=29, per_arm=15, lessons=lessons)
    assert len(experiments.take_due_looks(now=moment())) == 3
    assert [group.track for group in page.get(PAGE).context["groups"]] == ["engagement"]


def test_a_broken_split_shows_no_effect(page: Client) -> None:
    started = begin(days_ago=29, per_arm=15)
    extra = [new_learner() for _ in range(60)]
    signals.expose([Exposed(FIRST_EXPERIMENT, one, "model", started) for one in extra])
    experiments.take_due_looks(now=moment())
    context = page.get(PAGE).context
    assert (context["groups"], context["proposal"].tone) == ([], "bad")
    assert context["stages"][2].state == "fail"


def test_the_list_says_when_more_will_be_known(page: Client) -> None:
    started = begin(days_ago=5)
    answer = page.get("/tower/experiments/")
    (row,) = answer.context["rows"]
    first = started + timedelta(days=14)
    assert row.says == f"Nothing before the first look on {first.day} {first:%B}"
    assert "5% of learners are in no experiment" in answer.content.decode()


def test_the_list_says_when_all_looks_are_taken(page: Client) -> None:
    begin(days_ago=29)
    experiments.take_due_looks(now=moment())
    (row,) = page.get("/tower/experiments/").context["rows"]
    assert row.says == "Open it for the last look; it waits for a decision"


def test_without_an_experiment_the_list_says_so(page: Client) -> None:
    assert "No experiment is registered." in page.get("/tower/experiments/").content.decode()


def test_an_unknown_experiment_is_not_found(page: Client) -> None:
    assert page.get("/tower/experiments/none/").status_code == 404


def planned(**changes: object) -> str:
    wanted = plan(**changes)
    experiments.create_draft(UMA, plan=wanted, now=moment(days=2))
    return f"/tower/experiments/{wanted.key}/"


def test_a_draft_shows_every_version_and_what_changed(page: Client) -> None:
    address = planned()
    experiments.edit_draft(VERA, plan=plan(mde=0.3), now=moment(days=1))
    answer = page.get(address)
    newest, first = answer.context["versions"]
    assert (newest.number, newest.name, first.name) == (2, "vera", "uma")
    (change,) = newest.changes
    assert (change.title, change.before, change.after) == (
        "Smallest effect worth finding",
        "0.25",
        "0.3",
    )
    text = answer.content.decode()
    assert "nobody yet" in text
    assert plan().decision_rule in text
    assert plan().serves in text


def test_who_approved_and_why_stands_on_the_page(page: Client) -> None:
    address = planned()
    experiments.register(UMA, key=plan().key, now=moment(days=2))
    before = page.get(address).context["stages"]
    assert [(stage.title, stage.state) for stage in before[:3]] == [
        ("Plan", "done"),
        ("Approval", "now"),
        ("Start", ""),
    ]
    experiments.approve(VERA, key=plan().key, reason="large enough", now=moment(days=1))
    answer = page.get(address)
    lines = {line.step: (line.name, line.said) for line in answer.context["people"]}
    assert lines["Planned by"] == ("uma", "")
    assert lines["Approved by"][0] == "vera"
    assert lines["Approved by"][1].endswith("large enough")
    assert [stage.state for stage in answer.context["stages"][:3]] == ["done", "done", "now"]


def test_a_pause_is_seen_in_the_list_and_on_the_page(page: Client) -> None:
    begin(days_ago=5)
    experiments.pause(UMA, key=FIRST_EXPERIMENT, reason="the list is broken", now=moment())
    assert "Paused on" in page.get(PAGE).context["stages"][2].note
    assert (
        '<span class="tag warn">Paused</span>' in page.get("/tower/experiments/").content.decode()
    )
