"""The tower shows what was promised, what was kept, and an alarm while it burns."""

import pytest
from django.template import Context, Template
from time_machine import travel

from controltower.templatetags.levels import _percent
from personalize.models import AnsweredMinute
from tests.factories import moment

pytestmark = pytest.mark.django_db


def shown() -> str:
    with travel(moment(), tick=False):
        page = Template("{% load levels %}{% service_levels %}").render(Context())
    return " ".join(page.split())


def test_without_requests_nothing_is_claimed() -> None:
    page = shown()
    assert page.count("too few requests") == 2
    assert "99.9%" in page
    assert "99.5%" in page
    assert "Alarm" not in page
    assert "0.0 times" not in page


def test_a_broken_promise_shows_with_its_alarm() -> None:
    AnsweredMinute.objects.create(minute=moment(), kind="page", answered=1000, failed=19, late=1)
    AnsweredMinute.objects.create(minute=moment(), kind="tower", answered=1000)
    page = shown()
    assert '<b class="dn">98%</b>' in page
    assert page.count('data-l="Requests">1,000<') == 2
    assert "20.0 times as fast as allowed" in page
    assert page.count("Alarm: act now") == 1
    assert "<b>100%</b>" in page


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.999, "99.9%"), (0.99899, "99.899%"), (0.9999999, "99.999%"), (1.0, "100%")],
)
def test_a_share_is_never_rounded_up_to_its_promise(share: float, text: str) -> None:
    assert _percent(share) == text
