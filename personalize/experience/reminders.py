"""How do learners steer their reminders? (L5) On, off, how often, where, when, and what was sent.

Every form works without JavaScript and acts at once. The link of an e-mail stops without signing
in: a program that only looks at it stops nothing, one press of a button does (RFC 8058).
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from personalize.experience.campaigns import sessions
from personalize.experience.forms import SwitchForm, way_back
from personalize.experience.nudges import choices, history, message, page, policy
from personalize.experience.people import Learner, learners_only
from personalize.models import ReminderChoice
from signals import api as signals
from signals.clock import now
from signals.data import UNDER_13, Actor, ActorKind

HOURS = tuple(range(24))
TOKEN_LONGEST = 200


class ChoiceForm(forms.Form):
    """How often, where, and when not."""

    at_most = forms.ChoiceField(choices=[(name, name) for name in choices.AT_MOST])
    on_page = forms.BooleanField(required=False)
    by_mail = forms.BooleanField(required=False)
    quiet_from = forms.IntegerField(min_value=0, max_value=23)
    quiet_until = forms.IntegerField(min_value=0, max_value=23)
    time_zone = forms.CharField(max_length=64)

    def clean_time_zone(self) -> str:
        """Return a time zone that exists."""
        zone: str = self.cleaned_data["time_zone"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError(_("Choose a time zone from the list, like Europe/Berlin."))
        return zone


@require_http_methods(["GET", "HEAD", "POST"])
@learners_only
def nudges(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Show what a learner chose and what was sent; keep what they change."""
    if request.method != "POST":
        return _page(request, learner, None)
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        return _page(request, learner, form)
    wanted = dict(form.cleaned_data)
    minor = signals.switches(learner.learner_id).minor
    if wanted["by_mail"] and not choices.mail(learner.learner_id, minor=minor).address:
        wanted["by_mail"] = False
    wanted["language"] = get_language() or "en"
    choices.change(learner.learner_id, actor=learner.actor, now=now(), **wanted)
    messages.success(request, gettext("Saved. It holds from now on."))
    return redirect("experience:nudges")


@require_safe
@learners_only
def mail(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Show the newest reminder as the e-mail it is or would be, and as plain text."""
    found = history.newest(learner.learner_id)
    context: dict[str, Any] = {"nav": "", "sent": None}
    if found is not None:
        row, said = found
        minor = signals.switches(learner.learner_id).minor
        choice = choices.of(learner.learner_id)
        address = choices.mail(learner.learner_id, minor=minor).address
        context |= {
            "sent": message.build(row, choice, said, to=address),
            "words": said,
            "to": address,
            "often": message.often(choice),
        }
    return render(request, "experience/nudges_mail.html", context)


@require_POST
@learners_only
def switch(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Stop all reminders, or let them come again: one click each."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Say on=1 or on=0."))
    on = form.cleaned_data["on"] == "1"
    if on and signals.switches(learner.learner_id).age_band == UNDER_13:
        messages.error(request, gettext("Under 13 no profile is kept, so nobody is reminded."))
        return redirect("experience:nudges")
    choices.change(learner.learner_id, actor=learner.actor, now=now(), wanted=on, paused_until=None)
    messages.success(
        request,
        gettext("Reminders are on.")
        if on
        else gettext("Reminders are stopped, on the page and by e-mail. Nothing is lost."),
    )
    back = redirect(way_back(request, ""))
    if not on:
        request.session[page.STOPPED] = True  # so that the next page offers the way back
    return back


@require_POST
@learners_only
def pause(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Have no reminders for a while, or again now."""
    said = request.POST.get("days", "")
    if said not in {"0", *map(str, choices.PAUSES)}:
        raise BadRequest(gettext("Say days=7, days=30, or days=0 to end the pause."))
    until = now() + timedelta(days=int(said)) if said != "0" else None
    choices.change(learner.learner_id, actor=learner.actor, now=now(), paused_until=until)
    messages.success(
        request, gettext("Reminders pause.") if until else gettext("The pause is over.")
    )
    return redirect("experience:nudges")


@require_POST
@learners_only
def later(request: HttpRequest, learner: Learner, reminder_id: UUID) -> HttpResponseBase:
    """Put one reminder off until tomorrow."""
    if not page.answer(learner.learner_id, reminder_id, page.LATER, now=now()):
        raise Http404(gettext("There is no such reminder."))
    messages.success(request, gettext("Tomorrow, then."))
    return redirect(way_back(request))


@require_POST
@learners_only
def coming(request: HttpRequest, learner: Learner, reminder_id: UUID) -> HttpResponseBase:
    """Say that one comes to the live session of a message, or does not."""
    said = request.POST.get("comes", "")
    if said not in {"0", "1"}:
        raise BadRequest(gettext("Say comes=1 or comes=0."))
    if not sessions.say(learner.learner_id, reminder_id, comes=said == "1", now=now()):
        raise Http404(gettext("There is no such session, or it has begun."))
    messages.success(
        request, gettext("You are expected.") if said == "1" else gettext("You are not expected.")
    )
    return redirect(way_back(request))


@csrf_exempt  # who asks is the mail program: it has the link, and nothing else
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reminders of who got this link by e-mail: one button, and nothing to sign in to."""
    learner_id = message.learner_of_link(token) if len(token) <= TOKEN_LONGEST else None
    if learner_id is None:
        raise Http404(gettext("This link is not whole. Stop reminders on the page Reminders."))
    stopped = request.method == "POST"
    if stopped:
        actor = Actor(kind=ActorKind.LEARNER, name=str(learner_id))
        with suppress(signals.ErasedLearnerError):  # who is gone is not reminded
            choices.change(learner_id, actor=actor, now=now(), wanted=False, by_mail=False)
    answer = render(request, "experience/nudges_stop.html", {"nav": "", "stopped": stopped})
    answer["Cache-Control"] = "private, no-store"
    return answer


def _page(request: HttpRequest, learner: Learner, form: ChoiceForm | None) -> HttpResponse:
    moment = now()
    choice = choices.of(learner.learner_id)
    said = signals.switches(learner.learner_id)
    state = signals.learner_state(learner.learner_id, now=moment)
    against = choices.against(choice, state, now=moment) if state is not None else None
    sent = history.sent(learner.learner_id)
    return render(
        request,
        "experience/nudges.html",
        {
            "nav": "",
            "choice": _asked(choice, form),
            "errors": form.errors if form else {},
            "on": choices.wanted(choice, minor=said.minor)
            and against is not choices.Against.UNDER_13,
            "against": against.value if against else "",
            "most": policy.current().most_a_week,
            "mail_after_days": policy.current().mail_after_days,
            "mail": choices.mail(learner.learner_id, minor=said.minor),
            "hours": HOURS,
            "zones": sorted(available_timezones()),
            "pauses": choices.PAUSES,
            "lately": history.lately(learner.learner_id, now=moment),
            "sent": sent,
            "newest": next((one for one in sent if one.words), None),
        },
    )


def _asked(choice: ReminderChoice, form: ChoiceForm | None) -> Any:
    """Return what the form shows: what is kept, or what was just sent and is not sound."""
    if form is None:
        return choice
    return {name: form.data.get(name) for name in form.fields}
