"""People at the controls: what does the agent propose of courses, and who says yes or no?"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from controltower import access
from controltower.views.metadata_words import decided_words, evidence, headline, learned
from personalize import api as personalize
from personalize.api import KindState, ProposalRow
from signals.clock import now

STEPS = {
    "accept": personalize.accept_metadata,
    "reject": personalize.reject_metadata,
    "undo": personalize.undo_metadata,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One proposal in words."""

    row: ProposalRow
    headline: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of proposal."""

    state: KindState
    learned: str
    here: bool


@require_safe
@access.requires(access.may_see_metadata)
def metadata(request: HttpRequest) -> HttpResponse:
    """Show what is proposed of one kind, with what speaks for it, and what was decided last."""
    state = personalize.metadata_state()
    kinds = {one.kind: one for one in state.kinds}
    kind = request.GET.get("kind") or next(
        (one.kind for one in state.kinds if one.open), state.kinds[0].kind
    )
    if kind not in kinds:
        raise Http404(gettext("There is no such kind of proposal."))
    context: dict[str, Any] = {
        "nav": "metadata",
        "state": state,
        "tabs": [Tab(one, learned(one), one.kind == kind) for one in state.kinds],
        "kind": kinds[kind],
        "learned": learned(kinds[kind]),
        "rows": [_shown(row) for row in personalize.metadata_proposals(kind)],
        "decided": [(_shown(row), decided_words(row)) for row in personalize.metadata_decided()],
        "may_decide": access.may_decide_metadata(access.roles_of(request.user)),
    }
    return render(request, "create/metadata.html", context)


@require_POST
@access.requires(access.may_see_metadata)
def decide(request: HttpRequest, proposal_id: int, step: str) -> HttpResponse:
    """Accept, reject or undo one proposal."""
    if step not in STEPS:
        raise Http404(gettext("There is no such step."))
    if not access.may_decide_metadata(access.roles_of(request.user)):
        raise PermissionDenied
    kind = request.POST.get("kind", "")
    try:
        kind = STEPS[step](access.actor_of(request), proposal_id, now=now())
    except personalize.NoProposalError as error:
        raise Http404(gettext("There is no such proposal.")) from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = {
            "accept": gettext("Accepted. The catalogue says so from now on."),
            "reject": gettext("Rejected. It will not be proposed again."),
            "undo": gettext("Undone. It is open again, and the catalogue is as it was."),
        }
        if step == "accept" and kind == "quality":
            said["accept"] = gettext("Taken up. Nothing in the catalogue changes by it.")
        messages.success(request, said[step])
    return redirect(f"{reverse('tower:metadata')}?kind={kind}")


def _shown(row: ProposalRow) -> Shown:
    return Shown(row, headline(row), evidence(row))
