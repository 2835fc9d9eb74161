"""In which language does this browser read? (L5) Its own wish, until somebody chooses here."""

from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from personalize.experience.forms import way_back

ELSEWHERE = frozenset({"cross-site", "same-site"})


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
    answer = redirect(way_back(request, default="/"))
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        form.cleaned_data["language"],
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer
