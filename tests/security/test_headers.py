"""What goes out with every answer, and what a session is worth (ASVS 5.0, V3, V7, V14)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from signals.models import Account
from tests.deploy.production import DEPLOY, ROOT, environment
from tests.deploy.test_settings import URLS
from tests.factories import PASSWORD, ada, root

PAGES = ("/signin/", "/explore/", "/about/recommendations/", "/privacy/notice/", "/none/")
PROGRAMS = ("/signals/v1/contract", "/healthz", "/xapi/about", "/personalize/v1/recommendations")
TOLD = """
import json, django
django.setup()
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in %r}))
"""


def deployed(folder: Path, *names: str) -> dict[str, object]:
    """Return settings as they are in a deployment."""
    given = environment(folder, URLS) | {"DJANGO_SETTINGS_MODULE": "personalize.settings"}
    code = TOLD % (names,)
    done = subprocess.run(  # noqa: S603  our own settings
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_cookies_of_a_deployment(tmp_path: Path) -> None:
    cookies = ("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE")
    names = [f"{one}_{part}" for one in cookies for part in ("NAME", "SECURE", "SAMESITE")]
    found = deployed(
        tmp_path, *names, "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "SESSION_COOKIE_HTTPONLY"
    )
    for one in cookies:
        assert str(found[f"{one}_NAME"]).startswith("__Host-")
        assert found[f"{one}_SECURE"] is True
        assert found[f"{one}_SAMESITE"] == "Lax"
    assert found["SESSION_COOKIE_DOMAIN"] is None  # what the prefix asks for
    assert found["SESSION_COOKIE_PATH"] == "/"
    assert found["SESSION_COOKIE_HTTPONLY"] is True


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES + PROGRAMS)
def test_every_answer_says_how_it_may_be_read(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    policy = answer["Content-Security-Policy"]
    for said in ("default-src 'none'", "frame-ancestors 'none'"):
        assert said in policy
    assert "base-uri 'none'" in policy or "sandbox" in policy
    assert "unsafe" not in policy
    assert "http" not in policy  # nothing from elsewhere
    kind = answer["Content-Type"]
    assert (
        kind.startswith(("application/json", "application/problem+json")) or "charset=utf-8" in kind
    )


@pytest.mark.django_db
def test_signing_in_makes_a_new_session(client: Client) -> None:
    person = ada()
    client.get("/explore/")
    client.cookies["sessionid"] = "a" * 32  # somebody planted it
    client.post("/signin/", {"username": "ada", "password": PASSWORD})
    first = client.cookies["sessionid"].value
    assert first not in {"", "a" * 32}
    client.post("/signout/")
    client.force_login(person.account)
    assert client.cookies["sessionid"].value != first


@pytest.mark.django_db
def test_a_session_that_was_left_opens_nothing(client: Client) -> None:
    ada()
    client.post("/signin/", {"username": "ada", "password": PASSWORD})
    kept = client.cookies["sessionid"].value
    assert client.get("/home/").status_code == 200
    client.post("/signout/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert thief.get("/home/").status_code == 302


@pytest.mark.django_db
def test_signing_out_clears_what_a_browser_kept(client: Client) -> None:
    client.force_login(ada().account)
    assert client.post("/signout/")["Clear-Site-Data"] == '"storage"'


@pytest.mark.django_db
def test_a_closed_account_is_out_at_once(client: Client) -> None:
    person = root()
    client.force_login(person.account)
    assert client.get("/tower/").status_code == 200
    Account.objects.filter(pk=person.account.pk).update(is_active=False)
    assert client.get("/tower/").status_code == 302


@pytest.mark.django_db
def test_fields_that_no_form_has_change_nothing(client: Client) -> None:
    person = ada()
    client.force_login(person.account)
    more = {"is_staff": "1", "is_superuser": "1", "learner_id": "1", "groups": "admin"}
    client.post("/nudges/", {"at_most": "week", "quiet_from": "20", "quiet_until": "8"} | more)
    client.post("/privacy/age/", {"band": "adult"} | more)
    kept = Account.objects.get(pk=person.account.pk)
    assert (kept.is_staff, kept.is_superuser, kept.learner_id) == (False, False, person.learner_id)
    assert not kept.groups.exists()


@pytest.mark.django_db
def test_trace_is_not_answered(client: Client) -> None:
    assert {
        path: client.trace(path).status_code for path in ("/signin/", "/healthz", "/home/")
    } == {
        "/signin/": 405,
        "/healthz": 405,
        "/home/": 405,
    }


def test_an_error_tells_nothing_of_the_inside(
    client: Client, db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_words: object, **_more: object) -> None:
        raise RuntimeError("postgresql://northway:pw@db")

    settings.DEBUG = False
    monkeypatch.setattr("personalize.experience.courses.catalogue.search", fail)
    client.raise_request_exception = False
    answer = client.get("/explore/")
    assert answer.status_code == 500
    told = answer.content.decode()
    assert not [word for word in ("postgresql", "RuntimeError", "Traceback", ".py") if word in told]


def test_programs_are_not_led_on_from_clear_to_tls() -> None:
    text = (DEPLOY / "nginx" / "northway.conf").read_text(encoding="utf-8")
    clear = text[text.index("listen 80;") : text.index("listen 443")]
    refused = clear.index("return 403;")
    assert all(
        door in clear[:refused] for door in ("signals/v1", "xapi", "personalize/v1", "ofrep")
    )
    assert refused < clear.index("return 308")
