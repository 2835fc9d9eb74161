"""Whose is it? One's own against another's, at every address with something's number in it.

test_matrix.py says who may open an address at all. Here one of each thing is there, made by
somebody, and everybody asks for it: who made it or whom it is about, somebody else in the same
role, every other role, guests, and programs with a key. An address with a number in it that has
no row in TABLE fails the last test, which says so.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.urls import get_resolver, reverse

from controltower.models import Alert
from personalize import api as personalize
from personalize.agents.briefs.document import Document
from personalize.experience.nudges.message import SALT, stop_link
from personalize.models import (
    Brief,
    Campaign,
    DriftAlert,
    MetadataProposal,
    Objective,
    Override,
    Reminder,
)
from signals import api as signals
from signals import catalogue
from signals.data import Actor, ActorKind
from signals.models import Account
from tests.controltower.test_access import undone
from tests.controltower.test_matrix import named
from tests.factories import Person, moment, new_key, new_learner
from tests.factories import ada as made_ada
from tests.factories import ben as made_ben
from tests.factories import cleo as made_cleo
from tests.factories import eli as made_eli
from tests.factories import mia as made_mia
from tests.factories import pia as made_pia
from tests.factories import root as made_root
from tests.factories import uma as made_uma
from tests.personalize.shop import Shop

pytestmark = pytest.mark.django_db

# Who asks. "2" is somebody else in the same role, who made nothing and whom nothing is about.
ACTORS = [
    "guest",
    "ada",
    "ben",
    "cleo",
    "cleo2",
    "mia",
    "mia2",
    "uma",
    "uma2",
    "eli",
    "pia",
    "root",
    "root2",
    "recommend",
    "feedback",
    "capture",
]
PROGRAMS = {"recommend", "feedback", "capture"}  # keys, by their scope
SHOWN = "the course that was shown"
NUMBER = r"<(?:int|uuid):\w+>|<str:(?:token|version)>"


def roles(**other: int) -> dict[str, int]:
    """Return what everybody gets: guests sign in first, nobody else may, but for those named."""
    everybody = dict.fromkeys(ACTORS, 403) | {"guest": 302} | dict.fromkeys(PROGRAMS, 302)
    return everybody | other


def all_of(status: int, *names: str) -> dict[str, int]:
    return dict.fromkeys(names, status)


STAFF = ["cleo", "cleo2", "mia", "mia2", "uma", "uma2", "eli", "pia", "root", "root2"]
CREATORS_SEE = ["cleo", "cleo2", "mia", "mia2", "uma", "uma2", "root", "root2"]
# A learner's own: another learner is told that there is no such thing, staff see the catalogue.
OWN_PAGE = roles(ada=200, ben=404, **all_of(302, *STAFF))
OWN_CHANGE = roles(ada=302, ben=404)
EVERYBODY = dict.fromkeys(ACTORS, 200)
NOBODY = dict.fromkeys(ACTORS, 404)


@dataclass(frozen=True)
class Things:
    """One of each thing that has a number."""

    list_id: str
    shown: int
    shown_key: str
    reminder: str
    receipt: str
    copied: str  # the number of another request of ada's: no erasure
    token: str
    forged: str
    rule: int  # mia's boost, in force
    hidden: int  # what root hid
    waiting: int  # what mia asks for
    waiting_of_root: int
    brief: int  # a draft of cleo's
    brief_of_root: int
    proposal: int
    campaign: str
    running: str
    alert: int
    drift: int
    objective: int
    waiting_weights: int
    slug: str
    module: int
    other_module: int


Address = Callable[[Things], str]


@dataclass(frozen=True)
class Row:
    """One thing, asked for one way."""

    name: str
    at: Callable[[Things], list[object]]
    expected: dict[str, int]
    sent: dict[str, str] | None = None  # None: GET


TABLE = {
    "why of ada's list": Row("experience:why", lambda t: [t.list_id, t.shown], OWN_PAGE),
    "why of no list": Row(
        "experience:why",
        lambda t: [uuid4(), t.shown],
        roles(**all_of(404, "ada", "ben"), **all_of(302, *STAFF)),
    ),
    "feedback on ada's list": Row(
        "experience:feedback",
        lambda t: [t.list_id],
        OWN_CHANGE,
        {"action": "not_for_me", "course": SHOWN},
    ),
    "why, by programs": Row(
        "experience:rest-why",
        lambda t: [t.list_id, t.shown_key],
        dict.fromkeys(ACTORS, 401) | {"ada": 200, "ben": 404, "recommend": 200},
    ),
    "ada's reminder": Row("experience:nudges-later", lambda t: [t.reminder], OWN_CHANGE, {}),
    # It asks nobody to come anywhere: to its own learner, too, there is nothing to answer.
    "ada's reminder answered": Row(
        "experience:nudges-coming", lambda t: [t.reminder], roles(ada=404, ben=404), {"comes": "1"}
    ),
    # Whoever has the link of the e-mail stops that learner's reminders, and nothing else.
    "the link of an e-mail": Row("experience:nudges-stop", lambda t: [t.token], EVERYBODY),
    "a link made up": Row("experience:nudges-stop", lambda t: [t.forged], NOBODY),
    "a link made up, pressed": Row("experience:nudges-stop", lambda t: [t.forged], NOBODY, {}),
    # A receipt is all that is left of somebody: its number is the only way to it.
    "a receipt": Row("experience:erased", lambda t: [t.receipt], EVERYBODY),
    "a receipt of no erasure": Row("experience:erased", lambda t: [t.copied], NOBODY),
    "a receipt guessed": Row("experience:erased", lambda t: [uuid4()], NOBODY),
    "a lesson": Row("experience:module", lambda t: [t.slug, t.module], EVERYBODY),
    "a lesson of another course": Row(
        "experience:module", lambda t: [t.slug, t.other_module], NOBODY
    ),
    "a lesson done": Row(
        "experience:done", lambda t: [t.slug, t.module], roles(ada=302, ben=302), {}
    ),
    "a list traced": Row("tower:trace", lambda t: [t.list_id], roles(pia=200, root=200, root2=200)),
    "mia's boost undone": Row(
        "tower:boost_undo",
        lambda t: [t.rule],
        roles(**all_of(302, "mia", "mia2", "uma", "uma2", "root", "root2")),
        {},
    ),
    "what root hid undone": Row(
        "tower:boost_undo", lambda t: [t.hidden], roles(root=302, root2=302), {}
    ),
    "what mia asks for withdrawn": Row(
        "tower:boost_undo", lambda t: [t.waiting], roles(mia=302, root=302, root2=302), {}
    ),
    "what mia asks for approved": Row(
        "tower:boost_decide",
        lambda t: [t.waiting],
        roles(root=302, root2=302),
        {"step": "approve"},
    ),
    "what root asks for approved": Row(
        "tower:boost_decide",
        lambda t: [t.waiting_of_root],
        roles(root2=302),
        {"step": "approve"},
    ),
    "what root asks for refused": Row(
        "tower:boost_decide",
        lambda t: [t.waiting_of_root],
        roles(root2=302),
        {"step": "refuse", "reason": "too much"},
    ),
    "root's weights undone": Row(
        "tower:objectives_undo", lambda t: [t.objective], roles(root=302, root2=302), {}
    ),
    "weights root asks for approved": Row(
        "tower:objectives_decide",
        lambda t: [t.waiting_weights],
        roles(root2=302),
        {"step": "approve"},
    ),
    "cleo's brief": Row("tower:brief", lambda t: [t.brief], roles(**all_of(200, *CREATORS_SEE))),
    "cleo's brief printed": Row(
        "tower:brief_print", lambda t: [t.brief], roles(**all_of(200, *CREATORS_SEE))
    ),
    "cleo's brief as text": Row(
        "tower:brief_text", lambda t: [t.brief], roles(**all_of(200, *CREATORS_SEE))
    ),
    # 200: the page comes back and says that a second person reviews it.
    "cleo's brief reviewed": Row(
        "tower:brief_step",
        lambda t: [t.brief, "reviewed"],
        roles(cleo=200, cleo2=302, root=302, root2=302),
        {},
    ),
    "root's brief reviewed": Row(
        "tower:brief_step",
        lambda t: [t.brief_of_root, "reviewed"],
        roles(cleo=302, cleo2=302, root=200, root2=302),
        {},
    ),
    "a proposal accepted": Row(
        "tower:metadata_decide",
        lambda t: [t.proposal, "accept"],
        roles(**all_of(302, "cleo", "cleo2", "root", "root2")),
        {},
    ),
    "a campaign": Row(
        "tower:campaign",
        lambda t: [t.campaign],
        roles(**all_of(200, "uma", "uma2", "pia", "root", "root2")),
    ),
    "a campaign declined": Row(
        "tower:campaign_step",
        lambda t: [t.campaign, "decline"],
        roles(**all_of(302, "uma", "uma2", "root", "root2")),
        {"reason": "not now"},
    ),
    "a campaign approved": Row(
        "tower:campaign_step",
        lambda t: [t.campaign, "approve"],
        roles(root=200, root2=200),  # what was sent is not whole: the form comes back
        {},
    ),
    "a running campaign stopped": Row(
        "tower:campaign_step",
        lambda t: [t.running, "stop"],
        roles(root=302, root2=302),
        {"reason": "a mistake"},
    ),
    "an alert silenced": Row(
        "tower:alert_silence",
        lambda t: [t.alert],
        roles(**all_of(302, "uma", "uma2", "root", "root2")),
        {"hours": "4", "reason": "known"},
    ),
    "drift taken": Row(
        "tower:take_drift",
        lambda t: [t.drift],
        roles(**all_of(302, "uma", "uma2", "root", "root2")),
        {},
    ),
    "a model rolled back": Row(
        "tower:rollback", lambda _: ["v1"], roles(root=302, root2=302), {"reason": "x"}
    ),
    "a canary stopped": Row(
        "tower:canary_stop", lambda _: ["v1"], roles(root=302, root2=302), {"reason": "x"}
    ),
}
CAST: dict[str, Callable[[], Person]] = {
    "ada": made_ada,
    "ben": made_ben,
    "cleo": made_cleo,
    "mia": made_mia,
    "uma": made_uma,
    "eli": made_eli,
    "pia": made_pia,
    "root": made_root,
}


def account_of(name: str) -> Account:
    """Return somebody's account; of a second person in a role, one made like the first."""
    first = CAST[name.rstrip("2")]
    if not name.endswith("2"):
        found = Account.objects.filter(username=name).first()
        return found or first().account
    person = first().account if not Account.objects.filter(username=name[:-1]).exists() else None
    like = person or Account.objects.get(username=name[:-1])
    other = Account.objects.create_user(name, password="x", is_staff=True)
    other.groups.set(like.groups.all())
    return other


