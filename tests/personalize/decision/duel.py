"""Two rankers in one list, for tests: an interleaved experiment, and learners who answer lists."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from experiments import lifecycle
from experiments.data import Plan, Team
from experiments.metrics import LESSONS_PREFERRED
from experiments.running import forget_caches
from personalize.decision import log
from personalize.models import Decision
from signals import catalogue
from signals.data import Actor
from tests.experiments.plans import SOUND
from tests.experiments.world import UMA, VERA
from tests.factories import moment, new_key, wire_event
from tests.personalize.shop import Shop, learner
from tests.signals.door import Door

URL = "/personalize/v1/recommendations"
KEY = "model-or-popular"
DUEL = replace(
    SOUND,
    key=KEY,
    title="Model or popular",
    primary_metric=LESSONS_PREFERRED,
    guardrails=(),
    mde=0.5,
    baseline_mean=0.5,
    baseline_sd=0.5,
    planned_per_arm=40,
    variants=("model", "popular"),
    salt=f"{KEY}:1",
    design="interleaved",
)


def drafting(by: Actor = UMA, **changes: Any) -> Plan:
    """Start an experiment that drafts the home page's list from two rankers, an hour ago."""
    wanted, at = replace(DUEL, **changes), moment(hours=1)
    lifecycle.create_draft(by, plan=wanted, now=at)
    lifecycle.register(by, key=wanted.key, now=at)
    lifecycle.approve(VERA, key=wanted.key, reason="sound", now=at)
    lifecycle.start(by, key=wanted.key, now=at)
    forget_caches()  # a test never commits, so nothing tells this process
    return wanted


def at_look(number: int = 1) -> Any:
    """Return a moment at which so many looks are due, and no more."""
    return moment(hours=1) + timedelta(days=DUEL.look_days[number - 1], minutes=1)


def ask(name: str, key: str, *, k: int = 8, **wanted: object) -> Any:
    """Ask for a list over HTTP."""
    answer = Client().post(
        URL,
        {"learner": name, "k": k, **wanted},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def logged(answer: Any) -> Decision:
    """Return the row a list left behind."""
    row = log.find(UUID(answer["request_id"]))
    assert row is not None
    return row


def teams(answer: Any) -> list[Team]:
    """Return whose each item of a drafted list is, as the log kept it."""
    kept = logged(answer).teams
    assert kept is not None
    return [Team(code) for code in bytes(kept)]


def courses(answer: Any) -> list[str]:
    """Return the courses of a list, first to last."""
    return [item["course"] for item in answer["items"]]


def of(answer: Any, team: Team) -> list[str]:
    """Return the courses that are of a team."""
    return [name for name, one in zip(courses(answer), teams(answer), strict=True) if one is team]


def answering(
    shop: Shop, learners: int, likes: Callable[[int, Any], Sequence[str]], *, clicks: bool = True
) -> None:
    """Let learners of one field each ask for a list, click what they like and learn there.

    likes: from the number of a learner and the answer to the courses they take up.
    """
    key, events = new_key("lms", "recommend"), []
    for number in range(learners):
        name = f"learner-{number}"
        learner(name, enrolled=shop.field(("Data", "Care", "Web", "Craft")[number % 4])[:4])
        answer = ask(name, key)
        liked = likes(number, answer)
        events += _events(shop, name, answer, liked, clicks=clicks)
    Door(source="platform").send(*events)


def _events(
    shop: Shop, name: str, answer: Any, liked: Sequence[str], *, clicks: bool
) -> list[dict[str, object]]:
    found = []
    for course in liked:
        at = moment(seconds=-2).isoformat()  # whole seconds: after the list all the same
        about = {"learner": name, "course": course, "occurred_at": at}
        led = {"request_id": answer["request_id"]}
        if clicks:
            found.append(wire_event("rec.clicked", **about, context=led))
        taught = next(one for one in shop.courses if one.external_id == course)
        module = catalogue.modules(taught.course_id)[0].external_id
        found.append(wire_event("lesson.completed", **about, module=module))
    return found
