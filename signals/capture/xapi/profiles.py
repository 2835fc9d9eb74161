"""L1: what does a source want kept of its statements? Known for five seconds."""

from dataclasses import dataclass
from time import monotonic

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
    """Return the profile of a source. Raises django.db.Error when the database is away."""
    held = _held.get(source_id)
    if held is None or monotonic() - held[0] > CACHED_FOR_S:
        found = Source.objects.filter(pk=source_id).values_list("profile", flat=True).first()
        held = _held[source_id] = (monotonic(), Profile(found == Source.Profile.STORE))
    return held[1]
