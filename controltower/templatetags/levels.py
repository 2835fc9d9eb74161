"""How does a page of the tower show what was promised? `{% load levels %}{% service_levels %}`"""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy

from personalize import api as personalize
from personalize.api import ServiceLevel
from signals.aggregates import publishable
from signals.clock import now

register = template.Library()

TITLES = {
    "learner": gettext_lazy("Learners and programs"),
    "admin": gettext_lazy("People at the controls"),
}
FEWEST = 100  # answers, below which a share says nothing


@register.inclusion_tag("tower/levels.html")
def service_levels() -> dict[str, Any]:
    """Show each level of service: what was promised, what was kept, how fast it is used up."""
    return {"levels": [_row(level) for level in personalize.service_levels(now=now())]}


def _row(level: ServiceLevel) -> dict[str, Any]:
    answered = level.windows[-1].answered
    share = level.good_share if answered >= FEWEST else None
    return {
        "title": TITLES[level.key],
        "answered": publishable(answered),
        "objective": _percent(level.objective),
        "share": None if share is None else _percent(share),
        "kept": share is None or share >= level.objective,
        "left": f"{max(level.budget_left, 0):.0%}",
        "spent": level.budget_left <= 0,
        "burn": f"{level.window('1h').burn:.1f}",
        "alarm": level.alarm,
    }


def _percent(share: float) -> str:
    """Return a share with as many decimals as tell it from the promise, never rounded up to it."""
    return f"{int(round(share * 100_000, 6)) / 1000:.10g}%"
