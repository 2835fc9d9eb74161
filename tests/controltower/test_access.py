"""Who may open what: every address of the tower, asked for in every role."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern

from controltower import access
from controltower.urls import urlpatterns
from experiments import api as experiments
from experiments.data import FIRST_EXPERIMENT
from signals.data import SYSTEM
from tests.factories import Person, ada, cleo, eli, mia, moment, pages_source, pia, root, uma

CAST: dict[str, Callable[[], Person]] = {
    "learner": ada,
    "creator": cleo,
    "merchandiser": mia,
    "analyst": uma,
    "experimenter": eli,
    "privacy": pia,
    "admin": root,
}
STAFF = set(CAST) - {"learner"}

# name of the address -> (an address, who may open it, what they get)
GET = {
    "kpi_target": ("/tower/kpi/ctr/target/", {"admin"}, 200),
    "alerts": (
        "/tower/alerts/",
        {"merchandiser", "analyst", "experimenter", "privacy", "admin"},
        200,
    ),
    "charts": (
        "/tower/charts/",
        {"merchandiser", "analyst", "experimenter", "privacy", "admin"},
        200,
    ),
    "chart": (
        "/tower/charts/funnel/",
        {"merchandiser", "analyst", "experimenter", "privacy", "admin"},
        200,
    ),
    "chart_csv": (
        "/tower/charts/funnel.csv",
        {"merchandiser", "analyst", "experimenter", "privacy", "admin"},
        200,
    ),
    "overview": ("/tower/", {"merchandiser", "analyst", "experimenter", "privacy", "admin"}, 200),
    "start": ("/tower/start/", set(CAST), 302),
    "you": ("/tower/you/", STAFF, 200),
    "password": ("/tower/you/password/", STAFF, 200),
    "second_step": ("/tower/second-step/", STAFF, 302),  # none set up: to where it is
    "second_step_new": ("/tower/second-step/new/", STAFF, 200),
    "live": ("/tower/live/", {"merchandiser", "analyst", "experimenter", "privacy", "admin"}, 200),
    "kpi": (
        "/tower/kpi/completion/",
        {"merchandiser", "analyst", "experimenter", "privacy", "admin"},
        200,
    ),
    "boosts": ("/tower/boosts/", {"merchandiser", "analyst", "admin"}, 200),
    "objectives": ("/tower/objectives/", {"merchandiser", "analyst", "admin"}, 200),
    "quality": ("/tower/quality/", {"analyst", "experimenter", "privacy", "admin"}, 200),
    "sources": ("/tower/sources/", {"analyst", "experimenter", "privacy", "admin"}, 200),
    "source": ("/tower/sources/northway/", {"analyst", "admin"}, 200),
    "verbs": ("/tower/verbs/", {"analyst", "experimenter", "privacy", "admin"}, 200),
    "verb": ("/tower/verbs/rule/", {"admin"}, 200),
    "privacy": ("/tower/privacy/", {"privacy", "admin"}, 200),
    "fields": ("/tower/privacy/fields/", {"privacy", "admin"}, 200),
    "dpia": ("/tower/privacy/dpia/", {"privacy", "admin"}, 200),
    "models": ("/tower/models/", {"analyst", "experimenter", "admin"}, 200),
    "better": ("/tower/models/better/", {"analyst", "experimenter", "admin"}, 200),
    "find_list": ("/tower/lists/", {"privacy", "admin"}, 200),
    "trace": (f"/tower/lists/{UUID(int=0)}/", {"privacy", "admin"}, 404),  # no such list
    "drift": ("/tower/models/drift/", {"analyst", "experimenter", "admin"}, 200),
    "model_review": (
        "/tower/models/review/",
        {"analyst", "experimenter", "admin"},
        200,
    ),  # no model, no review
    "model_review_kept": (
        "/tower/models/review/2020-01-03/",
        {"analyst", "experimenter", "admin"},
        404,
    ),
    "model_review_print": (
        "/tower/models/review/2020-01-03/print/",
        {"analyst", "experimenter", "admin"},
        404,
    ),
    "model_target": ("/tower/models/review/figures/ndcg/", {"admin"}, 200),
    "experiments": ("/tower/experiments/", {"analyst", "experimenter", "admin"}, 200),
    "experiment_new": ("/tower/experiments/new/", {"analyst", "experimenter", "admin"}, 200),
    "experiment_edit": (
        f"/tower/experiments/{FIRST_EXPERIMENT}/edit/",
        {"analyst", "experimenter", "admin"},
        200,
    ),
    "experiment": (
        f"/tower/experiments/{FIRST_EXPERIMENT}/",
        {"analyst", "experimenter", "admin"},
        200,
    ),
    "experiment_outside": (
        "/tower/experiments/outside/",
        {"analyst", "experimenter", "admin"},
        200,
    ),
    "experiment_csv": (
        f"/tower/experiments/{FIRST_EXPERIMENT}/effects.csv",
        {"analyst", "experimenter", "admin"},
        200,
    ),
    "experiment_json": (
        f"/tower/experiments/{FIRST_EXPERIMENT}/report.json",
        {"analyst", "experimenter", "admin"},
        200,
    ),
    "review": (
        "/tower/review/",
        {"analyst", "experimenter", "admin"},
        200,
    ),  # no experiment, no review
    "review_week": ("/tower/review/2020-W01/", {"analyst", "experimenter", "admin"}, 404),
    "review_print": ("/tower/review/2020-W01/print/", {"analyst", "experimenter", "admin"}, 404),
    "campaigns": ("/tower/campaigns/", {"analyst", "privacy", "admin"}, 200),
    "campaign": (f"/tower/campaigns/{UUID(int=0)}/", {"analyst", "privacy", "admin"}, 404),
    "register": ("/tower/register/", {"analyst", "privacy", "admin"}, 200),
    "register_csv": ("/tower/register/features.csv", {"analyst", "privacy", "admin"}, 200),
    "register_signals_csv": (
        "/tower/register/signals.csv",
        {"analyst", "privacy", "admin"},
        200,
    ),
    "register_feature": ("/tower/register/picks/", {"analyst", "privacy", "admin"}, 200),
    "fairness": ("/tower/fairness/", {"analyst", "privacy", "admin"}, 200),
    "fairness_csv": ("/tower/fairness/fairness.csv", {"analyst", "privacy", "admin"}, 200),
    "ledger_csv": ("/tower/ledger/ledger.csv", {"privacy", "admin"}, 200),
    "nudges": ("/tower/nudges/", {"analyst", "privacy", "admin"}, 200),
    "agents": ("/tower/agents/", {"analyst", "privacy", "admin"}, 200),
    "ledger": ("/tower/ledger/", {"privacy", "admin"}, 200),
    "metadata": ("/create/metadata/", {"analyst", "creator", "admin"}, 200),
    "desk": ("/create/", {"merchandiser", "analyst", "creator", "admin"}, 302),
    "gaps": ("/create/gaps/", {"merchandiser", "analyst", "creator", "admin"}, 200),
    "terms": ("/create/gaps/terms/", {"merchandiser", "analyst", "creator", "admin"}, 200),
    "gaps_csv": ("/create/gaps/topics.csv", {"merchandiser", "analyst", "creator", "admin"}, 200),
    "topic": ("/create/gaps/topics/none/", {"merchandiser", "analyst", "creator", "admin"}, 404),
    "briefs": ("/create/briefs/", {"merchandiser", "analyst", "creator", "admin"}, 200),
    "brief": ("/create/briefs/4711/", {"merchandiser", "analyst", "creator", "admin"}, 404),
    "brief_print": (
        "/create/briefs/4711/print/",
        {"merchandiser", "analyst", "creator", "admin"},
        404,
    ),
    "brief_text": (
        "/create/briefs/4711/brief.md",
        {"merchandiser", "analyst", "creator", "admin"},
        404,
    ),
    "insights": ("/create/courses/", {"merchandiser", "analyst", "creator", "admin"}, 200),
    "insight": ("/create/courses/none/", {"merchandiser", "analyst", "creator", "admin"}, 404),
}
POST = {
    "second_step": ("/tower/second-step/", STAFF, 302),
    "second_step_new": ("/tower/second-step/new/", STAFF, 200),
    "recovery_codes": ("/tower/you/codes/", STAFF, 302),
    "signed_in_elsewhere": ("/tower/you/elsewhere/", STAFF, 302),
    "alert_silence": ("/tower/alerts/4711/silence/", {"analyst", "admin"}, 302),
    "kpi_target": ("/tower/kpi/ctr/target/", {"admin"}, 200),  # an empty form comes back
    "metadata_decide": ("/create/metadata/4711/accept/", {"creator", "admin"}, 404),
    "boosts": (
        "/tower/boosts/",
        {"merchandiser", "analyst", "admin"},
        200,
    ),  # an empty form comes back
    "boost_undo": ("/tower/boosts/4711/undo/", {"merchandiser", "analyst", "admin"}, 404),
    "boost_decide": ("/tower/boosts/4711/decide/", {"admin"}, 404),
    "objectives": (
        "/tower/objectives/",
        {"merchandiser", "analyst", "admin"},
        200,
    ),  # an empty form comes back
    "brief_new": ("/create/briefs/new/none/", {"creator", "admin"}, 404),
    "brief_step": ("/create/briefs/4711/step/reviewed/", {"creator", "admin"}, 404),
    "nudges": ("/tower/nudges/", {"admin"}, 200),  # an empty form comes back
    "campaign_step": (f"/tower/campaigns/{UUID(int=0)}/approve/", {"admin"}, 404),  # no such
    "register_assign": ("/tower/register/picks/assign/", {"privacy", "admin"}, 200),  # empty form
    "register_switch": ("/tower/register/picks/switch/", {"admin"}, 200),  # it asks for a reason
    "agent": ("/tower/agents/answers/", {"admin"}, 200),  # an empty form comes back
    "agent_switch": ("/tower/agents/answers/switch/", {"admin"}, 200),  # it asks for a reason
    "objectives_undo": (
        "/tower/objectives/4711/undo/",
        {"merchandiser", "analyst", "admin"},
        404,
    ),
    "objectives_decide": ("/tower/objectives/4711/decide/", {"admin"}, 404),
    "source": ("/tower/sources/northway/", {"analyst", "admin"}, 200),  # an empty form comes back
    "habit": ("/tower/sources/northway/habit/", {"analyst", "admin"}, 302),
    "verb": ("/tower/verbs/rule/", {"admin"}, 200),  # an empty form comes back
    "model_target": ("/tower/models/review/figures/ndcg/", {"admin"}, 200),  # an empty form
    "rollback": ("/tower/models/none/rollback/", {"admin"}, 302),
    "take_drift": ("/tower/models/drift/4711/take/", {"analyst", "admin"}, 302),
    "canary_stop": ("/tower/models/none/stop/", {"admin"}, 302),
    "experiment_new": (
        "/tower/experiments/new/",
        {"analyst", "experimenter", "admin"},
        200,
    ),  # comes back
    "experiment_outside": (
        "/tower/experiments/outside/",
        {"analyst", "experimenter", "admin"},
        200,
    ),
    "experiment_step": (
        f"/tower/experiments/{FIRST_EXPERIMENT}/steps/pause/",
        {"analyst", "experimenter", "admin"},
        409,  # it asks for a reason
    ),
}


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Take back what a request changed, so that the next finds the same world and sign-in."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic(), transaction.atomic(using="keys"):
        yield
        client.cookies = cookies
        for alias in ("default", "keys"):
            transaction.set_rollback(True, using=alias)


ROWS = [
    (method, *row) for method, table in (("get", GET), ("post", POST)) for row in table.values()
]


@pytest.mark.django_db
@pytest.mark.parametrize("role", CAST)
def test_each_role_opens_what_it_may_and_nothing_else(client: Client, role: str) -> None:
    experiments.ensure_first_experiment(SYSTEM, now=moment())
    pages_source()
    client.force_login(CAST[role]().account)
    found, right = {}, {}
    for method, address, allowed, status in ROWS:
        with undone(client):
            found[method, address] = getattr(client, method)(address).status_code
        right[method, address] = status if role in allowed else 403
    assert found == right


@pytest.mark.django_db
def test_guests_sign_in_first_and_come_back(client: Client) -> None:
    for address, *_ in GET.values():
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/signin/?next={address}")


@pytest.mark.django_db
def test_guests_change_nothing(client: Client) -> None:
    for address, *_ in POST.values():
        answer = client.post(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin/")


def test_the_tables_name_every_address() -> None:
    assert all(isinstance(pattern, URLPattern) for pattern in urlpatterns)
    missing = {str(pattern.name) for pattern in urlpatterns} - set(GET) - set(POST)
    assert not missing, (
        f"No row says who may open {sorted(missing)}. Add to GET (and to POST where it changes"
        ' something): "name": ("/tower/its/address/", {"analyst", "admin"}, 200), with the roles'
        " that may and what they get."
    )
    assert set(GET) | set(POST) <= {pattern.name for pattern in urlpatterns}


@pytest.mark.django_db
@pytest.mark.parametrize("role", CAST)
def test_the_rail_lists_what_somebody_may_open(role: str) -> None:
    account = CAST[role]().account
    keys = set(access.PAGES)
    assert access.pages_of(access.roles_of(account)) == {
        key for key, (_, allowed, _) in GET.items() if key in keys and role in allowed
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "method"), [("/tower/", "post"), ("/create/gaps/", "put")])
def test_pages_that_only_show_take_no_other_method(
    client: Client, address: str, method: str
) -> None:
    client.force_login(root().account)
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.django_db
def test_somebody_whose_account_was_closed_has_no_role() -> None:
    account = uma().account
    account.is_active = False
    assert access.roles_of(account) == frozenset()
