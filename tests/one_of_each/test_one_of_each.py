"""A kind, an algorithm, a gate and a surface: one file and one registry line each, then the loop.

The product is copied, the files and lines are put in, and the copy runs in a process and in
databases of its own, so nothing but the files and the lines can make it work.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from personalize import local

ROOT = Path(__file__).resolve().parents[2]
ADDITIONS = Path(__file__).parent / "additions"
COPIED = ("signals", "experiments", "personalize", "controltower", "templates", "static")
WITHOUT = shutil.ignore_patterns("__pycache__", "vendor", "fonts")
DATABASES = {"DATABASE_URL": "one_of_each", "KEYS_URL": "one_of_each_keys"}

# file -> folder, registry, the line it is put before, the line
PUT: dict[str, tuple[str, str, str, str]] = {
    "bookmarks": ("signals/kinds", "registry.py", "    courses,\n    lessons,", "    bookmarks,\n"),
    "neighbours": (
        "personalize/algorithms",
        "registry.py",
        '    "blend"',
        '    "neighbours": "personalize.algorithms.neighbours.Neighbours",\n',
    ),
    "finds_something": (
        "personalize/engine/gates",
        "registry.py",
        "    cohort_gaps,\n)",
        "    finds_something,\n",
    ),
    "sidebar": (
        "personalize/decision/surfaces",
        "__init__.py",
        "    home,\n]",
        "    sidebar,\n",
    ),
}
# Registries that list modules or functions also name them in an import.
IMPORTS = {
    "bookmarks": ("from signals.kinds import (\n", "    bookmarks,\n"),
    "finds_something": (
        "from personalize.engine.gates.minimum_data",
        "from personalize.engine.gates.finds_something import finds_something\n",
    ),
    "sidebar": (
        "from personalize.decision.surfaces.base",
        "from personalize.decision.surfaces import sidebar\n",
    ),
}


def put_in(product: Path) -> None:
    for name, (folder, registry, before, line) in PUT.items():
        shutil.copy(ADDITIONS / f"{name}.py", product / folder)
        path = product / folder / registry
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{registry} of {folder} has changed: mend this test"
        text = text.replace(before, line + before)
        mark, imported = IMPORTS.get(name, ("", ""))
        at = text.index(mark) + (len(mark) if mark.endswith("(\n") else 0)
        path.write_text(text[:at] + imported + text[at:], encoding="utf-8")


@pytest.fixture
def databases() -> Iterator[dict[str, str]]:
    """Yield URLs of two empty databases beside those of the tests."""
    urls = {**local.urls(), **{k: v for k, v in os.environ.items() if k in local.urls()}}
    with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as connection:
        for name in DATABASES.values():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {
            **urls,
            **{
                variable: urls["DATABASE_URL"].replace("/northway?", f"/{name}?")
                for variable, name in DATABASES.items()
            },
        }
        for name in DATABASES.values():
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


@pytest.fixture
def seen(tmp_path: Path, databases: dict[str, str]) -> Any:
    """Return what the loop saw in a copy of the product with the four additions."""
    product = tmp_path / "product"
    for folder in COPIED:
        shutil.copytree(
            ROOT / folder, product / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    put_in(product)
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("loop.py"))],
        cwd=product,
        env={
            **os.environ,
            **databases,
            "PYTHONPATH": str(product),
            "NORTHWAY_VAR": str(tmp_path / "var"),
            "NORTHWAY_DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "personalize.settings",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # commands print before it


@pytest.mark.slow
def test_one_file_and_one_line_add_a_kind_an_algorithm_a_gate_and_a_surface(seen: Any) -> None:
    assert seen["taken"]["quarantined"] == 0
    assert seen["bookmarks"] == 80
    assert seen["ended"] == "promoted"
    assert "neighbours" in seen["measured"]
    assert "finds_something" in seen["gates"]
    assert seen["answer"]["source"] == "model"
    assert 1 <= len(seen["answer"]["items"]) <= 4
