"""What do learners with canaries leave behind? They go through every door, then they leave.

Every word of theirs begins with one prefix: who they are, what they wrote, what they answered.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import msgspec
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from signals import api
from signals.capture.spool import card, files
from signals.data import SYSTEM, Exposed, Purpose
from signals.models import Account, Event, Learner, Quarantine, SearchQuery, Statement
from tests.factories import PASSWORD, consents, moment, new_course, some_uuid, wire_event
from tests.signals.door import Door
from tests.signals.spool.outage import drained, outage
from tests.signals.xapi.lms import ADL, Lms, statement

COURSES = 12
MODULE = "m-video"
STATE, PROFILE = "/xapi/activities/state", "/xapi/agents/profile"
DERIVING = (
    "roll_up",
    "derive_sessions",
    "derive_features",
    "judge_quality",
    "count_quality",
    "derive_demand",
)
VIDEO = "https://w3id.org/xapi/video"


@dataclass(frozen=True, slots=True)
class Words:
    """One learner's canaries."""

    prefix: str
    number: int

    def say(self, what: str) -> str:
        """Return a word that nobody else says."""
        return f"{self.prefix}{what}{self.number:03}"

    @property
    def external_id(self) -> str:
        """Return by which name the platform knows them."""
        return self.say("id")

    @property
    def mailbox(self) -> str:
        """Return their address."""
        return f"{self.say('em')}@canary.example"

    @property
    def account(self) -> dict[str, object]:
        """Return them as an agent with an account."""
        home = {"homePage": "https://lms.example", "name": self.external_id}
        return {"objectType": "Agent", "name": self.say("nm"), "account": home}

    @property
    def by_mail(self) -> dict[str, object]:
        """Return them as an agent with a mailbox: another learner to the product."""
        return {"objectType": "Agent", "name": self.say("nm"), "mbox": f"mailto:{self.mailbox}"}


@dataclass
class World:
    """Platforms, courses, and the learners who are to be forgotten."""

    prefix: str
    learners: int
    folder: Path
    door: Door = field(default_factory=lambda: Door("capture", "recommend", "backfill"))
    lms: Lms = field(default_factory=Lms)
    lrs: Lms = field(default_factory=lambda: Lms("lrs", profile="store"))

    def __post_init__(self) -> None:
        """Make the courses."""
        for number in range(COURSES):
            new_course(f"c{number}", modules=[f"{MODULE}-{number}"], skills=["Baking"])

    def words(self) -> Iterator[Words]:
        """Yield each learner's."""
        return (Words(self.prefix, number) for number in range(self.learners))

    def send(self) -> None:
        """Let every learner go through every door."""
        for words in self.words():
            self.send_one(words)
        self.while_postgresql_is_away()
        self.import_history()

    def send_one(self, words: Words) -> None:
        """Let one learner go through the doors that take one at a time."""
        learner_id = api.ensure_learner(words.external_id, now=moment(days=60))
        consents(learner_id, *Purpose)
        self.door.send(*events(words))
        self.refuse(words)
        self.statements(words)
        self.documents(words)
        api.expose([Exposed("x", learner_id, "model", moment())])

    def refuse(self, words: Words) -> None:
        """Send what is set aside: an event, a body of many, and one that is no JSON."""
        self.door.send(wire_event("no.kind", learner=words.external_id, note=words.say("xx")))
        bad = {"batch": {"learner": words.external_id, "text": words.say("xx")}}
        self.door.post(json.dumps(bad).encode())
        self.door.post(b"no JSON about " + words.external_id.encode())

    def statements(self, words: Words) -> None:
        """Send statements of theirs, and of a teacher who names them."""
        for lms in (self.lms, self.lrs):
            for actor in (words.account, words.by_mail):
                lms.post(*_statements(words, actor))
            lms.post(_statements(words, words.account)[0] | {"verb": {"id": words.say("no")}})
        self.lrs.post(
            statement(
                actor={"account": {"homePage": "https://lms.example", "name": "a-teacher"}},
                context={"instructor": words.account, "team": _team(words)},
            )
        )

    def documents(self, words: Words) -> None:
        """Keep documents about them."""
        agent = quote(json.dumps(words.account))
        body = words.say("dc").encode()
        kind = "text/plain"
        of = f"activityId=a:a&agent={agent}&stateId={words.say('st')}"
        self.lrs.call("PUT", of, body, address=STATE, kind=kind)
        of = f"agent={agent}&profileId={words.say('pf')}"
        self.lrs.call("PUT", of, body, address=PROFILE, kind=kind, If_None_Match="*")

    def while_postgresql_is_away(self) -> None:
        """Let events wait on disk."""
        with outage():
            for words in self.words():
                event = wire_event("course.viewed", learner=words.external_id, course="c2")
                self.door.post(msgspec.json.encode({"batch": [event]}))
        while files.segments(card.folder()):  # a thread of the product may be at it as well
            drained()

    def import_history(self) -> None:
        """Bring in a file that names them, with a line that is refused."""
        lines = [f"{words.external_id},c{words.number % 7},2026-01-02" for words in self.words()]
        path = self.folder / "history.csv"
        lines.append(f"{self.prefix}id000,no-such-course,2026-01-02")
        path.write_text("learner,course,time\n" + "\n".join(lines))
        call_command("import_interactions", str(path), stdout=StringIO(), stderr=StringIO())
        path.unlink()

    def erase(self) -> list[float]:
        """Erase them all, and whom their mailboxes made; return the seconds each took."""
        took = []
        for words in self.words():
            for name in (words.external_id, words.mailbox):
                learner_id = api.find_learner(name)
                assert learner_id is not None, name
                begun = perf_counter()
                receipt = api.erase_learner(learner_id, actor=SYSTEM, now=moment())
                took.append(perf_counter() - begun)
                assert receipt["waiting"] == [], receipt
        return took

    def pages(self, words: Words, known_as: Words | None = None) -> Client:
        """Sign in with an account of theirs, and use the product's own pages."""
        known_as = known_as or words
        account = Account.objects.create_user(
            known_as.external_id,
            email=known_as.mailbox,
            password=PASSWORD,
            first_name=known_as.say("nm"),
            learner_id=api.find_learner(words.external_id),
        )
        Client().post("/signin/", {"username": known_as.external_id, "password": "wrong"})
        browser = Client()
        browser.post("/signin/", {"username": known_as.external_id, "password": PASSWORD})
        for address in ("/home/", f"/search/?q={words.say('qr')}", "/course/c1/", "/privacy/"):
            assert browser.get(address).status_code == 200, address
        assert b"".join(browser.post("/privacy/export/json/"))
        self.rename(account, known_as)
        return browser

    def rename(self, account: Account, known_as: Words) -> None:
        """Let an admin find the account by its name, and change what it is called."""
        staff = Client()
        staff.force_login(_admin())
        listed = staff.get("/admin/signals/account/", {"q": known_as.external_id})
        assert known_as.external_id in listed.content.decode()
        address = f"/admin/signals/account/{account.pk}/change/"
        form = {
            "username": known_as.external_id,
            "first_name": known_as.say("nm"),
            "last_name": known_as.say("ln"),
            "email": known_as.mailbox,
            "is_active": "on",
            "date_joined_0": "2026-01-02",
            "date_joined_1": "10:00:00",
        }
        assert staff.post(address, form).status_code == 302
        assert LogEntry.objects.filter(object_id=str(account.pk)).exists()

    def late(self) -> dict[str, int]:
        """Send everything again, by every door; return how many rows that stored."""
        before = _rows()
        for words in self.words():
            self.door.send(*events(words))
            self.refuse(words)
            for lms in (self.lms, self.lrs):
                lms.post(*_statements(words, words.account), *_statements(words, words.by_mail))
            self.documents(words)
        self.while_postgresql_is_away()
        self.import_history()
        call_command("replay_quarantine", stdout=StringIO())
        return {name: count - before[name] for name, count in _rows().items()}


