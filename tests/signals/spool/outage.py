"""How do tests take PostgreSQL away from capture, and give it back?"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError

from signals.capture.spool import card
from signals.capture.spool.drain import Drained, drain
from tests.factories import moment

PLACES = (
    "signals.capture.rest.take",
    "signals.capture.xapi.rest.keep.keep",
    "signals.privacy.identity.run",
    "signals.capture.keys.ApiKey.objects",
    "signals.privacy.gpc.honour",
)


def fails(*_args: object, **_named: object) -> None:
    """Fail like a server that is gone."""
    raise OperationalError("server closed the connection unexpectedly")


class _Gone:
    def __getattr__(self, _name: str) -> None:
        fails()


@contextmanager
def outage(*, card_written: bool = True) -> Iterator[None]:
    """Take PostgreSQL away from everything capture asks it for."""
    if card_written:
        card.write(now=moment())
    with pytest.MonkeyPatch.context() as patch:
        for place in PLACES:
            patch.setattr(place, _Gone() if place.endswith("objects") else fails)
        yield


def drained() -> Drained:
    """Store what waits."""
    return drain(now=moment())
