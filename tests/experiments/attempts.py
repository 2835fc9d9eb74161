"""What somebody might try to start, edit or ship an experiment round its gates: a written list.

Every attempt is one door, one role and one thing to do. The world they act on holds an experiment
in each state that is worth attacking; `written` tells whether one of them got through.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client

from experiments import api
from experiments.data import FIRST_EXPERIMENT, Effect, Plan
from experiments.models import (
    Answer,
    Assignment,
    Exclusion,
    Experiment,
    Flag,
    Holdback,
    Part,
    RampStep,
    Reread,
    Snapshot,
    SurfaceHoldout,
    Version,
)
from experiments.running import forget_caches, running_experiments
from signals.data import SYSTEM, Actor, ActorKind, NewEvent
from tests.experiments import world
from tests.experiments.plans import plan
from tests.experiments.world import ROOT, START, UMA, VERA, day
from tests.factories import moment, new_learner
from tests.signals.derive.happened import answering, store

DRAFT, FROZEN, WEAK = "a-draft", "a-frozen-plan", "too-small"
BOASTING = "claims-learners-there-are-not"
RUNNING, PAUSED, TEACHING, LOSING = "runs", "rests", "only-teaches", "loses"
BREAKING, SHIPPED = "breaks-consent", "is-shipped"
SHOWN = 900_001  # a learner who was shown an arm
CARA = Actor(kind=ActorKind.STAFF, name="cara", roles=frozenset({"admin"}))
# Steps that nobody may take by their page as things stand: gates, evidence or the state refuse.
STEPS = (
    (WEAK, "start"),
    (BOASTING, "start"),
    (FROZEN, "start"),
    (PAUSED, "resume"),
    (RUNNING, "widen"),
    (RUNNING, "decide"),
    (TEACHING, "decide"),
    (LOSING, "decide"),
    (LOSING, "start"),
    (BREAKING, "decide"),
    (SHIPPED, "answer"),
)
EDITED = {
    "title": "Another title",
    "hypothesis": "If home shows long lessons first, then more are opened, because they last.",
    "serves": "Learners who hesitate to begin begin, and finish what they began.",
    "control": "generic",
    "variant": "model",
    "primary_metric": "ctr",
    "mde_percent": "90",
    "guardrails": ["modules_completed"],
    "margin_percent": "20",
    "decision_rule": "Ship it whatever the figures of the last look may come to say.",
    "surfaces": ["home"],
    "share_percent": "100",
    "days": "28",
    "looks": "3",
    "unit": "learner",
    "do": "save",
}
TRIES_ALL = "admin"  # who may do most; by page each of the others tries the first step
ROLES = ("guest", "learner", "creator", "privacy", "analyst", "admin")
ACTORS = {
    "learner": Actor(ActorKind.LEARNER, "7", frozenset({"admin"})),
    "source": Actor(ActorKind.SOURCE, "lms", frozenset({"admin"})),
    "creator": world.CLEO,
    "privacy": Actor(ActorKind.STAFF, "pia", frozenset({"privacy"})),
}


LOOK = {  # a sound one, as the pages read it
    "trustworthy": True,
    "as_of": day(28).isoformat(),
    "confidence": 0.95,
    "n": {"generic": 900, "model": 900},
    "moments": {},
    "advice": "review",
    "sentence": "The variant is better.",
}


BROKEN = {
    "guardrail": "consent",
    "title": "Consent is kept",
    "ok": False,
    "says": "Lists of their own were decided for 12 learners who had objected.",
    "verdict": "roll back",
}
KEPT = (
    *(Experiment, Version, Snapshot, RampStep, Reread, Holdback, Answer, Part),
    *(Assignment, Exclusion, SurfaceHoldout),  # who is counted
)
_WRITTEN = " UNION ALL ".join(  # one statement: it is asked after every attempt
    f"SELECT string_agg(r::text, '' ORDER BY r::text) FROM {model._meta.db_table} r"  # noqa: S608
    for model in KEPT
)
_browsers: dict[str, Client] = {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing somebody tries; a name that says by which door, as whom and what."""

    name: str
    act: Callable[[], object]


