"""Is a surface open to this learner? (L5) By its switch, its list, or the experiment that opens it.

Whoever asks is about to show it: an experiment draws the learner here, and counts them from here.
"""

from datetime import datetime

from django.db import DatabaseError

from experiments import api as experiments
from personalize.experience.surfaces import SURFACES
from personalize.experience.surfaces.base import WITH
from signals import api as signals


def is_open(key: str, learner_id: int, *, now: datetime) -> bool:
    """Say whether a surface is shown to a learner; never while that cannot be read.

    Who does not allow personalization takes no part in experiments: to them a surface opens once
    it was shipped, or by the list of its early accounts.
    """
    try:
        return _is_open(key, learner_id, now=now)
    except DatabaseError:
        return False


def _is_open(key: str, learner_id: int, *, now: datetime) -> bool:
    surface = SURFACES[key]
    if experiments.flag_active(surface.off_switch, learner_id=learner_id):
        return False
    if experiments.flag_active(surface.early, learner_id=learner_id):
        return True
    state = signals.learner_state(learner_id, now=now)
    if state is None:
        return False
    asker = experiments.Asker(
        learner_id=learner_id,
        takes_part=state.allowed.personalization,
        kind=state.kind,
        attributes=experiments.known_attributes(state),
    )
    found = experiments.offer(surface.opening.key, asker, now=now)
    return found is not None and found.value == WITH


def is_open_to_guests(key: str, *, now: datetime) -> bool:
    """Say whether a surface is shown to who is not signed in: once it was shipped to everybody."""
    surface, nobody = SURFACES[key], experiments.Asker(learner_id=None)
    try:
        closed = experiments.on_for_everybody(surface.off_switch)
        found = experiments.offer(surface.opening.key, nobody, now=now)
    except DatabaseError:
        return False
    return not closed and found is not None and found.value == WITH
