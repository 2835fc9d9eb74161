"""L1: in which groups is a learner? Said by the learning platform, never inferred.

A class and a cohort are asked for at draws. Organisation, region, device and language are there to
see whether a kind of learner is left behind, and nothing is chosen by them. A learner is in at most
one of each kind. What is said last holds; earlier ones are not kept here: who was drawn with a
class keeps it beside the exposure (`signals.models.Exposure`).
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction

from signals.capture.problems import Problem
from signals.models import Membership
from signals.models.statements import run
from signals.privacy import gate
from signals.privacy.identity import ErasedLearnerError, ensure_learner

KINDS: tuple[str, ...] = tuple(Membership.Kind.values)
FIELDS = {"class": "class_"}  # what Python calls otherwise
LONGEST = 80  # characters of a group's id


_MOVED = """
SELECT x.arm, count(*) FROM signals_exposure x
LEFT JOIN signals_membership m ON m.learner_id = x.learner_id AND m.kind = %b
WHERE x.experiment = %b AND x.cluster <> '' AND m."group" IS DISTINCT FROM x.cluster
GROUP BY x.arm
"""


class GroupsSaid(msgspec.Struct, forbid_unknown_fields=True):
    """In which groups a learner is; "" is in none, a kind that is left out stays as it was."""

    learner: str
    class_: str | msgspec.UnsetType = msgspec.field(name="class", default=msgspec.UNSET)
    cohort: str | msgspec.UnsetType = msgspec.UNSET
    organisation: str | msgspec.UnsetType = msgspec.UNSET
    region: str | msgspec.UnsetType = msgspec.UNSET
    device: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET


def take_groups(body: bytes, *, now: datetime) -> dict[str, str]:
    """Keep what a source says of one learner, and return that.

    Not what is held besides: a key to send with is no key to read with.
    """
    said = _said(body)
    groups = _by_kind(said)
    try:
        set_groups(ensure_learner(said.learner, now=now), groups, now=now)
    except ErasedLearnerError as error:
        raise Problem(403, "Erased", str(error), field="learner") from error
    return {kind: group for kind, group in groups.items() if group}


def set_groups(learner_id: int, groups: Mapping[str, str], *, now: datetime) -> None:
    """Keep the groups of a learner by kind; "" takes the learner out of that kind's.

    Raises:
        ErasedLearnerError: for who is not here, or not any more.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        for kind, group in groups.items():
            held = Membership.objects.filter(learner_id=learner_id, kind=kind)
            if not group:
                held.delete()
            elif not held.filter(group=group).exists():
                Membership.objects.update_or_create(
                    learner_id=learner_id, kind=kind, defaults={"group": group, "since": now}
                )


def groups_of(learner_id: int) -> dict[str, str]:
    """Return the groups of a learner by kind, in one statement."""
    rows = Membership.objects.filter(learner_id=learner_id).order_by("kind")
    return dict(rows.values_list("kind", "group"))


def moved(experiment: str, *, kind: str) -> dict[str, int]:
    """Return by arm how many learners are not in the group any more that was drawn with them."""
    return dict(run(_MOVED, [kind, experiment]).fetchall())


def _said(body: bytes) -> GroupsSaid:
    try:
        said = msgspec.json.decode(body, type=GroupsSaid)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Not a learner's groups", str(error)) from error
    if not 0 < len(said.learner) <= 255 or "\x00" in said.learner:
        raise Problem(400, "No learner", "learner has 1 to 255 characters.", field="learner")
    for kind, group in _by_kind(said).items():
        if len(group) > LONGEST or not (group == "" or group.strip()) or "\x00" in group:
            raise Problem(
                400, "No group", f"{kind} has at most {LONGEST} characters, or none.", field=kind
            )
    return said


def _by_kind(said: GroupsSaid) -> dict[str, str]:
    wanted = {kind: getattr(said, FIELDS.get(kind, kind)) for kind in KINDS}
    return {kind: group for kind, group in wanted.items() if isinstance(group, str)}
