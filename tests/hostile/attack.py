"""Who asks for what, and how often? Requests of every kind, drawn from a seed, in fixed shares."""

import json
from collections.abc import Callable  # noqa: TC003  of a dataclass beside it
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.hostile import forms, inputs, wire
from tests.hostile.addresses import filled
from tests.hostile.chance import Chance
from tests.hostile.client import Asked
from tests.hostile.forms import Form

CSRF = "a" * 32
READ_AT_ONCE = 64 * 1024  # bytes of a body that go out before an answer comes
METHODS = ("GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")
ENDS = (  # seldom, else nobody is left to attack
    "/signout/",
    "/admin/logout/",
    "/privacy/erase/",
    "/privacy/elsewhere/",
    "/tower/you/elsewhere/",
)
EVENT = {
    "id": "0199e0c0-0000-7000-8000-000000000001",
    "kind": "search.performed",
    "learner": "ada",
    "occurred_at": "2026-11-20T09:59:58Z",
    "value": 3,
    "context": {"query": "sql"},
}
LESSON = {
    **EVENT,
    "kind": "video.seeked",
    "course": "Data-1",
    "module": "a",
    "value": 3.5,
    "context": {"from": 1.0, "to": 2.0},
}
STATEMENT = {
    "actor": {"objectType": "Agent", "account": {"homePage": "https://a.example", "name": "ada"}},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "done"}},
    "object": {"id": "https://a.example/Data-1", "definition": {"name": {"en": "x"}}},
    "result": {"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "duration": "PT1H"},
    "context": {"extensions": {"https://a.example/x": 1}, "platform": "a"},
    "timestamp": "2026-11-20T09:59:58Z",
}
# address -> (scope of a key that may, what may be sent)
DOORS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "/signals/v1/batch": (
        "capture",
        ({"sent_at": "2026-11-20T10:00:00Z", "batch": [EVENT, LESSON]},),
    ),
    "/signals/v1/tokens": ("tokens", ({"learner": "ada", "origin": "https://a.example"},)),
    "/signals/v1/groups": ("capture", ({"learner": "ada", "groups": ["class-1"]},)),
    "/personalize/v1/recommendations": (
        "recommend",
        ({"learner": "ada", "surface": "home", "k": 5, "intent": "sql", "course": "Data-1"},),
    ),
    "/personalize/v1/feedback": (
        "feedback",
        ({"request_id": EVENT["id"], "course": "Data-1", "action": "not_for_me"},),
    ),
    "/ofrep/v1/evaluate/flags": ("flags", ({"context": {"targetingKey": "ada", "country": "de"}},)),
    "/xapi/statements": ("store", (STATEMENT, [STATEMENT, STATEMENT])),
    "/xapi/activities/state": ("store", ({"a": 1},)),
    "/xapi/agents/profile": ("store", ({"a": 1},)),
    "/xapi/activities/profile": ("store", ({"a": 1},)),
}
AGENT = json.dumps(STATEMENT["actor"])
NAMED = (
    "learner", "surface", "k", "intent", "unit", "course", "q", "page", "sort", "filter", "field",
    "level", "language", "week", "kind", "key", "agent", "stateId", "activityId", "profileId",
    "registration", "since", "until", "limit", "ascending", "format", "related_agents",
    "statementId", "voidedStatementId", "verb", "activity", "from", "to", "reason", "next",
    "code", "state", "cohort", "arm", "metric", "day", "topic", "o", "p", "_popup", "_to_field",
    "e", "id__exact", "is_active__exact",
)  # fmt: skip
HEADERS = (
    "Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port",
    "X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL", "Forwarded",
    "Range", "If-Range", "If-None-Match", "If-Match", "If-Modified-Since", "Accept",
    "Accept-Encoding", "Accept-Language", "Accept-Charset", "Origin", "Referer", "User-Agent",
    "Cookie", "Sec-GPC", "HX-Request", "HX-Current-URL", "HX-Target", "HX-Prompt", "HX-Boosted",
    "X-Requested-With", "Content-Encoding", "Content-Type", "Content-Language", "Authorization",
    "X-Experience-API-Version", "X-Northway-Now", "Traceparent", "X-Request-ID", "Upgrade",
    "Connection", "Via", "Last-Event-ID", "Access-Control-Request-Method", "DNT", "Priority",
    "Max-Forwards",
)  # fmt: skip


