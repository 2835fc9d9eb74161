"""L1: what does a source want kept of its statements? Known for five seconds."""

from dataclasses import dataclass
from time import monotonic

from signals.capture.spool import away, card
from signals.models import Source

CACHED_FOR_S = 5.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Whether whole statements are kept, or their events alone."""

    store: bool


_held: dict[int, tuple[float, Profile]] = {}


def forget_cached() -> None:
    """Read the profiles again."""
    _held.clear()


def profile_of(source_id: int) -> Profile:
    """Return the profile of a source, as known last while the database is away."""
    held = _held.get(source_id)
    if held is None or monotonic() - held[0] > CACHED_FOR_S:
        try:
            away.check()
            found = Source.objects.filter(pk=source_id).values_list("profile", flat=True).first()
        except away.GONE:
            return _without_database(source_id)
        held = _held[source_id] = (monotonic(), Profile(found == Source.Profile.STORE))
    return held[1]


def _without_database(source_id: int) -> Profile:
    """Return what was read last, here or by this node; raise on where nobody knows."""
    if source_id in _held:
        return _held[source_id][1]
    node = card.read()
    if node is None or source_id not in node.stores:
        raise away.AwayError("the profile of this source was never read here")
    return Profile(node.stores[source_id])
