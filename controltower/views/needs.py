"""People at the controls: what waits for somebody? Only what this person may open and act on."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from controltower.views import model_words
from controltower.views.alerts import AlertRow, open_alerts
from experiments import api as experiments
from experiments.data import ExperimentInfo
from personalize import api as personalize
from personalize.api import KeptReview
from personalize.data import CohortGap, ModelRow, ObjectiveRow, OverrideRow
from signals import api as signals
from signals.data import RequestRow, RetentionState, SourceState

SOON = timedelta(days=1)
STALE_AFTER = timedelta(minutes=15)  # rollups are due every minute
LATE_LOOK = timedelta(days=1)  # looks are taken hourly
DUE_SOON = timedelta(days=7)
ALERTS_TOLD = frozenset({"drift", "latency", "budget"})


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits; level is bad, warn or mut."""

    level: str
    title: str
    detail: str
    href: str
    label: str  # a verb
    owner: str = ""  # who answers for it, where somebody does


def needs(
    *,
    models: Sequence[ModelRow],
    counted_to: datetime | None,
    pages: Collection[str],
    now: datetime,
) -> list[Need]:
    """Return what waits for this person, the worst first. models are the newest, newest first."""
    found = list(_of_counting(counted_to, now=now))
    if "sources" in pages:
        found += _of_sources(signals.source_states(now=now))
    if "models" in pages:
        found += _of_models(models)
        found += _of_review(personalize.newest_review())
    if "experiments" in pages:
        found += _of_experiments(experiments.list_experiments(now=now), now=now)
    if "privacy" in pages:
        found += _of_requests(signals.requests_made(waiting=True), now=now)
        found += _of_retention(signals.retention_state(now=now, exact=False), now=now)
    if "boosts" in pages:
        changes = personalize.overrides_in("open", now=now)
        found += _of_overrides([row for row in changes if row.state != "waiting"], now=now)
        found += _of_waiting([row for row in changes if row.state == "waiting"])
    if "objectives" in pages:
        found += _of_asked(personalize.objective_changes("waiting", now=now))
    found += _of_alerts(open_alerts(frozenset(pages), at=now))
    order = ("bad", "warn", "mut")
    return sorted(found, key=lambda need: order.index(need.level))


def _of_alerts(rows: Sequence[AlertRow]) -> Iterator[Need]:
    """Tell of open alerts nobody silenced and that are not told of above in more words."""
    for row in rows:
        if row.rule in ALERTS_TOLD and not row.silenced:
            yield Need(
                level=row.level,
                title=row.title,
                detail=row.detail,
                href=row.href,
                label=gettext("Look into it"),
                owner=row.owner,
            )


def _of_counting(counted_to: datetime | None, *, now: datetime) -> Iterator[Need]:
    if counted_to is not None and now - counted_to > STALE_AFTER:
        yield Need(
            level="bad",
            title=gettext("Events are not being counted"),
            detail=gettext(
                "The job that adds new events to these figures should run every minute. Start "
                "worker and beat, or run the command roll_up."
            ),
            href=reverse("tower:overview"),
            label=gettext("Look again"),
        )


def _of_sources(states: Sequence[SourceState]) -> Iterator[Need]:
    """Name each source that broke a promise, with its owner; those silent by habit together."""
    for state in states:
        if state.objective is not None and (state.silent or state.incomplete):
            words = {
                "source": state.title,
                "owner": state.objective.owner,
                "step": state.objective.next_step,
            }
            yield Need(
                level="bad",
                title=gettext("%(source)s is silent") % words
                if state.silent
                else gettext("%(source)s sends incomplete events") % words,
                detail=gettext("First: %(step)s") % words,
                owner=state.objective.owner,
                href=reverse("tower:sources"),
                label=gettext("Look at sources"),
            )
    by_habit = [state.title for state in states if state.silent and state.objective is None]
    if by_habit:
        yield Need(
            level="bad",
            title=ngettext("A source is silent", "%d sources are silent", len(by_habit))
            % (() if len(by_habit) == 1 else len(by_habit)),
            detail=gettext("%s sent nothing since yesterday, though it does on such days.")
            % ", ".join(by_habit),
            href=reverse("tower:sources"),
            label=gettext("Look at sources"),
        )


