"""People at the controls: how do they prove who they are? Setting the second step up, taking it."""

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controltower import access, second_step
from signals.api import Account, sign_in
from signals.data import SESSION_PROVED, SESSION_SECOND_STEP

CODES = 10


class CodeForm(forms.Form):
    """A code of the device, or a recovery code."""

    code = forms.CharField(max_length=20)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.works_here, second_step=False)
def take(request: HttpRequest) -> HttpResponseBase:
    """Ask for a code, and go on where somebody wanted to."""
    if not sign_in.has_factor(second_step.number_of(request)):
        return redirect("tower:second_step_new")
    form = CodeForm(request.POST or None)
    wrong = gettext("Type the code.") if request.method == "POST" else ""
    if form.is_valid():
        outcome = sign_in.check(
            access.actor_of(request),
            second_step.number_of(request),
            form.cleaned_data["code"],
            now=timezone.now(),
        )
        if outcome is sign_in.Outcome.RIGHT:
            return _stepped(request)
        wrong = second_step.said_of(outcome)
        if outcome is sign_in.Outcome.LOCKED:
            logout(request)
            return render(request, "tower/code_locked.html", status=429)
    context = {"wrong": wrong, "next": _next(request)}
    return render(request, "tower/second_step.html", context, status=400 if wrong else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.works_here, second_step=False)
def new(request: HttpRequest) -> HttpResponseBase:
    """Show a secret to an authenticator, and put it in use by a code of it."""
    has = sign_in.has_factor(second_step.number_of(request))
    if has and not request.session.get(SESSION_SECOND_STEP, False):
        return redirect("tower:second_step")
    if (asked := second_step.proof_wanted(request)) is not None:
        return asked
    form = CodeForm(request.POST if "code" in request.POST else None)
    wrong = ""
    if form.is_valid():
        code = form.cleaned_data["code"]
        codes = sign_in.confirm(
            access.actor_of(request), second_step.number_of(request), code, now=timezone.now()
        )
        if codes is not None:
            request.session.cycle_key()
            request.session[SESSION_SECOND_STEP] = True
            return _show(request, codes)
        wrong = gettext("That code is not of this secret. Is the clock of the device right?")
    account = request.user
    if not isinstance(account, Account):  # never: it works here
        return redirect("signin")
    enrolment = sign_in.begin(account)
    context = {
        "wrong": wrong,
        "has": has,
        "must": second_step.must_have(access.roles_of(account)),
        "next": _next(request),
        "secret": " ".join(
            enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4)
        ),
        "picture": segno.make(enrolment.uri, error="m").svg_data_uri(scale=5, border=4),
    }
    return render(request, "tower/second_step_new.html", context, status=400 if wrong else 200)


@never_cache
@require_safe
@access.requires(access.works_here)
def you(request: HttpRequest) -> HttpResponse:
    """Show how somebody's own sign-in is secured."""
    context = {
        "nav": "",
        "state": sign_in.state(second_step.number_of(request)),
        "must": second_step.must_have(access.roles_of(request.user)),
        "all_codes": CODES,
        "has_password": isinstance(request.user, Account) and request.user.has_usable_password(),
    }
    return render(request, "tower/you.html", context)


@never_cache
@require_POST
@access.requires(access.works_here)
def elsewhere(request: HttpRequest) -> HttpResponse:
    """End every other session of who asks."""
    account = request.user
    if not isinstance(account, Account):  # never: it works here
        return redirect("signin")
    if (asked := second_step.proof_wanted(request)) is not None:
        return asked
    sign_in.sign_out_elsewhere(account, actor=access.actor_of(request), now=timezone.now())
    update_session_auth_hash(request, account)
    messages.success(request, gettext("Every other place is signed out."))
    return redirect("tower:you")


@never_cache
@require_POST
@access.requires(access.works_here)
def codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them once."""
    if not sign_in.has_factor(second_step.number_of(request)):
        return redirect("tower:second_step_new")
    if (asked := second_step.proof_wanted(request)) is not None:
        return asked
    made = sign_in.renew_codes(
        access.actor_of(request), second_step.number_of(request), now=timezone.now()
    )
    return _show(request, made)


def _show(request: HttpRequest, made: tuple[str, ...]) -> HttpResponse:
    context = {"nav": "", "codes": made, "next": _next(request)}
    return render(request, "tower/recovery_codes.html", context)


def _stepped(request: HttpRequest) -> HttpResponse:
    request.session.cycle_key()
    request.session[SESSION_SECOND_STEP] = True
    request.session[SESSION_PROVED] = timezone.now().timestamp()
    left = sign_in.state(second_step.number_of(request)).codes_left
    if left <= 3:
        messages.warning(
            request,
            gettext("%(left)s recovery codes are left. Make new ones under “Your sign-in”.")
            % {"left": left},
        )
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    rooted = wanted.startswith("/") and not wanted.startswith("//")
    allowed = rooted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if allowed else "/tower/start/"
