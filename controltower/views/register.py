"""People at the controls: which features choose or say something, why, and who answers for them?"""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from controltower import access, second_step
from controltower.exports import csv_file
from personalize import api as personalize
from personalize.api import RegisterEntry
from signals import api as signals
from signals.clock import now

RISKS = {
    "high": (gettext_lazy("High"), "warn"),
    "limited": (gettext_lazy("Limited"), ""),
    "minimal": (gettext_lazy("Minimal"), ""),
}
COLUMNS = (
    "feature",
    "title",
    "purpose",
    "risk under the AI Act",
    "reason for the class",
    "oversight",
    "signals",
    "beside signals",
    "legal basis",
    "kept for months",
    "readers",
    "off-switch",
    "on",
    "model",
    "last evaluated",
    "owner",
    "review by",
)
KIND_COLUMNS = ("signal", "tier", "purpose", "legal basis", "kept for months", "used by")


class DutyForm(forms.Form):
    """Who answers for a feature."""

    owner = forms.CharField(max_length=80)
    review_by = forms.DateField()
    reason = forms.CharField(max_length=200)


class SwitchForm(forms.Form):
    """Why a feature is closed, or opened again."""

    reason = forms.CharField(required=False, max_length=200)


@dataclass(frozen=True, slots=True)
class Shown:
    """One feature with its class of risk in words."""

    entry: RegisterEntry
    risk: str
    tone: str


@require_safe
@access.requires(access.may_see_register)
def register(request: HttpRequest) -> HttpResponse:
    """Show every feature, every kind of signal, and what is due."""
    found = personalize.register_entries(now=now())
    kinds = signals.contract().kinds
    context = {
        "nav": "register",
        "at": now(),
        "features": [_shown(entry) for entry in found],
        "undeclared": personalize.register_undeclared(),
        "kinds": [(kind, _users(kind.name, found)) for kind in kinds],
        "high": sum(entry.feature.risk == "high" for entry in found),
        "high_unanswered": sum(
            entry.feature.risk == "high" and not entry.duty.owner for entry in found
        ),
        "off": sum(not entry.on for entry in found),
        "unanswered": sum(not entry.duty.owner for entry in found),
        "overdue": sum(entry.overdue for entry in found),
        "due": sorted(
            (entry for entry in found if entry.duty.review_by),
            key=lambda entry: str(entry.duty.review_by),
        ),
    }
    return render(request, "tower/register.html", context)


@require_safe
@access.requires(access.may_see_register)
def feature(request: HttpRequest, key: str) -> HttpResponse:
    """Show one feature with all that is written of it."""
    return _page(request, _entry(key))


@require_POST
@access.requires(access.may_see_register)
def assign(request: HttpRequest, key: str) -> HttpResponse:
    """Say who answers for a feature, and until when it is looked at again."""
    if not personalize.may_answer_features(access.roles_of(request.user)):
        raise PermissionDenied
    entry, form = _entry(key), DutyForm(request.POST)
    if form.is_valid():
        try:
            personalize.assign_feature(
                access.actor_of(request), key, **form.cleaned_data, now=now()
            )
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, gettext("Kept, and written into the ledger."))
            return redirect("tower:register_feature", key=key)
    return _page(request, entry, duty=form)


@require_POST
@access.requires(access.may_see_register)
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Close a feature for everybody at once, or open it again."""
    off = "off" in request.POST
    if not personalize.may_switch_features(access.roles_of(request.user), off=off):
        raise PermissionDenied
    entry, form = _entry(key), SwitchForm(request.POST)
    if form.is_valid():
        if not off and (asked := second_step.proof_wanted(request)) is not None:
            return asked
        reason = form.cleaned_data["reason"]
        try:
            personalize.switch_feature(
                access.actor_of(request), key, off=off, reason=reason, now=now()
            )
        except ValidationError as error:
            _refuse(form, error)
        else:
            said = gettext("It is off for everybody.") if off else gettext("It is open again.")
            messages.success(request, said)
            return redirect("tower:register_feature", key=key)
    return _page(request, entry, switch=form)


@require_safe
@access.requires(access.may_see_register)
def features_csv(_request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the register of features as a table."""
    rows = (_row(entry) for entry in personalize.register_entries(now=now()))
    return csv_file(f"register-of-features-{now():%Y-%m-%d}", COLUMNS, rows)


@require_safe
@access.requires(access.may_see_register)
def signals_csv(_request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the register of signals as a table."""
    found = personalize.register_entries(now=now())
    rows = (
        (
            kind.name,
            kind.tier,
            kind.purpose,
            kind.legal_basis,
            kind.retention_months,
            ", ".join(_users(kind.name, found)),
        )
        for kind in signals.contract().kinds
    )
    return csv_file(f"register-of-signals-{now():%Y-%m-%d}", KIND_COLUMNS, rows)


def _shown(entry: RegisterEntry) -> Shown:
    risk, tone = RISKS[entry.feature.risk]
    return Shown(entry, str(risk), tone)


def _users(kind: str, found: tuple[RegisterEntry, ...]) -> list[str]:
    return [str(entry.feature.title) for entry in found if kind in entry.feature.kinds]


def _entry(key: str) -> RegisterEntry:
    for entry in personalize.register_entries(now=now()):
        if entry.feature.key == key:
            return entry
    raise Http404(gettext("There is no such feature."))


def _refuse(form: forms.Form, error: ValidationError) -> None:
    for name, found in error.message_dict.items():
        form.add_error(name, found)


def _page(
    request: HttpRequest,
    entry: RegisterEntry,
    *,
    duty: DutyForm | None = None,
    switch: SwitchForm | None = None,
) -> HttpResponse:
    roles = access.roles_of(request.user)
    initial = {"owner": entry.duty.owner, "review_by": entry.duty.review_by}
    context = {
        "nav": "register",
        "shown": _shown(entry),
        "duty": duty or DutyForm(initial=initial),
        "switch": switch or SwitchForm(auto_id="switch_%s"),
        "may_answer": personalize.may_answer_features(roles),
        "may_switch": personalize.may_switch_features(roles, off=not entry.thrown)
        and (bool(entry.feature.switch) or personalize.may_set_agents(roles)),
    }
    return render(request, "tower/register_feature.html", context)


def _row(entry: RegisterEntry) -> tuple[object, ...]:
    feature = entry.feature
    return (
        feature.key,
        str(feature.title),
        str(feature.purpose),
        feature.risk,
        feature.why,
        str(feature.oversight),
        ", ".join(feature.kinds),
        feature.beside,
        ", ".join(entry.basis),
        entry.kept_months,
        feature.readers,
        feature.switch or f"agent {feature.agent}",
        "yes" if entry.on else "no",
        entry.model,
        entry.evaluated,
        entry.duty.owner,
        entry.duty.review_by,
    )