def build() -> None:
    """Make experiments in the states that are worth attacking."""
    api.ensure_openings(SYSTEM, now=START)
    api.create_draft(UMA, plan=_plan(DRAFT), now=START)
    _registered(FIRST_EXPERIMENT)
    _registered(FROZEN)
    _registered(WEAK, planned_per_arm=50)
    _registered(BOASTING)
    for key in (WEAK, BOASTING):
        api.approve(VERA, key=key, reason="let us see", now=START)
    for key in (RUNNING, PAUSED, TEACHING, LOSING, BREAKING, SHIPPED):
        few = {"exploratory": True, "planned_per_arm": 50} if key == TEACHING else {}
        _registered(key, **few)
        api.approve(VERA, key=key, reason="sound", now=START)
        api.start(UMA, key=key, now=START)
    api.pause(UMA, key=PAUSED, reason="the list is broken", now=day(1))
    Flag.objects.filter(name=f"experiment:{PAUSED}").delete()  # so the gates refuse to go on
    for key in (TEACHING, LOSING, BREAKING, SHIPPED):
        found = {"effects": _effects(lost=key == LOSING)}
        guards = {"guardrails": [BROKEN]} if key == BREAKING else {}
        world.look(key=key, results={**LOOK, **found, **guards})
        api.stop(UMA, key=key, reason="all looks taken", now=day(28))
    api.decide(UMA, key=SHIPPED, verdict="ship", reason="it is better", now=day(29))
    _few_were_shown_anything()
    world.learner(SHOWN)
    Assignment.objects.create(
        experiment=Experiment.objects.get(key=RUNNING),
        learner_id=SHOWN,
        variant="model",
        assigned_at=day(1),
    )
    _browsers.clear()
    _browsers.update({role: _browser(role) for role in ROLES})


def _few_were_shown_anything() -> None:
    """Let it be known that twelve learners come in a month, where plans ask for thousands.

    Of today as well: pages go by the clock.
    """
    learners = [new_learner() for _ in range(12)]
    for at in (day(-1), moment(days=1)):
        events = []
        for number, who in enumerate(learners):
            seen = answering(who, at)
            kinds = ("rec.shown", "rec.clicked")[: 1 + number % 2]
            events += [NewEvent(kind, who, at, course_id=1, context=seen) for kind in kinds]
        store(events, now=at + timedelta(hours=1))


def written() -> object:
    """Return all that is kept of experiments, and which of them take learners in."""
    forget_caches()
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        rows = cursor.fetchall()
    return rows, [one.plan.key for one in running_experiments()]


def attempts(folder: Path) -> list[Attempt]:
    """Return the whole list."""
    doors = (_pages(), _admin(), _functions(), _counting(), _shipping(), _commands(folder))
    return list(chain.from_iterable((*doors, _models(), _sql())))


def _plan(key: str, **changes: Any) -> Plan:
    return plan(key=key, salt=f"{key}:1", **changes)


def _registered(key: str, **changes: Any) -> None:
    api.create_draft(UMA, plan=_plan(key, **changes), now=START)
    api.register(UMA, key=key, now=START)


def _effects(*, lost: bool) -> list[dict[str, Any]]:
    low = -0.5 if lost else -0.01
    return [
        asdict(Effect("ctr", "engagement", "share", 0.1, 0.2, 0.1, 0.05, 0.15, 0.001, 900, 900)),
        asdict(
            Effect("modules_completed", "progression", "", 1.0, 1.0, 0.0, low, 0.1, 0.5, 900, 900)
        ),
    ]


def _browser(role: str) -> Client:
    """Return a browser in which somebody of a role is signed in."""
    browser = Client()
    if role == "guest":
        return browser
    if role == "learner":
        who = world.account(learner_id=900_000)
    else:
        who = world.account(is_staff=True, is_superuser=role == "admin")
        who.groups.add(Group.objects.get_or_create(name=role)[0])
    browser.force_login(who)
    return browser


