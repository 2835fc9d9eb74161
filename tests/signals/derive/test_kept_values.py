"""Values made ahead: a look reads the same numbers, whatever came, went or was taken back since."""

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.db import connection, transaction

from signals import api, catalogue
from signals.capture.retention import purge_expired
from signals.data import Actor, ActorKind, ArmMoments, Asked, Exposed, NewEvent, Purpose
from signals.derive import kept, moments
from signals.derive.measures import MEASURES
from signals.models import Event, Exposure, Learner
from tests.factories import consents, moment, new_course, new_learner
from tests.rollups import pass_the_horizon
from tests.signals.derive.happened import SURFACES, store
from tests.signals.derive.histories import HOME, histories
from tests.signals.xapi.lms import ADL, Lms, statement

BESIDE = SURFACES[1]

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "an-experiment"
ASKED = [Asked(metric, 7) for metric in MEASURES] + [Asked("revenue", 14, 0, 0.9)]
Found = dict[Asked, list[ArmMoments]]
Step = Callable[[], object]


def look(*, as_of: datetime | None = None, cohort: str | None = None) -> Found:
    return moments.moments(KEY, ASKED, surfaces=(HOME,), as_of=as_of or moment(), cohort=cohort)


def keep() -> int:
    return kept.keep_measured(KEY, ASKED, surfaces=(HOME,), now=moment())


def from_events(*, as_of: datetime | None = None, cohort: str | None = None) -> Found:
    """Look as if nothing had ever been kept, and put back what was."""
    held = list(Exposure.objects.all())
    Exposure.objects.update(measured=None, measured_form=None, measured_to=None)
    found = look(as_of=as_of, cohort=cohort)
    for row in held:
        row.save()
    return found


def same(found: Found, wanted: Found) -> bool:
    assert found.keys() == wanted.keys()
    for one in ASKED:
        for row, other in zip(found[one], wanted[one], strict=True):
            assert (row.arm, row.cohort, row.n) == (other.arm, other.cohort, other.n), one
            assert told(row) == pytest.approx(told(other)), one
    return True


def exposed_at_all() -> int:
    return sum(row.n for row in look()[Asked("enrolments", 7)])


def told(row: ArmMoments) -> list[float]:
    plain = [row.total, row.squares, row.before_total, row.before_squares, row.products]
    if row.ratio is None:
        return plain
    return [*plain, *row.ratio.totals, *(n for line in row.ratio.products for n in line)]


@pytest.fixture
def learners() -> list[int]:
    """Learners exposed over two weeks, with all that happened around it stored."""
    courses = [new_course(name, modules=["a", "b"]) for name in ("py", "sql")]
    modules = [module.module_id for module in catalogue.modules(courses[0].course_id)]
    end = moment()
    exposures = {new_learner(): end - timedelta(days=n % 16, hours=1) for n in range(24)}
    events = histories(exposures, courses, modules)
    store([event for event in events if event.occurred_at < end], now=end)
    for number, (learner, at) in enumerate(exposures.items()):
        api.expose([Exposed(KEY, learner, ("generic", "model")[number % 2], at)])
    pass_the_horizon()  # or what is kept first would be forgotten once more
    return list(exposures)


def enrols(learner: int, *, at: datetime, course: int) -> None:
    store([NewEvent("course.enrolled", learner, at, course_id=course)], now=moment())


def held(learner: int) -> bool:
    return Exposure.objects.get(learner_id=learner).measured is not None


def test_what_was_kept_reads_as_what_is_computed_at_any_moment(learners: list[int]) -> None:
    assert keep() == len(learners)
    assert Exposure.objects.filter(measured__isnull=True).count() == 0
    for days in (0, 1, 6, 12):
        as_of = moment(days=days)
        assert same(look(as_of=as_of), from_events(as_of=as_of))
    assert same(look(cohort="tenure"), from_events(cohort="tenure"))


