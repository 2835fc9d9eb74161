"""Does subtracting published numbers give anybody back? Only where the rules are off."""

import pytest

from signals import aggregates
from signals.derive import audit, quality
from signals.processing import demand, disclosure
from tests.signals.differencing import ATTACKS, run_attack

pytestmark = pytest.mark.django_db
A_FEW, MANY = 120, 10_000


def without_rules(monkeypatch: pytest.MonkeyPatch, *, k: bool = False, steps: bool = False) -> None:
    """Switch off the least number of learners, rounding, or both; what stays on is named."""
    if not k:
        for module in (disclosure, aggregates, audit, quality, demand):
            monkeypatch.setattr(module, "K", 1)
    if not steps:
        monkeypatch.setattr(disclosure, "STEP", 1)
        monkeypatch.setattr(disclosure, "rounded_mean", float)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_cell_of_fewer_than_ten_is_recovered(name: str) -> None:
    attacked, recovered = run_attack(name, pairs=A_FEW)
    assert attacked >= A_FEW
    assert recovered == 0


@pytest.mark.parametrize("name", ATTACKS)
def test_the_same_attack_recovers_cells_where_the_rules_are_off(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_rules(monkeypatch)
    attacked, recovered = run_attack(name, pairs=A_FEW)
    assert recovered == attacked


def test_exact_means_alone_would_give_raters_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "rounded_mean", float)
    _, recovered = run_attack("raters and mean of a course, over time", pairs=A_FEW)
    assert recovered > A_FEW // 10


@pytest.mark.prove
def test_ten_thousand_pairs_and_no_cell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    each = -(-MANY // len(ATTACKS))
    with_rules = {name: run_attack(name, pairs=each) for name in ATTACKS}
    with monkeypatch.context() as patch:
        without_rules(patch, k=True)
        unrounded = {name: run_attack(name, pairs=each) for name in ATTACKS}
    with monkeypatch.context() as patch:
        without_rules(patch)
        off = {name: run_attack(name, pairs=each) for name in ATTACKS}
    lines = ["| pairs of | attacked | recovered | without rounding | without any rule |"]
    lines.append("|---|---|---|---|---|")
    lines += [
        f"| {name} | {attacked:,} | {recovered} | {share(unrounded[name])} | {share(off[name])} |"
        for name, (attacked, recovered) in with_rules.items()
    ]
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201  the table of docs/proofs.md
    assert sum(attacked for attacked, _ in with_rules.values()) >= MANY
    assert sum(recovered for _, recovered in with_rules.values()) == 0
    assert all(recovered > 0 for _, recovered in unrounded.values())
    assert all(recovered == attacked for attacked, recovered in off.values())


def share(result: tuple[int, int]) -> str:
    """Return which share of the cells was recovered, in percent."""
    attacked, recovered = result
    return f"{100 * recovered / attacked:.0f}%"