@dataclass
class Attack:
    """Everything an attacker knows, and the chance that decides."""

    host: str
    sessions: dict[str, list[str]]
    keys: dict[str, str]
    values: dict[str, list[str]]
    routes: dict[str, str]
    words: list[str]
    texts: list[bytes]
    forms: dict[str, list[Form]] = field(default_factory=dict)  # of whom
    cases: list[Asked] = field(default_factory=list)  # made from the OpenAPI description
    cookie: str = "sessionid"
    token: str = "csrftoken"  # the cookie of it

    def drawn(self, rng: Chance) -> Asked:
        """Return the next request."""
        kinds: tuple[tuple[float, Callable[[Chance], Asked]], ...] = (
            (0.14, self.page),
            (0.12, self.form),
            (0.34, self.door),
            (0.14, self.documents),
            (0.08, self.headers),
            (0.10, lambda rng: wire.asked(rng, self.host, self.keys["all"])),
            (0.08, self.described),
        )
        left = rng.random()
        for share, kind in kinds:
            left -= share
            if left < 0:
                return kind(rng)
        return self.door(rng)

    def described(self, rng: Chance) -> Asked:
        """Return a request made from the description of the interface."""
        return rng.one(self.cases) if self.cases else self.door(rng)

    def page(self, rng: Chance) -> Asked:
        """Return any address in any role by any method, with a query string."""
        route = rng.one(sorted(self.routes.values()))
        who = rng.one(["guest", *sorted(self.sessions)])
        path = filled(route, rng, self.values, self.words, wrong=0.4)
        if rng.random() < 0.5:
            pairs = 1 + rng.below(4)
            path += "?" + "&".join(
                f"{rng.one(NAMED)}={inputs.quoted(rng.one(self.words), rng)}" for _ in range(pairs)
            )
        method = rng.one(METHODS)
        body, kind = b"", "application/x-www-form-urlencoded"
        if method not in {"GET", "HEAD"}:
            pairs_sent = [(rng.one(NAMED), rng.one(self.words)) for _ in range(3)]
            body, kind = forms.encoded(pairs_sent, rng)
        if route in ENDS and rng.random() < 0.97:
            method = "GET"
        return self._by(who, f"pages, {_kind(who)}", rng, method, path, body, kind)

    def form(self, rng: Chance) -> Asked:
        """Return a form of a page as somebody who lies would send it."""
        who = rng.one(sorted(self.forms))
        form = rng.one(self.forms[who])
        body, kind = forms.encoded(forms.lies(form, rng, self.words), rng)
        sender = who if rng.random() < 0.8 else rng.one(sorted(self.sessions))
        if form.action in ENDS and rng.random() < 0.97:
            sender = "guest"
        if form.method == "GET":
            ascii_only = body.decode("ascii", "ignore").split("\r\n")[0]
            path = f"{form.action.split('?')[0]}?{ascii_only.replace(' ', '+')}"
            return self._by(sender, "forms", rng, "GET", path, b"", "")
        return self._by(sender, "forms", rng, "POST", form.action, body, kind)

    def door(self, rng: Chance) -> Asked:
        """Return what a program sends, with something wrong in it."""
        path, (scope, bodies) = rng.one(sorted(DOORS.items()))
        how = rng.below(10)
        body = inputs.dumped(rng.one(bodies))
        if how < 6:
            changed: object = rng.one(bodies)
            for _ in range(rng.one((1, 1, 2, 3))):
                changed = inputs.mutated(changed, rng, self.words)
            body = inputs.dumped(changed)
        elif how < 9:
            body = rng.one(self.texts)
        said = [("Content-Type", "application/json")]
        if rng.random() < 0.1:
            said = [("Content-Type", rng.one(inputs.TYPES))]
        if rng.random() < 0.08:
            body, encoding = inputs.squeezed(body, rng)
            said.append(("Content-Encoding", encoding))
        key = self.keys[scope if rng.random() < 0.85 else rng.one(sorted(self.keys))]
        if rng.random() < 0.04:
            key = rng.one(("", "nw_", key[:12], key + "x", "a" * 9_000, "é"))
        method = "POST" if rng.random() < 0.9 else rng.one(METHODS)
        if path.startswith("/xapi/"):
            said.append(("X-Experience-API-Version", rng.one(("1.0.3", "1.0.3", "2.0.0", "9"))))
            if path != "/xapi/statements":
                path += "?" + self._document(rng)
                method = rng.one(("PUT", "POST", "GET", "DELETE"))
            elif rng.random() < 0.2:
                method = "PUT"
                path += f"?statementId={EVENT['id']}"
        return Asked(
            "programs",
            method,
            path,
            (*said, ("Authorization", f"Bearer {key}")),
            body,
            closes=len(body) > READ_AT_ONCE,  # refused unread, and closed: a proxy would read on
        )

    def documents(self, rng: Chance) -> Asked:
        """Return a question of a program: queries of lists, flags, reasons and statements."""
        doors = (
            "/personalize/v1/recommendations",
            f"/personalize/v1/why/{rng.one(self.values['request_id'])}/"
            + (rng.one(self.values["course"]) if rng.random() < 0.5 else self._word(rng)),
            "/xapi/statements",
            "/xapi/agents",
            "/xapi/activities",
            f"/ofrep/v1/evaluate/flags/{self._word(rng)}",
            "/metrics",
            "/signals/v1/contract",
        )
        path = rng.one(doors)
        if "recommendations" in path and rng.random() < 0.5:
            path += "?learner=ada&surface=home"
        else:
            path += "?" + "&".join(f"{rng.one(NAMED)}={self._word(rng)}" for _ in range(3))
        if path.startswith("/xapi/") and rng.random() < 0.5:
            path += "&" + self._document(rng)
        said: tuple[tuple[str, str], ...] = (
            ("Authorization", f"Bearer {self.keys[rng.one(('all', 'store'))]}"),
            ("X-Experience-API-Version", rng.one(("1.0.3", "2.0.0"))),
        )
        if path.startswith("/ofrep"):
            body = inputs.dumped(
                inputs.mutated(DOORS["/ofrep/v1/evaluate/flags"][1][0], rng, self.words)
            )
            said += (("Content-Type", "application/json"),)
            return Asked("programs", "POST", path, said, body)
        return Asked("programs", "GET", path, said)

    def headers(self, rng: Chance) -> Asked:
        """Return a common request with uncommon headers."""
        paths = ("/", "/home/", "/explore/", "/static/css/base.css", "/tower/", "/healthz",
                 "/personalize/v1/recommendations?learner=ada&surface=home", "/signin/",
                 "/signals/v1/contract", "/static/../manage.py", "/static/%2e%2e/manage.py",
                 "/robots.txt", "/.git/config", "/.env", "/admin/")  # fmt: skip
        said = []
        for name in rng.some(HEADERS, rng.one((1, 1, 2, 5))):
            word = rng.one(self.words)[:3000].replace("\r", "").replace("\n", "")
            common = (
                "bytes=0-0",
                "bytes=9-1,0-",
                "1 Jan 1 00:00:00 GMT",
                "*",
                '"x"',
                "DELETE",
                "-",
            )
            value = rng.one((word, word, rng.one(common))).replace("\x00", "")
            said.append((name, value.encode("utf-8", "surrogatepass")))
        asked = self._by(rng.one(sorted(self.sessions)), "headers", rng, "GET", rng.one(paths))
        names = {name.lower() for name, _ in said}
        kept = tuple(one for one in asked.headers if one[0].lower() not in names)
        return Asked("headers", "GET", asked.path, (*kept, *said))

    def _word(self, rng: Chance) -> str:
        return inputs.quoted(rng.one(self.words), rng)

    def _document(self, rng: Chance) -> str:
        agent = (
            AGENT
            if rng.random() < 0.7
            else json.dumps(inputs.mutated(STATEMENT["actor"], rng, self.words))
        )
        named = {
            "agent": agent,
            "activityId": "https://a.example/1",
            "stateId": "s",
            "profileId": "p",
        }
        if rng.random() < 0.5:
            named[rng.one(sorted(named))] = rng.one(self.words)[:2000]
        return "&".join(
            f"{name}={quote(value.encode('utf-8', 'surrogatepass'), safe='')}"
            for name, value in named.items()
        )

    def _by(
        self,
        who: str,
        group: str,
        rng: Chance,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "",
    ) -> Asked:
        said: list[tuple[str, str | bytes]] = [("Origin", f"https://{self.host}")]
        if who != "guest":
            cookie = rng.one(self.sessions[who])
            said.append(("Cookie", f"{self.cookie}={cookie}; {self.token}={CSRF}"))
        said.append(("X-CSRFToken", CSRF if rng.random() < 0.95 else "no"))
        if kind:
            said.append(("Content-Type", kind))
        if rng.random() < 0.15:
            said.append(("HX-Request", "true"))
        return Asked(group, method, _sendable(path), tuple(said), body)


def _sendable(path: str) -> str:
    """Return an address without what would end the request line."""
    return "".join(one for one in path if one not in " \r\n\x00")[:8000] or "/"


def _kind(who: str) -> str:
    if who == "guest":
        return "guest"
    return "learner" if who in {"ada", "ben", "cold"} else "staff"
