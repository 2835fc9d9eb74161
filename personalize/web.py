"""How does a web process behave when more is asked of it than it can do? It says so, at once.

A gunicorn worker with threads (`--worker-class personalize.web.Worker`). What waited longer than a
platform would wait for it is refused with 503 and Retry-After, which costs next to nothing, so
that the queue stays short and what is answered is answered in time. Events are refused first:
senders keep them and come again, while a list that comes late is no list. Pages are never refused
so: a person who waits is told nothing by it. No middleware sees a refusal: it is counted here.
"""

from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Any

import orjson
from django.utils.module_loading import import_string
from gunicorn.http import wsgi

from personalize.slow_clients import SlowClients

WAITED_MOST_S = {"/signals/v1/": 0.5, "/xapi/": 0.5, "/personalize/v1/": 8.0}  # in its queue
RETRY_AFTER_S = 2
COUNTS = "personalize.operations.requests.refused"
BODY = orjson.dumps(
    {
        "type": "about:blank",
        "title": "Too busy",
        "status": 503,
        "detail": f"More is asked than can be answered in time. Ask again in {RETRY_AFTER_S} s.",
    }
)
HEADERS = [
    ("Content-Type", "application/problem+json"),
    ("Content-Length", str(len(BODY))),
    ("Retry-After", str(RETRY_AFTER_S)),
]


class Worker(SlowClients):
    """Threads that refuse what waited too long."""

    count: Callable[[str], None]

    def load_wsgi(self) -> None:
        """Load the product, then what counts refusals: it needs the product's settings."""
        super().load_wsgi()
        self.count = import_string(COUNTS)

    def enqueue_req(self, conn: Any) -> None:
        """Note when a request began to wait for a thread."""
        conn.waits_since = monotonic()
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer, or refuse what waited too long; return whether the connection stays open."""
        if monotonic() - conn.waits_since <= _most_s(req.path):
            return bool(super().handle_request(req, conn))
        self.count(req.path)
        answer, _environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg)
        answer.start_response("503 Service Unavailable", HEADERS)
        answer.write(BODY)
        answer.close()
        return not answer.should_close()


def _most_s(path: str) -> float:
    return next((most for door, most in WAITED_MOST_S.items() if path.startswith(door)), inf)
