"""Every address of the learner's side, by who asks: what opens, leads away or is refused."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from signals import catalogue
from tests.factories import Person, ada, ben, cleo, cold, pia, root, uma
from tests.personalize.experience.test_my_data_doors import ADDRESSES
from tests.personalize.shop import Shop

GUEST, LEARNER, STAFF = 0, 1, 2
ID = uuid4()
OPEN = {
    "signin": ("/signin/", (200, 302, 302)),
    "index": ("/", (302, 302, 302)),
    "home": ("/home/", (302, 200, 302)),
    "picks": ("/home/picks/", (302, 200, 302)),
    "why": (f"/why/{ID}/1/", (302, 404, 302)),
    "goal": ("/goal/", (302, 200, 302)),
    "start": ("/start/", (200, 200, 200)),
    "path": ("/path/", (302, 302, 302)),  # not open to all yet
    "nudges": ("/nudges/", (302, 200, 302)),
    "nudges-mail": ("/nudges/mail/", (302, 200, 302)),
    "nudges-stop": ("/nudges/stop/x/", (404, 404, 404)),  # no such link
    "explore": ("/explore/", (200, 200, 200)),
    "search": ("/search/?q=data", (200, 200, 200)),
    "course": ("/course/data-0/", (200, 200, 200)),
    "module": ("/course/data-0/{module}/", (200, 200, 200)),
    "about": ("/about/recommendations/", (200, 200, 200)),
    "contract": ("/about/signals/", (200, 200, 200)),
    "healthz": ("/healthz", (200, 200, 200)),
    "readyz": ("/readyz", (200, 200, 200)),
    "metrics": ("/metrics", (401, 401, 401)),
    "schema": ("/api/schema/", (200, 200, 200)),
    "recommendations": ("/personalize/v1/recommendations", (401, 200, 401)),
    "rest-why": (f"/personalize/v1/why/{ID}/Data-0", (401, 404, 401)),
}
CHANGING = {
    "signout": ("/signout/", {}, (302, 302, 302)),
    "feedback": (f"/feedback/{ID}/", {"course": "{course}", "action": "more"}, (302, 404, 403)),
    "personalization": ("/personalization/", {"on": "1"}, (302, 302, 403)),
    "goal": ("/goal/", {"part": "goal", "goal": "Data"}, (302, 302, 403)),
    "start": ("/start/", {"question": "goal", "act": "skip"}, (302, 302, 302)),
    "start-keep": ("/start/keep/", {}, (302, 302, 302)),
    "start-over": ("/start/over/", {}, (302, 302, 302)),
    "path-change": ("/path/change/", {"act": "pace", "hours": "2"}, (302, 302, 403)),
    "nudges": ("/nudges/", {}, (302, 200, 403)),  # an empty form comes back
    "nudges-switch": ("/nudges/switch/", {"on": "0"}, (302, 302, 403)),
    "nudges-pause": ("/nudges/pause/", {"days": "7"}, (302, 302, 403)),
    "nudges-later": (f"/nudges/{ID}/later/", {}, (302, 404, 403)),
    "nudges-coming": (f"/nudges/{ID}/coming/", {"comes": "1"}, (302, 404, 403)),
    "nudges-stop": ("/nudges/stop/x/", {}, (404, 404, 404)),
    "guide-close": ("/guide/close/", {"what": "tour"}, (302, 302, 403)),
    "ask": ("/course/data-0/ask/", {"question": "What?"}, (404, 404, 404)),  # not open to all yet
    "enrol": ("/course/data-0/enrol/", {}, (302, 302, 403)),
    "leave": ("/course/data-0/leave/", {}, (302, 302, 403)),
    "rate": ("/course/data-0/rate/", {"rating": "3"}, (302, 302, 403)),
    "done": ("/course/data-0/{module}/done/", {}, (302, 302, 403)),
    "language": ("/language/", {"language": "de"}, (302, 302, 302)),
    "ofrep-all": ("/ofrep/v1/evaluate/flags", {}, (401, 401, 401)),
    "ofrep-one": ("/ofrep/v1/evaluate/flags/new-player", {}, (401, 401, 401)),
    "rest-feedback": ("/personalize/v1/feedback", {}, (401, 415, 401)),
}
PEOPLE = {
    "guest": (None, GUEST),
    "ada": (ada, LEARNER),
    "ben": (ben, LEARNER),
    "cold": (cold, LEARNER),
    "cleo": (cleo, STAFF),
    "uma": (uma, STAFF),
    "pia": (pia, STAFF),
    "root": (root, STAFF),
}


@pytest.fixture(params=PEOPLE)
def who(request: pytest.FixtureRequest, client: Client, trained: Shop) -> int:
    """Sign somebody in and return what they are."""
    make, kind = PEOPLE[request.param]
    person: Person | None = make() if make else None
    if person:
        client.force_login(person.account)
    return kind


def filled(text: str, shop: Shop) -> str:
    course_id = shop.courses[0].course_id
    module = catalogue.modules(course_id)[0].module_id
    return text.format(module=module, course=course_id)


def test_every_page_opens_to_whom_it_is_for(client: Client, who: int, trained: Shop) -> None:
    for name, (url, expected) in OPEN.items():
        assert client.get(filled(url, trained)).status_code == expected[who], name


@pytest.mark.parametrize("name", CHANGING)
def test_every_change_is_made_by_learners_alone(
    client: Client, who: int, trained: Shop, name: str
) -> None:
    url, body, expected = CHANGING[name]
    sent = {key: filled(value, trained) for key, value in body.items()}

    assert client.post(filled(url, trained), sent).status_code == expected[who]


@pytest.mark.parametrize("name", [name for name in CHANGING if name not in OPEN])
def test_nothing_changes_by_looking(client: Client, trained: Shop, name: str) -> None:
    client.force_login(ada().account)
    url, _body, _expected = CHANGING[name]

    assert client.get(filled(url, trained)).status_code in {404, 405}


def test_a_form_of_another_site_is_refused(trained: Shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada().account)

    assert strict.post("/personalization/", {"on": "0"}).status_code == 403


def test_no_address_is_without_a_permission_test() -> None:
    """Those of My data have a matrix of their own."""
    found = set(names(get_resolver("personalize.experience.urls").url_patterns))

    assert found <= set(OPEN) | set(CHANGING) | set(ADDRESSES)


def names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    return [
        pattern.name for pattern in patterns if isinstance(pattern, URLPattern) and pattern.name
    ]
