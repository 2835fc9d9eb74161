"""People at the controls: a step of an experiment is asked for, by whom and why?"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from controltower import access, second_step
from controltower.views.experiments.ask import KEEP, WORDS, Refused
from controltower.views.experiments.page import show
from experiments import api as experiments
from experiments.data import ExperimentRefusedError
from signals.clock import now
from signals.data import Actor

Take = Callable[[Actor, str, "StepForm", datetime], None]


class StepForm(forms.Form):
    """Why a step is taken; which decision, and back to which share, where that is asked."""

    reason = forms.CharField(required=False, max_length=1000)
    verdict = forms.CharField(required=False, max_length=20)
    share = forms.FloatField(required=False, min_value=0, max_value=1)

    def said(self, name: str) -> str:
        """Return what was typed, also where it is too long to be kept."""
        return str(self.cleaned_data.get(name) or self.data.get(name, ""))


def _register(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.register(actor, key=key, now=at)


def _approve(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.approve(actor, key=key, reason=form.said("reason"), now=at)


def _start(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.start(actor, key=key, now=at)


def _pause(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.pause(actor, key=key, reason=form.said("reason"), now=at)


def _resume(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.resume(actor, key=key, reason=form.said("reason"), now=at)


def _stop(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.stop(actor, key=key, reason=form.said("reason"), now=at)


def _widen(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.widen(actor, key=key, now=at)


def _narrow(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    share = form.cleaned_data["share"] or 0.0
    experiments.narrow(actor, key=key, share=share, reason=form.said("reason"), now=at)


def _approve_shipping(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.approve_shipping(actor, key=key, reason=form.said("reason"), now=at)


def _decide(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    verdict, reason = form.said("verdict"), form.said("reason")
    experiments.decide(actor, key=key, verdict=verdict, reason=reason, now=at)


def _answer(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    keeps, reason = form.said("verdict") == KEEP, form.said("reason")
    experiments.answer_reopened(actor, key=key, keeps=keeps, reason=reason, now=at)


def _archive(actor: Actor, key: str, form: StepForm, at: datetime) -> None:
    experiments.archive(actor, key=key, reason=form.said("reason"), now=at)


STEPS: Mapping[str, Take] = {
    "register": _register,
    "approve": _approve,
    "start": _start,
    "pause": _pause,
    "resume": _resume,
    "widen": _widen,
    "narrow": _narrow,
    "stop": _stop,
    "approve-shipping": _approve_shipping,
    "decide": _decide,
    "answer": _answer,
    "archive": _archive,
}


# What brings an arm to more learners, and where a second person stands in for it.
PROVED = frozenset({"approve", "start", "resume", "widen", "approve-shipping", "decide"})


@require_POST
@access.requires(access.may_run_experiments)
def take(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """Take a step; where it is refused the page comes back with the reason at the step."""
    if step not in STEPS:
        raise Http404(f"No experiment takes the step {step}.")
    if step in PROVED and (asked := second_step.proof_wanted(request)) is not None:
        return asked
    form = StepForm(request.POST)
    sentence = _refusal(request, form, key=key, step=step)
    if sentence:
        refused = Refused(step, sentence, form.said("reason"), form.said("verdict"))
        return show(request, key, refused=refused)
    messages.success(request, str(WORDS[step].done))
    return redirect("tower:experiment", key)


def _refusal(request: HttpRequest, form: StepForm, *, key: str, step: str) -> str:
    """Take the step and return an empty text, or say why it was refused."""
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    try:
        STEPS[step](access.actor_of(request), key, form, now())
    except ExperimentRefusedError as error:
        return str(error)
    return ""
