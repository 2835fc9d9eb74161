"""People at the controls: which language model does each agent use, what may it cost, is it on?"""

from dataclasses import dataclass
from typing import Any

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
from personalize.api import AgentChoice, AgentState
from signals.clock import now

FIELD_OF = {"deadline_ms": "deadline_s"}  # people say seconds
LEAVES = {  # what a request of each agent holds beside its instructions
    "answers": gettext_lazy(
        "The question as it was typed, and the sentences of the lessons that answer it. No name, no"
        " number of a learner, nothing of what they did. Northway keeps neither question nor"
        " answer."
    ),
    "briefs": gettext_lazy(
        "The topic of the brief, the opening made without a model, and the brief's figures with"
        " their titles: counts of many learners together, of job posts, and estimates. Nothing of"
        " a single learner. What passes the check is kept with the brief."
    ),
}


class ChoiceForm(forms.Form):
    """What an agent may use."""

    backend = forms.CharField(max_length=40)
    base_url = forms.CharField(required=False, max_length=300)
    model = forms.CharField(required=False, max_length=120)
    deadline_s = forms.DecimalField(max_digits=7, decimal_places=3)
    tokens = forms.IntegerField()
    price_in = forms.FloatField()
    price_out = forms.FloatField()
    cap_a_day = forms.FloatField()
    reason = forms.CharField(required=False, max_length=200)


class SwitchForm(forms.Form):
    """Why an agent is switched off, or on."""

    reason = forms.CharField(required=False, max_length=200)


@dataclass(frozen=True, slots=True)
class Shown:
    """One agent with its forms."""

    state: AgentState
    form: ChoiceForm
    switch: SwitchForm
    leaves: str  # what a server gets; empty where no model is asked


@require_safe
@access.requires(access.may_see_agents)
def agents(request: HttpRequest) -> HttpResponse:
    """Show every agent: what it uses, what it may spend, what it spent."""
    return _page(request)


@require_POST
@access.requires(access.may_see_agents)
def agent(request: HttpRequest, agent: str) -> HttpResponse:
    """Put in force what an agent may use."""
    state = _state(request, agent)
    form = ChoiceForm(request.POST, auto_id=f"{agent}_%s")
    if not form.is_valid():
        return _page(request, form=(agent, form))
    said = dict(form.cleaned_data)
    if (asked := second_step.proof_wanted(request)) is not None:
        return asked
    reason = said.pop("reason")
    wanted = AgentChoice(
        on=state.setting.on, deadline_ms=round(1000 * said.pop("deadline_s")), **said
    )
    try:
        personalize.set_agent(access.actor_of(request), agent, wanted, reason=reason, now=now())
    except ValidationError as error:
        _tell(form, error)
        return _page(request, form=(agent, form))
    messages.success(request, gettext("In force from the next call on."))
    return redirect("tower:agents")


@require_POST
@access.requires(access.may_see_agents)
def switch(request: HttpRequest, agent: str) -> HttpResponse:
    """Switch an agent off, or on as it was."""
    _state(request, agent)
    on = "on" in request.POST
    form = SwitchForm(request.POST, auto_id=f"{agent}_switch_%s")
    if not form.is_valid():
        return _page(request, switch=(agent, form))
    if on and (asked := second_step.proof_wanted(request)) is not None:
        return asked
    reason = form.cleaned_data["reason"]
    try:
        personalize.switch_agent(access.actor_of(request), agent, on=on, reason=reason, now=now())
    except ValidationError as error:
        _tell(form, error)
        return _page(request, switch=(agent, form))
    messages.success(
        request, gettext("It is on.") if on else gettext("It is off. Nobody is shown it any more.")
    )
    return redirect("tower:agents")


def _state(request: HttpRequest, key: str) -> AgentState:
    """Return an agent that is to be changed. Raises PermissionDenied, Http404."""
    if not access.may_change_agents(access.roles_of(request.user)):
        raise PermissionDenied
    for state in personalize.agents(now=now()):
        if state.key == key:
            return state
    raise Http404(gettext("There is no such agent."))


def _tell(form: forms.Form, error: ValidationError) -> None:
    for name, found in error.message_dict.items():
        form.add_error(FIELD_OF.get(name, name), found)


def _page(
    request: HttpRequest,
    *,
    form: tuple[str, ChoiceForm] | None = None,
    switch: tuple[str, SwitchForm] | None = None,
) -> HttpResponse:
    forms_sent, switches_sent = dict([form] if form else []), dict([switch] if switch else [])
    context = {
        "nav": "agents",
        "may_change": access.may_change_agents(access.roles_of(request.user)),
        "backends": personalize.agent_backends(),
        "currency": settings.CURRENCY,
        "addresses": personalize.agent_addresses(),
        "agents": [
            Shown(
                state,
                forms_sent.get(state.key)
                or ChoiceForm(initial=_initial(state.setting), auto_id=f"{state.key}_%s"),
                switches_sent.get(state.key) or SwitchForm(auto_id=f"{state.key}_switch_%s"),
                str(LEAVES.get(state.key, "")),
            )
            for state in personalize.agents(now=now())
        ],
    }
    return render(request, "tower/agents.html", context)


def _initial(chosen: AgentChoice) -> dict[str, Any]:
    return {
        "backend": chosen.backend,
        "base_url": chosen.base_url,
        "model": chosen.model,
        "deadline_s": _short(chosen.deadline_ms / 1000),
        "tokens": chosen.tokens,
        "price_in": _short(chosen.price_in),
        "price_out": _short(chosen.price_out),
        "cap_a_day": _short(chosen.cap_a_day),
    }


def _short(number: float) -> float | int:
    """Return a number as people would type it: 2, not 2.0."""
    return int(number) if number == int(number) else number
