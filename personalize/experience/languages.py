"""In which language does this browser read? (L5) Its own wish, until somebody chooses here."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, get_language_info, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

COMMAS = {"ar": "، "}  # where it is another than ", "
ELSEWHERE = frozenset({"cross-site", "same-site"})


def name_of(code: str) -> str:
    """Return the name of a language in that of the page; its code where nobody has a name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def listing(names: Iterable[str]) -> str:
    """Return names one after another, parted as the language of the page parts them."""
    return COMMAS.get(get_language() or "", ", ").join(names)


class LanguageForm(forms.Form):
    """One of the languages learners' pages are in."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


@csrf_exempt  # a page of a guest must set no cookie, and a token is one
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep a language in this browser, and go back to the page it was chosen on.

    Raises BadRequest for a language there is none of, PermissionDenied for a form of another site.
    """
    if request.headers.get("Sec-Fetch-Site") in ELSEWHERE:
        raise PermissionDenied(gettext("Choose the language on a page of this site."))
    form = LanguageForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Choose one of the languages in the footer."))
    answer = redirect(_came_from(request))
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        form.cleaned_data["language"],
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _came_from(request: HttpRequest) -> str:
    """Return the page of this site the form stood on; what its address holds is not written out."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(page)
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path
