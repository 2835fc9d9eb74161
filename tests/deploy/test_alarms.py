"""The alarms by Prometheus's own tool: what the nodes tell goes in, which alarms fire comes out.

Each case names all that fire at its end; what it does not name must be silent. A series is told
once a minute: `7x20` is 7 for 20 minutes, `0+60x20` grows by 60. Cases follow each other in one
run, each longer than what the one before left could still matter.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.production import DEPLOY

RULES = DEPLOY / "prometheus" / "alerts.yaml"
MINUTES, LONG = 40, 80  # more than any alarm looks back and waits
WELL = {
    'up{job="northway",instance="a"}': "1",
    'up{job="northway",instance="b"}': "1",
    "northway_database_up": "1",
    'northway_job_age_seconds{task="signals.tasks.roll_up"}': "9",
}
BURN, BAD = 'northway_slo_burn{level="%s",window="%s"}', 'northway_slo_bad{level="%s",window="%s"}'
AGE = 'northway_job_age_seconds{task="%s"}'
TOOK = 'northway_recommendation_seconds_bucket{le="%s"}'
FROM = 'northway_recommendations_total{source="%s"}'
ASKED = 'northway_requests_total{kind="%s",status="%s"}'
REFUSED = 'northway_requests_refused_total{kind="%s"}'


@dataclass(frozen=True)
class Case:
    """What the nodes tell beside that all is well (None: they tell nothing of it); what fires."""

    name: str
    told: Mapping[str, str | None] = field(default_factory=dict)
    fires: tuple[str, ...] = ()
    minutes: int = MINUTES


def burning(level: str, long: str, short: str, *, burn: str, bad: str) -> dict[str, str | None]:
    return {BURN % (level, long): burn, BURN % (level, short): burn, BAD % (level, long): bad}


CASES = (
    Case("all is well"),
    Case("one node is down", {'up{job="northway",instance="a"}': "0x40"}, ("NodeAway",)),
    Case("a node was down for a moment", {'up{job="northway",instance="a"}': "1x30 0x3 1x7"}),
    Case(
        "all nodes are down",
        {'up{job="northway",instance="a"}': "0x40", 'up{job="northway",instance="b"}': "0x40"},
        ("NodeAway", "Away"),
    ),
    Case(
        "nobody told Prometheus of a node",
        {'up{job="northway",instance="a"}': None, 'up{job="northway",instance="b"}': None},
        ("Away",),
    ),
    Case(
        "a fiftieth of an hour's budget every minute",
        burning("learner", "1h", "5m", burn="15x40", bad="40x40"),
        ("LearnerBudgetBurnsFast",),
    ),
    Case("a quiet night: two failures", burning("learner", "1h", "5m", burn="90x40", bad="2x40")),
    Case(
        "it burned and is over",
        {
            BURN % ("learner", "1h"): "15x40",
            BURN % ("learner", "5m"): "0x40",
            BAD % ("learner", "1h"): "40x40",
        },
    ),
    Case(
        "six times too fast",
        burning("learner", "6h", "30m", burn="7x40", bad="40x40"),
        ("LearnerBudgetBurns",),
    ),
    Case("as fast as it may", burning("learner", "6h", "30m", burn="6x40", bad="40x40")),
    Case(
        "the controls fail slowly",
        burning("admin", "3d", "6h", burn="1.1x80", bad="40x80"),
        ("BudgetBurnsSlowly",),
        LONG,
    ),
    Case(
        "and not for long",
        burning("admin", "3d", "6h", burn="0x30 1.1x50", bad="40x80"),
        minutes=LONG,
    ),
    Case("few went wrong", burning("admin", "3d", "6h", burn="1.1x80", bad="9x80"), minutes=LONG),
    Case("PostgreSQL away", {"northway_database_up": "1x10 0x30"}, ("DatabaseAway",)),
    Case("PostgreSQL restarted", {"northway_database_up": "1x10 0 1x29"}),
    Case("broker away", {"northway_broker_up": "0x40"}, ("BrokerAway",)),
    Case("broker away for four minutes", {"northway_broker_up": "1x36 0x4"}),
    Case("events wait", {"northway_spool_oldest_seconds": "601x40"}, ("EventsWait",)),
    Case("events wait ten minutes", {"northway_spool_oldest_seconds": "600x40"}),
    Case("the spool grows", {"northway_spool_bytes": "2200000000x40"}, ("SpoolGrows",)),
    Case("the spool is used", {"northway_spool_bytes": "2000000000x40"}),
    Case("jobs stand", {AGE % "signals.tasks.roll_up": "601x40"}, ("JobsStand",)),
    Case("no job ever ran", {AGE % "signals.tasks.roll_up": None}, ("JobsNeverRan",)),
    Case(
        "of jobs nothing is known without PostgreSQL",
        {AGE % "signals.tasks.roll_up": None, "northway_database_up": "0x40"},
        ("DatabaseAway",),
    ),
    Case(
        "no model is trained",
        {AGE % "personalize.tasks.retrain": "130000x40"},
        ("NightlyJobMissing",),
    ),
    Case("a model is trained daily", {AGE % "personalize.tasks.retrain": "90000x40"}),
    Case(
        "a job fails",
        {'northway_job_failures{task="personalize.tasks.retrain"}': "4x40"},
        ("JobFails",),
    ),
    Case("a job failed", {'northway_job_failures{task="personalize.tasks.retrain"}': "3x40"}),
    Case("jobs queue", {"northway_queue_messages": "201x40"}, ("JobsQueue",)),
    Case("jobs queued", {"northway_queue_messages": "0x31 201x9"}),
    Case(
        "jobs wait",
        {'northway_job_waited_seconds{task="signals.tasks.roll_up"}': "121x40"},
        ("JobsWait",),
    ),
    Case("jobs begin", {'northway_job_waited_seconds{task="signals.tasks.roll_up"}': "119x40"}),
    Case(
        "the ledger is not signed",
        {"northway_ledger_anchor_age_seconds": "129601x40"},
        ("LedgerNotAnchored",),
    ),
    Case("the ledger is signed daily", {"northway_ledger_anchor_age_seconds": "86400x40"}),
    Case(
        "one list in ten is slow",
        {TOOK % "0.2": "0+90x40", TOOK % "0.5": "0+100x40", TOOK % "+Inf": "0+100x40"},
        ("RecommendationsSlow",),
    ),
    Case(
        "one list in fifty is slow",
        {TOOK % "0.2": "0+98x40", TOOK % "0.5": "0+100x40", TOOK % "+Inf": "0+100x40"},
    ),
    Case(
        "lists are refused",
        {ASKED % ("recommend", "200"): "0+98x40", ASKED % ("recommend", "503"): "0+2x40"}
        | {REFUSED % "recommend": "0+2x40"},
        ("ListsRefused",),
    ),
    Case(
        "a list is refused now and then",
        {ASKED % ("recommend", "200"): "0+995x40", ASKED % ("recommend", "503"): "0+5x40"}
        | {REFUSED % "recommend": "0+5x40"},
    ),
    Case("nobody asks", {ASKED % ("recommend", "200"): "9x40", REFUSED % "recommend": "9x40"}),
    Case(
        "events are refused",
        {ASKED % ("capture", "200"): "0+90x40", ASKED % ("capture", "503"): "0+10x40"}
        | {REFUSED % "capture": "0+10x40"},
        ("EventsRefused",),
    ),
    Case(
        "some events come again",
        {ASKED % ("capture", "200"): "0+97x40", ASKED % ("capture", "503"): "0+3x40"}
        | {REFUSED % "capture": "0+3x40"},
    ),
    Case(
        "earlier lists and the edited one",
        {FROM % "model": "0+70x40", FROM % "last_good": "0+20x40", FROM % "curated": "0+10x40"},
        ("FewFromTheModel",),
    ),
    Case(
        "popular courses for who is new",
        {FROM % "model": "0+50x40", FROM % "popular": "0+40x40", FROM % "curated": "0+10x40"},
    ),
    Case("decisions are lost", {"northway_decisions_lost_total": "0x30 1x10"}, ("DecisionsLost",)),
    Case("they were lost long ago", {"northway_decisions_lost_total": "0x10 7x30"}),
    Case("a source is silent", {'northway_source_silent{source="lms"}': "1x40"}, ("SourceSilent",)),
    Case("and sends again", {'northway_source_silent{source="lms"}': "1x30 0x10"}),
    Case(
        "a source is incomplete",
        {'northway_source_incomplete{source="lms"}': "1x80"},
        ("SourceIncomplete",),
        LONG,
    ),
    Case(
        "for half an hour", {'northway_source_incomplete{source="lms"}': "0x50 1x30"}, minutes=LONG
    ),
)


def alarms() -> set[str]:
    """Return the name of every alarm."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"] for group in groups for rule in group["rules"]}


