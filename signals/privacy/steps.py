"""L1 and L2: what are the steps of an erasure called, on a receipt as on the officer's page?"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

TITLES: Mapping[str, str | Promise] = MappingProxyType(
    {
        "tombstone": gettext_lazy("Kept out"),
        "refused": gettext_lazy("Refused input"),
        "rows": gettext_lazy("Records"),
        "sessions": gettext_lazy("Sign-ins"),
        "spool": gettext_lazy("Waiting room"),
        "caches": gettext_lazy("Memory"),
        "models": gettext_lazy("Models"),
        "keys": gettext_lazy("Key"),
        "requests": gettext_lazy("Receipt"),
    }
)


def title(name: str) -> str:
    """Return what a step is called; its own name where it has no words."""
    return str(TITLES.get(name, name))