def events(words: Words) -> list[dict[str, object]]:
    """Return what a platform tells of a learner."""
    about: dict[str, Any] = {"learner": words.external_id, "session": words.say("ss")}
    seek = {"from_s": 11.5, "to_s": 7.25, "note": words.say("vd")}
    here = {"course": "c1", "module": f"{MODULE}-1"}
    return [
        *(wire_event("course.enrolled", **about, course=f"c{n}") for n in _own_courses(words)),
        wire_event("course.viewed", **about, course="c1", context={"referrer": "search"}),
        wire_event("search.performed", **about, value=1, context={"query": words.say("qr")}),
        wire_event("forum.posted", **about, course="c1", context={"text": words.say("po")}),
        wire_event("quiz.scored", **about, **here, value=0.5, context={"answer": words.say("qz")}),
        wire_event("video.seeked", **about, **here, context=seek),
        wire_event("video.paused", **about, **here, value=12.5),
    ]


def _own_courses(words: Words) -> list[int]:
    return [(words.number * step + shift) % COURSES for step, shift in ((1, 0), (5, 2), (7, 5))]


def _statements(words: Words, actor: dict[str, object]) -> list[dict[str, Any]]:
    extensions = {f"https://x.example/{words.say('ek')}": words.say("ev")}
    video = {f"{VIDEO}/extensions/time": 77.5, "https://x.example/v": words.say("vd")}
    return [
        statement(
            id=str(some_uuid()),
            actor=actor,
            object={"id": "c1:c1", "definition": {"name": {"en": words.say("on")}}},
            verb={"id": f"{ADL}/verbs/answered", "display": {"en": words.say("vb")}},
            result={"response": words.say("qz"), "extensions": extensions},
        ),
        statement(
            id=str(some_uuid()),
            actor=actor,
            verb={"id": f"{VIDEO}/verbs/seeked"},
            result={"extensions": video},
            context={"platform": words.say("pl"), "extensions": extensions},
        ),
    ]


def _team(words: Words) -> dict[str, object]:
    return {"objectType": "Group", "name": "a team", "member": [words.by_mail]}


def _admin() -> Account:
    found = Account.objects.filter(username="root").first()
    if found is None:
        found = Account.objects.create_superuser("root", password=PASSWORD)
        found.groups.add(Group.objects.get_or_create(name="admin")[0])
    return found


def _rows() -> dict[str, int]:
    tables: tuple[Any, ...] = (Event, Learner, SearchQuery, Quarantine, Statement)
    return {model.__name__: model.objects.count() for model in tables}


def derive() -> None:
    """Let everything be derived that is derived by the clock."""
    for command in DERIVING:
        call_command(command, stdout=StringIO())
