"""How does a learner dismiss the tour or a tip? (L5) For good, with one click."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from personalize.experience.forms import way_back
from personalize.experience.guidance import tips, visits
from personalize.experience.guidance.home import DISMISSED
from personalize.experience.people import Learner, learners_only
from signals.clock import now


@require_POST
@learners_only
def close(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Dismiss it; nothing else changes."""
    what = request.POST.get("what", "")
    if what not in {DISMISSED, *tips.KEYS}:
        raise BadRequest(gettext("Say what to dismiss: the tour, or a tip that is shown."))
    visits.close(learner.learner_id, what, now=now())
    return redirect(way_back(request))
