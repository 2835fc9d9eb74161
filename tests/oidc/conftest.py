"""What do tests of the school's sign-in share? A running provider, and somebody at a browser."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from personalize.experience import provider
from tests.oidc.school import CLIENT, SECRET
from tests.servers import ROOT

BACK = "http://testserver/signin/school/back/"
CLAIMS = {"lms_id": "u-17", "given_name": "Sam"}


class School:
    """The provider's address, and what it is told to do."""

    def __init__(self, address: str) -> None:
        self.address = address

    def say(self, **what: Any) -> None:
        """Say from now on who sits at the browser, what holds of them, and what is wrong."""
        requests.post(f"{self.address}/control", json=what, timeout=5).raise_for_status()

    def visit(self, address: str) -> str:
        """Sign in at the provider from an address of it; return where it leads back to."""
        with requests.Session() as browser:
            for _ in range(6):
                answer = browser.get(address, allow_redirects=False, timeout=5)
                assert answer.is_redirect, (answer.status_code, answer.text[:300])
                address = urljoin(address, answer.headers["Location"])
                if address.startswith(BACK):
                    return address.removeprefix("http://testserver")
        raise AssertionError(address)


@pytest.fixture(scope="session")
def _running() -> Iterator[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.oidc.school"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.fixture
def school(_running: str, settings: Settings) -> School:
    """The provider, configured here, with a learner at the browser."""
    settings.OIDC_ISSUER = f"{_running}/o"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.OIDC_NAME, settings.PUBLIC_URL = "Riverside", "http://testserver"
    settings.OIDC_LEARNER_CLAIM, settings.OIDC_ROLES_CLAIM = "lms_id", "groups"
    settings.OIDC_ROLES = {"staff-data": "analyst", "staff-web": "merchandiser"}
    provider.forget()
    one = School(_running)
    one.say(claims=CLAIMS)
    return one


@pytest.fixture
def come_in(client: Client, school: School) -> Callable[..., HttpResponse]:
    """Sign in by the school in this browser, and return the last answer."""

    def sign_in(query: str = "") -> Any:
        begun = client.get(f"/signin/school/{query}")
        assert begun.status_code == 302, begun.content[:400]
        return client.get(school.visit(begun["Location"]))

    return sign_in
