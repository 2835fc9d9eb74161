"""PostgreSQL away, slow or hung: who gets what, and what is never shown."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from time import monotonic, time
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from personalize import api
from personalize.data import Change, NewOverride, Source
from personalize.decision import changes, fallbacks, log, memory, snapshot, upkeep
from personalize.decision.overrides import Controls
from personalize.decision.shelf import Shelf
from personalize.decision.surfaces import SURFACES
from personalize.engine import live
from personalize.engine.live import Pointer
from signals import api as signals
from signals.data import SYSTEM
from tests.experiments.world import started
from tests.factories import ada, moment, new_key
from tests.personalize.shop import Shop, curate, learner, touch

URL = "/personalize/v1/recommendations"


class Away:
    """PostgreSQL, and how to take it away."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def begin(self) -> None:
        """Let every statement fail, in the middle of a request too."""

        def fails(*_args: object, **_kwargs: object) -> None:
            raise OperationalError("server closed the connection unexpectedly")

        self._patch.setattr("django.db.backends.utils.CursorWrapper.execute", fails)
        self._patch.setattr("signals.models.statements.raw_connection", fails)
        self._patch.setattr("signals.hot.HotStatement.rows", fails)
        self._patch.setattr("personalize.decision.log._copy", fails)
        self._patch.setattr("personalize.decision.background.allowed_here", lambda: True)
        self._patch.setattr(upkeep.THREAD, "start", lambda: None)
        self._patch.setattr(log.FLUSHER, "start", lambda: None)

    def end(self) -> None:
        """Let it answer again."""
        self._patch.undo()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    """Return the way to take PostgreSQL away; it is back after the test."""
    database = Away(monkeypatch)
    yield database
    database.end()


def hide(course_id: int) -> None:
    changes.create(
        SYSTEM,
        NewOverride(
            course_id=course_id,
            change=Change.HIDE,
            reason="under review",
            starts_at=moment(days=1),
            ends_at=moment(days=-5),
        ),
        now=moment(),
    )


def written(shelf: Shelf, controls: Controls, *, popular: tuple[int, ...] = ()) -> None:
    """Write the snapshot of the node, as its processes do every ten seconds."""
    snapshot.write(
        courses=shelf.courses,
        controls=controls,
        popular=popular,
        switched_off=upkeep.KNOWN.switched_off,
    )


def test_a_learner_served_a_moment_ago_keeps_their_list(trained: Shop, away: Away) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    before = api.recommend(external_id="ada", now=moment())

    away.begin()
    by_number = api.recommend(learner_id, now=moment())
    by_name = api.recommend(external_id="ada", now=moment())

    assert by_number.source is by_name.source is Source.LAST_GOOD
    courses = [item.course_id for item in before.items]
    assert [item.course_id for item in by_number.items] == courses
    assert [item.course_id for item in by_name.items] == courses
    assert by_number.items[0].reasons[0].kind == "course"


