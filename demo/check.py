"""Does every page and every API answer as it should, to everybody? (demo)

One request for each page in each role, as a browser without JavaScript would send it, and one
for each API. A row says what was expected and what came.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from demo.client import Answer, Client

GUEST = "guest"
LEARNERS = ("ada", "ben", "cold", "hal")
STAFF = ("cleo", "uma", "pia", "root")
COURSE_LINK = re.compile(rb'href="(/course/[^"/]+/)"')
PAGE_FAULTS = (b"Traceback (most recent call last)", b"Server Error")


@dataclass(frozen=True, slots=True)
class Result:
    """One request with what was expected and what came."""

    who: str
    request: str
    expected: int
    answered: int
    fault: str = ""

    @property
    def right(self) -> bool:
        """Say whether it was as expected."""
        return self.expected == self.answered and not self.fault

    def row(self) -> tuple[str, ...]:
        """Return the cells of the printed table."""
        verdict = "ok" if self.right else f"WRONG {self.fault}".strip()
        return self.who, self.request, str(self.expected), str(self.answered), verdict


class Browser:
    """Somebody at a browser: keeps cookies and sends them back."""

    def __init__(self, client: Client) -> None:
        """Begin without cookies."""
        self.client = client
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._send("GET", path)

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form as a page of ours would."""
        token = self.cookies.get("csrftoken", "")
        body = urlencode({**form, "csrfmiddlewaretoken": token}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, body=body, headers=kind)

    def sign_in(self, name: str, password: str) -> Answer:
        """Sign in with the form of the sign-in page."""
        self.get("/signin/")
        return self.post("/signin/", {"username": name, "password": password})

    def _send(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.client.send(
            method, path, body=body, headers={"Cookie": sent, **(headers or {})}
        )
        for header in answer.cookies:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        return answer
