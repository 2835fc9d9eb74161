import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.test import RequestFactory

from experiments.api import flag_active
from experiments.models import Flag
from signals.models import Account
from tests.experiments.world import account, flag

PEOPLE = 100_000


def asked_by_request(made: Flag, who: object, path: str = "/", **headers: str) -> bool | None:
    request = RequestFactory().get(path, headers=headers)
    request.user = who  # type: ignore[assignment]
    return made.is_active(request)


def in_flag(made: Flag) -> set[int]:
    return {learner for learner in range(PEOPLE) if made.is_active_for_learner(learner)}


def test_ten_percent_are_ten_percent_of_learners_and_stay_when_it_grows(db: None) -> None:
    made = flag(percent=10)
    first = in_flag(made)
    assert abs(len(first) / PEOPLE - 0.1) < 0.003
    made.percent = 25
    assert first < in_flag(made)


def test_twenty_asks_give_one_answer(db: None) -> None:
    made = flag(percent=50)
    for learner in range(200):
        assert len({made.is_active_for_learner(learner) for _ in range(20)}) == 1


def test_request_account_and_learner_get_the_same_answer_at_every_visit(db: None) -> None:
    made = flag(percent=40)
    answers = []
    for number in range(60):
        who = account(learner_id=number)
        by_request = {asked_by_request(made, who) for _ in range(5)}
        answers.append(by_request)
        assert by_request == {bool(made.is_active_for_user(who))}
        assert by_request == {made.is_active_for_learner(number)}
    assert {True} in answers
    assert {False} in answers


@pytest.mark.parametrize("percent", [None, 0, 99.9])
@pytest.mark.parametrize("everyone", [True, False])
def test_everyone_overrules_the_share_at_every_door(
    db: None, everyone: bool, percent: float | None
) -> None:
    who = account(learner_id=1)
    made = flag(everyone=everyone, percent=percent)
    made.users.add(who)
    assert bool(asked_by_request(made, who)) is everyone
    assert made.is_active_for_user(who) is everyone
    assert made.is_active_for_learner(1) is everyone


def listed(made: Flag, who: Account) -> None:
    made.users.add(who)


def grouped(made: Flag, who: Account) -> None:
    group = Group.objects.create(name="pilot")
    who.groups.add(group)
    made.groups.add(group)


@pytest.mark.parametrize("let_in", [listed, grouped])
def test_named_people_are_in_at_every_door(db: None, let_in: object) -> None:
    who, other = account(learner_id=1), account(learner_id=2)
    made = flag()
    let_in(made, who)  # type: ignore[operator]
    assert asked_by_request(made, who)
    assert made.is_active_for_user(who)
    assert made.is_active_for_learner(1)
    assert not asked_by_request(made, other)
    assert not made.is_active_for_learner(2)


def test_superusers_are_not_in_unless_the_flag_says_so(db: None) -> None:
    root = account(learner_id=1, is_superuser=True)
    assert not asked_by_request(flag(), root)
    asked = flag(superusers=True)
    assert asked_by_request(asked, root)
    assert asked.is_active_for_learner(1)


def test_a_learner_cannot_switch_a_flag_in_testing_mode(db: None) -> None:
    who = account(learner_id=1)
    made = flag(testing=True)
    assert not asked_by_request(made, who, f"/?dwft_{made.name}=1")
    assert not asked_by_request(made, who, **{f"dwft-{made.name}": "1"})


def test_staff_without_a_learner_may_try_a_flag_in_testing_mode(db: None) -> None:
    made = flag(testing=True)
    assert asked_by_request(made, account(is_staff=True), f"/?dwft_{made.name}=1")


def test_who_is_no_learner_is_not_drawn(db: None) -> None:
    made = flag(percent=99.9)
    assert not asked_by_request(made, AnonymousUser())
    assert not asked_by_request(made, account())


def test_a_request_leaves_no_cookie_to_remember(db: None) -> None:
    request = RequestFactory().get("/")
    request.user = account(learner_id=1)
    flag(percent=50).is_active(request)
    assert not hasattr(request, "waffles")


def test_a_flag_that_does_not_exist_is_off(db: None) -> None:
    assert not flag_active("no-such-flag", learner_id=1)


def test_the_public_door_gives_the_flags_own_answer(db: None) -> None:
    made = flag(percent=50)
    doors = [
        (flag_active(made.name, learner_id=n), made.is_active_for_learner(n)) for n in range(99)
    ]
    assert {(True, True), (False, False)} == set(doors)
