"""What may be learned from, and what did the rules find? (L2 conductor)

`judge_quality` judges everyone whose events changed; `count_quality` adds up closed days for the
audit page. What stays counted of a learner are findings of the last 62 days and the verdict.
"""

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from signals.data import Allowed
from signals.derive.activities import Life, lives
from signals.derive.pending import Reader, catch_up
from signals.models import DoubtfulCourse, LearnerQuality, QualityFinding, QualityMonth
from signals.processing.disclosure import K, rounded
from signals.processing.quality import Verdict, judge
from signals.processing.rules.registry import RULES

READER = "quality"
FINDINGS_DAYS = 62  # this month and the one before, which the audit may still count anew
REFUSALS_DAYS = 29  # refused input is gone after 30
SAMPLES = 3
_COPIES_KEY = "copies"
_LOCK = 0x7175_616C
_COUNTING = 0x7175_636E
_EPOCH = date(1970, 1, 1)

_Span = dict[str, date | int]

_RECEIVED = """
INSERT INTO signals_sourceday AS d (day, source_id, events, copies, refused)
SELECT (received_at AT TIME ZONE 'UTC')::date, source_id, count(*), 0, '{}'
FROM signals_event WHERE tx >= %s AND tx < %s GROUP BY 1, 2
ON CONFLICT (day, source_id) DO UPDATE SET events = d.events + excluded.events
"""
_COPIES = """
WITH gone AS (DELETE FROM signals_copies RETURNING received_at, source_id, events)
INSERT INTO signals_sourceday AS d (day, source_id, events, copies, refused)
SELECT (received_at AT TIME ZONE 'UTC')::date, source_id, 0, sum(events), '{}'
FROM gone GROUP BY 1, 2
ON CONFLICT (day, source_id) DO UPDATE SET copies = d.copies + excluded.copies
"""
# Of closed days, anew each time: refused input that was replayed since counts as refused.
_REFUSED = """
INSERT INTO signals_sourceday AS d (day, source_id, events, copies, refused)
SELECT day, source_id, 0, 0, jsonb_object_agg(code, n) FROM (
    SELECT (received_at AT TIME ZONE 'UTC')::date AS day, source_id, code, count(*) AS n
    FROM signals_quarantine WHERE received_at >= %(from)s AND received_at < %(today)s
    GROUP BY 1, 2, 3
) counted GROUP BY 1, 2
ON CONFLICT (day, source_id) DO UPDATE SET refused = excluded.refused
"""
_FOUND = """
SELECT date_trunc('month', day)::date, source_id, rule, sum(events),
       count(DISTINCT learner_id),
       (array_agg(DISTINCT told) FILTER (WHERE told <> ''))[1:%(samples)s]
FROM signals_qualityfinding WHERE day >= %(from)s AND day < %(today)s
GROUP BY 1, 2, 3 HAVING count(DISTINCT learner_id) >= %(k)s
"""
_AT_THE_DOOR = """
SELECT date_trunc('month', day)::date, source_id, code, sum(n) FROM (
    SELECT day, source_id, 'copies' AS code, copies AS n FROM signals_sourceday
    UNION ALL
    SELECT day, source_id, key, value::bigint FROM signals_sourceday, jsonb_each_text(refused)
) counted
WHERE day >= %(from)s AND day < %(today)s AND n > 0 GROUP BY 1, 2, 3
"""


def judge_quality(*, now: datetime) -> int:
    """Judge everyone whose events changed; return how many learners."""
    return catch_up(Reader(READER, _LOCK, _rebuild, beside=_count_received), now=now)


def _count_received(after: int, horizon: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED, [after, horizon])
        cursor.execute(_COPIES)


def _rebuild(allowed: dict[int, Allowed], now: datetime) -> None:
    """Replace the verdicts and findings of these learners."""
    for model in (LearnerQuality, DoubtfulCourse, QualityFinding):
        model.objects.filter(learner_id__in=allowed).delete()
    oldest = (now.astimezone(UTC) - timedelta(days=FINDINGS_DAYS)).date()
    verdicts: list[LearnerQuality] = []
    doubtful: list[DoubtfulCourse] = []
    findings: list[QualityFinding] = []
    for life in lives(list(allowed), now=now):
        verdict = judge(life.activity, life.around)
        if verdict.score < 1:
            verdicts.append(
                LearnerQuality(
                    learner_id=life.learner_id, score=verdict.score, weight=verdict.weight
                )
            )
        doubtful += [
            DoubtfulCourse(
                learner_id=life.learner_id,
                course_id=doubt.course,
                events=doubt.events,
                groups=int(doubt.groups),
            )
            for doubt in verdict.doubtful
        ]
        findings += _findings(life, verdict, oldest=oldest)
    LearnerQuality.objects.bulk_create(verdicts)
    DoubtfulCourse.objects.bulk_create(doubtful)
    QualityFinding.objects.bulk_create(findings)


def _findings(life: Life, verdict: Verdict, *, oldest: date) -> list[QualityFinding]:
    return [
        QualityFinding(
            learner_id=life.learner_id,
            day=day,
            source_id=finding.source,
            rule=finding.rule,
            events=finding.events,
            told=finding.told,
        )
        for finding in verdict.findings
        if (day := _EPOCH + timedelta(days=finding.day)) >= oldest
    ]


def count_quality(*, now: datetime) -> int:
    """Count closed days of this month and the last anew; return the cells that may be shown."""
    today = now.astimezone(UTC).date()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    versions = {rule.code: rule.version for rule in RULES}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_COUNTING])
        if not cursor.fetchone()[0]:
            return 0
        since = max(first, today - timedelta(days=REFUSALS_DAYS))
        cursor.execute(_REFUSED, {"from": _midnight(since), "today": _midnight(today)})
        span: _Span = {"from": first, "today": today, "k": K, "samples": SAMPLES}
        cursor.execute(_FOUND, span)
        cells = {
            (month, source, rule): (events, learners, samples or [])
            for month, source, rule, events, learners, samples in cursor.fetchall()
        }
        cells |= _at_the_door(span)
        QualityMonth.objects.filter(month__gte=first).delete()
        QualityMonth.objects.bulk_create(
            QualityMonth(
                month=month,
                source_id=source,
                rule=rule,
                version=versions[rule],
                events=rounded(int(events)),
                learners=None if learners is None else rounded(learners),
                samples=samples,
            )
            for (month, source, rule), (events, learners, samples) in cells.items()
            if rule in versions
        )
    return len(cells)


_Cells = dict[tuple[date, int, int], tuple[int, int | None, list[str]]]


def _at_the_door(span: _Span) -> _Cells:
    """Return what was refused or came again, by the rule it belongs to; cells of ten and more."""
    owners = {code: rule.code for rule in RULES for code in rule.refusals}
    owners |= {_COPIES_KEY: rule.code for rule in RULES if rule.copies}  # noqa: B035  one such rule
    sums: dict[tuple[date, int, int], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_AT_THE_DOOR, span)
        for month, source, code, n in cursor.fetchall():
            if code in owners:
                cell = (month, source, owners[code])
                sums[cell] = sums.get(cell, 0) + int(n)
    return {cell: (n, None, []) for cell, n in sums.items() if n >= K}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