def test_no_list_of_a_model_that_was_taken_back_is_shown_again(
    trained: Shop, away: Away, settings: Settings, tmp_path: Path
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    before = api.recommend(external_id="ada", now=moment())
    settings.MODELS_DIR = tmp_path / "another node"
    live.write(settings.MODELS_DIR, Pointer(version="v0", withdrawn=("v1",)))
    instead = api.recommend(learner_id, now=moment())

    away.begin()

    assert (before.source, before.model) == (Source.MODEL, "v1")
    assert (instead.source, instead.model) == (Source.POPULAR, None)
    assert api.recommend(learner_id, now=moment()).source is Source.CURATED


def test_consent_read_too_long_ago_is_no_consent(
    trained: Shop, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    api.recommend(learner_id, now=moment())

    away.begin()
    later = time() + fallbacks.CONSENT_FRESH_S + 1
    monkeypatch.setattr("personalize.decision.fallbacks.time", lambda: later)

    assert api.recommend(learner_id, now=moment()).source is Source.CURATED


def test_who_is_unknown_to_the_cache_gets_the_edited_list(trained: Shop, away: Away) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    curate(trained.courses[8], trained.courses[2])
    upkeep.look()

    away.begin()
    answer = api.recommend(learner_id, now=moment(), k=2)

    assert answer.source is Source.CURATED
    assert [item.course_id for item in answer.items] == [
        trained.courses[8].course_id,
        trained.courses[2].course_id,
    ]


def test_a_fresh_process_answers_from_the_snapshot_and_hides_what_was_hidden(
    trained: Shop, away: Away, client: Client
) -> None:
    hidden, first = trained.courses[8], trained.courses[2]
    curate(hidden, first)
    hide(hidden.course_id)
    key = new_key("lms", "recommend")
    shelf, controls = upkeep.look()
    written(shelf, controls)

    upkeep.reset()
    signals.forget_caches()
    away.begin()
    answer = client.get(URL, {"learner": "ada"}, headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 200
    assert answer.json()["source"] == "curated"
    courses = [item["course"] for item in answer.json()["items"]]
    assert courses[0] == first.external_id
    assert hidden.external_id not in courses


def test_who_comes_while_a_fresh_process_still_reads_waits_for_a_whole_list(
    trained: Shop, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(*upkeep.look())
    reading, go_on, read, found = Event(), Event(), snapshot.read, list[Shelf]()

    def slowly() -> snapshot.Snapshot | None:
        reading.set()
        go_on.wait(30)
        return read()

    upkeep.reset()
    away.begin()
    monkeypatch.setattr("personalize.decision.upkeep.snapshot.read", slowly)
    first = Thread(target=upkeep.refresh)  # as the thread of a process that begins
    first.start()
    assert reading.wait(30)
    second = Thread(target=lambda: found.append(upkeep.look()[0]))
    second.start()
    second.join(0.1)
    assert not found
    go_on.set()
    for thread in (first, second):
        thread.join(30)
    assert {*found[0].courses} == {course.course_id for course in trained.courses}


@pytest.mark.parametrize(
    ("age_s", "status"), [(snapshot.KEYS_HOLD_S - 60, 200), (snapshot.KEYS_HOLD_S + 1, 503)]
)
def test_a_snapshot_lets_keys_in_for_a_quarter_of_an_hour(
    trained: Shop,
    away: Away,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    age_s: float,
    status: int,
) -> None:
    key = new_key("lms", "recommend")
    written(*upkeep.look())
    upkeep.reset()
    signals.forget_caches()
    away.begin()
    later = time() + age_s
    monkeypatch.setattr("personalize.decision.snapshot.time", lambda: later)
    answer = client.get(URL, {"learner": "ada"}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == status


def test_a_statement_that_is_wrong_is_no_reason_to_believe_the_snapshot(
    trained: Shop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key("lms", "recommend")
    written(*upkeep.look())

    def wrong(*_args: object, **_named: object) -> None:
        raise ProgrammingError("column does not exist")

    monkeypatch.setattr("signals.api.authenticate", wrong)
    answer = client.get(URL, {"learner": "ada"}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 503


def test_an_account_that_cannot_be_read_for_another_reason_is_not_taken_from_the_session(
    trained: Shop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada()
    client.post("/signin/", {"username": "ada", "password": "an honest password"})
    client.raise_request_exception = False

    def wrong(*_args: object, **_named: object) -> None:
        raise ProgrammingError("column does not exist")

    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.get_user", wrong)
    assert client.get(URL).status_code == 503


def test_a_fresh_process_knows_which_surfaces_are_switched_off(
    trained: Shop, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    api.recommend(learner_id, now=moment())
    off = SURFACES["home"].off_switch
    with monkeypatch.context() as patch:
        patch.setattr("experiments.api.flag_active", lambda name, *, learner_id: name == off)
        written(*upkeep.look())

    upkeep.reset()
    signals.forget_caches()
    away.begin()

    assert api.recommend(learner_id, now=moment()).source is Source.CURATED


def test_a_hidden_course_leaves_a_remembered_list_at_once(trained: Shop, away: Away) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    before = api.recommend(learner_id, now=moment())
    hide(before.items[0].course_id)
    upkeep.look()

    away.begin()
    after = api.recommend(learner_id, now=moment())

    assert after.source is Source.LAST_GOOD
    assert before.items[0].course_id not in [item.course_id for item in after.items]


def test_readiness_needs_a_database_or_a_snapshot(
    trained: Shop, away: Away, client: Client
) -> None:
    assert client.get("/readyz").status_code == 200
    shelf, controls = upkeep.look()

    upkeep.reset()
    signals.forget_caches()
    away.begin()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200

    snapshot.folder().mkdir(parents=True, exist_ok=True)
    away.end()
    written(shelf, controls)
    upkeep.reset()
    signals.forget_caches()
    away.begin()
    assert client.get("/readyz").status_code == 200


def test_the_snapshot_holds_no_learner_and_no_clear_key(trained: Shop) -> None:
    learner_id = learner("somebody-special", enrolled=trained.field("Data")[:5])
    key = new_key("lms", "recommend")
    api.recommend(learner_id, now=moment())
    shelf, controls = upkeep.look()

    written(shelf, controls, popular=upkeep.KNOWN.popular)

    held = b"".join(path.read_bytes() for path in snapshot.folder().iterdir())
    assert str(learner_id).encode() not in held
    assert b"somebody-special" not in held
    assert key.encode() not in held


def test_a_damaged_snapshot_is_no_snapshot(trained: Shop) -> None:
    shelf, controls = upkeep.look()
    written(shelf, controls)
    path = snapshot.folder() / snapshot.NODE

    path.write_bytes(path.read_bytes()[:40])

    assert snapshot.read() is None


def test_home_stays_whole_without_the_database(trained: Shop, away: Away, client: Client) -> None:
    person = ada()
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(person.learner_id, course, enrolled_at=moment(days=ago))
    client.post("/signin/", {"username": "ada", "password": "an honest password"})
    client.get("/home/")

    away.begin()
    answer = client.get("/home/")

    assert answer.status_code == 200
    assert answer.context["picks"].source == "last_good"
    assert answer.context["name"] == "ada"


def test_without_the_cache_nothing_is_lost_but_memory(
    trained: Shop, settings: Settings, tmp_path: object
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    caches = settings.CACHES
    settings.CACHES = caches | {
        "default": {**caches["default"], "LOCATION": f"unix://{tmp_path}/none"}
    }
    memory.wake()

    answer = api.recommend(learner_id, now=moment())

    settings.CACHES = caches
    memory.wake()
    assert answer.source is Source.MODEL


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
@pytest.mark.parametrize(
    ("plan", "most"), [({}, 4), ({"unit": "class", "icc": 0.1, "cluster_size": 24.0}, 3)]
)
def test_a_warm_recommendation_takes_at_most_four_statements(
    client: Client, request: pytest.FixtureRequest, plan: dict[str, Any], most: int
) -> None:
    trained = request.getfixturevalue("trained")
    key = new_key("lms", "recommend")
    learner("ada", enrolled=trained.field("Data")[:5])  # of no class, so never drawn
    if plan:
        started(now=moment(days=1), exploratory=True, **plan)
    headers = {"Authorization": f"Bearer {key}"}
    client.get(URL, {"learner": "ada"}, headers=headers)
    upkeep.THREAD.stop()

    with CaptureQueriesContext(connection) as statements:
        upkeep.KNOWN.read_at = monotonic()
        answer = client.get(URL, {"learner": "ada"}, headers=headers)

    assert answer.json()["source"] == "model"
    assert 0 < len(statements) <= most, [each["sql"] for each in statements]
