"""Is it still them? The second step of staff, and a fresh proof before what cannot be taken back.

What stops or goes back (an undo, a rollback, an off-switch) never waits for a proof: it has to be
quick. What puts something new in force for everybody does.
"""

from time import time
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRefresh

from signals.api import Account, sign_in
from signals.data import SESSION_PROVED, SESSION_SCHOOL, SESSION_SECOND_STEP, Actor, ActorKind

FRESH_S = 600
PROOF = "proof"  # the field in which a form that asks for a proof sends it
OFF, CHANGING, ALL = "off", "changing", "all"
ONLY_READ = frozenset({"privacy"})  # roles that change nothing


def must_have(roles: frozenset[str]) -> bool:
    """Say whether somebody with these roles takes a second step, by the setting."""
    if settings.STAFF_SECOND_STEP == OFF:
        return False
    return bool(roles if settings.STAFF_SECOND_STEP == ALL else roles - ONLY_READ)


def missing(request: HttpRequest, roles: frozenset[str]) -> HttpResponse | None:
    """Return where to go first: to the second step, or to setting one up; None where nothing lacks.

    Who set one up is asked for it, whatever the setting says.
    """
    if request.session.get(SESSION_SECOND_STEP, False):
        return None
    has = sign_in.has_factor(number_of(request))
    if not has and not must_have(roles):
        return None
    if getattr(request, "htmx", False):
        return HttpResponseClientRefresh()
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("tower:start")
    page = "tower:second_step" if has else "tower:second_step_new"
    return redirect(f"{reverse(page)}?{urlencode({'next': back})}")


def proof_wanted(request: HttpRequest) -> HttpResponse | None:
    """Return the page that asks for a proof and sends the form again; None where it is fresh."""
    at, wrong = time(), ""
    if at - request.session.get(SESSION_PROVED, 0.0) <= FRESH_S:
        return None
    said = request.POST.get(PROOF, "").strip()
    if said:
        wrong = _wrong(request, said)
        if not wrong:
            request.session[SESSION_PROVED] = at
            return None
    context = {
        "fields": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in {PROOF, "csrfmiddlewaretoken"}
            for value in values
        ],
        "wrong": wrong,
        "by_code": sign_in.has_factor(number_of(request)),
        "by_school": _by_school(request),
        "back": _page_before(request),
        "minutes": FRESH_S // 60,
    }
    return render(request, "tower/proof.html", context, status=403)


def number_of(request: HttpRequest) -> int:
    """Return the number of the account that asks."""
    return int(request.user.pk or 0)


def person(request: HttpRequest) -> Actor:
    """Return who asks, as the ledger names them."""
    return Actor(ActorKind.STAFF, request.user.get_username(), account_id=request.user.pk)


def said_of(outcome: sign_in.Outcome) -> str:
    """Return what a page says of a code that was not right; empty where it was."""
    if outcome is sign_in.Outcome.LOCKED:
        return gettext("Too many wrong codes. Wait 15 minutes, or ask an administrator.")
    if outcome is sign_in.Outcome.WRONG:
        return gettext("That code is not right, or was used already. Wait for the next one.")
    return ""


def _wrong(request: HttpRequest, said: str) -> str:
    """Return what is wrong with a proof; empty where it is right."""
    if sign_in.has_factor(number_of(request)):
        return said_of(sign_in.check(person(request), number_of(request), said, now=timezone.now()))
    account = authenticate(request, username=request.user.get_username(), password=said)
    same = isinstance(account, Account) and account.pk == request.user.pk
    return "" if same else gettext("That is not your password.")


def _page_before(request: HttpRequest) -> str:
    """Return the page a form was sent from, where it is one of ours."""
    before = urlsplit(request.headers.get("Referer", ""))
    ours = before.netloc == request.get_host() and before.path.startswith("/tower/")
    return before.path if ours else reverse("tower:start")


def _by_school(request: HttpRequest) -> bool:
    return bool(request.session.get(SESSION_SCHOOL, False))