def _pages() -> Iterator[Attempt]:
    asked = {"state": "running", "action": "start", "verdict": "ship", "reason": "r"}
    for role in ROLES:
        for key in (WEAK, LOSING):
            path = f"/tower/experiments/{key}/"
            yield Attempt(f"page, {role}: post to {key}", _post(role, path, asked))
        for key, step in STEPS if role == TRIES_ALL else STEPS[:1]:
            path = f"/tower/experiments/{key}/steps/{step}/"
            yield Attempt(f"page, {role}: take the step {step} of {key}", _post(role, path, asked))
        path = f"/tower/experiments/{FROZEN}/edit/"
        yield Attempt(f"page, {role}: edit a frozen plan", _post(role, path, EDITED))
    for step in ("start", "approve", "decide", "resume", "archive"):
        path = f"/tower/experiments/{WEAK}/{step}/"
        yield Attempt(f"page, admin: guess the address of {step}", _post("admin", path, asked))
    for key, step in STEPS[:2]:
        path = f"/tower/experiments/{key}/steps/{step}/"
        yield Attempt(f"page, admin: follow a link to {step} {key}", _get(path, asked))
    for method in ("put", "patch", "delete"):
        yield Attempt(f"page, admin: {method}", _send("admin", method, asked))
    for path in (f"/api/experiments/{WEAK}/start", f"/api/v1/experiments/{WEAK}/"):
        yield Attempt(f"REST, admin: post to {path}", _post("admin", path, asked))


def _post(role: str, path: str, asked: dict[str, Any]) -> Callable[[], object]:
    return lambda: _browsers[role].post(path, asked)


def _get(path: str, asked: dict[str, Any]) -> Callable[[], object]:
    return lambda: _browsers["admin"].get(path, asked)


def _send(role: str, method: str, asked: dict[str, Any]) -> Callable[[], object]:
    def act() -> object:
        send = getattr(_browsers[role], method)
        text = json.dumps(asked)
        return send(f"/tower/experiments/{WEAK}/", text, content_type="application/json")

    return act


def _admin() -> Iterator[Attempt]:
    base = "/admin/experiments/experiment/"
    for role in ROLES:
        yield Attempt(f"admin, {role}: change form", _in_admin(role, "{base}{pk}/change/"))
    for role in ("analyst", "admin"):
        yield Attempt(f"admin, {role}: add form", _in_admin(role, f"{base}add/"))
        yield Attempt(f"admin, {role}: delete form", _in_admin(role, "{base}{pk}/delete/"))
        yield Attempt(f"admin, {role}: bulk deletion", _in_admin(role, base))
        yield Attempt(f"admin, {role}: changelist edit", _in_admin(role, f"{base}?e=1"))
    for model in ("snapshot", "version", "assignment"):
        path = f"/admin/experiments/{model}/add/"
        yield Attempt(f"admin, admin: add a {model}", _in_admin("admin", path))
    yield Attempt("admin, admin: switch the flag of a draft on", _switch_on(DRAFT))
    yield Attempt("admin, admin: switch the flag of a failing plan on", _switch_on(WEAK))


def _in_admin(role: str, path: str) -> Callable[[], object]:
    def act() -> object:
        row = Experiment.objects.get(key=WEAK)
        fields = {name: str(value) for name, value in asdict(row.plan).items()}
        asked: dict[str, Any] = fields | {
            "state": "running",
            "started_at_0": "2026-10-01",
            "started_at_1": "08:00",
            "post": "yes",
            "action": "delete_selected",
            "_selected_action": [row.pk],
            "_save": "Save",
            "form-TOTAL_FORMS": 1,
            "form-INITIAL_FORMS": 1,
            "form-0-id": row.pk,
            "form-0-state": "running",
            "versions-TOTAL_FORMS": 1,
            "versions-INITIAL_FORMS": 0,
            "versions-0-number": 9,
            "versions-0-by": "staff:nobody",
        }
        place = path.format(base="/admin/experiments/experiment/", pk=row.pk)
        return _browsers[role].post(place, asked)

    return act


def _switch_on(key: str) -> Callable[[], object]:
    def act() -> object:
        flag = Flag.objects.get(name=f"experiment:{key}")
        asked = {"name": flag.name, "everyone": "true", "percent": "99.9"} | {
            f"{name}_{part}": value
            for name in ("created", "modified")
            for part, value in enumerate(("2026-10-01", "08:00:00"))
        }
        return _browsers["admin"].post(f"/admin/experiments/flag/{flag.pk}/change/", asked)

    return act