def rule(by: str, course: int, **other: object) -> int:
    said = {
        "change": "boost",
        "strength": 0.1,
        "reason": "relaunch",
        "starts_at": moment(hours=1),
        "ends_at": moment(days=-9),
        "created_at": moment(hours=1),
    }
    row = Override.objects.create(course_id=course, created_by=by, **(said | other))
    return int(row.pk)


def brief(by: str, slug: str) -> int:
    document = Document(topic=slug, lead=("Nobody teaches it.",), facts=(), sections=())
    row = Brief.objects.create(
        slug=slug, topic=slug, document=document.as_json(), created_by=by, created_at=moment()
    )
    return int(row.pk)


def campaign(course: int, module: int, state: str) -> str:
    row = Campaign.objects.create(
        kind="stuck",
        course_id=course,
        module_id=module,
        learners=20,
        state=state,
        reasons=[],
        expected={},
        texts={"en": "Module 2 is short."},
        compare_share=0.2,
        most=500,
        ends_on=moment(days=-9).date(),
        proposed_at=moment(),
    )
    return str(row.pk)


@pytest.fixture
def things(trained: Shop) -> Things:
    """Make one of each thing."""
    ada, at = made_ada(), moment()
    for name in ("cleo", "mia", "uma", "root"):
        account_of(name)
    answer = personalize.recommend(ada.learner_id, now=at)
    item, course = answer.items[0], trained.courses[0]
    lessons = [module.module_id for module in catalogue.modules(course.course_id)]
    other = catalogue.modules(trained.courses[1].course_id)[0]
    itself = Actor(ActorKind.LEARNER, str(ada.learner_id))
    reminder = Reminder.objects.create(
        learner_id=ada.learner_id,
        channel="page",
        key="goal",
        kind="goal",
        facts={},
        state=Reminder.State.SENT,
        made_at=at,
        due_at=at,
        sent_at=at,
    )
    reset, _removed = signals.reset_learner(new_learner(), actor=itself, now=at)
    erased = signals.erase_learner(new_learner(), actor=itself, now=at)
    alert = Alert.objects.create(
        rule="drift", level="bad", title="x", opened_at=at, last_at=at, about="x"
    )
    token = stop_link(ada.learner_id).split("/")[-2]
    said = {"engagement": 0.4, "progression": 0.6, "reason": "x", "ends_at": moment(days=-9)}
    said |= {"created_by": "root", "created_at": at}
    weights = Objective.objects.create(**said)
    waiting = Objective.objects.create(**said, state=Objective.WAITING)
    proposal = MetadataProposal.objects.create(
        course_id=course.course_id,
        kind="skill",
        value="kneading",
        score=0.7,
        evidence={"near": 15, "near_with": 6, "titles": [], "in_title": 0, "in_text": 2},
        made_at=at,
    )
    beyond = {"change": "hide", "strength": 0.0, "state": Override.WAITING}
    return Things(
        list_id=str(answer.request_id),
        shown=item.course_id,
        shown_key=trained.by_id(item.course_id).external_id,
        reminder=str(reminder.pk),
        receipt=str(erased["receipt"]),
        copied=str(reset),
        token=token,
        forged=signing.dumps(ada.learner_id, salt=SALT, key="guessed"),
        rule=rule("mia", course.course_id),
        hidden=rule("root", course.course_id, change="hide", strength=0.0),
        waiting=rule("mia", course.course_id, **beyond),
        waiting_of_root=rule("root", course.course_id, **beyond),
        brief=brief("cleo", "kubernetes"),
        brief_of_root=brief("root", "pottery"),
        proposal=int(proposal.pk),
        campaign=campaign(course.course_id, lessons[1], "proposed"),
        running=campaign(course.course_id, lessons[2], "running"),
        alert=int(alert.pk),
        drift=int(
            DriftAlert.objects.create(feature="length", parts=[], opened_at=at, last_at=at).pk
        ),
        objective=int(weights.pk),
        waiting_weights=int(waiting.pk),
        slug=course.slug,
        module=lessons[0],
        other_module=other.module_id,
    )


