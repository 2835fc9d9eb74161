"""Do pages say which demo world they show, and nothing anywhere else? (L5)"""

import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
WORLD = {
    "name": "quick",
    "learners": 1300,
    "days": 30,
    "played_until": "2026-03-31T12:00:00+00:00",
    "loading": "",
}
ACCOUNTS = {
    "password": "said-aloud",
    "accounts": [{"name": "uma", "role": "analyst", "about": "reads", "learner": ""}],
}


def sign_in_page(settings: Settings, folder: Path | None) -> str:
    settings.DEMO_FOLDER = folder
    return Client().get("/signin/").content.decode()


def test_the_demo_is_named_with_its_accounts(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text(json.dumps(WORLD))
    (tmp_path / "accounts.json").write_text(json.dumps(ACCOUNTS))
    page = sign_in_page(settings, tmp_path)
    assert "1,300 simulated learners, 30 days until 31 March 2026." in page
    assert "said-aloud" in page
    assert "uma" in page


def test_what_loads_behind_it_is_said(settings: Settings, tmp_path: Path) -> None:
    told = WORLD | {"loading": "full, day 12 of 90"}
    (tmp_path / "world.json").write_text(json.dumps(told))
    assert "full, day 12 of 90" in sign_in_page(settings, tmp_path)


def test_without_a_demo_nothing_is_said(settings: Settings) -> None:
    page = sign_in_page(settings, None)
    assert "simulated" not in page
    assert "Demo accounts" not in page


def test_a_file_that_is_not_whole_yet_breaks_no_page(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text('{"name": "qui')
    assert "simulated" not in sign_in_page(settings, tmp_path)
