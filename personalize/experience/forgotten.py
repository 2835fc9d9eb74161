"""How does somebody who forgot their password come in again? (L5) By a link in an e-mail.

The page says the same to everybody: nobody learns from it who has an account. Whoever came by the
link signs in with the new password, and takes the second step as ever.
"""

from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from personalize.experience.address import client_address
from personalize.experience.nudges.message import absolute
from signals.api import sign_in
from signals.api.sign_in import Link
from signals.clock import now

PAGE = "registration/forgotten.html"
FROM_A_PLACE, PLACE_S = 10, 900  # asks from one address, and for how long they are counted
LONGEST = 150
TOO_MANY = 429
FOR_GOOD = 500  # from here on a mail server says that trying again is of no use


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the name of who forgot their password, and say the same whatever it is."""
    if not settings.SENDS_MAIL:
        raise Http404(gettext("No e-mail leaves here. Ask an administrator."))
    name = request.POST.get("username", "").replace("\x00", "").strip()[:LONGEST]
    if not name:
        return render(request, PAGE, {"step": "ask", "empty": request.method == "POST"})
    if _too_often(request):
        return render(request, PAGE, {"step": "too_many"}, status=TOO_MANY)
    sign_in.ask_for_password(name, language=get_language() or "en", now=now())
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    return render(request, PAGE, {"step": "asked", "minutes": minutes})


class NewPassword(PasswordResetConfirmView):
    """Takes a new password from who came by the link."""

    template_name = PAGE
    success_url = reverse_lazy("signin-new-done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, enter it, and end every session of the account."""
        answer = super(PasswordResetConfirmView, self).form_valid(form)
        self.request.session.flush()
        sign_in.put_password(
            form.user, form.cleaned_data["new_password1"], forgotten=True, now=now()
        )
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the link still holds."""
        told = super().get_context_data(**kwargs)
        return told | {"step": "new" if told.get("validlink") else "over"}


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Say that the new password counts from now on."""
    return render(request, PAGE, {"step": "done"})


def send(link: Link) -> bool:
    """Give the message with a link to the mail server; False where it is to be tried again."""
    with translation.override(link.language):
        lines = (
            gettext(
                "Somebody asked for a new password for “%(name)s”. Was it you? Choose one here:"
            )
            % {"name": link.name},
            absolute(reverse("signin-new", args=[link.uid, link.token])),
            gettext("The link works once, for %(minutes)s minutes.")
            % {"minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
            gettext("If it was not you, do nothing: your password stays as it is."),
        )
        message = EmailMessage(
            subject=gettext("A new password for Northway"),
            body="\n\n".join(lines) + "\n",
            to=[link.address],
            headers={"Auto-Submitted": "auto-generated"},
        )
    try:
        return bool(message.send())
    except SMTPRecipientsRefused as error:  # of a mailbox that is gone nothing is tried again
        return all(code >= FOR_GOOD for code, _said in error.recipients.values())
    except (SMTPException, OSError):
        return False
    except ValueError:  # an address no header can hold: it holds up nobody else
        return True


def _too_often(request: HttpRequest) -> bool:
    """Count one more from this place, and say whether it is too many."""
    counted = f"forgotten:{client_address(request)}"
    try:
        cache.add(counted, 0, PLACE_S)
        return int(cache.incr(counted)) > FROM_A_PLACE
    except ValueError:  # it ran out between the two, or the cache is away
        return False
