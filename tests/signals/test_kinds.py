"""Is a new kind of signal one file and one line, and does the whole path then know it?"""

from types import ModuleType

import pytest

from signals.data import Tier
from signals.kinds import courses, registry
from signals.kinds.kind import Context, Kind, Mark, Need, Value
from signals.models import Event, LearnerCourse
from signals.privacy.consent import LEGAL_BASIS
from tests.factories import new_course, wire_event
from tests.signals.door import Door


def family(*kinds: Kind) -> ModuleType:
    """Return what a file of kinds is."""
    module = ModuleType("bookmarks")
    module.KINDS = kinds  # type: ignore[attr-defined]
    return module


class Bookmark(Context, frozen=True):
    """Where in the course."""

    page: int


BOOKMARKED = Kind(
    name="course.bookmarked",
    code=900,
    tier=Tier.PERSONALIZATION,
    purpose="suggest courses like those kept for later",
    course=Need.REQUIRED,
    value=Value(low=0, high=1, unit="share", need=Need.OPTIONAL),
    context=Bookmark,
    keep=lambda context: {"page": context.page},
    marks=Mark.VIEWED,
)


@pytest.mark.django_db
def test_a_new_kind_runs_the_whole_way_from_door_to_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = wire_event("course.bookmarked", course="c1", context={"page": 3})
    new_course("c1")
    assert Door().send(event)["errors"][0]["code"] == "unknown_kind"
    known = registry.collect((*registry.FAMILIES, family(BOOKMARKED)))
    monkeypatch.setitem(registry.KINDS, "course.bookmarked", known["course.bookmarked"])
    assert Door().send(event)["accepted"] == 1
    assert (Event.objects.get().kind, Event.objects.get().context) == (900, {"page": 3})
    assert LearnerCourse.objects.get().viewed_at is not None


def test_a_name_or_code_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="its own"):
        registry.collect((courses, courses))


@pytest.mark.parametrize("kind", registry.KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_declares_why_it_may_be_kept(kind: Kind) -> None:
    assert kind.purpose
    assert LEGAL_BASIS[kind.tier]
    assert 1 <= kind.retention_months <= 24
    assert (kind.text is None) == (kind.free_text is None)
    assert kind.text is None or kind.keep is None
