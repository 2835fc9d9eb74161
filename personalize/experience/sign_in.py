"""How does somebody come in, and leave? (L5) With a password, or by the word of their school."""

from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from personalize.experience import provider, start
from personalize.experience.on_the_way import lead_there
from personalize.experience.people import keep_in_session, learner_of
from signals.api import sign_in
from signals.clock import now
from signals.data import SESSION_PROVED, SESSION_SCHOOL, SESSION_SECOND_STEP

BACKEND = "django.contrib.auth.backends.ModelBackend"
NEXT, AGAIN = "school_next", "school_again"  # what a session keeps while somebody is away
PROVED_WITHIN_S = 300
KEPT = '"storage"'  # what a browser forgets of us when somebody leaves: nothing else is kept there


class SignIn(LoginView):
    """Signs an account in and keeps what pages need while the database is away."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in."""
        answer = super().form_valid(form)
        _came_in(self.request, answer)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offer the way of the school where there is one."""
        return super().get_context_data(**kwargs) | {
            "school": _school() if provider.configured() else "",
            "forgotten": settings.SENDS_MAIL,
            "no_second_step": settings.STAFF_SECOND_STEP == "off",
        }


class SignOut(LogoutView):
    """Signs out here, and says where who came by their school is still signed in."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out."""
        by_school = request.session.get(SESSION_SCHOOL, False)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        answer["Clear-Site-Data"] = KEPT
        if not by_school or not provider.configured():
            return answer
        context = {
            "way_out": provider.way_out(_address(request, "signin")),
            "school": _school(),
        }
        told = render(request, "registration/signed_out.html", context)
        told["Clear-Site-Data"] = KEPT
        return told


@require_safe
@never_cache
def leave_for_school(request: HttpRequest) -> HttpResponseBase:
    """Lead to the school's sign-in; ?again has it ask for the password of who is signed in."""
    if not provider.configured():
        raise Http404
    again = "again" in request.GET and request.user.is_authenticated
    try:
        answer = provider.ask(request, _address(request, "signin-school-back"), again=again)
    except provider.ProviderError:
        return _refused(request, "away", status=503)
    request.session[NEXT] = _local(request, request.GET.get("next", ""))
    request.session[AGAIN] = again
    return answer


@require_safe
@never_cache
def back_from_school(request: HttpRequest) -> HttpResponseBase:
    """Sign in who comes back with a code, where everything about it is right."""
    if not provider.configured():
        raise Http404
    if not {"code", "error"} & request.GET.keys():
        raise BadRequest(gettext("Begin at the sign-in page."))
    wanted, again = request.session.pop(NEXT, ""), request.session.pop(AGAIN, False)
    try:
        told, proved_at = provider.told(request)
    except provider.ProviderError:
        return _refused(request, "doubtful", status=400)
    if again:
        return _proved_again(request, told, proved_at, wanted)
    try:
        account = sign_in.account_told(told, now=now())
    except sign_in.OutsideRefusedError as error:
        return _refused(request, str(error.why), status=403)
    login(request, account, backend=BACKEND)
    request.session[SESSION_SCHOOL] = True
    request.session[SESSION_SECOND_STEP] = told.second_step
    answer = redirect(wanted or settings.LOGIN_REDIRECT_URL)
    _came_in(request, answer)
    return answer


def _proved_again(
    request: HttpRequest, told: sign_in.Told, proved_at: float, wanted: str
) -> HttpResponseBase:
    """Believe that it is still who signed in: the same account, asked for a password just now."""
    try:
        account = sign_in.account_told(told, now=now())
    except sign_in.OutsideRefusedError as error:
        return _refused(request, str(error.why), status=403)
    if account.pk != request.user.pk or abs(time() - proved_at) > PROVED_WITHIN_S:
        return _refused(request, "doubtful", status=400)
    request.session[SESSION_PROVED] = time()
    return redirect(wanted or settings.LOGIN_REDIRECT_URL)


def _came_in(request: HttpRequest, answer: HttpResponse) -> None:
    keep_in_session(request)
    learner = learner_of(request)
    if learner is not None:
        start.adopt(request, learner, answer)
        lead_there(request, learner, now=now())


def _refused(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    context = {"why": why, "school": _school()}
    return render(request, "registration/school_refused.html", context, status=status)


def _school() -> str:
    return settings.OIDC_NAME or gettext("your school")


def _address(request: HttpRequest, name: str) -> str:
    base = settings.PUBLIC_URL.rstrip("/")
    return (
        f"{base}{reverse(name)}"
        if base and not settings.DEBUG
        else request.build_absolute_uri(reverse(name))
    )


def _local(request: HttpRequest, wanted: str) -> str:
    rooted = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if rooted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""
