"""Crawl, walk, run: which evidence opens a surface further, and what should be taken away?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from experiments.phases import Pruning, Reread, Standing, Switch, phase_of, prunings

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
RUNS = Standing("short-first", "Short first", ("home",), "running", share=1.0, sound_looks=0)
READ = replace(RUNS, sound_looks=1)
SHIPPED = replace(READ, state="decided", verdict="ship", decided_at=NOW - timedelta(days=40))
LASTED = replace(SHIPPED, rereads=(Reread(30, "lasting"), Reread(90)))
FADED = replace(SHIPPED, rereads=(Reread(30, "lasting"), Reread(90, "faded")))
OLD = NOW - timedelta(days=91)


@pytest.mark.parametrize(
    ("experiments", "phase", "key"),
    [
        ((), "crawl", ""),
        ((replace(READ, surfaces=("search",)),), "crawl", ""),
        ((RUNS,), "crawl", "short-first"),
        ((replace(READ, share=0.1),), "crawl", "short-first"),
        ((replace(READ, share=0.11),), "walk", "short-first"),
        ((READ,), "walk", "short-first"),
        ((replace(READ, state="decided", verdict="roll back"),), "walk", "short-first"),
        ((SHIPPED,), "walk", "short-first"),
        ((FADED,), "walk", "short-first"),
        ((LASTED,), "run", "short-first"),
        ((replace(LASTED, reopened=True),), "walk", "short-first"),
        ((RUNS, replace(LASTED, key="older")), "run", "older"),
    ],
)
def test_the_furthest_evidence_opens_a_surface(
    experiments: tuple[Standing, ...], phase: str, key: str
) -> None:
    found = phase_of("home", experiments)
    assert (found.phase, found.key) == (phase, key)
    assert found.evidence.endswith(".")


def pruned(*experiments: Standing, switches: tuple[Switch, ...] = ()) -> list[Pruning]:
    return list(prunings(("home",), experiments, switches, now=NOW))


@pytest.mark.parametrize(
    ("shipped", "why"),
    [
        (FADED, "day 90 its effect had faded"),
        (replace(SHIPPED, rereads=(Reread(30, "harm"),)), "day 30 its effect did harm"),
        (replace(SHIPPED, decided_at=NOW - timedelta(days=181)), "never read again"),
    ],
)
def test_what_was_shipped_without_a_lasting_effect_should_go(shipped: Standing, why: str) -> None:
    (found,) = pruned(shipped)
    assert why in found.why
    assert found.key == "short-first"


@pytest.mark.parametrize("kept", [RUNS, SHIPPED, LASTED])
def test_what_lasts_or_is_not_due_stays(kept: Standing) -> None:
    assert pruned(kept) == []


def test_a_surface_without_any_experiment_comes_under_a_plan() -> None:
    (found,) = pruned()
    assert (found.what, found.key) == ("home", "")


@pytest.mark.parametrize(
    ("switch", "goes"),
    [
        (Switch("new-look", 1.0, OLD), True),
        (Switch("new-look", 0.0, OLD), True),
        (Switch("new-look", 0.5, OLD), False),
        (Switch("new-look", 1.0, NOW - timedelta(days=90)), False),
        (Switch("experiment:short-first", 1.0, OLD, "short-first", "running"), False),
        (Switch("experiment:short-first", 0.0, OLD, "short-first", "archived"), True),
    ],
)
def test_a_flag_nobody_touches_for_ninety_days_should_go(switch: Switch, goes: bool) -> None:
    found = pruned(RUNS, switches=(switch,))
    assert [one.what for one in found] == ([switch.name] if goes else [])
