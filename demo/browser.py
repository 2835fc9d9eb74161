"""Somebody at a browser without JavaScript: keeps cookies, sends forms, sees links (demo)."""

import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from demo.client import Answer, Client

LINK = re.compile(rb'href="(/[^"#]*)')
REDIRECTS = 3


def links(answer: Answer) -> list[str]:
    """Return the addresses of this site that a page links to, each once, in order."""
    found = (link.decode().replace("&amp;", "&") for link in LINK.findall(answer.body))
    return list(dict.fromkeys(found))


class Browser:
    """Somebody at a browser: keeps cookies and sends them back."""

    def __init__(self, client: Client, *, looks_only: bool = False) -> None:
        """Begin without cookies; who looks only asks as for pages that nobody sees yet."""
        self.client = client
        self.cookies: dict[str, str] = {}
        self._says = {"Sec-Purpose": "prefetch"} if looks_only else {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._send("GET", path)

    def follow(self, path: str) -> Answer:
        """Ask for a page and go where it sends."""
        answer = self.get(path)
        for _ in range(REDIRECTS):
            target = answer.headers.get("Location", "")
            if answer.status not in {301, 302, 303} or not target.startswith("/"):
                break
            answer = self.get(target)
        return answer

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
            method, path, body=body, headers={"Cookie": sent, **self._says, **(headers or {})}
        )
        for header in answer.cookies:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        return answer
