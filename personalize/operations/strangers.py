"""For operators: how many requests were turned away for how they were sent? Counted, not written.

A foreign name in `Host`, more fields than a form has, a form without its token: anybody can send
these without end, Django writes a line for each, most of them as errors, and a log that strangers
can fill hides what went wrong here. The names counted are Django's own, so they are few.
"""

import logging

from prometheus_client import Counter

TURNED_AWAY = Counter(
    "northway_requests_turned_away",
    "Requests turned away for how they were sent, by the name Django has for it",
    ["name"],
)


class Counting(logging.Handler):
    """Counts what comes to the loggers `django.security.*` by the last part of their names."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        TURNED_AWAY.labels(record.name.rpartition(".")[2]).inc()
