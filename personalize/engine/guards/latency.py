"""Does the canary take longer? (L3) Ninety-five of a hundred lists, held to the live model's time.

A list is slow when it took longer than the live model's 95th percentile and a margin; the shares of
slow lists are compared, because a difference of percentiles has no interval of its own.
"""

from dataclasses import replace

from personalize.data import GuardReading
from personalize.engine.guards.context import Watched, compared

MARGIN_SHARE, MARGIN_MS = 0.25, 10.0


def limit_ms(p95_live: float) -> float:
    """Return above how many milliseconds a list counts as slow."""
    return p95_live * (1 + MARGIN_SHARE) + MARGIN_MS


def latency(watched: Watched, *, among: int) -> GuardReading:
    """Hold until the canary is shown to make more slow lists than the live model."""
    read = compared(watched, "slow", among=among, title="Time", fell=False, what="slow lists")
    p95 = watched.p95
    if read.canary is None or "canary" not in p95 or "live" not in p95:
        return read
    said = (
        f"95 of 100 lists took at most {p95['canary']:.0f} ms with the canary, "
        f"{p95['live']:.0f} ms with the live model; over {watched.limit_ms:.0f} ms counts as slow. "
    )
    # The interval is of the shares of slow lists; beside times in ms it would be misread.
    return replace(
        read,
        says=said + read.says,
        unit="ms",
        canary=p95["canary"],
        live=p95["live"],
        low=None,
        high=None,
    )
