"""Who and what do tests work with? The cast and a small catalogue, as plain functions.

ada     a learner with every consent      cleo    creator
ben     a learner who opted out           root    admin, superuser
cold    a learner nothing is known of     pia     privacy officer
eli     experimenter                      uma     analyst
                                          mia     merchandiser
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import Group
from django.utils import timezone

from signals import api
from signals.capture.pages import pages_source_id
from signals.data import SYSTEM, Actor, ActorKind, CourseInfo, Purpose
from signals.models import Account, Course, Module, Skill, shelf

PASSWORD = "an honest password"


@dataclass(frozen=True)
class Person:
    """Somebody of the cast: their account, and their learner where they are one."""

    account: Account
    learner_id: int = 0
    external_id: str = ""


def moment(**ago: float) -> datetime:
    """Return the present without its fraction of a second, or so long ago: moment(days=3)."""
    return timezone.now().astimezone(UTC).replace(microsecond=0) - timedelta(**ago)


def new_learner(external_id: str = "", *, kind: str = "real") -> int:
    """Make a learner and return the learner_id."""
    return api.ensure_learner(external_id or f"learner-{uuid4()}", now=moment(days=60), kind=kind)


def consents(learner_id: int, *purposes: Purpose, granted: bool = True) -> None:
    """Switch purposes of a learner."""
    actor = Actor(ActorKind.LEARNER, str(learner_id))
    for purpose in purposes:
        api.set_consent(
            learner_id, purpose=purpose, granted=granted, via="page", actor=actor, now=moment()
        )


def _learner(name: str) -> Person:
    learner_id = new_learner(name)
    account = Account.objects.create_user(name, password=PASSWORD, learner_id=learner_id)
    return Person(account, learner_id, name)


def _staff(name: str, role: str) -> Person:
    account = Account.objects.create_user(name, password=PASSWORD, is_staff=True)
    account.groups.add(Group.objects.get_or_create(name=role)[0])
    return Person(account)


def ada() -> Person:
    """A learner with every consent."""
    person = _learner("ada")
    consents(person.learner_id, *Purpose)
    return person


def ben() -> Person:
    """A learner who switched personalization off."""
    person = _learner("ben")
    consents(person.learner_id, Purpose.PERSONALIZATION, granted=False)
    return person


def cold() -> Person:
    """A learner who has just come and done nothing."""
    return _learner("cold")


def cleo() -> Person:
    """A creator."""
    return _staff("cleo", "creator")


def uma() -> Person:
    """An analyst."""
    return _staff("uma", "analyst")


def mia() -> Person:
    """A merchandiser."""
    return _staff("mia", "merchandiser")


def eli() -> Person:
    """An experimenter."""
    return _staff("eli", "experimenter")


def pia() -> Person:
    """A privacy officer."""
    return _staff("pia", "privacy")


def root() -> Person:
    """An admin."""
    account = Account.objects.create_superuser("root", password=PASSWORD)
    account.groups.add(Group.objects.get_or_create(name="admin")[0])
    return Person(account)


def new_key(
    source: str = "lms",
    *scopes: str,
    days: int = 30,
    now: datetime | None = None,
    origins: Sequence[str] = (),
) -> str:
    """Make a key in clear; without scopes it may capture."""
    return api.create_key(
        source,
        scopes=scopes or ("capture",),
        days=days,
        actor=SYSTEM,
        now=now or moment(),
        origins=origins,
    )


def new_course(
    external_id: str,
    *,
    title: str = "",
    field: str = "Data",
    level: str = "beginner",
    skills: Sequence[str] = (),
    prerequisites: Sequence[int] = (),
    modules: Sequence[str] = (),
    summary: str = "",
    listed: bool = True,
    language: str = "en",
) -> CourseInfo:
    """Make a course with modules of 10 minutes, articles, by their external ids."""
    at = moment(days=90)
    course = Course.objects.create(
        external_id=external_id,
        slug=external_id.lower(),
        title=title or f"Course {external_id}",
        summary=summary,
        field=field,
        level=level,
        language=language,
        minutes=10 * len(modules),
        listed=listed,
        created_at=at,
        updated_at=at,
    )
    course.skills.set([Skill.objects.get_or_create(name=name)[0] for name in skills])
    course.prerequisites.set(prerequisites)
    Module.objects.bulk_create(
        Module(
            course=course,
            external_id=name,
            position=position,
            title=f"Module {name}",
            text=f"What {name} teaches.",
            minutes=10,
            format="article",
        )
        for position, name in enumerate(modules, start=1)
    )
    shelf.forget()
    return shelf.shelf().courses[course.pk]


def wire_event(kind: str = "course.viewed", **fields: object) -> dict[str, object]:
    """Return an event as a platform sends it: of ada, an hour ago, with a new id."""
    event: dict[str, object] = {
        "id": str(uuid4()),
        "kind": kind,
        "learner": "ada",
        "occurred_at": moment(hours=1).isoformat(),
    }
    return event | fields


def pages_source() -> int:
    """Return the id of the source the product's own pages record under."""
    return pages_source_id()


def some_uuid() -> UUID:
    """Return a fresh random id."""
    return uuid4()
