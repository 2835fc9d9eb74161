"""What do people put right of courses? (L2 conductor) It acts at once, and imports keep it.

The catalogue is the platform's. What a person accepted beside it is a row here, put in again after
every import and taken out with one step; both steps stand in the ledger.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from signals import ledger
from signals.data import Actor, ActorKind
from signals.models import CatalogueCorrection, Course, Skill, shelf

MAY_CORRECT = frozenset({"creator", "admin"})
ORDERS_LOCK = 0x4E57_0020
Part = CatalogueCorrection.Part


def may_correct(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles puts courses right."""
    return not MAY_CORRECT.isdisjoint(roles)


def correct(actor: Actor, course_id: int, *, part: str, value: str, now: datetime) -> int:
    """Give a course a skill, a level, or a course to take before it; return the number of that.

    `value` is the skill, the level, or the number of the other course. Raises PermissionDenied
    without the role, ValidationError where it cannot be so.
    """
    _require(actor)
    with transaction.atomic():
        # Not against what only refers to the course: who corrects another may name this one.
        held = Course.objects.select_for_update(no_key=True)
        course = held.filter(id=course_id).first()
        if course is None:
            raise ValidationError("This course is not in the catalogue any more.")
        row = CatalogueCorrection(
            course=course, part=part, value=value, made_by=actor.name, made_at=now
        )
        _put_in(row, course, now=now)
        row.save()
        _enter(actor, "catalogue.corrected", row, now=now)
    shelf.forget()
    return row.pk


def take_back(actor: Actor, correction_id: int, *, now: datetime) -> None:
    """Let a course be as the platform has it; doing it twice changes nothing.

    Raises PermissionDenied without the role, CatalogueCorrection.DoesNotExist.
    """
    _require(actor)
    with transaction.atomic():
        row = CatalogueCorrection.objects.select_for_update().get(id=correction_id)
        if row.undone_at is None:
            _take_out(row, now=now)
            row.undone_at = now
            row.save(update_fields=["undone_at"])
            _enter(actor, "catalogue.correction_undone", row, now=now)
    shelf.forget()


def one_order_at_a_time() -> None:
    """Let nobody else say what comes before what until this transaction ends.

    Two orders that are each no circle may be one together.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDERS_LOCK])


def apply_again(course_ids: Iterable[int], *, now: datetime) -> int:
    """Put corrections in again that an import has just overwritten; return how many hold.

    What the platform now states itself, or what would lead in a circle, is left as it is.
    """
    rows = CatalogueCorrection.objects.filter(undone_at=None, course__in=list(course_ids))
    held = 0
    for row in rows.select_related("course"):
        try:
            _put_in(row, row.course, now=now)
        except ValidationError:
            continue
        row.save(update_fields=["before"])
        held += 1
    return held


def _put_in(row: CatalogueCorrection, course: Course, *, now: datetime) -> None:
    if row.part == Part.SKILL:
        skill, _ = Skill.objects.get_or_create(name=row.value)
        if course.skills.filter(id=skill.pk).exists():
            raise ValidationError("The course already has this skill.")
        course.skills.add(skill)
    elif row.part == Part.LEVEL:
        if row.value not in Course.Level.values or course.level == row.value:
            raise ValidationError("The course already has this level.")
        row.before, course.level, course.updated_at = course.level, row.value, now
        course.save(update_fields=["level", "updated_at"])
    else:
        _put_before(row, course)


def _put_before(row: CatalogueCorrection, course: Course) -> None:
    one_order_at_a_time()
    earlier = Course.objects.filter(id=int(row.value)).first()
    if earlier is None:
        raise ValidationError("The course to take before is not in the catalogue any more.")
    if course.prerequisites.filter(id=earlier.pk).exists():
        raise ValidationError("The catalogue already says so.")
    if way := _way_back(earlier.pk, course.pk):
        titles = Course.objects.in_bulk(way)
        told = ", which comes after ".join(f"“{titles[number].title}”" for number in way)
        raise ValidationError(f"That would lead in a circle: {told}.")
    course.prerequisites.add(earlier)


def _way_back(start: int, goal: int) -> list[int]:
    """Return a shortest way from a course over what comes before it to another; empty: none."""
    before: dict[int, list[int]] = {}
    pairs = Course.prerequisites.through.objects.values_list("from_course_id", "to_course_id")
    for course, earlier in pairs.order_by("to_course_id"):
        before.setdefault(course, []).append(earlier)
    came_from = {start: start}
    waiting = [start]
    for one in waiting:  # grows while it is read
        if one == goal:
            way = [one]
            while way[-1] != start:
                way.append(came_from[way[-1]])
            return way[::-1]
        for earlier in before.get(one, ()):
            if earlier not in came_from:
                came_from[earlier] = one
                waiting.append(earlier)
    return []


def _take_out(row: CatalogueCorrection, *, now: datetime) -> None:
    course = row.course
    if row.part == Part.SKILL:
        course.skills.remove(*Skill.objects.filter(name=row.value))
    elif row.part == Part.PREREQUISITE:
        course.prerequisites.remove(*Course.objects.filter(id=int(row.value)))
    elif course.level == row.value:
        course.level, course.updated_at = row.before, now
        course.save(update_fields=["level", "updated_at"])


def _require(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM and not may_correct(actor.roles):
        raise PermissionDenied("To put a course right needs the role creator or admin.")


def _enter(actor: Actor, action: str, row: CatalogueCorrection, *, now: datetime) -> None:
    ledger.append(
        actor=actor,
        action=action,
        subject=f"course:{row.course_id}",
        detail={"correction": row.pk, "part": row.part, "value": row.value, "before": row.before},
        now=now,
    )
