"""People at the controls: is what arrives still what models learned from?"""

from collections.abc import Iterator
from datetime import datetime

from controltower.alerts.rule import BAD, Found, Rule
from controltower.views.drift import TITLES
from personalize import api as personalize


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