def minutes(told: str) -> list[str]:
    """Return what a series tells, minute by minute."""
    found = list[str]()
    for part in told.split():
        value, _, times = part.partition("x")
        first, _, step = value.partition("+")
        found += [f"{float(first) + n * float(step or 0):g}" for n in range(int(times or 1))]
    return found


def written(cases: Sequence[Case]) -> dict[str, Any]:
    """Return cases, one after the other, as promtool takes them."""
    values: dict[str, list[str]] = {name: [] for case in cases for name in {**WELL, **case.told}}
    asked, minute = [], 0
    for case in cases:
        steady = {name: f"{value}x{case.minutes}" for name, value in WELL.items()}
        told = {**steady, **case.told}
        for name, parts in values.items():
            text = told.get(name)
            parts += minutes(text) if text else [f"_x{case.minutes}"]
        minute += case.minutes
        firing = [
            {"labels": f'{{alertname="Northway{name}"}}', "value": _nodes(case, name)}
            for name in case.fires
        ]
        expression = f'count by (alertname) (ALERTS{{alertstate="firing"}}) # {case.name}'
        asked.append({"expr": expression, "eval_time": f"{minute - 1}m", "exp_samples": firing})
    series = [{"series": name, "values": " ".join(parts)} for name, parts in values.items()]
    return {"interval": "1m", "input_series": series, "promql_expr_test": asked}


