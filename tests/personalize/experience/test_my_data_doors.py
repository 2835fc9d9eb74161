"""Every address of My data, by who asks and how: generated from the addresses there are."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from signals import api
from signals.data import SYSTEM
from tests.factories import Person, ada, ben, cleo, cold, moment, pia, root, uma
from tests.personalize.shop import Shop

SIGN_IN, EXPLORE = "/signin/", "/explore/"
GUEST, LEARNER, STAFF = "guest", "learner", "staff"
CAST = {"ada": ada, "ben": ben, "cold": cold, "cleo": cleo, "uma": uma, "pia": pia, "root": root}
LEARNERS = {"ada", "ben", "cold"}

# What a form sends; an address that is not here takes no POST.
SENT: dict[str, dict[str, str]] = {
    "data-switch": {"purpose": "inferred", "on": "1"},
    "data-interests": {"goal": "none"},
    "data-age": {"band": "under18"},
    "data-json": {},
    "data-csv": {},
    "data-choose": {},
    "data-courses": {"course": "0", "counts": "0"},  # there is no such course
    "data-reset": {},
    "data-forget": {},
    "data-elsewhere": {},
    "data-erase": {"sure": "on"},
}
PAGES = {
    *("data", "data-courses", "data-history", "data-log", "data-erase"),
    *("erased", "notice", "do-not-sell"),
}
EVERYBODYS = {"erased", "notice", "do-not-sell"}
FILES = {"data-json", "data-csv"}


def addresses() -> dict[str, str]:
    """Return every address under /privacy/ by name, as the product routes it."""
    found = {}
    for pattern in get_resolver("personalize.experience.urls").url_patterns:
        if isinstance(pattern, URLPattern) and str(pattern.pattern).startswith("privacy/"):
            route = str(pattern.pattern).replace("<uuid:receipt>", str(RECEIPT))
            found[str(pattern.name)] = f"/{route}"
    return found


RECEIPT = uuid4()
ADDRESSES = addresses()
IN_ORDER = sorted(ADDRESSES, key=lambda name: name == "data-erase")  # the end comes last


def test_every_address_is_a_page_or_takes_a_form_and_no_other_is_known() -> None:
    assert set(ADDRESSES) == PAGES | set(SENT)


def enter(client: Client, who: str) -> Person | None:
    """Sign somebody of the cast in; a guest stays outside."""
    if who == GUEST:
        return None
    person = CAST[who]()
    client.force_login(person.account)
    return person


def role(who: str) -> str:
    return LEARNER if who in LEARNERS else STAFF if who in CAST else GUEST


def seen(name: str, who: str) -> tuple[int, str]:
    """Return what a GET answers: the status, and where it leads."""
    if name not in PAGES:
        return 405, ""
    if name == "erased":
        return 404, ""  # nobody's receipt
    if name in EVERYBODYS or role(who) == LEARNER:
        return 200, ""
    return (302, SIGN_IN) if role(who) == GUEST else (302, EXPLORE)


def done(name: str, who: str) -> tuple[int, str]:
    """Return what a POST answers: the status, and where it leads."""
    if name not in SENT:
        return 405, ""
    if role(who) == GUEST:
        return 302, SIGN_IN
    if role(who) == STAFF:
        return 403, ""
    if name in FILES:
        return 200, ""
    if name == "data-courses":
        return 400, ""
    return 302, "/privacy/erased/" if name == "data-erase" else "/privacy/"


@pytest.mark.parametrize("who", [GUEST, *CAST])
def test_each_address_answers_each_as_declared(client: Client, shop: Shop, who: str) -> None:
    enter(client, who)

    for name in IN_ORDER:
        looked = client.get(ADDRESSES[name])
        changed = client.post(ADDRESSES[name], SENT.get(name, {}))
        for answer, (status, leads) in ((looked, seen(name, who)), (changed, done(name, who))):
            assert answer.status_code == status, name
            assert answer.headers.get("Location", "").startswith(leads), name


def test_no_other_method_is_taken(client: Client, shop: Shop) -> None:
    enter(client, "ada")
    calls = [(method, url) for method in ("PUT", "PATCH", "DELETE") for url in ADDRESSES.values()]

    assert {client.generic(*call).status_code for call in calls} == {405}


def test_a_form_of_another_site_changes_nothing(shop: Shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    person = enter(strict, "ada")
    assert person is not None
    before = api.export_learner(person.learner_id)

    answers = {name: strict.post(ADDRESSES[name], SENT[name]).status_code for name in SENT}

    assert answers == dict.fromkeys(SENT, 403)
    assert api.export_learner(person.learner_id) == before


def test_whoever_is_named_in_a_form_only_the_signed_in_learner_is_meant(
    client: Client, shop: Shop
) -> None:
    other = ben()
    before = api.export_learner(other.learner_id)
    enter(client, "ada")
    about = {key: str(other.learner_id) for key in ("learner", "learner_id", "subject", "id")}

    for name in [name for name in IN_ORDER if name in SENT]:
        url = f"{ADDRESSES[name]}?learner_id={other.learner_id}"
        answer = client.post(url, SENT[name] | about)
        assert answer.status_code == done(name, "ada")[0], name
        assert str(other.learner_id).encode() not in b"".join(answer), name
    assert api.export_learner(other.learner_id) == before


def test_a_page_of_one_learner_shows_nothing_of_another(client: Client, shop: Shop) -> None:
    other = ben()
    api.export_learner(other.learner_id, actor=SYSTEM, now=moment())
    enter(client, "ada")

    for name in ("data", "data-history", "data-log", "data-erase"):
        query = {"learner_id": str(other.learner_id), "learner": "ben", "before": "9"}
        text = client.get(ADDRESSES[name], query).content.decode()
        assert str(other.learner_id) not in text, name
        assert "ben" not in text.split(), name


WRONG: tuple[tuple[str, dict[str, str]], ...] = (
    ("data-switch", {"purpose": "everything", "on": "1"}),
    ("data-switch", {"purpose": "inferred", "on": "2"}),
    ("data-switch", {}),
    ("data-interests", {"add": "\x00"}),
    ("data-interests", {"remove": "x" * 121}),
    ("data-interests", {"goal": "all"}),
    ("data-age", {"band": "under12"}),
)


def test_what_no_form_sends_is_refused(client: Client, shop: Shop) -> None:
    enter(client, "ada")

    answers = [client.post(ADDRESSES[name], sent).status_code for name, sent in WRONG]

    assert answers == [400] * len(WRONG)
