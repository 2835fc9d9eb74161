"""Does every page and every API answer as it should, to everybody? (demo)

In each role: the pages of the map, each with the status this role should get, then whatever
these pages link to, which has to open. Then every API once. A row says what was expected and
what came. The check looks only: nobody's history holds the pages it opened.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from demo import place as places
from demo.browser import Browser, links
from demo.client import Answer, Client

GUEST = "guest"
OPEN = (
    "/",
    "/signin/",
    "/explore/",
    "/search/?q=python",
    "/search/?q=zzzz",
    "/about/recommendations/",
    "/about/signals/",
)
LEARNER = ("/", "/home/", "/home/picks/", "/goal/", "/explore/")
# Who of the staff may open what; everybody else who is signed in gets 403.
TOWER = {
    "/tower/": frozenset({"uma", "pia", "root", "mia", "eli"}),
    "/tower/live/": frozenset({"uma", "pia", "root", "mia", "eli"}),
    "/tower/models/": frozenset({"uma", "root", "eli"}),
    "/tower/models/better/": frozenset({"uma", "root", "eli"}),
    "/tower/models/review/": frozenset({"uma", "root", "eli"}),
    "/tower/lists/": frozenset({"pia", "root"}),
    "/tower/experiments/": frozenset({"uma", "root", "eli"}),
    "/tower/boosts/": frozenset({"uma", "root", "mia"}),
    "/tower/objectives/": frozenset({"uma", "root", "mia"}),
    "/tower/quality/": frozenset({"uma", "pia", "root", "eli"}),
    "/tower/sources/": frozenset({"uma", "pia", "root", "eli"}),
    "/tower/privacy/": frozenset({"pia", "root"}),
    "/tower/privacy/fields/": frozenset({"pia", "root"}),
    "/tower/privacy/dpia/": frozenset({"pia", "root"}),
    "/tower/ledger/": frozenset({"pia", "root"}),
    "/create/gaps/": frozenset({"uma", "cleo", "root", "mia"}),
    "/create/metadata/": frozenset({"uma", "cleo", "root"}),
}
MACHINES = {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/api/schema/": 200}
ALIKE = 4  # pages of one kind that are followed, such as courses
DEEP = 2  # links away from the pages of the map
NOT_FOLLOWED = ("/signout", "/static/", "/admin/", "/media/")
FAULTS = (b"Traceback (most recent call last)", b"{% ", b"{{ ")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to ask as: an account, and the platform's id of the learner behind it if any."""

    name: str
    learner: str


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


def run(port: int, *, key: str, password: str, people: Sequence[Person]) -> list[Result]:
    """Ask for everything once in each role, and return what came."""
    client = Client("127.0.0.1", port)
    results = [*_guest(client), *_machines(client)]
    for person in people:
        results += _signed_in(client, person, password)
    for person in people:
        if person.learner:
            results += _apis(client, key, person)
    return [*results, *_refusals(client)]


# --- pages -----------------------------------------------------------------------------------


def _result(who: str, path: str, expected: int, answer: Answer) -> Result:
    fault = next((f"page holds {mark!r}" for mark in FAULTS if mark in answer.body), "")
    return Result(who, f"GET {path}", expected, answer.status, fault)


def _guest(client: Client) -> Iterator[Result]:
    browser = Browser(client, looks_only=True)
    opened = {path: browser.follow(path) for path in OPEN}
    yield from (_result(GUEST, path, 200, answer) for path, answer in opened.items())
    for path in (*LEARNER[1:4], *TOWER):
        yield _result(GUEST, path, 302, browser.get(path))
    yield from _wander(GUEST, browser, opened)


def _machines(client: Client) -> Iterator[Result]:
    for path, expected in MACHINES.items():
        answer = client.send("GET", path)
        yield Result("machine", f"GET {path}", expected, answer.status)