def _functions() -> Iterator[Attempt]:
    for role, actor in ACTORS.items():
        yield from _as_stranger(role, actor)
    yield Attempt("API, analyst: start a draft", lambda: api.start(UMA, key=DRAFT, now=START))
    yield Attempt("API, admin: start what nobody approved", _start(CARA, FROZEN))
    yield Attempt("API, system: start what nobody approved", _start(SYSTEM, FROZEN))
    for role, actor in {"analyst": UMA, "admin": ROOT, "system": SYSTEM}.items():
        yield Attempt(f"API, {role}: start what a gate refuses", _start(actor, WEAK))
        yield Attempt(f"API, {role}: start what the days behind refute", _start(actor, BOASTING))
        yield Attempt(
            f"API, {role}: go on with what a gate refuses",
            partial(api.resume, actor, key=PAUSED, reason="r", now=day(2)),
        )
    for role, actor in {"author": UMA, "system": SYSTEM}.items():
        yield Attempt(
            f"API, {role}: approve the own plan",
            partial(api.approve, actor, key=FROZEN, reason="r", now=START),
        )
    for key in (FROZEN, WEAK, RUNNING, LOSING):
        yield Attempt(
            f"API, author: edit {key} after it was frozen",
            partial(api.edit_draft, UMA, plan=_plan(key, mde=0.9), now=START),
        )
    yield Attempt(
        "API, author: write a draft over one there is",
        lambda: api.create_draft(UMA, plan=_plan(WEAK, planned_per_arm=9_000), now=START),
    )
    yield Attempt(
        "API, author: a plan of the format that asked for less",
        lambda: api.create_draft(UMA, plan=_plan("old", format=1, serves=""), now=START),
    )


def _counting() -> Iterator[Attempt]:
    """Choose whose numbers count: who is left out, and who is held back."""
    for role, actor in {"analyst": UMA, "admin": ROOT, "system": SYSTEM}.items():
        for name, learner_id, note in (
            ("who was shown an arm", SHOWN, "does not fit"),
            ("somebody without saying why", SHOWN + 1, " "),
        ):
            yield Attempt(
                f"API, {role}: leave out {name}",
                partial(
                    api.exclude,
                    actor,
                    learner_id=learner_id,
                    reason="manual",
                    note=note,
                    now=day(2),
                ),
            )
        yield Attempt(
            f"API, {role}: hold learners back where an experiment runs",
            partial(api.set_surface_holdout, actor, surface="home", share=0.2, **_told(day(2))),
        )
    for role, actor in ACTORS.items():
        yield Attempt(
            f"API, {role}: leave somebody out",
            partial(api.exclude, actor, learner_id=SHOWN + 1, reason="bot", note="n", now=day(2)),
        )
        yield Attempt(
            f"API, {role}: hold learners back",
            partial(api.set_surface_holdout, actor, surface="home", share=0.1, **_told(day(2))),
        )


def _told(now: datetime) -> dict[str, Any]:
    return {"reason": "r", "now": now}


def _as_stranger(role: str, actor: Actor) -> Iterator[Attempt]:
    yield Attempt(f"API, {role}: start", _start(actor, WEAK))
    yield Attempt(
        f"API, {role}: edit",
        lambda: api.edit_draft(actor, plan=_plan(DRAFT, mde=0.9), now=START),
    )
    yield Attempt(
        f"API, {role}: approve",
        lambda: api.approve(actor, key=FROZEN, reason="r", now=START),
    )
    yield Attempt(f"API, {role}: ship", _ship(actor, LOSING))
    told: dict[str, Any] = {"reason": "r", "now": day(30)}
    steps: dict[str, Callable[[], object]] = {
        "pause": partial(api.pause, actor, key=RUNNING, **told),
        "resume": partial(api.resume, actor, key=PAUSED, **told),
        "stop": partial(api.stop, actor, key=RUNNING, **told),
        "open to more": partial(api.widen, actor, key=RUNNING, now=day(30)),
        "open to fewer": partial(api.narrow, actor, key=RUNNING, share=0.1, **told),
        "archive": partial(api.archive, actor, key=FROZEN, **told),
        "second": partial(api.approve_shipping, actor, key=LOSING, **told),
        "take back": partial(api.answer_reopened, actor, key=SHIPPED, keeps=False, **told),
    }
    for name, act in steps.items():
        yield Attempt(f"API, {role}: {name}", act)


def _start(actor: Actor, key: str) -> Callable[[], object]:
    return lambda: api.start(actor, key=key, now=START)


def _ship(actor: Actor, key: str) -> Callable[[], object]:
    return lambda: api.decide(actor, key=key, verdict="ship", reason="r", now=day(29))


