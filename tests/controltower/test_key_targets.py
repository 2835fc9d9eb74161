"""Key figures on the overview: owner, baseline, target and lift, or why there is none."""

import pytest
from django.test import Client

from controltower.views.key_figures import KeyRow
from experiments.models import KeyReading
from signals import api as signals
from tests.factories import moment, root, uma

pytestmark = pytest.mark.django_db

LIFTED = {
    "held": 120,
    "others": 2400,
    "held_level": 0.08,
    "level": 0.1,
    "share": 0.25,
    "low": 0.05,
    "high": 0.45,
    "reading": "better",
}


def row(client: Client, metric: str) -> KeyRow:
    rows: tuple[KeyRow, ...] = client.get("/tower/").context["key_rows"]
    return next(one for one in rows if one.metric == metric)


def test_a_figure_has_baseline_lift_and_target(client: Client) -> None:
    KeyReading.objects.create(metric="ctr", until=moment(), content=LIFTED)
    client.force_login(uma().account)
    found = row(client, "ctr")
    assert (found.baseline, found.level, found.lift) == ("8.0%", "10.0%", "+25.0%")
    assert (found.interval, found.target, found.state) == ("+5.0% to +45.0%", "+25.0%", "open")
    text = " ".join(client.get("/tower/").content.decode().split())
    assert "+25.0% over the comparison group (+5.0% to +45.0%)" in text
    assert "No owner yet" in text
    assert "kpi/ctr/target" not in text  # an analyst reads


@pytest.mark.parametrize(
    ("low", "high", "state"), [(0.26, 0.5, "reached"), (-0.1, 0.2, "missed"), (0.1, 0.3, "open")]
)
def test_a_target_is_reached_or_missed_by_the_whole_interval(
    client: Client, low: float, high: float, state: str
) -> None:
    content = {**LIFTED, "low": low, "high": high}
    KeyReading.objects.create(metric="ctr", until=moment(), content=content)
    client.force_login(uma().account)
    assert row(client, "ctr").state == state


def test_what_is_not_shown_says_why(client: Client) -> None:
    KeyReading.objects.create(metric="ctr", until=moment(), content={"why": "uneven"})
    client.force_login(uma().account)
    assert row(client, "ctr").why == "Not shown: the groups are not the sizes they should be."
    assert row(client, "revenue").why == "Not read yet: it is read every night."
    assert (row(client, "ctr").lift, row(client, "ctr").state) == ("", "")


def test_clicks_gained_and_learning_lost_are_called_out(client: Client) -> None:
    lost = {**LIFTED, "share": -0.2, "low": -0.3, "high": -0.1, "reading": "worse"}
    KeyReading.objects.create(metric="ctr", until=moment(), content=LIFTED)
    KeyReading.objects.create(metric="modules_completed", until=moment(), content=lost)
    client.force_login(uma().account)
    text = " ".join(client.get("/tower/").content.decode().split())
    assert "The tracks disagree: progression decides" in text
    assert "Click-through is +25.0% and Lessons completed in 14 days −20.0%" in text  # noqa: RUF001


def test_an_admin_sets_target_and_owner_with_a_reason(client: Client) -> None:
    client.force_login(root().account)
    typed = {"target": "10", "owner": "Growth team", "reason": "one step at a time"}
    assert client.post("/tower/kpi/ctr/target/", typed).status_code == 302
    found = row(client, "ctr")
    assert (found.target, found.owner) == ("+10.0%", "Growth team")
    (entry,) = signals.ledger_rows(action_prefix="kpi.")
    assert (entry.actor, entry.detail["reason"]) == ("staff:root", "one step at a time")


@pytest.mark.parametrize("typed", [{"target": "10"}, {"target": "nan", "owner": "a", "reason": "b"},
                                   {"target": "5000", "owner": "a", "reason": "b"}])  # fmt: skip
def test_without_owner_or_reason_or_sense_nothing_is_kept(
    client: Client, typed: dict[str, str]
) -> None:
    client.force_login(root().account)
    assert client.post("/tower/kpi/ctr/target/", typed).status_code == 200
    assert not signals.ledger_rows(action_prefix="kpi.")
    assert client.get("/tower/kpi/none/target/").status_code == 404