def _of_requests(waiting: Sequence[RequestRow], *, now: datetime) -> Iterator[Need]:
    """Tell of learners' requests: those past their deadline are the worst there is."""
    late = sum(row.due_at < now for row in waiting)
    soon = sum(now <= row.due_at < now + DUE_SOON for row in waiting)
    if late:
        yield Need(
            level="bad",
            title=ngettext("A learner's request is late", "%d learners' requests are late", late)
            % (() if late == 1 else late),
            detail=gettext("The law gives a month. See what it waits for."),
            href=f"{reverse('tower:privacy')}#requests",
            label=gettext("Open"),
        )
    if soon:
        yield Need(
            level="warn",
            title=ngettext(
                "A learner's request is due soon", "%d learners' requests are due soon", soon
            )
            % (() if soon == 1 else soon),
            detail=gettext("Within a week. See what it waits for."),
            href=f"{reverse('tower:privacy')}#requests",
            label=gettext("Open"),
        )


def _of_retention(state: RetentionState, *, now: datetime) -> Iterator[Need]:
    """Tell of events without a place of their own, and of data older than it may be."""
    behind = state.events.ahead_to is None or state.events.ahead_to <= now.date()
    if state.events.waiting or behind:
        yield Need(
            level="bad",
            title=gettext("Events have no month to go to"),
            detail=gettext(
                "Those of a month without a partition lie in the default one, which retention "
                "does not reach. Run the command ensure_partitions."
            ),
            href=f"{reverse('tower:privacy')}#retention",
            label=gettext("Look at retention"),
        )
    overdue = [held.what for held in state.held if held.overdue]
    if overdue:
        yield Need(
            level="bad",
            title=gettext("Something is kept too long"),
            detail=gettext("%s: older than may be kept. Run the command purge_expired.")
            % ", ".join(overdue),
            href=f"{reverse('tower:privacy')}#retention",
            label=gettext("Look at retention"),
        )


def _of_models(models: Sequence[ModelRow]) -> Iterator[Need]:
    newest = next((row for row in models if row.state != "challenger"), None)
    if newest is not None and newest.state == "refused" and not newest.experiment:
        failed = [finding.title for finding in newest.findings if not finding.passed]
        broken = [reading.title for reading in newest.readings if not reading.holds]
        yield Need(
            level="warn",
            title=gettext("The canary was stopped")
            if newest.canary_since
            else gettext("The newest model was refused"),
            detail=", ".join(failed + broken),
            href=f"{reverse('tower:models')}?version={newest.version}#evidence",
            label=gettext("Read evidence"),
        )
    live = next((row for row in models if row.state == "live"), None)
    if live is not None and live.assessed is not None:
        yield from _of_gaps([gap for gap in live.assessed.gaps if gap.alarm])
    if any(row.state == "challenger" for row in models):
        waits = personalize.challenger()
        if waits is not None and not waits.experiment:
            yield Need(
                level="mut",
                title=gettext("A changed model waits for an experiment"),
                detail=" ".join(waits.model.changes),
                href=f"{reverse('tower:models')}#challenger",
                label=gettext("See what is changed"),
            )


def _of_gaps(gaps: Sequence[CohortGap]) -> Iterator[Need]:
    """Tell of kinds of learners whom the live model serves worse than all others."""
    if gaps:
        behind = {model_words.kind(gap.cohort, gap.value) for gap in gaps}
        yield Need(
            level="bad",
            title=ngettext(
                "A kind of learner is served worse",
                "%d kinds of learners are served worse",
                len(behind),
            )
            % (() if len(behind) == 1 else len(behind)),
            detail="; ".join(sorted(behind)),
            href=f"{reverse('tower:model_review')}#kinds",
            label=gettext("See the gap"),
        )


def _of_review(review: KeptReview | None) -> Iterator[Need]:
    """Tell of a model that failed: more is clicked while less is learned, or just the latter.

    Beside it, of lists that narrow to few courses or to what everybody takes anyway.
    """
    if review is None:
        return
    reading = review.content["moved"]["reading"]
    narrow = [
        str(model_words.FIGURES[row["key"]].title)
        for row in review.content.get("figures", ())
        if row["key"] in model_words.NARROWING and row["reading"] == "missed"
    ]
    if narrow:
        yield Need(
            level="warn",
            title=gettext("Lists narrow to few courses"),
            detail=gettext("Beyond what is wanted: %s.") % ", ".join(narrow),
            href=reverse("tower:model_review_kept", args=[review.until.isoformat()]),
            label=gettext("Read the review"),
        )
    if reading in {"failed", "worse"}:
        yield Need(
            level="bad",
            title=gettext("The model failed")
            if reading == "failed"
            else gettext("Less is learned than before"),
            detail=str(model_words.VERDICTS[reading].about),
            href=reverse("tower:model_review_kept", args=[review.until.isoformat()]),
            label=gettext("Read the review"),
        )