def _seconded(key: str) -> Callable[[], object]:
    """Ship with somebody who stands in; where it is refused, both steps are gone."""

    def act() -> None:
        api.approve_shipping(CARA, key=key, reason="r", now=day(29))
        api.decide(UMA, key=key, verdict="ship", reason="r", now=day(29))

    return act


def _shipping() -> Iterator[Attempt]:
    for key in (DRAFT, FROZEN, WEAK, RUNNING, PAUSED, TEACHING, LOSING):
        yield Attempt(f"API, analyst: ship {key}", _ship(UMA, key))
    yield Attempt("API, admin: ship what only teaches", _ship(ROOT, TEACHING))
    yield Attempt("API, admin: ship what broke consent", _ship(ROOT, BREAKING))
    yield Attempt("API, admin: ship what broke consent with a second person", _seconded(BREAKING))
    for role, actor in {"analyst": UMA, "system": SYSTEM}.items():
        yield Attempt(
            f"API, {role}: take back what no re-read speaks against",
            partial(api.answer_reopened, actor, key=SHIPPED, keeps=False, reason="r", now=day(40)),
        )
    yield Attempt("API, system: ship what lost", _ship(SYSTEM, LOSING))
    for role, actor in {"author": UMA, "approver": VERA, "system": SYSTEM}.items():
        yield Attempt(
            f"API, {role}: be the second approver",
            partial(api.approve_shipping, actor, key=LOSING, reason="r", now=day(29)),
        )
    yield Attempt(
        "API, admin: a verdict there is not",
        lambda: api.decide(ROOT, key=LOSING, verdict="ship it", reason="r", now=day(29)),
    )


def _commands(folder: Path) -> Iterator[Attempt]:
    for key, state in ((WEAK, "running"), (DRAFT, "running"), (LOSING, "decided")):
        yield Attempt(
            f"command, operator: loaddata with {key} as {state}",
            partial(_loaded, folder, key, state),
        )
    for name in ("read_experiments", "watch_experiments"):
        yield Attempt(
            f"command, operator: {name} as if months had gone by",
            partial(call_command, name, now="2027-06-01T08:00:00+00:00"),
        )
    yield Attempt(
        "command, operator: shell",
        lambda: call_command(
            "shell",
            command="from experiments.models import Experiment as E; E.objects.update(mde=9)",
        ),
    )
    yield Attempt(
        "command, operator: ensure_experiments with a person's plan under its key",
        partial(call_command, "ensure_experiments"),
    )


def _loaded(folder: Path, key: str, state: str) -> None:
    place = folder / "experiments.json"
    pk = Experiment.objects.get(key=key).pk
    call_command("dumpdata", "experiments.experiment", pks=str(pk), output=str(place))
    rows = json.loads(place.read_text())
    shipped = {"verdict": "ship"} if state == "decided" else {}
    rows[0]["fields"] |= {
        "state": state,
        "started_at": START.isoformat(),
        "approved_by": "staff:vera",
        "digest": "0" * 64,
        **shipped,
    }
    place.write_text(json.dumps(rows))
    call_command("loaddata", str(place))


def _models() -> Iterator[Attempt]:
    forged: dict[str, Any] = {"state": "running", "started_at": START, "approved_by": "staff:vera"}
    rows = Experiment.objects
    for key in (DRAFT, FROZEN, WEAK, PAUSED):
        yield Attempt(f"ORM, developer: save {key} as running", _saved(key, **forged))
        yield Attempt(
            f"ORM, developer: update {key} to running",
            partial(_updated, key, **forged, digest="0" * 64),
        )
    yield Attempt("ORM, developer: save the raw row", _saved(WEAK, raw=True, **forged))
    yield Attempt("ORM, developer: save a draft with another plan", _saved(DRAFT, mde=0.9))
    yield Attempt("ORM, developer: save a shipped one", _saved(LOSING, verdict="ship"))
    yield Attempt(
        "ORM, developer: bulk_update",
        lambda: rows.bulk_update([_changed(WEAK, **forged)], ["state", "started_at"]),
    )
    yield Attempt(
        "ORM, developer: create one that runs",
        lambda: rows.create(**_new("made"), **forged),
    )
    yield Attempt(
        "ORM, developer: bulk_create one that runs",
        lambda: rows.bulk_create([Experiment(**_new("made"), **forged)]),
    )
    yield Attempt(
        "ORM, developer: update_or_create",
        lambda: rows.update_or_create(key=WEAK, defaults=forged),
    )
    yield Attempt("ORM, developer: create a draft unseen", lambda: rows.create(**_new("made")))
    yield Attempt("ORM, developer: delete what lost", lambda: rows.filter(key=LOSING).delete())
    yield from _evidence()
    yield from _later()


