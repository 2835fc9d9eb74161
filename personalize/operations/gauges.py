"""For operators: what does everything outside this process look like just now? Read at a scrape.

What cannot be read is left out, and `northway_database_up` and `northway_broker_up` say why: one
thing that is away hides nothing else. Labels are names of jobs, sources and levels, never people.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from django.db import Error
from kombu.exceptions import OperationalError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from personalize.celery import app
from personalize.operations.jobs import jobs
from personalize.operations.levels import ServiceLevel, service_levels
from signals import api as signals

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

LEVELS_EVERY_S = 60.0  # thirty days of minutes are summed for it
BROKER_S = 2
OF_SOURCES = {
    "silent": "1 where nothing came for longer than was promised, or than is usual",
    "incomplete": "1 where fewer events of a week were complete than was promised",
    "newest_event_age_seconds": "How long ago the newest event came",
}
OF_JOBS = {
    "age_seconds": "How long ago a job last succeeded",
    "took_seconds": "How long its newest run took",
    "waited_seconds": "How long its newest run waited between the clock and a worker",
    "failures": "How often it failed since it last succeeded",
}

_levels: tuple[float, tuple[ServiceLevel, ...]] | None = None


def forget() -> None:
    """Sum the levels of service anew at the next scrape."""
    global _levels
    _levels = None


class _Told:
    """What is told at one scrape. Plain numbers: a `Gauge` would be added up over processes."""

    def __init__(self) -> None:
        self._families: dict[str, GaugeMetricFamily] = {}

    def tell(self, name: str, text: str, value: float, **labels: str) -> None:
        family = self._families.get(name)
        if family is None:
            family = GaugeMetricFamily(f"northway_{name}", text, labels=list(labels))
            self._families[name] = family
        family.add_metric(list(labels.values()), value)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families.values()


def read(*, now: datetime) -> bytes:
    """Return everything in the format of Prometheus."""
    told = _Told()
    _tell_spool(told, now)
    _tell_anchor(told, now)
    broker = _tell_queue(told)
    database = _reads(lambda: _tell_database(told, now))
    told.tell("broker_up", "1 where the broker answers", broker)
    told.tell("database_up", "1 where PostgreSQL answers", database)
    registry = CollectorRegistry()
    registry.register(cast("Collector", told))
    return generate_latest(registry)


def _reads(tell: Callable[[], None]) -> bool:
    try:
        tell()
    except Error:
        return False
    return True


def _tell_spool(told: _Told, now: datetime) -> None:
    waiting = signals.spool_state(now=now)
    told.tell("spool_bytes", "Bytes of events that wait on this node's disk", waiting.size_bytes)
    told.tell("spool_oldest_seconds", "How long the oldest of them has waited", waiting.oldest_s)


def _tell_anchor(told: _Told, now: datetime) -> None:
    with suppress(signals.LedgerBrokenError, OSError):
        made = signals.ledger_anchor()
        if made is not None:
            age_s = (now - datetime.fromisoformat(made.at)).total_seconds()
            text = "How long ago the head of the ledger was signed"
            told.tell("ledger_anchor_age_seconds", text, age_s)


def _tell_queue(told: _Told) -> bool:
    broker: Any = app.connection_for_read(connect_timeout=BROKER_S)
    try:
        with broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_S)
            queue = app.conf.task_default_queue
            channel = broker.default_channel
            waiting = channel.queue_declare(queue, durable=True, auto_delete=False).message_count
    except (OperationalError, OSError, *broker.connection_errors):
        return False
    told.tell("queue_messages", "Jobs that wait for a worker", waiting)
    return True


def _tell_database(told: _Told, now: datetime) -> None:
    for state in signals.source_states(now=now):
        found = {"silent": float(state.silent), "incomplete": float(state.incomplete)}
        if state.last_at is not None:
            found["newest_event_age_seconds"] = (now - state.last_at).total_seconds()
        for name, value in found.items():
            told.tell(f"source_{name}", OF_SOURCES[name], value, source=state.name)
    for job in jobs():
        since = job.succeeded_at or job.began_at
        of_job = {
            "age_seconds": (now - since).total_seconds(),
            "took_seconds": job.took_s,
            "waited_seconds": job.waited_s,
            "failures": job.failures,
        }
        for name, measured in of_job.items():
            if measured is not None:
                told.tell(f"job_{name}", OF_JOBS[name], measured, task=job.name)
    for level in _summed(now):
        left = "Share left of what may go wrong in thirty days"
        told.tell("slo_budget_left", left, level.budget_left, level=level.key)
        for window in level.windows:
            burn = "How many times faster than allowed answers go wrong"
            told.tell("slo_burn", burn, window.burn, level=level.key, window=window.name)
            bad = "How many answers went wrong: failed, or too late"
            told.tell("slo_bad", bad, window.bad, level=level.key, window=window.name)


def _summed(now: datetime) -> tuple[ServiceLevel, ...]:
    global _levels
    if _levels is None or monotonic() - _levels[0] > LEVELS_EVERY_S:
        _levels = (monotonic(), service_levels(now=now))
    return _levels[1]
