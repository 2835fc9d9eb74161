"""L1: under which source do the product's own pages record?"""

from datetime import UTC, datetime

from signals.capture.spool import away, card
from signals.models import Source

NAME = "northway"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ids: dict[str, int] = {}


def pages_source_id() -> int:
    """Return the id of the source "northway", made on first use."""
    if NAME not in _ids:
        try:
            away.check()
            source, _ = Source.objects.get_or_create(
                name=NAME, defaults={"title": "Northway's own pages", "created_at": _EPOCH}
            )
        except away.GONE:
            return _on_card()
        _ids[NAME] = source.pk
    return _ids[NAME]


def _on_card() -> int:
    node = card.read()
    if node is None or NAME not in node.sources:
        raise away.AwayError("this node has not met its databases yet")
    return node.sources[NAME]


def forget_cached() -> None:
    """Look the source up again."""
    _ids.clear()