def _evidence() -> Iterator[Attempt]:
    good = {"trustworthy": True, "effects": _effects(lost=False)}
    looks, kept = Snapshot.objects, Version.objects
    yield Attempt(
        "ORM, developer: add a better look",
        lambda: looks.create(
            experiment=Experiment.objects.get(key=LOSING), look=2, taken_at=START, results=good
        ),
    )
    yield Attempt("ORM, developer: mend a look", lambda: looks.update(results=good))
    yield Attempt("ORM, developer: forget a look", lambda: looks.all().delete())
    yield Attempt("ORM, developer: rewrite who wrote", lambda: kept.update(by="staff:nobody"))
    yield Attempt("ORM, developer: forget versions", lambda: kept.all().delete())
    yield Attempt(
        "ORM, developer: a seconder that never was",
        lambda: Experiment.objects.filter(key=LOSING).update(seconded_by="staff:root"),
    )


def _later() -> Iterator[Attempt]:
    """What stands beside a decision, and what is kept of who took part."""
    of = partial(Experiment.objects.get, key=SHIPPED)
    made: dict[str, Callable[[], object]] = {
        "a re-read": lambda: Reread.objects.create(
            experiment=of(), day=30, taken_at=START, reading="lasting", results={}
        ),
        "a holdback": lambda: Holdback.objects.create(
            experiment=Experiment.objects.get(key=LOSING), share=0.5, until=START
        ),
        "an answer": lambda: Answer.objects.create(
            experiment=of(), number=1, at=START, by="staff:uma", keeps=False, reason="r"
        ),
        "an opening": lambda: RampStep.objects.create(
            experiment=of(), number=2, share=0.5, at=START, by="staff:uma"
        ),
        "somebody's part": lambda: Part.objects.create(
            experiment=of(), step="seconded", account_id=7, at=START
        ),
    }
    for name, act in made.items():
        yield Attempt(f"ORM, developer: write {name}", act)
    kept: dict[str, Any] = {"a holdback": Holdback, "an opening": RampStep}
    for name, model in kept.items():
        yield Attempt(f"ORM, developer: change {name}", partial(_all_of(model).update, share=0.3))
        yield Attempt(f"ORM, developer: forget {name}", _all_of(model).delete)


def _all_of(model: Any) -> Any:
    return model._default_manager.all()


def _new(key: str) -> dict[str, Any]:
    made = {name: value for name, value in asdict(_plan(key)).items() if name != "mde"}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in made.items()
    } | {"mde": 0.5, "created_at": START, "digest": "0" * 64}


def _changed(key: str, **fields: Any) -> Experiment:
    row = Experiment.objects.get(key=key)
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def _saved(key: str, *, raw: bool = False, **fields: Any) -> Callable[[], object]:
    def act() -> None:
        row = _changed(key, **fields)
        row.save_base(raw=True) if raw else row.save()

    return act


def _updated(key: str, **fields: Any) -> None:
    Experiment.objects.filter(key=key).update(**fields)


def _sql() -> Iterator[Attempt]:
    table = "UPDATE experiments_experiment SET"
    runs = f"{table} state = 'running', started_at = now(), approved_by = 'staff:vera'"
    opened = f"SELECT set_config('northway.experiment', '{WEAK}', true);"
    wanted = {
        "start": f"{runs} WHERE key = '{WEAK}'",
        "start with another's step open": f"{opened} {runs}, digest = 'x' WHERE key = '{FROZEN}'",
        "change a frozen plan with its step open": f"{opened} {table} planned_per_arm = 9000",
        "skip states with its step open": f"{opened} {table} state = 'decided'",
        "ship": f"{table} verdict = 'ship' WHERE key = '{LOSING}'",
        "delete": "DELETE FROM experiments_experiment",
    }
    for name, text in wanted.items():
        yield Attempt(f"SQL, developer: {name}", partial(_executed, text))


def _executed(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)
