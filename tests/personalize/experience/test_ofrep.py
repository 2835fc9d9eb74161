"""POST /ofrep/v1/evaluate/flags: as an SDK of OpenFeature asks, one and all, well and badly."""

import json
from typing import Any

import pytest
from django.db import InterfaceError
from django.test import Client

from experiments import api as experiments
from experiments.models import Assignment, Exclusion, Experiment, Holdback
from personalize.experience import ofrep
from signals import api as signals
from signals.data import Purpose
from tests.experiments.world import UMA, flag, registered, started, tampering
from tests.factories import consents, moment, new_key, new_learner

pytestmark = pytest.mark.django_db

ALL = "/ofrep/v1/evaluate/flags"
KEY = "short-first"


class Sdk:
    """A provider of OpenFeature with a key of its source."""

    def __init__(self, key: str | None = None) -> None:
        self.key = new_key("lms", "flags") if key is None else key

    def post(self, body: object, *, path: str = ALL, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.key}", **headers} if self.key else headers
        return Client().post(path, raw, content_type="application/json", headers=sent)

    def one(self, key: str, name: str = "ada", **attributes: object) -> dict[str, Any]:
        context = {"context": {"targetingKey": name, **attributes}}
        answer = self.post(context, path=f"{ALL}/{key}")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def every(self, name: str = "ada", **attributes: object) -> dict[str, dict[str, Any]]:
        answer = self.post({"context": {"targetingKey": name, **attributes}})
        assert answer.status_code == 200, answer.content
        return {found["key"]: found for found in answer.json()["flags"]}


def exposed() -> int:
    return sum(signals.exposed_counts(KEY, as_of=moment(days=-1)).values())


def begun(**changes: Any) -> None:
    started(now=moment(days=2), **changes)


def test_an_experiment_gives_the_learners_arm_and_counts_it_as_shown_once() -> None:
    begun()
    learner_id, sdk = new_learner("ada"), Sdk()
    found = sdk.one(KEY)
    arm = experiments.assigned_arm(learner_id, experiment=KEY)
    assert found == {
        "key": KEY,
        "value": arm,
        "variant": arm,
        "reason": "SPLIT",
        "metadata": {"kind": "experiment", "exposed": True},
        "cacheable": False,
    }
    assert sdk.one(KEY) == found
    assert exposed() == 1


def test_asking_for_all_is_a_look_ahead_that_shows_nothing_and_comes_true() -> None:
    begun()
    sdk = Sdk()
    for number in range(14):
        new_learner(f"l{number}")
    ahead = {number: sdk.every(f"l{number}")[KEY] for number in range(14)}
    assert not Assignment.objects.exists()
    assert exposed() == 0
    assert {one["metadata"]["exposed"] for one in ahead.values()} == {False}
    later = {number: sdk.one(KEY, f"l{number}")["value"] for number in range(14)}
    assert {number: one["value"] for number, one in ahead.items()} == later
    assert set(later.values()) == {"generic", "model"}


def test_a_flag_is_on_for_its_share_and_the_same_by_every_door() -> None:
    flag("new-player", percent=50)
    flag("for-all", everyone=True)
    flag("for-none", everyone=False)
    sdk, answers = Sdk(), set()
    for number in range(14):
        learner_id = new_learner(f"l{number}")
        found = sdk.one("new-player", f"l{number}")
        assert found["value"] is experiments.flag_active("new-player", learner_id=learner_id)
        assert (found["variant"], found["reason"]) == ("on" if found["value"] else "off", "SPLIT")
        assert sdk.every(f"l{number}")["new-player"]["value"] is found["value"]
        answers.add(found["value"])
    assert answers == {True, False}
    assert (sdk.one("for-all")["value"], sdk.one("for-all")["reason"]) == (True, "STATIC")
    assert sdk.one("for-none")["value"] is False


def nobody_yet() -> str:
    return "nobody yet"


def refuses_personalization() -> str:
    consents(new_learner("ben"), Purpose.PERSONALIZATION, granted=False)
    return "ben"


def is_staff() -> str:
    new_learner("cleo", kind="staff")
    return "cleo"


def left_out_by_hand() -> str:
    learner_id = new_learner("dan")
    Exclusion.objects.create(learner_id=learner_id, reason="manual", at=moment())
    return "dan"


