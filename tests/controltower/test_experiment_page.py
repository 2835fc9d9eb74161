"""The page of an experiment: health before results, the record in words, and what can be taken."""

import csv
import io
import json

import pytest
from django.test import Client

from experiments import lifecycle, outside
from experiments.models import Assignment, Experiment
from signals import api as signals
from signals.data import Exposed
from tests.controltower.looks import look_of, shipped, text_of
from tests.experiments.plans import plan
from tests.experiments.world import START, UMA, VERA, day, look, started
from tests.factories import new_learner, uma

KEY = plan().key
PAGE = f"/tower/experiments/{KEY}/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def drawn(arms: dict[str, int]) -> None:
    """Draw so many new learners into each arm, and show it to them."""
    experiment = Experiment.objects.get(key=KEY)
    rows = [
        Assignment(experiment=experiment, learner_id=new_learner(), variant=arm, assigned_at=day(1))
        for arm, count in arms.items()
        for _ in range(count)
    ]
    Assignment.objects.bulk_create(rows)
    signals.expose([Exposed(KEY, row.learner_id, row.variant, day(1)) for row in rows])


def checks(page: Client) -> dict[str, tuple[str, bool]]:
    return {one.title: (one.value, one.ok) for one in page.get(PAGE).context["health"]}


def test_before_the_start_there_is_no_health(page: Client) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    assert checks(page) == {}
    assert "Nobody is drawn before the start." in page.get(PAGE).content.decode()


def test_a_sound_draw_is_healthy(page: Client) -> None:
    started()
    drawn({"generic": 20, "model": 20})
    answer = page.get(PAGE)
    assert answer.context["healthy"]
    found = checks(page)
    assert found["Split 50.0 / 50.0"] == ("p = 1.00", True)
    assert found["Holdout of 5% untouched"] == ("yes", True)
    assert found["Left out by hand before the draw"] == ("none", True)


def test_a_look_that_was_not_to_be_trusted_stays_so_whoever_is_erased_later(page: Client) -> None:
    started()
    lost = {"chi_square": 40.0, "degrees": 1, "p_value": 1e-9}
    look(
        results={
            "trustworthy": False,
            "as_of": day(14).isoformat(),
            "loss": lost,
            "effects": [],
            "moments": {},
            "n": {"generic": 3000, "model": 2500},
            "confidence": 0.95,
            "advice": "invalid",
            "sentence": "Nothing may be read.",
        }
    )
    readout = page.get(PAGE).context["readout"]
    assert not readout.trustworthy
    assert "lost" in readout.sentence


def test_who_was_seen_in_both_arms_is_counted(page: Client) -> None:
    started()
    drawn({"generic": 20, "model": 20})
    assert checks(page)["Seen in both arms"] == ("none", True)
    Assignment.objects.filter(variant="generic").update(variant="model")
    assert checks(page)["Seen in both arms"] == ("20", False)


def test_few_learners_are_not_counted_out(page: Client) -> None:
    started()
    drawn({"generic": 6, "model": 1})
    assert checks(page)["Split"] == ("fewer than 10 learners in an arm", True)


def test_no_share_tells_how_few_an_arm_has(page: Client) -> None:
    started()
    drawn({"generic": 13, "model": 5})
    assert checks(page)["Split"] == ("fewer than 10 learners in an arm", True)


def test_shares_are_those_of_the_rounded_numbers_beside_them(page: Client) -> None:
    started()
    drawn({"generic": 17, "model": 11})  # 60.7 / 39.3 would tell both to the learner
    assert "Split 60.0 / 40.0" in checks(page)


def test_a_broken_split_is_what_is_looked_at_first(page: Client) -> None:
    started()
    drawn({"generic": 10, "model": 60})
    answer = page.get(PAGE)
    assert not answer.context["healthy"]
    text = answer.content.decode()
    assert "Look here first" in text
    assert "Find out who is missing" in text
    assert text.index("Assignment health") < text.index("Next look")


def test_somebody_of_the_holdout_in_an_arm_is_found(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    started()
    drawn({"model": 1})
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 1.0)
    assert checks(page)["Holdout of 5% untouched"][1] is False


@pytest.mark.parametrize(("variant_total", "alike"), [(310.0, True), (900.0, False)])
def test_arms_that_differed_before_the_start_are_found(
    page: Client, variant_total: float, alike: bool
) -> None:
    started()
    before = {
        arm: {"pre": {"n": 1000, "total": total, "squares": total}}
        for arm, total in (("generic", 300.0), ("model", variant_total))
    }
    look_of("ctr", low=0.01, high=0.05, before=before)
    value, ok = checks(page)["Difference before the start"]
    assert (value == "none", ok) == (alike, alike)


