"""Who may open which address of the whole product? Every one, by hand, in every role, both ways.

The tower has its table in test_access.py. Here is the rest: what learners and programs open, how
people come in, and Django's admin. An address without a row fails the last test, which says so.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.controltower.test_access import CAST as STAFF
from tests.controltower.test_access import GET as TOWER_GET
from tests.controltower.test_access import POST as TOWER_POST
from tests.controltower.test_access import undone
from tests.factories import Person, ada, new_course, root

ID = UUID(int=1)  # of nothing
MODEL_PAGES = ("changelist", "add", "history", "delete", "change")


def admin() -> Person:
    """Somebody with the role, and no superuser."""
    person = root()
    person.account.is_superuser = False
    person.account.save()
    return person


PEOPLE: dict[str, Callable[[], Person] | None] = {
    "guest": None,
    "learner": ada,
    **{role: make for role, make in STAFF.items() if role not in {"learner", "admin"}},
    "admin": admin,
    "superuser": root,
}
KINDS = {"guest": 0, "learner": 1}  # everybody else: 2, staff

OPEN = (200, 200, 200)
NO = (405, 405, 405)
KEY = (401, 401, 401)
OWN = (302, 200, 302)  # a learner's page: guests sign in, staff see the catalogue
MINE = (302, 302, 403)  # a learner's change
NONE = (404, 404, 404)
BARE = (400, 400, 400)  # names no version of xAPI; keys are asked for in tests/signals/xapi
LOST = (302, 404, 302)  # nothing of that number is theirs
DENIED = (302, 404, 403)

# name -> (address, what GET answers, what POST answers; each to a guest, a learner, staff)
ROWS: dict[str, tuple[str, tuple[int, int, int], tuple[int, int, int]]] = {
    "signin": ("/signin/", (200, 302, 302), (200, 302, 302)),
    "signin-school": ("/signin/school/", NONE, NO),
    "signin-school-back": ("/signin/school/back/?code=1&state=2", NONE, NO),
    "signin-forgotten": ("/signin/forgotten/", OPEN, OPEN),
    "signin-new": ("/signin/new/MQ/no-link/", OPEN, OPEN),  # it says that the link is over
    "signin-new-done": ("/signin/new/", OPEN, NO),
    "signout": ("/signout/", NO, (302, 302, 302)),
    "signals-batch": ("/signals/v1/batch", NO, (401, 403, 401)),
    "signals-tokens": ("/signals/v1/tokens", NO, KEY),
    "signals-groups": ("/signals/v1/groups", NO, KEY),
    "signals-contract": ("/signals/v1/contract", OPEN, NO),
    "xapi-statements": ("/xapi/statements", BARE, BARE),
    "xapi-about": ("/xapi/about", OPEN, NO),
    "xapi-state": ("/xapi/activities/state", BARE, BARE),
    "xapi-activity": ("/xapi/activities/profile", BARE, BARE),
    "xapi-activities": ("/xapi/activities", BARE, BARE),
    "xapi-agent": ("/xapi/agents/profile", BARE, BARE),
    "xapi-agents": ("/xapi/agents", BARE, BARE),
    "xapi-missing": ("/xapi/nothing", NONE, NONE),
    "experience:recommendations": (
        "/personalize/v1/recommendations",
        (401, 200, 401),
        (401, 415, 401),
    ),
    "experience:rest-why": (f"/personalize/v1/why/{ID}/c1", (401, 404, 401), NO),
    "experience:rest-feedback": ("/personalize/v1/feedback", NO, (401, 415, 401)),
    "experience:ofrep-all": ("/ofrep/v1/evaluate/flags", NO, KEY),
    "experience:ofrep-one": ("/ofrep/v1/evaluate/flags/x", NO, KEY),
    "experience:index": ("/", (302, 302, 302), NO),
    "experience:home": ("/home/", OWN, NO),
    "experience:picks": ("/home/picks/", OWN, NO),
    "experience:why": (f"/why/{ID}/1/", LOST, NO),
    "experience:feedback": (f"/feedback/{ID}/", NO, (302, 400, 403)),
    "experience:personalization": ("/personalization/", NO, (302, 400, 403)),
    "experience:goal": ("/goal/", OWN, (302, 400, 403)),
    "experience:start": ("/start/", OPEN, (302, 302, 302)),
    "experience:start-keep": ("/start/keep/", NO, (302, 302, 302)),
    "experience:start-over": ("/start/over/", NO, (302, 302, 302)),
    "experience:path": ("/path/", (302, 302, 302), NO),
    "experience:path-change": ("/path/change/", NO, (302, 400, 403)),
    "experience:nudges": ("/nudges/", OWN, (302, 200, 403)),
    "experience:nudges-mail": ("/nudges/mail/", OWN, NO),
    "experience:nudges-coming": (f"/nudges/{ID}/coming/", NO, (302, 400, 403)),
    "experience:nudges-switch": ("/nudges/switch/", NO, (302, 400, 403)),
    "experience:nudges-pause": ("/nudges/pause/", NO, (302, 400, 403)),
    "experience:nudges-later": (f"/nudges/{ID}/later/", NO, DENIED),
    "experience:nudges-stop": ("/nudges/stop/x/", NONE, NONE),
    "experience:language": ("/language/", NO, (400, 400, 400)),
    "experience:guide-close": ("/guide/close/", NO, (302, 400, 403)),
    "experience:explore": ("/explore/", OPEN, NO),
    "experience:search": ("/search/?q=data", OPEN, NO),
    "experience:course": ("/course/c1/", OPEN, NO),
    "experience:ask": ("/course/c1/ask/", NONE, NONE),
    "experience:enrol": ("/course/c1/enrol/", NO, MINE),
    "experience:leave": ("/course/c1/leave/", NO, MINE),
    "experience:rate": ("/course/c1/rate/", NO, (302, 400, 403)),
    "experience:module": ("/course/c1/1/", NONE, NO),
    "experience:done": ("/course/c1/1/done/", NO, DENIED),
    "experience:data": ("/privacy/", OWN, NO),
    "experience:data-switch": ("/privacy/switch/", NO, (302, 400, 403)),
    "experience:data-choose": ("/privacy/choose/", NO, MINE),
    "experience:data-interests": ("/privacy/interests/", NO, MINE),
    "experience:data-courses": ("/privacy/courses/", OWN, (302, 400, 403)),
    "experience:data-age": ("/privacy/age/", NO, MINE),
    "experience:data-history": ("/privacy/history/", OWN, NO),
    "experience:data-log": ("/privacy/log/", OWN, NO),
    "experience:data-json": ("/privacy/export/json/", NO, (302, 200, 403)),
    "experience:data-csv": ("/privacy/export/csv/", NO, (302, 200, 403)),
    "experience:data-reset": ("/privacy/reset/", NO, MINE),
    "experience:data-forget": ("/privacy/forget/", NO, MINE),
    "experience:data-elsewhere": ("/privacy/elsewhere/", NO, MINE),
    "experience:data-erase": ("/privacy/erase/", OWN, (302, 200, 403)),
    "experience:erased": (f"/privacy/erased/{ID}/", NONE, NO),
    "experience:notice": ("/privacy/notice/", OPEN, NO),
    "experience:do-not-sell": ("/privacy/do-not-sell/", OPEN, NO),
    "experience:about": ("/about/recommendations/", OPEN, NO),
    "experience:contract": ("/about/signals/", OPEN, NO),
    "experience:schema": ("/api/schema/", OPEN, NO),
    "experience:healthz": ("/healthz", OPEN, NO),
    "experience:readyz": ("/readyz", OPEN, NO),
    "experience:metrics": ("/metrics", KEY, NO),
}

# Django's admin: what a superuser may do with each table; nobody else opens any of it.
SHOWN = {
    "signals_account": {"changelist", "add", "change"},
    "signals_source": {"changelist", "change"},
    "signals_quarantine": {"changelist", "change"},
    "experiments_experiment": {"changelist"},
    "experiments_snapshot": {"changelist"},
    "experiments_flag": {"changelist", "add", "change"},
    "personalize_curatedcourse": {"changelist", "add", "change", "delete"},
    "personalize_override": {"changelist"},
    "personalize_modelversion": {"changelist"},
    "django_celery_beat_periodictask": {"changelist", "change"},
}
OTHERS = {
    "admin:index": "/admin/",
    "admin:login": "/admin/login/",
    "admin:logout": "/admin/logout/",
    "admin:password_change": "/admin/password_change/",
    "admin:password_change_done": "/admin/password_change/done/",
    "admin:autocomplete": "/admin/autocomplete/",
    "admin:jsi18n": "/admin/jsi18n/",
    "admin:view_on_site": "/admin/r/1/1/",
    "admin:auth_user_password_change": "/admin/signals/account/1/password/",
    "admin:app_list": "/admin/signals/",
}


@pytest.fixture(params=PEOPLE)
def who(request: pytest.FixtureRequest, client: Client) -> str:
    """Sign somebody in, and say who it is."""
    make = PEOPLE[request.param]
    if make is not None:
        client.force_login(make().account)
    return str(request.param)


def answers(client: Client, addresses: dict[str, str]) -> dict[tuple[str, str], int]:
    """Return what each address answers to both methods, each in the same world."""
    found = {}
    for name, address in addresses.items():
        for method in ("get", "post"):
            with undone(client):
                found[name, method] = getattr(client, method)(address).status_code
    return found


def differences(found: dict[tuple[str, str], int], right: dict[tuple[str, str], int]) -> list[str]:
    assert set(found) == set(right)
    return [
        f"{method} {name}: {found[name, method]}, and not {right[name, method]}"
        for name, method in found
        if found[name, method] != right[name, method]
    ]


@pytest.mark.django_db
def test_everybody_opens_what_is_theirs(client: Client, who: str) -> None:
    new_course("c1")
    found = answers(client, {name: row[0] for name, row in ROWS.items()})
    kind = KINDS.get(who, 2)
    right = {(name, "get"): got[kind] for name, (_, got, _) in ROWS.items()}
    right |= {(name, "post"): posted[kind] for name, (_, _, posted) in ROWS.items()}
    assert not (wrong := differences(found, right)), "\n".join(wrong)


@pytest.mark.django_db
def test_djangos_admin_is_for_superusers_and_for_what_is_shown(client: Client, who: str) -> None:
    pages = {
        f"admin:{table}_{page}": address
        for table in SHOWN
        for page, address in model_pages(table).items()
    }
    addresses = {name: at for name, at in (OTHERS | pages).items() if name != "admin:logout"}
    found = answers(client, addresses)
    opened = {name for (name, method), status in found.items() if status == 200}
    led_in = {"admin:login"}  # to the product's own sign-in
    if who == "guest":
        assert set(found.values()) == {302}
    elif who != "superuser":
        assert {name for (name, _), status in found.items() if status != 403} == led_in
    else:
        shown = {f"admin:{table}_{page}" for table, able in SHOWN.items() for page in able}
        may_open = {name for name in opened if name in pages}
        assert {name for name in may_open if name.endswith(("changelist", "_add"))} == {
            name for name in shown if name.endswith(("changelist", "_add"))
        }


def model_pages(table: str) -> dict[str, str]:
    app, model = table.rsplit("_", 1)
    base = f"/admin/{app}/{model}"
    return {
        "changelist": f"{base}/",
        "add": f"{base}/add/",
        "history": f"{base}/1/history/",
        "delete": f"{base}/1/delete/",
        "change": f"{base}/1/change/",
    }


def named(
    patterns: list[URLPattern | URLResolver], within: str = "", at: str = ""
) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = f"{at}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            space = f"{within}{pattern.namespace}:" if pattern.namespace else within
            yield from named(pattern.url_patterns, space, here)
        elif pattern.name or not here.startswith("admin/"):  # its ways back to a longer address
            yield f"{within}{pattern.name or '?'}", here


def test_no_address_is_without_a_row() -> None:
    tower = {f"tower:{name}" for name in {*TOWER_GET, *TOWER_POST}}
    django = {f"admin:{table}_{page}" for table in SHOWN for page in MODEL_PAGES}
    known = set(ROWS) | tower | set(OTHERS) | django
    there = dict(named(get_resolver().url_patterns))
    missing = {name: at for name, at in there.items() if name not in known}
    assert not missing, (
        f"No row says who may open {missing}. A page of the tower: a line in GET and POST of"
        " tests/controltower/test_access.py; anything else: a line in ROWS above, what GET and what"
        " POST answers to a guest, a learner, staff; a table of Django's admin: one in SHOWN."
    )
    assert known <= set(there), known - set(there)
