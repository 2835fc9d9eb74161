"""What each arm did: exact sums, equal to a recount in Python, of real learners alone."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

import pytest

from signals import api, catalogue
from signals.data import Actor, ActorKind, ArmMoments, Asked, Exposed, NewEvent, Purpose
from signals.derive.measures import MEASURES
from signals.models import Learner
from tests.factories import consents, moment, new_course, new_learner, wire_event
from tests.signals.derive.happened import SURFACES, answering, store
from tests.signals.derive.histories import ORACLES, Part, histories
from tests.signals.door import Door

pytestmark = pytest.mark.django_db

KEY = "an-experiment"
WINDOW = timedelta(days=7)
ARMS = ("generic", "model")
HOME, BESIDE = SURFACES
RATINGS = Asked("satisfaction", 7)


def expose(learner_id: int, arm: str, at: datetime) -> None:
    api.expose([Exposed(KEY, learner_id, arm, at)])


def measured(
    metric: str, *, as_of: datetime, surfaces: tuple[int, ...] = (HOME,)
) -> dict[str, tuple[int, float, float]]:
    rows = api.moments(KEY, metric=metric, surfaces=surfaces, window_days=WINDOW.days, as_of=as_of)
    return {row.arm: (row.n, row.total, row.squares) for row in rows}


Sums = tuple[float, ...]


def slowly(asked: Asked, world: "World", *, as_of: datetime) -> dict[str, list[Sums]]:
    """Count a metric learner by learner: (value, base, both before) of each who has a value."""
    oracle = ORACLES[asked.metric]
    start, length = timedelta(days=asked.from_days), timedelta(days=asked.window_days)
    found: dict[str, list[Sums]] = defaultdict(list)
    for learner, (arm, at) in world.exposures.items():
        if at > as_of or (oracle.waits and at + start + length > as_of):
            continue
        after = world.part(learner, at + start, at + start + length, as_of=as_of)
        before = world.part(learner, at - length, at, as_of=as_of)
        value = oracle.value(after)
        if value is not None:
            earlier = (oracle.before or oracle.value)(before) or 0.0
            found[arm].append((value, oracle.base(after), earlier, oracle.base(before)))  # type: ignore[arg-type]
    return {arm: rows for arm, rows in found.items() if any(row[1] for row in rows)}


@dataclass
class World:
    """Who was exposed to which arm when, what happened, and which switches they turned."""

    exposures: dict[int, tuple[str, datetime]]
    events: list[NewEvent]
    switches: list[tuple[int, datetime]] = field(default_factory=list)

    def part(self, learner: int, begin: datetime, end: datetime, *, as_of: datetime) -> Part:
        own = [
            e
            for e in self.events
            if e.learner_id == learner and begin <= e.occurred_at < end and e.occurred_at <= as_of
        ]
        turned = [
            at for one, at in self.switches if one == learner and begin <= at < end and at <= as_of
        ]
        return Part(own, self.exposures[learner][1], switched=len(turned))


def a_world(learners: int = 60) -> World:
    """Learners exposed over three weeks, with all that happened around it stored."""
    courses = [new_course(name, modules=["a", "b", "c"]) for name in ("py", "sql", "go")]
    modules = [module.module_id for module in catalogue.modules(courses[0].course_id)]
    end = moment()
    exposures = {
        new_learner(): (ARMS[number % 2], end - timedelta(days=number % 21, hours=1))
        for number in range(learners)
    }
    events = histories({one: at for one, (_, at) in exposures.items()}, courses, modules)
    world = World(exposures, [event for event in events if event.occurred_at < end])
    store(world.events, now=end)
    for number, (learner, (arm, at)) in enumerate(exposures.items()):
        expose(learner, arm, at)
        if number % 3 == 0:
            world.switches.append((learner, at + timedelta(days=2)))
            switch(learner, at=world.switches[-1][1])
    return world


def switch(learner: int, *, at: datetime, via: str = "page", actor: Actor | None = None) -> None:
    by = actor or Actor(ActorKind.LEARNER, str(learner))
    api.set_consent(learner, purpose=Purpose.FINE_GRAINED, granted=True, via=via, actor=by, now=at)


def sums(rows: list[Sums]) -> Sums:
    """Return n, then total, squares, both before and the products, as ArmMoments has them."""
    y, x = [row[0] for row in rows], [row[2] for row in rows]
    products = sum(a * b for a, b in zip(y, x, strict=True))
    return (len(rows), sum(y), dot(y, y), sum(x), dot(x, x), products)


def quantile(values: list[float], share: float) -> float:
    """Return the smallest value that this share of the values does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


