"""People at the controls: what waits for somebody? Only what this person may open and act on."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from experiments import api as experiments
from experiments.data import ExperimentInfo
from personalize import api as personalize
from personalize.data import ModelRow, OverrideRow
from signals import aggregates

SOON = timedelta(days=1)
STALE_AFTER = timedelta(minutes=15)  # rollups are due every minute
LATE_LOOK = timedelta(days=1)  # looks are taken hourly


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits; level is bad, warn or mut."""

    level: str
    title: str
    detail: str
    href: str
    label: str  # a verb


def needs(
    *,
    models: Sequence[ModelRow],
    counted_to: datetime | None,
    pages: Collection[str],
    now: datetime,
) -> list[Need]:
    """Return what waits for this person, the worst first. models are the newest, newest first."""
    found = list(_of_counting(counted_to, now=now))
    if "quality" in pages:
        found += _of_sources(aggregates.silent_sources(now=now))
    if "models" in pages:
        found += _of_models(models)
    if "experiments" in pages:
        found += _of_experiments(experiments.list_experiments(), now=now)
    if "boosts" in pages:
        found += _of_overrides(personalize.overrides_in("active", now=now), now=now)
    order = ("bad", "warn", "mut")
    return sorted(found, key=lambda need: order.index(need.level))


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


def _of_sources(silent: Sequence[str]) -> Iterator[Need]:
    if silent:
        yield Need(
            level="bad",
            title=ngettext("A source is silent", "%d sources are silent", len(silent))
            % (() if len(silent) == 1 else len(silent)),
            detail=gettext("%s sent nothing since yesterday, though it does on such days.")
            % ", ".join(silent),
            href=reverse("tower:quality"),
            label=gettext("Look at signals"),
        )


def _of_models(models: Sequence[ModelRow]) -> Iterator[Need]:
    newest = models[0] if models else None
    if newest is not None and newest.state == "refused":
        failed = [finding.title for finding in newest.findings if not finding.passed]
        yield Need(
            level="warn",
            title=gettext("The newest model was refused"),
            detail=", ".join(failed),
            href=f"{reverse('tower:models')}?version={newest.version}#evidence",
            label=gettext("Read evidence"),
        )


def _of_experiments(rows: Sequence[ExperimentInfo], *, now: datetime) -> Iterator[Need]:
    for row in rows:
        href = reverse("tower:experiment", args=[row.key])
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
        elif row.next_look is not None and row.next_look < (now - LATE_LOOK).date():
            yield Need(
                level="bad",
                title=gettext("A look at “%s” is late") % row.title,
                detail=gettext(
                    "It was planned for %s. Start worker and beat, or run the command "
                    "read_experiments."
                )
                % date_format(row.next_look, "j F"),
                href=href,
                label=gettext("Open"),
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
