"""Did a campaign help? (L5) Those it was given to against those chance left out, in seven days.

Everybody drawn counts on the side they were drawn to, whether the message was seen or not: only so
is the difference the message's. The interval holds whenever, and however often, one looks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Q

from experiments import api as experiments
from personalize.agents.campaigns import Measured
from personalize.experience.campaigns.running import GROUP, key_of
from personalize.models import Campaign, CampaignLearner, Reminder
from signals import api as signals
from signals.aggregates import publishable

WITHIN = timedelta(days=7)
LEAST = 20  # learners of each side whose seven days are over
ALPHA = 0.05
KEPT_S = 600
WORST = 0.5  # the share at which a difference is hardest to see
POWER = 2.8  # standard errors: 80% power at 5%


@dataclass(frozen=True, slots=True)
class Reach:
    """How many a campaign was drawn for and given to; None stands for fewer than ten."""

    drawn: int | None
    compared: int | None
    shown: int | None
    stopped: int | None  # of those it was shown to, who then stopped reminders from it
    coming: int | None  # who said they come to its live session


@dataclass(frozen=True, slots=True)
class Uplift:
    """The difference in the share that finished a module of the course within seven days."""

    given: int
    compared: int
    with_it: float
    without: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Return the share with the message minus the share without."""
        return self.with_it - self.without

    @property
    def reading(self) -> str:
        """Say what the interval says: helped, harmed, or neither is shown."""
        if self.low > 0:
            return "helped"
        return "harmed" if self.high < 0 else "not shown"


def reach(campaign: Campaign) -> Reach:
    """Return how far a campaign came."""
    sides = CampaignLearner.objects.filter(campaign_id=campaign.pk).aggregate(
        drawn=Count("pk", filter=Q(compared=False)),
        compared=Count("pk", filter=Q(compared=True)),
        coming=Count("pk", filter=Q(coming=True)),
    )
    shown = Reminder.objects.filter(kind=GROUP, key=key_of(campaign), state=Reminder.State.SENT)
    counted = shown.aggregate(
        n=Count("learner_id", distinct=True),
        stopped=Count("learner_id", distinct=True, filter=Q(answer="stopped")),
    )
    return Reach(
        drawn=publishable(sides["drawn"]),
        compared=publishable(sides["compared"]),
        shown=publishable(counted["n"]),
        stopped=publishable(counted["stopped"]),
        coming=publishable(sides["coming"]),
    )


def uplift(campaign: Campaign, *, now: datetime) -> Uplift | None:
    """Return what a campaign brought; None while either side has too few whose days are over."""
    found = _sums(campaign, now=now)
    given, compared = found[False], found[True]
    if min(given[0], compared[0]) < LEAST:
        return None
    low, high = experiments.always_between(_moments(compared), _moments(given), alpha=ALPHA)
    return Uplift(
        given=publishable(given[0]) or 0,
        compared=publishable(compared[0]) or 0,
        with_it=given[1] / given[0],
        without=compared[1] / compared[0],
        low=max(low, -1.0),
        high=min(high, 1.0),
    )


def earlier(campaigns: Sequence[Campaign], *, now: datetime) -> tuple[Measured, ...]:
    """Return what campaigns that are over brought, of those that can be told."""
    found = []
    for campaign in campaigns:
        if uplift(campaign, now=now) is None:
            continue
        sums = _sums(campaign, now=now)
        found.append(Measured(campaign.kind, *sums[False], *sums[True]))
    return tuple(found)


def detectable(learners: int, compare_share: float) -> float:
    """Return the least difference of shares that a campaign of so many can show (80% power)."""
    compared, given = learners * compare_share, learners * (1 - compare_share)
    if min(compared, given) < 1:
        return 1.0
    return min(POWER * math.sqrt(WORST * (1 - WORST) * (1 / compared + 1 / given)), 1.0)


def _sums(campaign: Campaign, *, now: datetime) -> dict[bool, tuple[int, int]]:
    """Return by side how many had their seven days, and how many of them finished a module."""
    key = f"campaign:{campaign.pk}:{now:%Y%m%d%H}"
    held = cache.get(key)
    if held is None:
        rows = CampaignLearner.objects.filter(campaign_id=campaign.pk, at__lte=now - WITHIN)
        drawn = list(rows.values_list("learner_id", "compared", "at"))
        done = signals.finished_since(
            campaign.course_id,
            [learner_id for learner_id, _compared, _at in drawn],
            [at for _learner, _compared, at in drawn],
            within=WITHIN,
        )
        held = []
        for side in (False, True):
            own = [learner_id for learner_id, compared, _at in drawn if compared is side]
            held.append([len(own), sum(done.get(learner_id, 0) > 0 for learner_id in own)])
        cache.set(key, held, KEPT_S)
    return {side: (int(n), int(k)) for side, (n, k) in zip((False, True), held, strict=True)}


def _moments(side: tuple[int, int]) -> tuple[int, float, float]:
    n, finished = side
    return n, float(finished), float(finished)  # of noughts and ones
