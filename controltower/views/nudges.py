"""People at the controls: how many reminders do learners get, what do they say, who stops them?"""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from controltower import access, second_step
from personalize import api as personalize
from signals.clock import now

KINDS = {
    "next": gettext_lazy("Next lesson of a course that was begun"),
    "quiz": gettext_lazy("A quiz that was nearly passed"),
    "path": gettext_lazy("Next step of a path"),
    "group": gettext_lazy("Message of a campaign"),
}
CHANNELS = {"page": gettext_lazy("on page"), "mail": gettext_lazy("e-mail")}


class LimitsForm(forms.Form):
    """How many at most, and after how long an e-mail."""

    most_a_week = forms.IntegerField()
    mail_after_days = forms.IntegerField()
    reason = forms.CharField(required=False, max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_see_reminders)
def nudges(request: HttpRequest) -> HttpResponse:
    """Show what was sent and what a reminder says; let who may set the limits, or stop them all."""
    if request.method != "POST":
        return _page(request, None)
    if not access.may_change_reminders(access.roles_of(request.user)):
        raise PermissionDenied
    form = LimitsForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    wanted = form.cleaned_data
    held = personalize.reminder_limits()
    more = wanted["most_a_week"] > held.most_a_week
    sooner = wanted["mail_after_days"] < held.mail_after_days and wanted["most_a_week"] > 0
    if (more or sooner) and (asked := second_step.proof_wanted(request)) is not None:
        return asked
    try:
        personalize.set_reminder_limits(access.actor_of(request), **wanted, now=now())
    except ValidationError as error:
        for name, found in error.message_dict.items():
            form.add_error(name, found)
        return _page(request, form)
    messages.success(
        request,
        gettext("In force. Nothing more is shown or sent beyond it.")
        if wanted["most_a_week"]
        else gettext("Nobody is reminded any more, on pages and by e-mail."),
    )
    return redirect("tower:nudges")


def _page(request: HttpRequest, form: LimitsForm | None) -> HttpResponse:
    limits = personalize.reminder_limits()
    shown = form or LimitsForm(
        initial={"most_a_week": limits.most_a_week, "mail_after_days": limits.mail_after_days}
    )
    context = {
        "nav": "nudges",
        "form": shown,
        "limits": limits,
        "may_change": access.may_change_reminders(access.roles_of(request.user)),
        "counted": [
            {"kind": KINDS[row.kind], "channel": CHANNELS[row.channel], "row": row}
            for row in personalize.reminders_counted(now=now())
        ],
        "chosen": personalize.reminders_chosen(),
        "example": personalize.reminder_example(),
    }
    return render(request, "tower/nudges.html", context)