def _nodes(case: Case, name: str) -> int:
    """Return how many alarms of a name fire: where nodes are down, one for each."""
    down = [series for series in case.told if series.startswith("up{")]
    return len(down) if name == "NodeAway" else 1


def promtool(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = ["promtool", *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def tried(cases: Sequence[Case], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run cases and return what came of them."""
    path = folder / "cases.yaml"
    whole = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [written(cases)]}
    path.write_text(json.dumps(whole), encoding="utf-8")  # JSON is YAML
    return promtool("test", "rules", path)


def test_every_alarm_has_a_case_in_which_it_fires() -> None:
    assert {f"Northway{name}" for case in CASES for name in case.fires} == alarms()


def test_every_case_is_told_to_its_end() -> None:
    short = [
        (case.name, told)
        for case in CASES
        for told in case.told.values()
        if told and len(minutes(told)) != case.minutes
    ]
    assert short == []


NEEDS_TOOL = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing")


@NEEDS_TOOL
def test_alarms_fire_when_they_must_and_never_else(tmp_path: Path) -> None:
    done = tried(CASES, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@NEEDS_TOOL
@pytest.mark.parametrize("fires", [(), ("SpoolGrows", "EventsWait")])
def test_a_wrong_case_is_told(tmp_path: Path, fires: tuple[str, ...]) -> None:
    told: dict[str, str | None] = {"northway_spool_bytes": "2200000000x40"}
    assert tried([Case("planted", told, fires)], tmp_path).returncode == 1


@NEEDS_TOOL
def test_prometheus_takes_alarms_and_dashboard(tmp_path: Path) -> None:
    board = json.loads((DEPLOY / "grafana" / "northway.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = [{"record": f"panel:{n}", "expr": text} for n, text in enumerate(asked)]
    path = tmp_path / "board.yaml"
    path.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}), encoding="utf-8")
    for checked in (RULES, path):
        done = promtool("check", "rules", "--lint-fatal", checked)
        assert done.returncode == 0, done.stdout + done.stderr