def test_what_is_kept_is_read_and_not_counted_again(learners: list[int]) -> None:
    keep()
    before = look()
    Event.objects.all().delete()  # as nothing in the product does: nobody is told
    assert same(look(), before)


def test_an_event_that_comes_late_counts_at_once_and_is_kept_later(learners: list[int]) -> None:
    keep()
    before, late = look(), learners[8]
    at = Exposure.objects.get(learner_id=late).exposed_at
    course = new_course("late").course_id
    enrols(late, at=at + timedelta(hours=2), course=course)
    assert look() != before
    assert same(look(), from_events())
    pass_the_horizon()
    kept.forget_changed(now=moment())
    assert not held(late)
    assert keep() == 1
    assert same(look(), from_events())


def test_an_event_that_was_being_stored_meanwhile_counts_once_it_is(learners: list[int]) -> None:
    keep()
    course, late = new_course("late").course_id, learners[8]
    at = Exposure.objects.get(learner_id=late).exposed_at + timedelta(hours=2)
    Exposure.objects.filter(learner_id=late).update(**Exposure.UNMEASURED)
    written, counted = threading.Event(), threading.Event()

    def store_slowly() -> None:
        with closing(connection), transaction.atomic():
            enrols(late, at=at, course=course)
            written.set()
            counted.wait(20)

    storing = threading.Thread(target=store_slowly)
    storing.start()
    assert written.wait(20)
    before = look()
    assert keep() == 1
    assert same(look(), before)
    counted.set()
    storing.join()
    assert look() != before
    assert same(look(), from_events())


def test_who_was_exposed_since_counts_at_once(learners: list[int]) -> None:
    keep()
    api.expose([Exposed(KEY, new_learner(), "model", moment(days=9))])
    enrolments = look()[Asked("enrolments", 7)]
    assert same(look(), from_events())
    assert keep() == 1
    assert look()[Asked("enrolments", 7)] == enrolments


def test_who_objects_is_out_at_once_and_nothing_stays_kept_of_them(learners: list[int]) -> None:
    keep()
    consents(learners[0], Purpose.PERSONALIZATION, granted=False)
    assert not held(learners[0])
    assert same(look(), from_events())
    assert keep() == 0
    consents(learners[0], Purpose.PERSONALIZATION)
    assert same(look(), from_events())
    assert keep() == 1


def test_a_switch_turned_by_hand_counts_at_once(learners: list[int]) -> None:
    keep()
    exposed_now = new_learner()
    api.expose([Exposed(KEY, exposed_now, "model", moment(days=8))])
    keep()
    consents(exposed_now, Purpose.FINE_GRAINED)
    assert same(look(), from_events())
    pass_the_horizon()
    kept.forget_changed(now=moment())
    assert not held(exposed_now)


@pytest.mark.parametrize("left_out", [{"kind": "bot"}, {"age_band": "under13"}])
def test_who_turns_out_to_be_a_robot_or_a_child_is_out_at_once(
    learners: list[int], left_out: dict[str, str]
) -> None:
    keep()
    before = exposed_at_all()
    Learner.objects.filter(learner_id=learners[10]).update(**left_out)
    assert exposed_at_all() == before - 1
    assert same(look(), from_events())
    assert same(look(cohort="tenure"), from_events(cohort="tenure"))
    assert keep() == 0


def test_what_a_learner_lets_forget_counts_no_more(learners: list[int]) -> None:
    keep()
    before = look()
    actor = Actor(ActorKind.LEARNER, str(learners[10]))
    api.reset_learner(learners[10], actor=actor, now=moment())
    assert look() != before
    assert same(look(), from_events())
    assert keep() == 1
    assert same(look(), from_events())


def test_a_statement_that_is_void_counts_no_more() -> None:
    new_course("c1:c1")
    lms, began = Lms(), statement(timestamp=moment(days=9).isoformat())
    lms.post(began)
    learner = Event.objects.get().learner_id
    api.expose([Exposed(KEY, learner, "model", moment(days=10))])
    keep()
    assert look()[Asked("enrolments", 7)][0].total == 1
    voided = {"objectType": "StatementRef", "id": began["id"]}
    lms.post(statement(verb={"id": f"{ADL}/verbs/voided"}, object=voided))
    assert look()[Asked("enrolments", 7)][0].total == 0
    assert keep() == 1