def _signed_in(client: Client, person: Person, password: str) -> Iterator[Result]:
    browser = Browser(client, looks_only=True)
    answer = browser.sign_in(person.name, password)
    yield Result(person.name, "POST /signin/", 302, answer.status)
    opened = {}
    for path, expected in _expected(person):
        opened[path] = browser.follow(path)
        yield _result(person.name, path, expected, opened[path])
    yield from _wander(person.name, browser, opened)


def _expected(person: Person) -> Iterator[tuple[str, int]]:
    if person.learner:
        yield from ((path, 200) for path in LEARNER)
    for path, allowed in TOWER.items():
        yield path, 200 if person.name in allowed else 403


def _wander(who: str, browser: Browser, opened: Mapping[str, Answer]) -> Iterator[Result]:
    """Open what the opened pages link to, and what those do; a few pages of each kind."""
    seen = set(opened)
    kinds: Counter[tuple[str, bool]] = Counter()
    pages = [answer for answer in opened.values() if answer.status == 200]
    for _ in range(DEEP):
        found = dict.fromkeys(path for page in pages for path in links(page))
        pages = []
        for path in found:
            kind = _kind(path)
            if path in seen or path.startswith(NOT_FOLLOWED) or kinds[kind] >= ALIKE:
                continue
            seen.add(path)
            kinds[kind] += 1
            answer = browser.follow(path)
            pages.append(answer)
            yield _result(who, path, 200, answer)


def _kind(path: str) -> tuple[str, bool]:
    """Return what pages of one kind share: what stands above them, and whether they ask."""
    address, question, _ = path.partition("?")
    return address.rstrip("/").rpartition("/")[0], bool(question)


# --- APIs ------------------------------------------------------------------------------------


def _ask(client: Client, method: str, path: str, *, key: str = "", body: object = None) -> Answer:
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    content = json.dumps(body).encode() if body is not None else b""
    return client.send(method, path, body=content, headers=headers)


def _event(learner: str, kind: str, course: str | None, **context: str) -> dict[str, object]:
    at = places.now().isoformat()
    told = {"id": str(uuid4()), "kind": kind, "learner": learner, "course": course}
    return {**told, "occurred_at": at, "context": context or None}


def _apis(client: Client, key: str, person: Person) -> Iterator[Result]:
    """Play one round of a platform with this learner: list, shown, why, feedback, undo."""
    who, base = person.name, "/personalize/v1"
    asked = {"learner": person.learner, "surface": "home", "unit": "course", "k": 12}
    answer = _ask(client, "POST", f"{base}/recommendations", key=key, body=asked)
    yield Result(who, f"POST {base}/recommendations", 200, answer.status)
    got = _ask(client, "GET", f"{base}/recommendations?learner={person.learner}", key=key)
    yield Result(who, f"GET {base}/recommendations", 200, got.status)
    listed = answer.json() if answer.status == 200 else {"items": []}
    if not listed["items"]:
        yield Result(who, "a list with courses", 200, answer.status, "no items")
        return
    request_id, course = listed["request_id"], listed["items"][0]["course"]
    shown = _event(person.learner, "rec.shown", None, request_id=request_id)
    body = {"sent_at": places.now().isoformat(), "batch": [shown]}
    answer = _ask(client, "POST", "/signals/v1/batch", key=key, body=body)
    yield Result(who, "POST /signals/v1/batch", 200, answer.status)
    answer = _ask(client, "GET", f"{base}/why/{request_id}/{course}", key=key)
    yield Result(who, f"GET {base}/why", 200, answer.status)
    kept = 404 if listed["source"] == "off" else 200  # a list for all is not kept as anybody's
    for action in ("snooze", "undo"):
        told = {"request_id": request_id, "course": course, "action": action}
        answer = _ask(client, "POST", f"{base}/feedback", key=key, body=told)
        yield Result(who, f"POST {base}/feedback {action}", kept, answer.status)


def _refusals(client: Client) -> Iterator[Result]:
    """What nobody may do without a key."""
    for path in ("/personalize/v1/recommendations", "/signals/v1/batch"):
        answer = _ask(client, "POST", path, body={})
        yield Result(GUEST, f"POST {path} without a key", 401, answer.status)
