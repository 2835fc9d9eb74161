"""How far is a learner, in a course and in telling us who they are? (L5) Without a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from signals.data import CourseInfo, ModuleInfo, ModuleState

ROUTE_LONGEST = 7  # stops on the line of a course; longer courses show the bar alone


@dataclass(frozen=True, slots=True)
class Continue:
    """The course a learner is in the middle of."""

    course: str
    module: str
    href: str
    share: float  # 0..1 of the modules done
    done: int
    modules: int
    minutes_left: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the route line; state is done, now or empty."""

    title: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of the three signals that make a list personal."""

    title: str
    note: str
    done: bool


def route(modules: Sequence[ModuleInfo], states: Mapping[int, ModuleState]) -> tuple[Stop, ...]:
    """Return the modules of a course as stops of the route, or none when there are too many."""
    if not 2 <= len(modules) <= ROUTE_LONGEST:
        return ()
    stops, here = [], False
    for module in modules:
        state = states.get(module.module_id)
        if state is not None and state.completed_at is not None:
            score = "" if state.score is None else f", {round(100 * state.score)}%"
            stops.append(Stop(module.title, gettext("Done") + score, "done"))
            continue
        minutes = gettext("%d min") % module.minutes if module.minutes else ""
        stops.append(Stop(module.title, minutes, "" if here else "now"))
        here = True
    return tuple(stops)


def continuing(
    course: CourseInfo, modules: Sequence[ModuleInfo], states: Mapping[int, ModuleState]
) -> Continue | None:
    """Return the card of a course that was begun and not finished, else nothing."""
    finished = {key for key, state in states.items() if state.completed_at is not None}
    left = [module for module in modules if module.module_id not in finished]
    if not left:
        return None
    following = left[0]
    done = len(modules) - len(left)
    return Continue(
        course=course.title,
        module=following.title,
        href=reverse("experience:module", args=[course.slug, following.module_id]),
        share=done / len(modules),
        done=done,
        modules=len(modules),
        minutes_left=sum(module.minutes for module in left),
    )


def first_steps(*, goal: str, interests: Sequence[str], begun: bool) -> tuple[FirstStep, ...]:
    """Return the three signals that make a list personal, each with whether it is there."""
    return (
        FirstStep(gettext("A goal"), gettext("10 seconds"), bool(goal)),
        FirstStep(gettext("What interests you"), gettext("1 minute"), bool(interests)),
        FirstStep(gettext("A first lesson"), gettext("10 to 15 minutes"), begun),
    )