def test_a_ramp_says_what_is_missing_for_its_next_step(page: Client) -> None:
    started(ramp=(0.1, 0.25, 0.5, 1.0))
    answer = page.get(PAGE)
    assert [opening.share for opening in answer.context["ramp"].openings] == [0.1]
    says = answer.context["ramp"].evidence.says
    (widen,) = [step for step in answer.context["asked"].steps if step.name == "widen"]
    assert widen.why_not == says
    refused = page.post(f"{PAGE}steps/widen/")
    assert refused.status_code == 409
    assert answer.context["asked"].shares == ()


def test_a_smaller_share_is_offered_where_there_is_one(page: Client) -> None:
    started(ramp=(1.0,))
    answer = page.get(PAGE)
    assert answer.context["ramp"] is None
    refused = page.post(f"{PAGE}steps/narrow/", {"share": "0.5", "reason": "too many"})
    assert refused.status_code == 409
    assert "pause or stop it" in refused.content.decode()


def test_what_was_shipped_and_faded_waits_for_an_answer(page: Client) -> None:
    shipped(reread="faded", now=day(30))
    answer = page.get(PAGE)
    readings = [(one.day, one.reading) for one in answer.context["readout"].rereads]
    assert readings == [(30, "faded"), (90, ""), (180, "")]
    assert "The decision is open again" in answer.content.decode()
    kept = {"verdict": "keep", "reason": "It still pays for itself"}
    assert page.post(f"{PAGE}steps/answer/", kept).status_code == 302
    lines = page.get(PAGE).context["log"]
    assert (lines[0].did, lines[0].said) == ("kept what was shipped", "It still pays for itself")


def test_what_lasts_asks_nothing(page: Client) -> None:
    shipped(reread="lasting", now=day(30))
    assert "The decision is open again" not in page.get(PAGE).content.decode()
    assert page.post(f"{PAGE}steps/answer/", {"verdict": "keep"}).status_code == 409


def test_the_record_says_in_words_who_did_what_and_why(page: Client) -> None:
    started()
    lifecycle.stop(VERA, key=KEY, reason="it confuses people", now=day(20))
    lines = [(one.name, one.did, one.said) for one in page.get(PAGE).context["log"]]
    assert lines[0] == ("vera", "stopped it", "it confuses people")
    assert ("vera", "approved the plan", "sound") in lines
    assert lines[-1][:2] == ("uma", "wrote the plan")


def test_the_record_of_an_experiment_names_no_learner(page: Client) -> None:
    started()
    learner = new_learner()
    outside.exclude(
        UMA, learner_id=learner, reason="manual", note="asked us", now=day(1), experiment=KEY
    )
    answer = page.get(PAGE)
    assert next(one.did for one in answer.context["log"]) == "started it"
    assert "asked us" not in answer.content.decode()


def test_effects_leave_as_a_table_with_rounded_counts(page: Client) -> None:
    started()
    look_of("ctr", low=0.01, high=0.05)
    answer = page.get(f"{PAGE}effects.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="{KEY}-effects.csv"'
    first, second = csv.DictReader(io.StringIO(text_of(answer)))
    assert (first["metric"], first["reading"], first["n_control"]) == ("ctr", "better", "3000")
    assert (second["metric"], second["track"]) == ("modules_completed", "progression")


def test_the_whole_leaves_without_any_exact_sum(page: Client) -> None:
    started()
    look_of("ctr", low=0.01, high=0.05, exact={"generic": 3_003_003, "model": 7})
    found = json.loads(page.get(f"{PAGE}report.json").content)
    assert found["plan"]["hypothesis"] == plan().hypothesis
    assert found["digest"] == Experiment.objects.get(key=KEY).digest
    (look,) = found["looks"]
    assert look["n"] == {"generic": 3_003_005, "model": 0}
    assert not {"moments", "split", "loss"} & set(look)
    assert "3003003" not in json.dumps(found)


def test_what_was_measured_leaves_with_three_digits_and_what_was_set_with_all(page: Client) -> None:
    started()
    look_of("ctr", low=0.0123456789, high=0.0512345678)
    row, _ = csv.DictReader(io.StringIO(text_of(page.get(f"{PAGE}effects.csv"))))
    assert (row["low"], row["high"]) == ("0.0123", "0.0512")
    assert row["difference"] == "0.0318"
    assert row["confidence"] == "0.95"
    text = page.get(f"{PAGE}report.json").content.decode()
    assert (json.loads(text)["looks"][0]["effects"][0]["low"]) == 0.0123
    assert "0.0123456789" not in text
    assert json.loads(text)["plan"]["baseline_mean"] == plan().baseline_mean


@pytest.mark.parametrize("file", ["effects.csv", "report.json"])
def test_of_an_unknown_experiment_nothing_leaves(page: Client, file: str) -> None:
    assert page.get(f"/tower/experiments/none/{file}").status_code == 404