@pytest.mark.parametrize(
    "somebody", [nobody_yet, refuses_personalization, is_staff, left_out_by_hand]
)
def test_who_takes_no_part_gets_the_control_and_is_not_counted(somebody: Any) -> None:
    begun()
    name, sdk = somebody(), Sdk()
    for found in (sdk.every(name)[KEY], sdk.one(KEY, name)):
        assert (found["value"], found["reason"]) == ("generic", "DEFAULT")
        assert found["metadata"]["exposed"] is False
    assert not Assignment.objects.exists()


def test_asking_about_somebody_nobody_knows_makes_no_learner() -> None:
    begun()
    Sdk().one(KEY, "nobody yet")
    assert signals.find_learner("nobody yet") is None


def test_a_stopped_experiment_gives_the_control_and_a_shipped_one_the_variant() -> None:
    begun()
    new_learner("ada")
    sdk = Sdk()
    sdk.one(KEY)
    experiments.stop(UMA, key=KEY, reason="all looks taken", now=moment())
    found = sdk.one(KEY)
    assert (found["value"], found["reason"]) == ("generic", "DISABLED")
    assert sdk.every()[KEY]["value"] == "generic"
    tampered("ship")
    found = sdk.one(KEY)
    assert (found["value"], found["reason"]) == ("model", "STATIC")


def tampered(verdict: str) -> None:
    """Write a verdict past the evidence, which this test is not about."""
    with tampering():
        Experiment.objects.filter(key=KEY).update(state="decided", verdict=verdict)


@pytest.mark.parametrize(
    ("targeting", "let_in"),
    [
        ('{"country": "de"}', True),
        ('{"country": {"$in": ["fr", "it"]}}', False),
        ('{"courses": {"$lt": 3}}', True),
        ('{"courses": 99}', False),
    ],
)
def test_a_plan_for_some_learners_asks_for_their_attributes(targeting: str, let_in: bool) -> None:
    begun(targeting=targeting)
    new_learner("ada")
    # What the product knows itself cannot be said otherwise from outside.
    found = Sdk().one(KEY, country="de", courses=99)
    assert (found["reason"] == "SPLIT") is let_in
    assert Sdk().every(country="de")[KEY]["reason"] == found["reason"]


def test_asking_for_all_takes_as_many_statements_however_many_experiments_there_were(
    django_assert_max_num_queries: Any,
) -> None:
    new_learner("ada")
    sdk = Sdk()
    sdk.every()  # its key is believed for some seconds from now on
    counted = []
    for number in (1, 5):
        for place in range(number):
            put_away(f"over-{number}-{place}")
        experiments.forget_caches()
        with django_assert_max_num_queries(30) as asked:
            found = sdk.every()
        counted.append(len(asked))
    assert len(found) == 6
    assert counted[0] == counted[1]


def put_away(key: str) -> None:
    """An experiment that ran, was shipped with all of the control held back, and is archived."""
    started(key=key, salt=f"{key}:1")
    experiments.stop(UMA, key=key, reason="all looks taken", now=moment())
    with tampering():
        row = Experiment.objects.filter(key=key)
        row.update(state="archived", verdict="ship", decided_at=moment())
        Holdback.objects.create(experiment=row.get(), share=1.0, until=moment(days=-30))


