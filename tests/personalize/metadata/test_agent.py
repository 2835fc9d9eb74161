"""The agent: what it proposes, on which evidence, and what becomes of it once a person decided."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from personalize import api
from personalize.agents.metadata.proposing import propose
from personalize.llm import choice
from personalize.models import MetadataProposal, MetadataRun
from signals import aggregates, catalogue
from signals.data import Actor, ActorKind, CourseInfo
from signals.models import LearnerCourse, LedgerEntry
from tests.factories import moment, new_course, new_learner

pytestmark = pytest.mark.django_db
CLEO = Actor(ActorKind.STAFF, "cleo", frozenset({"creator"}))


def made(title: str, **about: Any) -> CourseInfo:
    return new_course(title.lower().replace(" ", "-"), title=title, **about)


def proposed(kind: str, course_id: int, value: str, score: float = 0.6) -> int:
    evidence = {"near": 15, "near_with": 6, "titles": [], "in_title": 0, "in_text": 1}
    row = MetadataProposal(
        course_id=course_id,
        kind=kind,
        value=value,
        score=score,
        evidence=evidence,
        made_at=moment(),
    )
    row.save()
    return row.pk


def seen(course: CourseInfo) -> CourseInfo:
    found = catalogue.course(course.course_id)
    assert found is not None
    return found


def took(courses: list[CourseInfo], n: int, *, finished: bool = False) -> None:
    """Let learners take courses in this order."""
    LearnerCourse.objects.bulk_create(
        LearnerCourse(
            learner_id=learner,
            course_id=course.course_id,
            enrolled_at=moment(days=100 - place),
            completed_at=moment(days=50) if finished else None,
            last_at=moment(days=40),
        )
        for learner in [new_learner() for _ in range(n)]
        for place, course in enumerate(courses)
    )


def test_an_accepted_skill_is_of_the_course_until_it_is_undone() -> None:
    course = made("Bread", skills=["baking"])
    number = proposed("skill", course.course_id, "kneading")
    api.accept_metadata(CLEO, number, now=moment())
    assert set(seen(course).skills) == {"baking", "kneading"}
    (row,) = api.metadata_decided()
    assert (row.state, row.decided_by) == ("accepted", "cleo")
    api.undo_metadata(CLEO, number, now=moment())
    assert set(seen(course).skills) == {"baking"}
    actions = list(LedgerEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions[-4:] == [
        "catalogue.corrected",
        "metadata.accepted",
        "catalogue.correction_undone",
        "metadata.undone",
    ]


def test_a_level_goes_back_to_what_the_platform_says() -> None:
    course = made("Bread", level="beginner")
    number = proposed("level", course.course_id, "advanced")
    api.accept_metadata(CLEO, number, now=moment())
    assert seen(course).level == "advanced"
    api.undo_metadata(CLEO, number, now=moment())
    assert seen(course).level == "beginner"


def test_no_course_comes_before_itself_by_way_of_others() -> None:
    first, second = made("First"), made("Second")
    forth = proposed("prerequisite", second.course_id, str(first.course_id))
    back = proposed("prerequisite", first.course_id, str(second.course_id))
    api.accept_metadata(CLEO, forth, now=moment())
    assert seen(second).prerequisites == (first.course_id,)
    with pytest.raises(ValidationError, match="circle: “Second”, which comes after “First”"):
        api.accept_metadata(CLEO, back, now=moment())
    assert MetadataProposal.objects.get(id=back).state == "open"


def test_only_creators_and_administrators_decide_and_only_once() -> None:
    course = made("Bread")
    number = proposed("skill", course.course_id, "kneading")
    with pytest.raises(PermissionDenied):
        api.accept_metadata(
            Actor(ActorKind.STAFF, "uma", frozenset({"analyst"})), number, now=moment()
        )
    api.reject_metadata(CLEO, number, now=moment())
    with pytest.raises(ValidationError, match="faster"):
        api.accept_metadata(CLEO, number, now=moment())
    assert seen(course).skills == ()


def test_decisions_move_what_is_shown_and_that_is_told() -> None:
    course = made("Bread")
    numbers = [proposed("skill", course.course_id, f"s{n}", 0.3) for n in range(8)]
    for number in numbers[:6]:
        api.reject_metadata(CLEO, number, now=moment())
    (skill, *_) = api.metadata_state().kinds
    assert (skill.rejected, skill.begin, skill.threshold, skill.open, skill.below) == (
        6,
        0.2,
        0.35,
        0,
        2,
    )
    assert api.metadata_proposals("skill") == ()


def test_an_import_keeps_what_was_put_right(tmp_path: Path) -> None:
    file = tmp_path / "courses.csv"
    file.write_text("id,title,skills,level\nbread,Bread,baking,beginner\n")
    call_command("import_catalogue", str(file), stdout=StringIO())
    course = catalogue.course_by_external("bread")
    assert course is not None
    api.accept_metadata(CLEO, proposed("skill", course.course_id, "kneading"), now=moment())
    api.accept_metadata(CLEO, proposed("level", course.course_id, "advanced"), now=moment())
    call_command("import_catalogue", str(file), stdout=StringIO())
    assert set(seen(course).skills) == {"baking", "kneading"}
    assert seen(course).level == "advanced"


def test_what_learners_did_first_is_proposed_with_its_counts() -> None:
    first = made("Dough", skills=["dough"], level="beginner")
    then = made("Bread", skills=["bread", "dough"], level="intermediate")
    for n in range(4):
        made(f"Other {n}", skills=["other"])
    took([first, then], 30)
    took([then, first], 3)
    propose(now=moment())
    (row,) = api.metadata_proposals("prerequisite")
    assert (row.course.title, row.other and row.other.title) == ("Bread", "Dough")
    assert (row.evidence["first"], row.evidence["both"]) == (30, 35)  # three are told as five
    assert aggregates.in_order([(first.course_id, then.course_id)]) != {}


def test_fewer_than_ten_who_took_both_are_no_evidence() -> None:
    first, then = made("Dough", skills=["dough"]), made("Bread", skills=["dough"])
    took([first, then], 9)
    assert aggregates.in_order([(first.course_id, then.course_id)]) == {}


def test_a_course_that_clearly_fewer_finish_is_one_to_look_at() -> None:
    poor, *others = [made(f"Bread {n}", skills=["bread"]) for n in range(6)]
    took([poor], 10, finished=True)
    took([poor], 50)
    took(others, 30, finished=True)
    took(others, 10)
    propose(now=moment())
    (row,) = api.metadata_proposals("quality")
    assert row.course.course_id == poor.course_id
    assert (row.evidence["finished"], row.evidence["enrolled"]) == (10, 60)
    assert (row.evidence["others_finished"], row.evidence["others_enrolled"]) == (150, 200)
    assert row.evidence["low"] < row.evidence["high"] < 0


def test_what_was_rejected_is_not_proposed_again_and_what_is_over_is_withdrawn() -> None:
    first = made("Dough", skills=["dough"])
    then = made("Bread", skills=["dough"])
    made("Other", skills=["other"])
    made("Another", skills=["other"])
    took([first, then], 30)
    gone = proposed("skill", then.course_id, "gone")
    assert propose(now=moment()).withdrawn == 1
    (row,) = api.metadata_proposals("prerequisite")
    api.reject_metadata(CLEO, row.proposal_id, now=moment())
    assert propose(now=moment() + timedelta(days=1)).proposed == 0
    assert api.metadata_proposals("prerequisite") == ()
    assert MetadataProposal.objects.get(id=gone).state == "withdrawn"


def test_an_agent_that_is_off_reads_nothing() -> None:
    made("Bread")
    root = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
    choice.switch(root, "metadata", on=False, reason="A pause.", now=moment())
    assert propose(now=moment()).why == "The agent is switched off."
    assert not MetadataRun.objects.exists()


def test_it_cannot_be_given_a_language_model() -> None:
    root = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
    wanted = choice.Setting(backend="openai_compatible", base_url="https://x.example", model="m")
    with pytest.raises(ValidationError, match="no language model"):
        choice.change(root, "metadata", wanted, reason="Try.", now=moment())
