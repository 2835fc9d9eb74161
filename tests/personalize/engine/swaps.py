"""Lets one model after the other begin and be promoted, in a process of its own, when told to.

Each line on standard input is the moment of a night: training, gates, the canary's start, and the
beat after its time. A line on standard output names the version that all see then.
"""

import sys
from datetime import datetime, timedelta

from personalize.engine.canary import LASTS_MOST, tend_canary
from personalize.engine.canary import Ended as Beat
from personalize.engine.training import Ended, retrain
from signals.data import SYSTEM
from tests import factories

READY = "ready"
TRIES, APART = 4, timedelta(hours=4)  # a gate may refuse a night's model by chance


def one_after_the_other() -> None:
    """Make an admin; then let a new model serve all at each moment that is read."""
    factories.root()
    _tell(READY)
    for line in sys.stdin:
        now = datetime.fromisoformat(line.strip())
        for _ in range(TRIES):
            trained = retrain(now=now, actor=SYSTEM)
            if trained.ended is not Ended.REFUSED:
                break
            now += APART
        assert trained.row is not None, trained.detail
        if trained.ended is Ended.CANARY:
            tended = tend_canary(now=now + LASTS_MOST)
            assert tended.ended is Beat.PROMOTED, tended.says
        else:
            assert trained.ended is Ended.PROMOTED, trained.detail
        _tell(trained.row.version)


def _tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
