"""What was registered before there were approvals and versions goes on after an upgrade."""

import pytest
from django.core.management import call_command
from django.db import connection

from experiments import lifecycle
from experiments.data import FIRST_EXPERIMENT
from experiments.models import Experiment
from tests.experiments.test_plan import OLD
from tests.experiments.world import START, UMA, day

OLD_COLUMNS = """
INSERT INTO experiments_experiment (key, title, hypothesis, surfaces, primary_metric, guardrails,
    mde, baseline_mean, baseline_sd, planned_per_arm, look_days, variants, shares, salt, alpha,
    power, exploratory, digest, state, created_at, started_at, verdict, verdict_reason)
VALUES (%s, %s, %s, '{home}', 'ctr', '{modules_completed}', 0.25, 0.08, 0.27, 3000, '{14,21,28}',
    '{generic,model}', '{0.5,0.5}', 'short-first:1', 0.05, 0.8, false, %s, %s, %s, %s, '', '')
"""


def stood_before(key: str, state: str, digest: str) -> None:
    with connection.cursor() as cursor:
        said = (key, OLD.title, OLD.hypothesis, digest, state)
        cursor.execute(OLD_COLUMNS, (*said, START, START))


@pytest.mark.django_db(transaction=True)
def test_a_running_experiment_goes_on_after_the_upgrade() -> None:
    call_command("migrate", "experiments", "0002", verbosity=0)
    try:
        stood_before("short-first", "running", OLD.digest())
        stood_before(FIRST_EXPERIMENT, "stopped", "0" * 64)
        stood_before("drafted", "draft", "")
    finally:
        call_command("migrate", "experiments", verbosity=0)
    rows = {row.key: row for row in Experiment.objects.all()}
    running, first, draft = (rows[key] for key in ("short-first", FIRST_EXPERIMENT, "drafted"))
    assert running.intact
    assert (running.plan.format, draft.plan.format) == (1, 2)
    assert (running.approved_by, first.approved_by) == ("unrecorded", "system:northway")
    lifecycle.stop(UMA, key="short-first", reason="all looks taken", now=day(28))
    lifecycle.decide(UMA, key="short-first", verdict="review", reason="as it was", now=day(29))