def test_some_of_what_is_kept_is_read_alone(learners: list[int]) -> None:
    keep()
    every = look()
    Event.objects.all().delete()
    some = [ASKED[3], Asked("revenue", 7, 0, 0.5), ASKED[0]]
    found = moments.moments(KEY, some, surfaces=(HOME,), as_of=moment())
    assert (found[ASKED[3]], found[ASKED[0]]) == (every[ASKED[3]], every[ASKED[0]])
    cut, whole = found[some[1]], every[Asked("revenue", 7)]  # it is cut when it is read
    assert 0 < sum(row.total for row in cut) < sum(row.total for row in whole)


def test_what_is_not_kept_is_computed_and_what_is_kept_stays(learners: list[int]) -> None:
    keep()
    other = [Asked("enrolments", 7, 3), ASKED[0]]
    found = moments.moments(KEY, other, surfaces=(HOME,), as_of=moment())
    assert found[other[0]] == api.moments(
        KEY, metric="enrolments", surfaces=(), window_days=7, from_days=3, as_of=moment()
    )
    assert keep() == 0


def test_values_made_for_other_surfaces_are_not_read_for_these(learners: list[int]) -> None:
    keep()
    elsewhere = moments.moments(KEY, ASKED[:1], surfaces=(BESIDE,), as_of=moment())
    assert elsewhere != moments.moments(KEY, ASKED[:1], surfaces=(HOME,), as_of=moment())
    kept.keep_measured(KEY, ASKED, surfaces=(BESIDE,), now=moment())
    assert moments.moments(KEY, ASKED[:1], surfaces=(BESIDE,), as_of=moment()) == elsewhere


def test_what_was_measured_goes_with_the_events_it_was_counted_from(learners: list[int]) -> None:
    keep()
    months_later = moment() + timedelta(days=440)
    assert purge_expired(now=months_later)["measured"] == len(learners)
    assert not any(held(learner) for learner in learners)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(10))
def test_whatever_happens_in_whatever_order_a_look_is_what_the_events_say(
    learners: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    course = new_course("more").course_id

    def anybody() -> int:
        return learners[int(rng.integers(len(learners)))]

    def sometime() -> datetime:
        return moment(days=float(rng.uniform(0, 25)))

    def someone_objects_or_comes_back() -> None:
        consents(anybody(), Purpose.PERSONALIZATION, granted=bool(rng.random() < 0.5))

    def someone_starts_afresh() -> None:
        who = anybody()
        actor = Actor(ActorKind.LEARNER, str(who))
        api.reset_learner(who, whole=bool(rng.random() < 0.3), actor=actor, now=moment())

    def someone_turns_out_otherwise() -> None:
        kind = str(rng.choice(["real", "bot", "test"]))
        Learner.objects.filter(learner_id=anybody()).update(kind=kind)

    def someone_is_exposed() -> None:
        learners.append(new_learner())
        api.expose([Exposed(KEY, learners[-1], str(rng.choice(["generic", "model"])), sometime())])

    def someone_does_something() -> None:
        event = NewEvent("course.viewed", anybody(), sometime(), course_id=course)
        api.record([event], now=moment())

    steps: list[Step] = [
        keep,
        lambda: kept.forget_changed(now=moment()),
        someone_does_something,
        someone_does_something,
        lambda: consents(anybody(), Purpose.FINE_GRAINED),
        someone_objects_or_comes_back,
        someone_starts_afresh,
        someone_turns_out_otherwise,
        someone_is_exposed,
    ]
    keep()
    for _ in range(25):
        steps[int(rng.integers(len(steps)))]()
        as_of = sometime()
        assert same(look(as_of=as_of), from_events(as_of=as_of))
