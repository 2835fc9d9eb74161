"""People at the controls: which kind of event is each verb of xAPI, and which are undecided?"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from controltower import access, second_step
from controltower.forms import VerbForm
from signals import api as signals
from signals.clock import now
from signals.data import VerbPreview, VerbRuleRow

NOT_KEPT = gettext_lazy("not kept")
MATCHED = 40  # rules of a search that are shown without opening a kind


@dataclass(frozen=True, slots=True)
class Group:
    """The rules that lead to one kind."""

    kind: str  # in words
    rules: tuple[VerbRuleRow, ...]


@require_safe
@access.requires(access.may_see_sources)
def verbs(request: HttpRequest) -> HttpResponse:
    """Show the verbs no rule knows, and the rules there are."""
    asked = request.GET.get("q", "").strip()[:255]
    rules = signals.verb_rules()
    found = [rule for rule in rules if _fits(rule, asked)]
    context = {
        "nav": "sources",
        "unmapped": signals.unmapped_verbs(),
        "hidden": signals.hidden_verbs(),
        "groups": _groups(found),
        "rules": len(rules),
        "found": len(found),
        "asked": asked,
        "open": bool(asked) and len(found) <= MATCHED,
        "taking_in": any(rule.taking_in for rule in rules),
        "may_change": access.may_change_verbs(access.roles_of(request.user)),
    }
    return render(request, "tower/verbs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_change_verbs)
def rule(request: HttpRequest) -> HttpResponse:
    """Show the rule of a verb, play a change through, keep it, or forget the rule."""
    kinds = [kind.name for kind in signals.kind_labels()]
    if request.method != "POST":
        return _page(request, VerbForm(initial=_initial(request), kinds=kinds))
    form = VerbForm(request.POST, kinds=kinds)
    step = request.POST.get("step", "")
    if not form.is_valid():
        return _page(request, form)
    try:
        if step == "preview":
            played = signals.preview_verb_rule(access.actor_of(request), form.rule())
            return _page(request, form, played)
        if (asked := second_step.proof_wanted(request)) is not None:
            return asked
        said = _forget(request, form) if step == "forget" else _keep(request, form)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form)
    messages.success(request, said)
    return redirect("tower:verbs")


def _keep(request: HttpRequest, form: VerbForm) -> str:
    new = form.rule()
    reason = form.cleaned_data["reason"]
    signals.set_verb_rule(access.actor_of(request), new, reason=reason, now=now())
    if not new.kind:
        return gettext("Statements with this verb are not kept any more, within five seconds.")
    if new.take_in:
        return gettext("In force within five seconds. What waited is taken in within two minutes.")
    return gettext("In force within five seconds, and written into the ledger.")


def _forget(request: HttpRequest, form: VerbForm) -> str:
    new = form.rule()
    try:
        signals.drop_verb_rule(
            access.actor_of(request),
            verb=new.verb,
            activity_type=new.activity_type,
            reason=form.cleaned_data["reason"],
            now=now(),
        )
    except LookupError:
        return gettext("There was no such rule any more.")
    return gettext("The rule is forgotten. Statements with its verb wait for a decision again.")


def _page(request: HttpRequest, form: VerbForm, preview: VerbPreview | None = None) -> HttpResponse:
    held = _held(str(form["verb"].value() or ""), str(form["activity_type"].value() or ""))
    context = {"nav": "sources", "form": form, "held": held, "preview": preview}
    return render(request, "tower/verb.html", context)


def _initial(request: HttpRequest) -> dict[str, object]:
    verb, of_type = request.GET.get("verb", "")[:255], request.GET.get("type", "")[:255]
    held = _held(verb, of_type)
    return {
        "verb": verb,
        "activity_type": of_type,
        "kind": held.kind or VerbForm.NOT_KEPT if held else "",
        "take_in": held is None,
    }


def _held(verb: str, of_type: str) -> VerbRuleRow | None:
    for row in signals.verb_rules():
        if (row.verb, row.activity_type) == (verb, of_type):
            return row
    return None


def _fits(row: VerbRuleRow, asked: str) -> bool:
    words = f"{row.verb} {row.activity_type} {row.kind or NOT_KEPT}".casefold()
    return all(word in words for word in asked.casefold().split())


def _groups(rules: Iterable[VerbRuleRow]) -> list[Group]:
    by_kind = sorted(rules, key=lambda row: (row.kind == "", row.kind, row.verb, row.activity_type))
    return [
        Group(kind or str(NOT_KEPT), tuple(found))
        for kind, found in groupby(by_kind, key=lambda row: row.kind)
    ]
