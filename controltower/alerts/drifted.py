"""People at the controls: is what arrives still what models learned from?"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from controltower.alerts.rule import BAD, Found, Rule
from personalize import api as personalize

TITLES: Mapping[str, str | Promise] = MappingProxyType(
    {
        "volume": gettext_lazy("How much arrives"),
        "kind": gettext_lazy("What learners do"),
        "field": gettext_lazy("Fields of the courses"),
        "clicks": gettext_lazy("Lists that are clicked"),
        "language": gettext_lazy("Languages"),
        "device": gettext_lazy("Devices"),
        "surface": gettext_lazy("Where lists are shown"),
        "answers": gettext_lazy("Where lists come from"),
    }
)


def find(_now: datetime) -> Iterator[Found]:
    """Find each alert of drift that is not over."""
    for alert in personalize.drift_alerts():
        if alert.state != "over":
            most = max((abs(one.change) for one in alert.moved), default=0.0)
            title = str(TITLES.get(alert.feature, alert.feature))
            yield Found(
                f"Drift: {title[:1].lower()}{title[1:]} moved by {most:.0%}",
                f"Since {alert.opened_at:%-d %B, %H:%M} UTC, against the weeks before.",
                about=alert.feature,
                owner=alert.owner,
            )


RULE = Rule("drift", "Nothing drifts", BAD, "tower:drift", "models", find)