def _of_experiments(rows: Sequence[ExperimentInfo], *, now: datetime) -> Iterator[Need]:
    late: list[tuple[date, ExperimentInfo]] = []
    for row in rows:
        href = reverse("tower:experiment", args=[row.key])
        if row.unwatched_since is not None and row.state in {"running", "paused"}:
            yield _unwatched(row, row.unwatched_since)
        done = row.state == "running" and row.looks_taken == row.looks
        if done or row.state == "stopped":
            yield Need(
                level="warn",
                title=gettext("“%s” waits for a decision") % row.title,
                detail=gettext("All %d looks are taken") % row.looks
                if done
                else gettext("It was stopped and has no verdict"),
                href=href,
                label=gettext("Read result"),
            )
        elif row.reopened_at is not None:
            yield Need(
                level="bad",
                title=gettext("“%s” is open again") % row.title,
                detail=gettext(
                    "It was shipped, and read again on %s it does not hold. Keep it, or take it "
                    "back from everybody."
                )
                % date_format(row.reopened_at, "j F"),
                href=f"{href}#rereads",
                label=gettext("Read it again"),
            )
        elif row.next_look is not None and row.next_look < (now - LATE_LOOK).date():
            late.append((row.next_look, row))
    yield from _late(late)


def _late(rows: Sequence[tuple[date, ExperimentInfo]]) -> Iterator[Need]:
    """Tell of late looks in one line: one job takes them all, so they are late together."""
    if not rows:
        return
    first = date_format(min(day for day, _ in rows), "j F")
    if len(rows) == 1:
        title = gettext("A look at “%s” is late") % rows[0][1].title
        planned = gettext("It was planned for %s.") % first
        href = reverse("tower:experiment", args=[rows[0][1].key])
    else:
        title = gettext("Looks at %d experiments are late") % len(rows)
        planned = gettext("The first was planned for %(day)s. Late are %(titles)s.") % {
            "day": first,
            "titles": ", ".join(f"“{row.title}”" for _, row in rows),
        }
        href = reverse("tower:experiments")
    mend = gettext("Start worker and beat, or run the command read_experiments.")
    yield Need(
        level="bad",
        title=title,
        detail=f"{planned} {mend}",
        href=href,
        label=gettext("Open"),
    )


def _unwatched(row: ExperimentInfo, since: datetime) -> Need:
    """Tell of an experiment whose numbers cannot be read, so that nobody would notice harm."""
    paused = row.state == "paused"
    words = {"title": row.title, "since": date_format(since, "j F, H:i")}
    return Need(
        level="bad" if paused else "warn",
        title=(
            gettext("“%(title)s” was paused: it cannot be watched")
            if paused
            else gettext("“%(title)s” cannot be watched")
        )
        % words,
        detail=(
            gettext(
                "Since %(since)s its numbers cannot be read. The log of the worker says why; once "
                "that is mended, go on with it or stop it."
            )
            if paused
            else gettext(
                "Since %(since)s its numbers cannot be read. The log of the worker says why; it "
                "is paused by itself if that goes on."
            )
        )
        % words,
        href=reverse("tower:experiment", args=[row.key]),
        label=gettext("Open"),
    )


def _of_waiting(rows: Sequence[OverrideRow]) -> Iterator[Need]:
    if rows:
        yield Need(
            level="warn",
            title=ngettext(
                "%d change waits for a second person",
                "%d changes wait for a second person",
                len(rows),
            )
            % len(rows),
            detail=", ".join(sorted({row.reason for row in rows})),
            href=f"{reverse('tower:boosts')}?state=waiting#changes",
            label=gettext("Decide"),
        )


def _of_asked(rows: Sequence[ObjectiveRow]) -> Iterator[Need]:
    if rows:
        yield Need(
            level="warn",
            title=gettext("Other aims of lists wait for a second person"),
            detail=", ".join(sorted({row.reason for row in rows})),
            href=f"{reverse('tower:objectives')}#changes",
            label=gettext("Decide"),
        )


def _of_overrides(rows: Sequence[OverrideRow], *, now: datetime) -> Iterator[Need]:
    ending = [row for row in rows if row.ends_at - now <= SOON]
    if ending:
        yield Need(
            level="mut",
            title=ngettext(
                "%d change ends within a day", "%d changes end within a day", len(ending)
            )
            % len(ending),
            detail=", ".join(sorted({row.reason for row in ending})),
            href=f"{reverse('tower:boosts')}#changes",
            label=gettext("Review"),
        )
