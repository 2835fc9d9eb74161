"""What do people who connect a platform read? The page of the signal contract."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from signals import api
from signals.data import SignalContract
from tests import factories

ADDRESS = "/about/signals/"

pytestmark = pytest.mark.django_db


def words(page: str) -> str:
    """Return a page's text without its tags, spaces made one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_guests_read_every_kind_and_field_with_version_and_fate(client: Client) -> None:
    told = api.contract()
    text = words(client.get(ADDRESS).content.decode())
    assert f"Version {told.version}" in text
    for kind in told.kinds:
        assert f" {kind.name} " in text
        assert kind.purpose[1:] in text
        assert all(f" {field.name} " in text for field in kind.context)
    assert "query required : text of at most 500 characters (sealed" in text
    assert "from_s required : number, 0 to 86,400 (checked, not kept)" in text


def test_the_page_is_made_of_the_contract(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told = api.contract()
    kinds = tuple(replace(kind, purpose="count stars at night") for kind in told.kinds)

    def changed() -> SignalContract:
        return replace(told, version="7.8.9", kinds=kinds)

    monkeypatch.setattr(api, "contract", changed)
    text = words(client.get(ADDRESS).content.decode())
    assert "Version 7.8.9" in text
    assert text.count("Count stars at night") == len(kinds)


def test_the_tower_leads_there(client: Client) -> None:
    client.force_login(factories.uma().account)
    assert f'href="{ADDRESS}"' in client.get("/tower/quality/").content.decode()
