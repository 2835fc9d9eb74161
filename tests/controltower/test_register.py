"""The register: every feature that runs, who answers for it, and a switch that works."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client, TestCase

from experiments.api import flag_active
from personalize import api as personalize
from personalize.experience.register import running
from personalize.experience.register.features import FEATURES
from personalize.llm.registry import BACKENDS, Kind
from personalize.models import FeatureDuty
from signals import api as signals
from signals.clock import now
from signals.models import LedgerEntry
from tests.factories import Person, ada, pia, root, uma

PAGE = "/tower/register/"
SWITCH = "/tower/register/answers/switch/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an administrator is signed in."""
    client.force_login(root().account)
    return client


def switch(page: Client, feature: str, **said: str) -> int:
    """Post to a switch and let what waits for the commit happen; return the status."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return page.post(f"/tower/register/{feature}/switch/", said).status_code


def table(page: Client, address: str) -> list[dict[str, str]]:
    answer = page.get(address)
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_nothing_that_runs_stands_in_no_feature() -> None:
    assert personalize.register_undeclared() == ()


def test_nothing_is_declared_that_does_not_run() -> None:
    covered = [name for feature in FEATURES for name in feature.covers]
    assert sorted(covered) == sorted({*covered} & {*running.running()})


def test_what_is_added_and_not_declared_is_said_in_red(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = {**BACKENDS, "made_up": Kind("a.path", "Made up", remote=True)}
    monkeypatch.setattr(running, "BACKENDS", added)
    told = page.get(PAGE).content.decode()
    assert "backend:made_up" in told
    assert "It runs and stands in no feature" in told


def test_every_signal_a_feature_names_is_in_the_contract_and_gives_its_basis() -> None:
    kinds = {kind.name for kind in signals.contract().kinds}
    used = {name for feature in FEATURES for name in feature.kinds}
    assert used <= kinds
    (picks,) = [e for e in personalize.register_entries(now=now()) if e.feature.key == "picks"]
    assert picks.basis == ("contract", "legitimate interest, with the right to object")
    assert picks.kept_months == 13


def test_what_is_said_of_high_risk_follows_who_answers(page: Client) -> None:
    high = [feature.key for feature in FEATURES if feature.risk == "high"]
    for left in range(len(high), 0, -1):
        text = page.get(PAGE).content.decode()
        assert f"Nobody answers for {left} of them" in text
        assert "Somebody answers for each" not in text
        assert page.post(f"/tower/register/{high[left - 1]}/assign/", duty()).status_code == 302
    text = page.get(PAGE).content.decode()
    assert "Somebody answers for each" in text
    assert "of them" not in text


def test_every_feature_says_why_it_is_of_its_class_and_who_steps_in() -> None:
    said = [
        (f.why, str(f.oversight), str(f.purpose), f.switch or f.agent, f.readers) for f in FEATURES
    ]
    assert all(all(part.strip() for part in row) for row in said)


def test_a_feature_is_closed_from_its_page_and_opened_again(page: Client) -> None:
    flag = "surface-answers-off"
    assert not flag_active(flag, learner_id=1)
    assert switch(page, "answers", off="1", reason="wrong answers") == 302
    assert flag_active(flag, learner_id=1)
    assert "nobody sees this feature" in page.get("/tower/register/answers/").content.decode()
    assert switch(page, "answers", reason="mended") == 302
    assert not flag_active(flag, learner_id=1)
    entries = LedgerEntry.objects.filter(action="flag.switched", subject=flag)
    assert [entry.actor for entry in entries] == ["staff:root", "staff:root"]


def test_a_closed_feature_is_off_for_everybody(page: Client) -> None:
    switch(page, "picks", off="1", reason="harm")
    assert all(not entry.on for entry in entries("picks", "chances"))
    assert all(entry.on for entry in entries("path", "nudges"))


def entries(*keys: str) -> list[personalize.RegisterEntry]:
    return [e for e in personalize.register_entries(now=now()) if e.feature.key in keys]


def test_a_feature_without_a_flag_is_closed_by_the_switch_of_its_agent(page: Client) -> None:
    assert switch(page, "briefs", off="1", reason="wrong numbers") == 302
    assert {entry.feature.key: entry.on for entry in entries("briefs", "answers")} == {
        "briefs": False,
        "answers": True,
    }
    assert switch(page, "briefs", reason="mended") == 302
    assert all(entry.on for entry in entries("briefs"))


def test_a_switch_without_a_reason_changes_nothing(page: Client) -> None:
    answer = page.post(SWITCH, {"off": "1", "reason": " "})
    assert "Say why" in answer.content.decode()
    assert not flag_active("surface-answers-off", learner_id=1)


def test_a_privacy_officer_closes_and_does_not_open(client: Client) -> None:
    client.force_login(pia().account)
    assert switch(client, "answers", off="1", reason="a complaint") == 302
    assert switch(client, "answers", reason="over") == 403
    assert flag_active("surface-answers-off", learner_id=1)


def test_an_analyst_reads_and_changes_nothing(client: Client) -> None:
    client.force_login(uma().account)
    assert b"An administrator or a privacy officer sets it." in (
        client.get("/tower/register/answers/").content
    )
    assert client.post(SWITCH, {"off": "1", "reason": "x"}).status_code == 403
    assert client.post("/tower/register/answers/assign/", duty()).status_code == 403


def duty(**other: object) -> dict[str, object]:
    review_by = (now() + timedelta(days=90)).date().isoformat()
    return {"owner": "Learning team", "review_by": review_by, "reason": "new year"} | other


def test_who_answers_for_a_feature_is_kept_with_a_reason_and_in_the_ledger(page: Client) -> None:
    assert page.post("/tower/register/path/assign/", duty()).status_code == 302
    assert FeatureDuty.objects.get().owner == "Learning team"
    assert LedgerEntry.objects.get(action="register.assigned").subject == "path"
    assert "Learning team" in page.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("review_by", "2020-01-01", "from tomorrow on, within a year"),
        ("review_by", "2999-01-01", "from tomorrow on, within a year"),
        ("owner", " ", "required"),
        ("reason", "", "required"),
    ],
)
def test_a_duty_that_makes_no_sense_is_refused(
    page: Client, field: str, value: str, told: str
) -> None:
    answer = page.post("/tower/register/path/assign/", duty(**{field: value}))
    assert told in answer.content.decode()
    assert not FeatureDuty.objects.exists()


def test_a_late_review_is_counted(page: Client) -> None:
    FeatureDuty.objects.create(
        feature="picks",
        owner="Nobody now",
        review_by=(now() - timedelta(days=1)).date(),
        reason="x",
        created_by="root",
        created_at=now(),
    )
    assert page.get(PAGE).context["overdue"] == 1


@pytest.mark.parametrize("what", ["", "assign/", "switch/"])
def test_a_feature_there_is_not_is_not_found(page: Client, what: str) -> None:
    address = f"/tower/register/none/{what}"
    answer = page.post(address, {"off": "1"}) if what else page.get(address)
    assert answer.status_code == 404


def test_the_table_holds_every_feature_and_no_formula(page: Client) -> None:
    page.post("/tower/register/path/assign/", duty(owner="=HYPERLINK(1)"))
    rows = {row["feature"]: row for row in table(page, "/tower/register/features.csv")}
    assert rows.keys() == {feature.key for feature in FEATURES}
    assert rows["path"]["owner"] != "=HYPERLINK(1)"
    assert rows["path"]["owner"].endswith("=HYPERLINK(1)")
    assert rows["picks"]["risk under the AI Act"] == "limited"


def test_the_table_of_signals_says_which_features_use_each(page: Client) -> None:
    rows = {row["signal"]: row for row in table(page, "/tower/register/signals.csv")}
    assert rows["quiz.scored"]["used by"].startswith("How likely you are to pass")
    assert rows["video.paused"]["used by"] == ""


def test_the_public_page_tells_each_feature_and_what_is_off(page: Client, person: Person) -> None:
    switch(page, "answers", off="1", reason="wrong answers")
    told = " ".join(page.get("/about/recommendations/").content.decode().split())
    assert all(str(feature.title) in told for feature in FEATURES)
    assert told.count("Switched off now.") == 1


@pytest.fixture
def person() -> Person:
    """Return a learner."""
    return ada()


def test_the_ledger_leaves_as_a_table_filtered_and_without_formulas(page: Client) -> None:
    page.post(SWITCH, {"off": "1", "reason": "=1+1"})
    page.post("/tower/register/path/assign/", duty())
    rows = table(page, "/tower/ledger/ledger.csv?action=flag")
    assert [(row["action"], row["who"]) for row in rows] == [("flag.switched", "staff:root")]
    assert len(table(page, "/tower/ledger/ledger.csv")) == LedgerEntry.objects.count()