@pytest.mark.parametrize("who", ACTORS)
def test_everybody_reaches_what_is_theirs_and_nothing_else(
    client: Client, things: Things, who: str
) -> None:
    headers = {}
    if who in PROGRAMS:
        headers = {"Authorization": f"Bearer {new_key('other', who)}"}
    elif who != "guest":
        client.force_login(account_of(who))
    wrong = []
    for title, row in TABLE.items():
        address = reverse(row.name, args=row.at(things))
        with undone(client):
            if row.sent is None:
                answer = client.get(address, headers=headers)
            else:
                shown = {SHOWN: str(things.shown)}
                sent = {name: shown.get(value, value) for name, value in row.sent.items()}
                answer = client.post(address, sent, headers=headers)
        if answer.status_code != row.expected[who]:
            wrong.append(f"{title}: {answer.status_code}, and not {row.expected[who]}")
    assert not wrong, "\n".join(wrong)


def test_no_address_with_a_number_is_without_a_row() -> None:
    there = {
        name
        for name, at in named(get_resolver().url_patterns)
        if re.search(NUMBER, at) and not name.startswith("admin:")
    }
    missing = there - {row.name for row in TABLE.values()}
    assert not missing, (
        f"Whose is what {sorted(missing)} shows or changes? Add a row to TABLE: an address with one"
        " that is there, and what each of ACTORS gets."
    )
