"""For operators: is what a deployment says of itself safe? Shown by `manage.py check --deploy`."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
ENCRYPTED = frozenset({"rediss", "amqps", "unix", "redis+socket"})


@register(Tags.security, deploy=True)
def check_databases(**_options: object) -> list[CheckMessage]:
    """Find databases on other machines whose certificate nobody looks at."""
    return [
        Warning(
            f"The connection to the database {name!r} may be read or taken over on its way.",
            hint="Add ?sslmode=verify-full&sslrootcert=/path/of/ca.pem to its URL.",
            id="personalize.W001",
        )
        for name, entry in settings.DATABASES.items()
        if not verified(entry)
    ]


@register(Tags.security, deploy=True)
def check_brokers(**_options: object) -> list[CheckMessage]:
    """Find a broker or a cache that is spoken to in clear."""
    caches: Any = settings.CACHES
    urls = {
        "BROKER_URL": settings.CELERY_BROKER_URL,
        "CACHE_URL": str(caches["default"]["LOCATION"]),
    }
    return [
        Warning(
            f"{name} leads over the network in clear.",
            hint="Use rediss://, amqps:// or a Unix socket.",
            id="personalize.W002",
        )
        for name, url in urls.items()
        if urlsplit(url).scheme not in ENCRYPTED and (urlsplit(url).hostname or "") not in HERE
    ]


def verified(database: Any) -> bool:
    """Say whether an entry of DATABASES leads to this machine, or to one that proves its name."""
    host = str(database["HOST"])
    here = host in HERE or host.startswith("/")
    return here or database["OPTIONS"].get("sslmode") == "verify-full"
