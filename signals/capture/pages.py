"""L1: under which source do the product's own pages record?"""

from datetime import UTC, datetime

from signals.models import Source

NAME = "northway"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ids: dict[str, int] = {}


def pages_source_id() -> int:
    """Return the id of the source "northway", made on first use."""
    if NAME not in _ids:
        source, _ = Source.objects.get_or_create(
            name=NAME, defaults={"title": "Northway's own pages", "created_at": _EPOCH}
        )
        _ids[NAME] = source.pk
    return _ids[NAME]


def forget_cached() -> None:
    """Look the source up again."""
    _ids.clear()
