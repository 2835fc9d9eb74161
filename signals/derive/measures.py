"""What does each metric count? One SQL expression a metric, over a learner's own events (L2).

Every expression is an aggregate over `e`, the events of one learner, and reads `x`, the exposure.
`{w}` stands for the window: put in once for the time after the exposure, and once for as long a
time before it, which no arm can have changed. So many metrics are read in one pass.

A day is a day in UTC, as sessions and rollups have it.
"""

from dataclasses import dataclass

from signals.kinds.registry import code_of

ACTIVATED_WITHIN = "5 minutes"
CONTROLS = -1  # the code under which a learner's own switches stand beside events
# What somebody else may have done, or nobody: it says nothing of whether the learner was here.
PASSIVE = ("rec.shown", "order.paid", "subscription.started", "subscription.ended")
LEARNING = (
    "course.enrolled",
    "lesson.started",
    "lesson.progressed",
    "lesson.completed",
    "quiz.scored",
    "video.played",
    "live.joined",
)


def _codes(*names: str) -> str:
    return ", ".join(str(code_of(name)) for name in names)


def _of(*names: str) -> str:
    return f"e.kind IN ({_codes(*names)})"


# Whether an event belongs to a list of the surfaces asked for: the layout of signals/request_ids.py
# puts the version, 8, and the two digits of the surface side by side.
LISTED = "substr(e.request_id::text, 15, 3) = ANY(%(lists)s)"
DAY = "(e.corrected_at AT TIME ZONE 'UTC')::date"
HERE = f"e.kind <> ALL(ARRAY[{_codes(*PASSIVE)}, {CONTROLS}])"
CLICKED, DISMISSED = _of("rec.clicked"), _of("rec.dismissed")
SCORED, RATED = _of("quiz.scored"), _of("course.rated")


def _count(what: str, condition: str) -> str:
    return f"count({what}) FILTER (WHERE {{w}} AND {condition})"


def _lists(condition: str) -> str:
    return _count("DISTINCT e.request_id", f"{LISTED} AND {condition}")


def _sum(condition: str) -> str:
    return f"coalesce(sum(e.value) FILTER (WHERE {{w}} AND {condition}), 0)"


def _any(condition: str) -> str:
    return f"({_count('*', condition)} > 0)::int"


RETENTION_DAYS = (7, 30, 90, 180)  # whoever asks lets the window begin there
LISTS = _lists(_of("rec.shown", "rec.clicked", "rec.dismissed", "rec.snoozed", "course.enrolled"))
PRESENT = _any(HERE)


@dataclass(frozen=True, slots=True)
class Measure:
    """How one metric is counted; NULL is a learner without a value, who does not count in it.

    value: the number of a learner, of a ratio the upper one. base: the lower one of a ratio.
    before: what explains it, where that is not the same as long before. waits: only learners whose
    whole window has passed have a value. controls: it reads a learner's own switches too.
    real: the value is no count, and so is packed with all its digits.
    """

    value: str
    base: str = ""
    before: str = ""
    waits: bool = True
    controls: bool = False
    real: bool = False


MEASURES: dict[str, Measure] = {
    # share of the lists shown on these surfaces that were clicked; who saw none has no value
    "ctr": Measure(
        f"{_lists(CLICKED)}::float / nullif({_lists(_of('rec.shown', 'rec.clicked'))}, 0)",
        waits=False,
        real=True,
    ),
    # of the lists seen, those that led to an enrolment: it carries the list it came from
    "acceptance": Measure(_lists(_of("course.enrolled")), base=LISTS),
    # of those who clicked, those who clicked on another day as well
    "repeat_engagement": Measure(
        f"({_count(f'DISTINCT {DAY}', f'{LISTED} AND {CLICKED}')} > 1)::int",
        base=_any(f"{LISTED} AND {CLICKED}"),
    ),
    "not_for_me": Measure(_lists(DISMISSED), base=LISTS),
    "enrolments": Measure(_count("DISTINCT e.course_id", _of("course.enrolled"))),
    "modules_completed": Measure(_count("DISTINCT e.module_id", _of("lesson.completed"))),
    "courses_completed": Measure(_count("DISTINCT e.course_id", _of("course.completed"))),
    "quiz_score": Measure(_sum(SCORED), base=_count("e.value", SCORED), real=True),
    "satisfaction": Measure(_sum(RATED), base=_count("e.value", RATED), real=True),
    # something learnt, or a course joined, within minutes of the first sight
    "activation": Measure(
        _any(f"{_of(*LEARNING)} AND e.corrected_at < x.exposed_at + interval '{ACTIVATED_WITHIN}'"),
        before=PRESENT,
    ),
    **{f"retention_d{days}": Measure(PRESENT) for days in RETENTION_DAYS},
    # here again on a later day than that of the first sight
    "return": Measure(
        _any(f"{HERE} AND {DAY} > (x.exposed_at AT TIME ZONE 'UTC')::date"), before=PRESENT
    ),
    "active_days": Measure(_count(f"DISTINCT {DAY}", HERE)),
    # money is never converted: what was paid in the platform's currency, or without naming one
    "revenue": Measure(
        _sum(
            f"{_of('order.paid', 'subscription.started')}"
            " AND coalesce(e.context->>'currency', %(currency)s) = %(currency)s"
        ),
        real=True,
    ),
    # courses said to be unwanted, and switches turned
    "preference_edits": Measure(
        _count("*", f"(e.kind = {CONTROLS} OR {_of('rec.dismissed', 'rec.snoozed')})"),
        controls=True,
    ),
}
