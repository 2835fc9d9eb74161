"""What each arm did: exact sums, equal to a recount in Python, of real learners alone."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from signals import api, catalogue
from signals.data import Exposed, NewEvent, Purpose
from signals.derive.moments import METRICS
from signals.models import Learner
from signals.request_ids import read_request_id
from tests.factories import consents, moment, new_course, new_learner, wire_event
from tests.signals.derive.happened import SURFACES, a_busy_fortnight, answering, store
from tests.signals.door import Door

pytestmark = pytest.mark.django_db

KEY = "an-experiment"
WINDOW = timedelta(days=7)
ARMS = ("generic", "model")
HOME, BESIDE = SURFACES

Value = Callable[[list[NewEvent]], float | None]


def ctr(events: list[NewEvent]) -> float | None:
    about = [e for e in events if e.kind in {"rec.shown", "rec.clicked"} and surface(e) == HOME]
    lists = {request(e) for e in about}
    clicked = {request(e) for e in about if e.kind == "rec.clicked"}
    return len(clicked) / len(lists) if lists else None


def request(event: NewEvent) -> str:
    return str((event.context or {})["request_id"])


def surface(event: NewEvent) -> int:
    return read_request_id(UUID(request(event)))[1]


def distinct(kind: str, field: str) -> Value:
    return lambda events: float(len({getattr(e, field) for e in events if e.kind == kind}))


ORACLES: dict[str, tuple[Value, bool]] = {
    "ctr": (ctr, False),
    "modules_completed": (distinct("lesson.completed", "module_id"), True),
    "enrolments": (distinct("course.enrolled", "course_id"), True),
}


def expose(learner_id: int, arm: str, at: datetime) -> None:
    api.expose([Exposed(KEY, learner_id, arm, at)])


def measured(
    metric: str, *, as_of: datetime, surfaces: tuple[int, ...] = (HOME,)
) -> dict[str, tuple[int, float, float]]:
    rows = api.moments(KEY, metric=metric, surfaces=surfaces, window_days=WINDOW.days, as_of=as_of)
    return {row.arm: (row.n, row.total, row.squares) for row in rows}


def recount(
    metric: str,
    exposures: dict[int, tuple[str, datetime]],
    events: list[NewEvent],
    *,
    as_of: datetime,
) -> dict[str, tuple[int, float, float]]:
    value, waits = ORACLES[metric]
    found: dict[str, list[float]] = defaultdict(list)
    for learner, (arm, at) in exposures.items():
        own = [
            e
            for e in events
            if e.learner_id == learner
            and at <= e.occurred_at < at + WINDOW
            and e.occurred_at <= as_of
        ]
        y = value(own)
        if at <= as_of and (not waits or at + WINDOW <= as_of) and y is not None:
            found[arm].append(y)
    return {arm: (len(ys), sum(ys), sum(y * y for y in ys)) for arm, ys in found.items()}


def recount_before(
    metric: str,
    exposures: dict[int, tuple[str, datetime]],
    events: list[NewEvent],
    *,
    as_of: datetime,
) -> dict[str, tuple[float, float, float]]:
    """Sum, squares and products of what learners did before, of those who have a value after."""
    value, waits = ORACLES[metric]
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for learner, (arm, at) in exposures.items():
        own = [e for e in events if e.learner_id == learner and e.occurred_at <= as_of]
        y = value([e for e in own if at <= e.occurred_at < at + WINDOW])
        x = value([e for e in own if at - WINDOW <= e.occurred_at < at]) or 0.0
        if at <= as_of and (not waits or at + WINDOW <= as_of) and y is not None:
            found[arm].append((x, y))
    return {
        arm: (sum(x for x, _ in xys), sum(x * x for x, _ in xys), sum(x * y for x, y in xys))
        for arm, xys in found.items()
    }


@pytest.mark.parametrize("metric", ORACLES)
def test_moments_equal_a_recount_of_the_events(metric: str) -> None:
    course = new_course("py", modules=["a", "b", "c"])
    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    learners = [new_learner() for _ in range(24)]
    end = moment()
    events = [
        event
        for last in (end, end - timedelta(days=10))
        for event in a_busy_fortnight(learners, course, modules, end=last)
    ]
    store(events, now=end)
    exposures = {
        learner: (ARMS[number % 2], end - timedelta(days=number % 14, hours=1))
        for number, learner in enumerate(learners)
    }
    for learner, (arm, at) in exposures.items():
        expose(learner, arm, at)
    for as_of in (end, end - timedelta(days=4)):
        found = measured(metric, as_of=as_of)
        wanted = recount(metric, exposures, events, as_of=as_of)
        assert found == {arm: pytest.approx(sums) for arm, sums in wanted.items()}
        assert found
        rows = api.moments(
            KEY, metric=metric, surfaces=(HOME,), window_days=WINDOW.days, as_of=as_of
        )
        before = {row.arm: (row.before_total, row.before_squares, row.products) for row in rows}
        told = recount_before(metric, exposures, events, as_of=as_of)
        assert before == {arm: pytest.approx(sums) for arm, sums in told.items()}
        assert any(sum(sums) for sums in before.values())


def test_every_metric_has_an_oracle_here() -> None:
    assert set(ORACLES) == set(METRICS)


def test_test_accounts_bots_and_staff_count_nowhere() -> None:
    at = moment(days=10)
    for kind in ("test", "bot", "staff", "real"):
        learner = new_learner(kind=kind)
        store([NewEvent("rec.shown", learner, at, context=answering(learner, at))], now=moment())
        expose(learner, "model", at)
    assert measured("ctr", as_of=moment())["model"][0] == 1
    assert api.exposed_counts(KEY, as_of=moment()) == {"model": 1}


def test_a_click_on_a_list_of_another_surface_does_not_count() -> None:
    course = new_course("py")
    learner, at = new_learner(), moment(days=3)
    expose(learner, "model", at)
    here, there = (answering(learner, at, surface=surface) for surface in (HOME, BESIDE))
    store(
        [
            NewEvent("rec.shown", learner, at, context=here),
            NewEvent("rec.shown", learner, at, context=there),
            NewEvent("rec.clicked", learner, at, course_id=course.course_id, context=there),
        ],
        now=moment(),
    )
    assert measured("ctr", as_of=moment()) == {"model": (1, 0.0, 0.0)}
    assert measured("ctr", as_of=moment(), surfaces=(BESIDE,)) == {"model": (1, 1.0, 1.0)}
    assert measured("ctr", as_of=moment(), surfaces=SURFACES) == {"model": (1, 0.5, 0.25)}
    assert measured("ctr", as_of=moment(), surfaces=(200,)) == {}


def test_who_was_exposed_later_does_not_count_yet() -> None:
    expose(new_learner(), "model", moment(days=3))
    expose(new_learner(), "generic", moment(days=1))
    assert api.exposed_counts(KEY, as_of=moment(days=2)) == {"model": 1}


def test_only_the_first_sight_of_an_arm_counts() -> None:
    learner = new_learner()
    expose(learner, "model", moment(days=9))
    expose(learner, "generic", moment(days=1))
    assert api.exposed_counts(KEY, as_of=moment()) == {"model": 1}
    assert measured("modules_completed", as_of=moment()) == {"model": (1, 0.0, 0.0)}


def test_what_was_done_before_the_exposure_or_after_the_window_does_not_count() -> None:
    course = new_course("py", modules=["a", "b", "c"])
    a, b, c = (module.module_id for module in catalogue.modules(course.course_id))
    learner, at = new_learner(), moment(days=10)
    when = ((a, at - timedelta(minutes=1)), (b, at + WINDOW / 2), (c, at + WINDOW))
    store(
        [
            NewEvent("lesson.completed", learner, then, course_id=course.course_id, module_id=one)
            for one, then in when
        ],
        now=moment(),
    )
    expose(learner, "model", at)
    assert measured("modules_completed", as_of=moment()) == {"model": (1, 1.0, 1.0)}


def finished(learner: str, module: str, at: datetime) -> dict[str, object]:
    return wire_event(
        "lesson.completed", learner=learner, course="py", module=module, occurred_at=at.isoformat()
    )


def test_a_window_is_of_corrected_time_where_the_senders_clock_is_off() -> None:
    new_course("py", modules=["a", "b"])
    learner, exposed = new_learner("ada"), moment(days=10)
    expose(learner, "model", exposed)
    behind = timedelta(hours=6)
    before, within = exposed - timedelta(hours=1), exposed + timedelta(hours=1)
    Door().send(
        finished("ada", "a", before - behind),
        finished("ada", "b", within - behind),
        sent_at=(moment() - behind).isoformat(),
    )
    assert measured("modules_completed", as_of=moment()) == {"model": (1, 1.0, 1.0)}


def test_who_objects_is_in_no_read_out_from_then_on_and_back_with_the_objection_withdrawn() -> None:
    stays, objects = new_learner(), new_learner()
    at = moment(days=10)
    for learner in (stays, objects):
        store([NewEvent("rec.shown", learner, at, context=answering(learner, at))], now=moment())
        expose(learner, "model", at)

    def counted() -> set[int]:
        n = {measured(metric, as_of=moment())["model"][0] for metric in METRICS}
        return n | set(api.exposed_counts(KEY, as_of=moment()).values())

    assert counted() == {2}
    consents(objects, Purpose.PERSONALIZATION, granted=False)
    assert counted() == {1}
    consents(objects, Purpose.PERSONALIZATION)
    assert counted() == {2}


def test_a_child_is_in_no_read_out() -> None:
    learner = new_learner()
    expose(learner, "model", moment(days=10))
    Learner.objects.filter(learner_id=learner).update(age_band="under13")
    assert measured("modules_completed", as_of=moment()) == {}
    assert api.exposed_counts(KEY, as_of=moment()) == {}


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(KeyError):
        api.moments(KEY, metric="smiles", surfaces=(HOME,), window_days=7, as_of=moment())
