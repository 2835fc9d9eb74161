"""What of the register runs, with which model, and when was it last judged? (L5)

Read from what is in force: registries, switches, the model that serves, the signal contract.
"""

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format

from experiments import api as experiments
from experiments.data import OPENING, ExperimentInfo
from personalize import agents as proposing
from personalize.algorithms.heads.training import COMPLETE, ENGAGE
from personalize.algorithms.registry import ALGORITHMS
from personalize.data import ModelRow
from personalize.decision import review
from personalize.decision.surfaces import SURFACES as LISTS
from personalize.engine import registry
from personalize.experience.register import duties
from personalize.experience.register.base import Feature
from personalize.experience.register.duties import Duty
from personalize.experience.register.features import FEATURES
from personalize.experience.surfaces import SURFACES
from personalize.llm import choice
from personalize.llm.registry import BACKENDS
from signals import api as signals


@dataclass(frozen=True, slots=True)
class Entry:
    """One feature as it runs."""

    feature: Feature
    on: bool
    thrown: bool  # by its switch; a feature may be off by its agent's too
    shares: tuple[str, ...]  # titles of features the same switch closes
    model: str  # version, backend or that there is none
    evaluated: str  # how and when it was last judged
    basis: tuple[str, ...]  # legal, of the signals it uses
    kept_months: int  # the longest of those signals; 0 where it uses none
    duty: Duty
    overdue: bool  # its review is


def entries(*, now: datetime) -> tuple[Entry, ...]:
    """Return every feature of the register; no statement per feature but its switch."""
    kinds = {kind.name: kind for kind in signals.contract().kinds}
    held, live = duties.held(), registry.live_version()
    openings = {info.key: info for info in experiments.list_experiments(now=now)}
    kept = review.newest()
    judged = _in_words(kept.until) if kept else ""
    found = []
    for feature in FEATURES:
        used = [kinds[name] for name in feature.kinds]
        thrown = _thrown(feature)
        duty = held.get(feature.key, duties.NOBODY_YET)
        found.append(
            Entry(
                feature=feature,
                on=not thrown and (not feature.agent or choice.setting(feature.agent).on),
                thrown=thrown,
                shares=tuple(
                    str(other.title)
                    for other in FEATURES
                    if feature.switch
                    and other.switch == feature.switch
                    and other.key != feature.key
                ),
                model=_model(feature, live),
                evaluated=_evaluated(feature, openings, live, judged),
                basis=tuple(dict.fromkeys(kind.legal_basis for kind in used)),
                kept_months=max((kind.retention_months for kind in used), default=0),
                duty=duty,
                overdue=duty.review_by is not None and duty.review_by < now.date(),
            )
        )
    return tuple(found)


def _thrown(feature: Feature) -> bool:
    if feature.switch:
        return experiments.on_for_everybody(feature.switch)
    return not choice.setting(feature.agent).on


def undeclared() -> tuple[str, ...]:
    """Return what runs and no feature covers, as `Feature.covers` names it."""
    covered = {name for feature in FEATURES for name in feature.covers}
    return tuple(name for name in running() if name not in covered)


def running() -> Iterator[str]:
    """Yield everything that may choose or say something, from the registries it is run by."""
    yield from (f"surface:{key}" for key in (*LISTS, *SURFACES))
    yield from (f"agent:{key}" for key in choice.AGENTS | choice.WITHOUT_MODEL)
    yield from (f"backend:{key}" for key in BACKENDS)
    yield from (f"member:{key}" for key in ALGORITHMS)
    yield from (f"head:{key}" for key in (ENGAGE, COMPLETE))
    yield from (f"proposes:{found.name}" for found in pkgutil.iter_modules(proposing.__path__))


def _model(feature: Feature, live: ModelRow | None) -> str:
    if feature.learns:
        return live.version if live else "none yet: the same list for everyone"
    if feature.agent:
        setting = choice.setting(feature.agent)
        asked = setting.model if BACKENDS[setting.backend].remote else ""
        return asked or "no language model"
    return "none: rules"


def _evaluated(
    feature: Feature, openings: dict[str, ExperimentInfo], live: ModelRow | None, judged: str
) -> str:
    if feature.learns:
        if judged:
            return f"model review of {judged}"
        return f"gates, when trained on {_in_words(live.trained_at)}" if live else "never"
    if feature.key == "campaigns":
        return "each campaign, against its own comparison group"
    if not feature.surface:
        return "by the people who read it"
    info = openings.get(OPENING + feature.surface)
    if info is None or info.started_at is None:
        return "never: its experiment has not begun"
    if info.verdict:
        return f"experiment decided: {info.verdict}"
    since = f"experiment since {_in_words(info.started_at)}"
    return f"{since}, {info.looks_taken} of {info.looks} looks"


def _in_words(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
