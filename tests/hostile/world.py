"""What is there to attack? A shop, a cast with sessions, keys of each scope, one of each thing.

Runs inside the deployment, where Django is set up (`manage.py shell` calls `told`), and tells what
an attacker may know: session cookies, keys, and numbers of things that are there.
"""

import json
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.cached_db import SessionStore
from django.http import HttpRequest

from experiments import api as experiments
from experiments.data import FIRST_EXPERIMENT
from personalize import api as personalize
from personalize.models import MetadataProposal
from signals.data import SESSION_PROVED, SESSION_SECOND_STEP, SYSTEM
from tests import factories
from tests.factories import Person, moment
from tests.personalize import shop as shops

SESSIONS = 12  # of each person: what an attack ends must not end the attack
SCOPES = ("capture", "backfill", "recommend", "feedback", "tokens", "metrics", "flags")
CAST: dict[str, Callable[[], Person]] = {
    name: getattr(factories, name)
    for name in ("ada", "ben", "cold", "cleo", "eli", "mia", "pia", "root", "uma")
}


def _cookie(person: Person) -> str:
    """Sign somebody in past the second step; return the value of the session's cookie."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = SessionStore()
    account = person.account
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    request.session.update({SESSION_SECOND_STEP: True, SESSION_PROVED: time() + 86_400})
    request.session.save()
    return str(request.session.session_key)


def _things(shop: shops.Shop, ada: Person) -> dict[str, list[str]]:
    """Make one of each thing that has a number of its own; return the numbers by parameter."""
    answer = personalize.recommend(ada.learner_id, now=moment())
    first = shop.courses[0]
    proposal = MetadataProposal.objects.create(
        course_id=first.course_id,
        kind="skill",
        value="kneading",
        score=0.7,
        evidence={"near": 15, "near_with": 6, "titles": ["Rolls"], "in_title": 0, "in_text": 2},
        made_at=moment(),
    )
    return {
        "request_id": [str(answer.request_id)],
        "course_id": [str(item.course_id) for item in answer.items],
        "course": [course.external_id for course in shop.courses[:4]],
        "slug": [course.slug for course in shop.courses[:4]],
        "proposal_id": [str(proposal.pk)],
        "version": [path.name for path in Path(settings.MODELS_DIR).iterdir() if path.is_dir()],
        "name": ["northway", "lms"],
        "experiment": [FIRST_EXPERIMENT],
    }


def built() -> dict[str, Any]:
    """Build it; return what there is."""
    shop = shops.open_shop()
    shops.train(shop, Path(settings.MODELS_DIR))
    people = {name: make() for name, make in CAST.items()}
    factories.pages_source()
    for ago, course in enumerate(shop.field("Data")[:4], start=1):
        shops.touch(people["ada"].learner_id, course, enrolled_at=moment(days=ago))
    shops.states(people["ada"].learner_id, goal="Data")
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=10))
    keys = {scope: factories.new_key("lms", scope) for scope in SCOPES}
    keys["all"] = factories.new_key("lms", *SCOPES)
    keys["store"] = factories.new_key("lrs", "capture")
    sessions = {name: [_cookie(person) for _ in range(SESSIONS)] for name, person in people.items()}
    return {
        "sessions": sessions,
        "keys": keys,
        "values": _things(shop, people["ada"]),
        "cookies": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME],
    }


def told() -> str:
    """Build it; return what there is, as JSON."""
    return json.dumps(built())