def test_nothing_changed_since_that_etag() -> None:
    begun()
    new_learner("ada")
    sdk, asked = Sdk(), {"context": {"targetingKey": "ada"}}
    first = sdk.post(asked)
    tag = first["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = sdk.post(asked, **{"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    flag("another", everyone=True)
    changed = sdk.post(asked, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag


REFUSED: dict[str, tuple[object, int, str]] = {
    "no body": (b"", 400, "PARSE_ERROR"),
    "no JSON": (b"{", 400, "PARSE_ERROR"),
    "no UTF-8": (b'{"context": {"targetingKey": "\xff"}}', 400, "PARSE_ERROR"),
    "too deep": (b'{"context": {"targetingKey": ' + b"[" * 8000, 400, "PARSE_ERROR"),
    "too large": (b" " * 20_000, 400, "PARSE_ERROR"),
    "a list": ([], 400, "INVALID_CONTEXT"),
    "null": (None, 400, "INVALID_CONTEXT"),
    "a context that is a text": ({"context": "ada"}, 400, "INVALID_CONTEXT"),
    "a null context": ({"context": None}, 400, "INVALID_CONTEXT"),
    "no context": ({}, 400, "TARGETING_KEY_MISSING"),
    "no targeting key": ({"context": {"country": "de"}}, 400, "TARGETING_KEY_MISSING"),
    "an empty one": ({"context": {"targetingKey": ""}}, 400, "TARGETING_KEY_MISSING"),
    "a number": ({"context": {"targetingKey": 7}}, 400, "INVALID_CONTEXT"),
    "a list of them": ({"context": {"targetingKey": ["ada"]}}, 400, "INVALID_CONTEXT"),
    "one with a NUL": ({"context": {"targetingKey": "a\x00"}}, 400, "INVALID_CONTEXT"),
    "a long one": ({"context": {"targetingKey": "a" * 256}}, 400, "INVALID_CONTEXT"),
    "half a letter": (b'{"context": {"targetingKey": "\\ud800"}}', 400, "PARSE_ERROR"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("path", [ALL, f"{ALL}/{KEY}"])
def test_what_cannot_be_understood_is_refused_with_the_protocols_code(case: str, path: str) -> None:
    begun()
    body, status, code = REFUSED[case]
    answer = Sdk().post(body, path=path)
    told = answer.json()
    assert (answer.status_code, told["errorCode"]) == (status, code)
    assert told["errorDetails"].endswith((".", "…"))
    assert told.get("key") == (KEY if path != ALL else None)


ODD: list[object] = [
    {"country": {"$in": ["de"]}},
    {"country": [[[[[]]]]]},
    {"country": None, "courses": "many"},
    {"country": 1e308, "": {}},
    {"country": "de" * 3000},
    {"__proto__": {}, "$or": [], "a.b": 1},
    {"country": "de", "a": {"b": 10**400}},
]


@pytest.mark.parametrize("attributes", ODD)
def test_odd_attributes_are_attributes(attributes: dict[str, Any]) -> None:
    begun(targeting='{"country": "de", "a.b": {"$gt": 3}}')
    new_learner("ada")
    assert Sdk().one(KEY, **attributes)["reason"] == "DEFAULT"


@pytest.mark.parametrize(
    "targeting", ['{"$or": 5}', '{"$not": "x"}', '{"a": {"$inGroup": []}}', '{"a": {"$all": 5}}']
)
def test_a_condition_that_makes_no_sense_lets_nobody_in_by_any_door(
    targeting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before_there_was_a_gate:
        before_there_was_a_gate.setattr("experiments.lifecycle.check_all", lambda _context: ())
        begun(targeting=targeting)
    learner_id = new_learner("ada")
    assert Sdk().one(KEY, a=["x"])["reason"] == "DEFAULT"
    asked = experiments.assign(learner_id, surface="home", now=moment(), attributes={"a": ["x"]})
    assert asked.variants == {}


def test_a_connection_that_broke_is_the_database_being_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise InterfaceError("connection already closed")

    sdk = Sdk()
    monkeypatch.setattr(signals, "learner_state", broken)
    answer = sdk.post({"context": {"targetingKey": "ada"}})
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    "key", ["no-such", "experiment:short-first", "%00", "a/b", "..%2f", "%ff", "x" * 3000]
)
def test_a_flag_there_is_not_is_not_found(key: str) -> None:
    begun()
    answer = Sdk().post({"context": {"targetingKey": "ada"}}, path=f"{ALL}/{key}")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "FLAG_NOT_FOUND")


def test_a_draft_is_not_found() -> None:
    registered()
    answer = Sdk().post({"context": {"targetingKey": "ada"}}, path=f"{ALL}/{KEY}")
    assert answer.status_code == 404


def test_only_a_key_with_the_scope_asks() -> None:
    asked = {"context": {"targetingKey": "ada"}}
    for key in ("", "nonsense", new_key("lms", "recommend")):
        answer = Sdk(key).post(asked)
        assert (answer.status_code, answer["WWW-Authenticate"][:6]) == (401, "Bearer")
    assert Client().get(ALL).status_code == 405


def test_beyond_the_cap_callers_are_told_to_come_again() -> None:
    sdk = Sdk()
    for _ in range(ofrep.CONCURRENT_MOST):
        assert ofrep._free.acquire(blocking=False)
    try:
        answer = sdk.post({"context": {"targetingKey": "ada"}})
    finally:
        for _ in range(ofrep.CONCURRENT_MOST):
            ofrep._free.release()
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert sdk.post({"context": {"targetingKey": "ada"}}).status_code == 200
