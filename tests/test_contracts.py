"""Import contracts name what there is: a new module is private unless somebody opens it."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What anybody may import: the interface, what crosses it, and what Django finds by its name.
OPEN = {
    "signals": {"aggregates", "api", "catalogue", "clock", "data", "hot", "request_ids", "urls"},
    "experiments": {"api", "data", "fields", "metrics", "phases", "proposals"},
}
DJANGO = {"admin", "apps", "management", "migrations"}


@pytest.mark.parametrize("app", OPEN)
def test_what_is_not_the_interface_is_protected(app: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [protected] = [
        contract["protected_modules"]
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["name"] == f"{app} has one public interface"
    ]
    found = {path.name for path in (ROOT / app).iterdir() if (path / "__init__.py").exists()}
    found |= {path.stem for path in (ROOT / app).glob("*.py")} - {"__init__"}
    assert {name.split(".")[1] for name in protected} == found - OPEN[app] - DJANGO
