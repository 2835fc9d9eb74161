"""People at the controls: is any kind of learner served worse than the others?"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from controltower import access
from controltower.exports import csv_file
from controltower.views import model_words as words
from personalize import api as personalize
from personalize.data import CohortGap
from signals.aggregates import publishable
from signals.clock import now

ALARMS: Mapping[str, Any] = MappingProxyType(
    {
        "recall": gettext_lazy("%s: the next course is found much more seldom"),
        "calibration": gettext_lazy("%s: what is said to be likely does not come true"),
        "exposure": gettext_lazy("%s: lists of their own are much rarer"),
    }
)
COLUMNS = (
    "measure",
    "cohort",
    "kind of learner",
    "learners",
    "their own",
    "all others",
    "gap",
    "low",
    "high",
    "alarm",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of learner beside all others; an empty string where too few are known."""

    cohort: str
    value: str
    learners: str
    recall: str
    calibration: str
    exposure: str
    wrong: str
    alarms: tuple[str, ...]


@require_safe
@access.requires(access.may_see_fairness)
def fairness(request: HttpRequest) -> HttpResponse:
    """Show gaps between kinds of learners, each with its base and interval, and what alarms."""
    found = personalize.fairness(now=now())
    kinds = list(_kinds(found))
    context = {
        "nav": "fairness",
        "found": found,
        "kinds": kinds,
        "alarms": [alarm for kind in kinds for alarm in kind.alarms],
        "looked": len(found.gaps),
    }
    return render(request, "tower/fairness.html", context)


@require_safe
@access.requires(access.may_see_fairness)
def fairness_csv(_request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the gaps as a table."""
    rows = (
        (
            gap.measure,
            gap.cohort,
            gap.value,
            publishable(gap.learners),
            *(round(number, 4) for number in (gap.own, gap.others, gap.gap, gap.low, gap.high)),
            "yes" if gap.alarm else "no",
        )
        for gap in personalize.fairness(now=now()).gaps
    )
    return csv_file(f"fairness-{now():%Y-%m-%d}", COLUMNS, rows)


def _kinds(found: personalize.Fairness) -> Iterator[Kind]:
    rows: dict[tuple[str, str], dict[str, CohortGap]] = {}
    for gap in found.gaps:
        rows.setdefault((gap.cohort, gap.value), {})[gap.measure] = gap
    wrong = {(row.cohort, row.value): row.share for row in found.wrong}
    for (cohort, value), by_measure in sorted(rows.items()):
        share = wrong.get((cohort, value))
        who = words.kind(cohort, value)
        learners = max(publishable(gap.learners) or 0 for gap in by_measure.values())
        yield Kind(
            cohort=words.cohort(cohort),
            value=words.value(cohort, value),
            learners=f"{learners:,}" if learners else "",
            recall=_told(by_measure.get("recall")),
            calibration=_told(by_measure.get("calibration")),
            exposure=_told(by_measure.get("exposure")),
            wrong=words.percent(share) if share is not None else "",
            alarms=tuple(
                str(ALARMS[measure]) % who for measure, gap in by_measure.items() if gap.alarm
            ),
        )


def _told(gap: CohortGap | None) -> str:
    if gap is None:
        return ""
    if gap.measure == "calibration":
        return words.chances(asdict(gap))
    if gap.measure == "exposure":
        return gettext("%(own)s of lists, others %(others)s (%(low)s to %(high)s times)") % {
            "own": words.percent(gap.own),
            "others": words.percent(gap.others),
            "low": f"{gap.low:.2f}",
            "high": f"{gap.high:.2f}",
        }
    return words.found(asdict(gap))
