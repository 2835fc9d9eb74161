"""A flag at 10%: how many of 100,000 learners, the same ones after twenty visits, and in Celery?"""

from types import SimpleNamespace

import pytest
from celery import shared_task
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings
from waffle.middleware import WaffleMiddleware

from experiments.api import flag_active
from experiments.models import Flag
from tests.experiments.world import flag

LEARNERS, VISITS, NAME = 100_000, 20, "new-player"
OFTEN = 5_000  # of them come twenty times


class Browser:
    """One learner's browser: cookies go out and come back."""

    def __init__(self, learner_id: int) -> None:
        self.cookies: dict[str, str] = {}
        self.user = SimpleNamespace(
            learner_id=learner_id, is_authenticated=True, is_staff=False, is_superuser=False
        )

    def visit(self, made: Flag) -> bool:
        request, answer = HttpRequest(), HttpResponse()
        request.COOKIES, request.user = self.cookies, self.user  # type: ignore[assignment]
        active = bool(made.is_active(request))
        WaffleMiddleware(lambda _request: answer).process_response(request, answer)
        self.cookies |= {key: morsel.value for key, morsel in answer.cookies.items()}
        return active


@shared_task(name="tests.experiments.test_flag_at_scale.who_is_in")
def who_is_in(learners: int) -> list[int]:
    """A task of Celery asks by learner: it has no request."""
    return [number for number in range(learners) if flag_active(NAME, learner_id=number)]


@pytest.mark.prove
@pytest.mark.django_db
def test_ten_percent_are_ten_percent_after_twenty_visits_and_in_celery(settings: Settings) -> None:
    in_memory = "django.core.cache.backends.locmem.LocMemCache"  # 200,000 visits in seconds
    settings.CACHES = {**settings.CACHES, "default": {"BACKEND": in_memory}}
    flag(NAME, percent=10)
    everybody = [Browser(number) for number in range(LEARNERS)]
    first = who_comes_in(everybody)
    often = everybody[:OFTEN]
    rounds = [who_comes_in(often) for _ in range(VISITS - 1)]
    ever, always = set.union(*rounds), set.intersection(*rounds)
    in_celery = set(who_is_in.apply(args=(LEARNERS,)).get())
    print(f"{len(first) / LEARNERS:.2%} of {LEARNERS:,}, {len(ever) / OFTEN:.2%} of {OFTEN:,} ever")  # noqa: T201
    assert abs(len(first) / LEARNERS - 0.1) <= 0.003
    assert first == in_celery
    assert ever == always == {number for number in first if number < OFTEN}
    assert not any(browser.cookies for browser in everybody)


def who_comes_in(everybody: list[Browser]) -> set[int]:
    """Everybody visits once, in a process that has just read the flag."""
    made = Flag.get(NAME)
    return {number for number, browser in enumerate(everybody) if browser.visit(made)}
