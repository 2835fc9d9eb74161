"""People at the controls: which groups stand still, what is said to them, and did it help?"""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from controltower import access, second_step
from personalize import api as personalize
from personalize.api import CampaignSeen, CampaignWanted
from signals.clock import now

GROUPS = {
    "stuck": gettext_lazy("Stuck before a module"),
    "not_begun": gettext_lazy("Enrolled and not begun"),
    "not_passed": gettext_lazy("Quiz not passed"),
}
LEFT_OUT = {
    "off": gettext_lazy("want no reminders"),
    "paused": gettext_lazy("paused reminders"),
    "personalization": gettext_lazy("switched personalization off"),
    "under13": gettext_lazy("are under 18"),
    "held_back": gettext_lazy("are in the permanent comparison group"),
    "gone": gettext_lazy("are not here any more"),
}
READINGS = {
    "helped": (gettext_lazy("Helped"), "ok"),
    "harmed": (gettext_lazy("Harmed"), "bad"),
    "not shown": (gettext_lazy("Not shown"), ""),
}
SAID = {
    "save": gettext_lazy("Kept as a draft. Nothing is sent."),
    "approve": gettext_lazy("Approved. It goes out in batches, every ten minutes."),
    "decline": gettext_lazy("Declined. This place is not proposed again for sixty days."),
    "stop": gettext_lazy("Stopped. Nothing more is shown or sent."),
}
TEXT = "text_"


class CampaignForm(forms.Form):
    """What a person makes of a proposal; texts by language beside it."""

    bundle = forms.TypedMultipleChoiceField(required=False, coerce=int)
    session = forms.CharField(required=False, max_length=160)
    session_at = forms.DateTimeField(required=False)
    by_mail = forms.BooleanField(required=False)
    compare = forms.IntegerField()  # percent
    most = forms.IntegerField()
    ends_on = forms.DateField()
    reason = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: object, offered: list[tuple[int, str]], **others: object) -> None:
        """Offer the courses of the proposal, and a text for each language of pages."""
        super().__init__(*args, **others)  # type: ignore[arg-type]  # as Django's
        self.fields["bundle"].choices = offered  # type: ignore[attr-defined]  # of its class
        for code, _name in settings.LANGUAGES:
            self.fields[TEXT + code] = forms.CharField(required=False, max_length=400)

    def wanted(self) -> CampaignWanted:
        """Return what was asked for."""
        said = self.cleaned_data
        return CampaignWanted(
            texts={code: said[TEXT + code] for code, _name in settings.LANGUAGES},
            bundle=tuple(said["bundle"]),
            session=said["session"],
            session_at=said["session_at"],
            by_mail=said["by_mail"],
            compare_share=said["compare"] / 100,
            most=said["most"],
            ends_on=said["ends_on"],
        )

    @property
    def texts(self) -> list[tuple[str, forms.BoundField]]:
        """Return the texts with the language each is in."""
        return [(name, self[TEXT + code]) for code, name in settings.LANGUAGES]


@require_safe
@access.requires(access.may_see_campaigns)
def campaigns(request: HttpRequest) -> HttpResponse:
    """Show groups that stand still, the first proposal, and what earlier ones brought."""
    return _page(request, None)


@require_safe
@access.requires(access.may_see_campaigns)
def campaign(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one campaign."""
    return _page(request, _found(number))


@require_POST
@access.requires(access.may_see_campaigns)
def step(request: HttpRequest, number: UUID, step: str) -> HttpResponse:
    """Save, approve, decline or stop a campaign."""
    roles = access.roles_of(request.user)
    needs = (
        personalize.may_approve_campaigns
        if step in {"approve", "stop"}
        else personalize.may_edit_campaigns
    )
    if step not in SAID:
        raise Http404(gettext("There is no such step."))
    if not needs(roles):
        raise PermissionDenied
    found = _found(number)
    form = CampaignForm(request.POST, offered=_offered(found))
    sound = form.is_valid() if step in {"save", "approve"} else True
    if not sound:
        return _page(request, found, form)
    if step == "approve" and (asked := second_step.proof_wanted(request)) is not None:
        return asked  # what is sent to many cannot be called back
    try:
        _take(request, number, step, form)
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            form.add_error(name, texts)
        return _page(request, found, form)
    except LookupError:
        messages.error(request, gettext("It does not stand where it stood. Look again."))
    else:
        messages.success(request, str(SAID[step]))
    if step == "decline":
        return redirect("tower:campaigns")
    return redirect("tower:campaign", number)


def _take(request: HttpRequest, number: UUID, step: str, form: CampaignForm) -> None:
    actor, at = access.actor_of(request), now()
    reason = form.data.get("reason", "")[:200]
    if step == "save":
        personalize.edit_campaign(actor, number, form.wanted(), now=at)
    elif step == "approve":
        personalize.approve_campaign(actor, number, form.wanted(), reason=reason, now=at)
    elif step == "decline":
        personalize.decline_campaign(actor, number, reason=reason, now=at)
    else:
        personalize.stop_campaign(actor, number, reason=reason, now=at)


def _found(number: UUID) -> CampaignSeen:
    found = personalize.campaign(number, now=now())
    if found is None:
        raise Http404(gettext("There is no such campaign."))
    return found


def _offered(found: CampaignSeen) -> list[tuple[int, str]]:
    return list(zip(found.row.bundle, found.bundle, strict=False))


def _page(
    request: HttpRequest, chosen: CampaignSeen | None, form: CampaignForm | None = None
) -> HttpResponse:
    every = personalize.campaigns(now=now())
    proposed = [one for one in every if one.state == "proposed"]
    shown = chosen or (proposed[0] if proposed else None)
    roles = access.roles_of(request.user)
    context = {
        "nav": "campaigns",
        "proposed": [(one, str(GROUPS[one.kind])) for one in proposed],
        "begun": [(one, str(GROUPS[one.kind]), _reading(one)) for one in every if one.reach],
        "running": sum(one.state == "running" for one in every),
        "over": sum(one.state in {"stopped", "finished"} for one in every),
        "shown": shown,
        "group": str(GROUPS[shown.kind]) if shown else "",
        "reading": _reading(shown) if shown and shown.reach else None,
        "left_out": [(str(LEFT_OUT.get(why, why)), n) for why, n in shown.left_out]
        if shown
        else [],
        "form": form or (_form(shown) if shown else None),
        "may_edit": personalize.may_edit_campaigns(roles),
        "may_approve": personalize.may_approve_campaigns(roles),
    }
    return render(request, "tower/campaigns.html", context)


def _reading(one: CampaignSeen) -> tuple[str, str]:
    if one.uplift is None:
        over = one.state in {"stopped", "finished"}
        return (gettext("Not shown") if over else gettext("Running"), "")
    words, tone = READINGS[one.uplift.reading]
    return str(words), tone


def _form(one: CampaignSeen) -> CampaignForm:
    row = one.row
    initial = {
        "bundle": row.bundle,
        "session": row.session,
        "session_at": f"{row.session_at:%Y-%m-%dT%H:%M}" if row.session_at else "",
        "by_mail": row.by_mail,
        "compare": round(100 * row.compare_share),
        "most": row.most,
        "ends_on": row.ends_on,
        **{TEXT + code: text for code, text in row.texts.items()},
    }
    return CampaignForm(initial=initial, offered=_offered(one))