def dot(first: list[float], second: list[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def told(row: ArmMoments) -> Sums:
    return (
        row.n,
        row.total,
        row.squares,
        row.before_total,
        row.before_squares,
        row.products,
    )


def test_moments_of_every_metric_equal_a_slow_recount_at_any_moment() -> None:
    world, end = a_world(), moment()
    asked = [Asked(metric, 7, from_days) for metric in MEASURES for from_days in (0, 3)]
    for as_of in (end, end - timedelta(days=4)):
        found = api.measured(KEY, asked, surfaces=(HOME,), as_of=as_of)
        for one in asked:
            wanted = slowly(one, world, as_of=as_of)
            assert {row.arm: told(row) for row in found[one]} == {
                arm: pytest.approx(sums(rows)) for arm, rows in wanted.items()
            }, one
            assert one.from_days or sum(row.total for row in found[one]) > 0, one


def test_a_ratio_keeps_its_denominator_and_every_product() -> None:
    world, end = a_world(), moment()
    ratios = [Asked(metric, 7) for metric, measure in MEASURES.items() if measure.base]
    found = api.measured(KEY, ratios, surfaces=(HOME,), as_of=end)
    assert len(ratios) == 5
    for one in ratios:
        wanted = slowly(one, world, as_of=end)
        for row in found[one]:
            columns = [list(column) for column in zip(*wanted[row.arm], strict=True)]
            assert row.ratio is not None
            assert row.ratio.totals == pytest.approx([sum(column) for column in columns])
            for products, first in zip(row.ratio.products, columns, strict=True):
                assert products == pytest.approx([dot(first, other) for other in columns])


def test_an_arm_with_nothing_to_divide_by_has_no_ratio() -> None:
    course, at = new_course("py").course_id, moment(days=10)
    for arm in ARMS:
        expose(learner := new_learner(), arm, at)
    store([NewEvent("course.rated", learner, at, course_id=course, value=4.0)], now=moment())
    rows = api.measured(KEY, [RATINGS], surfaces=(HOME,), as_of=moment())[RATINGS]
    assert [(row.arm, row.n, row.total) for row in rows] == [("model", 1, 4.0)]


def test_one_metric_alone_is_what_it_is_beside_others() -> None:
    a_world(12)
    end = moment()
    together = api.measured(
        KEY, [Asked("ctr", 7), Asked("revenue", 7, 2)], surfaces=(HOME,), as_of=end
    )
    alone = api.moments(
        KEY, metric="revenue", surfaces=(HOME,), window_days=7, from_days=2, as_of=end
    )
    assert alone == together[Asked("revenue", 7, 2)]


def test_a_value_counts_no_more_than_the_cut_over_both_arms_as_one() -> None:
    world, end = a_world(), moment()
    one = Asked("revenue", 7, winsor=0.6)
    rows = slowly(one, world, as_of=end)
    both = [row for arm in rows.values() for row in arm]
    cut, before = (
        quantile([row[place] for row in both if row[place] > 0], 0.6) for place in (0, 2)
    )
    assert any(row[0] > cut for row in both)
    wanted = {
        arm: sums([(min(row[0], cut), row[1], min(row[2], before), row[3]) for row in told])
        for arm, told in rows.items()
    }
    found = api.measured(KEY, [one], surfaces=(HOME,), as_of=end)[one]
    assert {row.arm: told(row) for row in found} == {
        arm: pytest.approx(each) for arm, each in wanted.items()
    }


def test_where_most_pay_nothing_the_cut_is_of_those_who_pay() -> None:
    at = moment(days=10)
    learners = [new_learner() for _ in range(20)]
    paid = {learners[0]: 10.0, learners[1]: 20.0, learners[2]: 1000.0}
    store(
        [NewEvent("order.paid", who, at, value=amount) for who, amount in paid.items()],
        now=moment(),
    )
    for who in learners:
        expose(who, "model", at)
    one = Asked("revenue", 7, winsor=0.6)
    (row,) = api.measured(KEY, [one], surfaces=(HOME,), as_of=moment())[one]
    assert (row.n, row.total) == (20, 10.0 + 20.0 + 20.0)


def test_every_metric_has_an_oracle_here() -> None:
    assert set(ORACLES) == set(MEASURES)


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
        every = [Asked(metric, 7) for metric in MEASURES]
        found = api.measured(KEY, every, surfaces=(HOME,), as_of=moment())
        n = {row.n for rows in found.values() for row in rows}
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


def test_switches_turned_by_others_or_by_the_browser_are_no_choice_of_the_learner() -> None:
    staff = Actor(ActorKind.STAFF, "pia")
    at = moment(days=10)
    for actor, via in ((None, "page"), (staff, "tower"), (None, "gpc")):
        learner = new_learner()
        expose(learner, "model", at)
        switch(learner, at=at + timedelta(days=1), via=via, actor=actor)
    assert measured("preference_edits", as_of=moment()) == {"model": (3, 1.0, 1.0)}


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(KeyError):
        api.moments(KEY, metric="smiles", surfaces=(HOME,), window_days=7, as_of=moment())
