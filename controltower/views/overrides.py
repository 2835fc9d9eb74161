"""People at the controls: what is boosted or suppressed, and what would a change do?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from controltower import access, second_step
from controltower.forms import GOAL, REASONS, OverrideForm
from controltower.views.effects import Told, came, cohort_words, told, what
from controltower.views.ranking import Compared, compare
from personalize import api as personalize
from personalize.data import Change, OverrideLimits, OverrideRow
from signals import catalogue
from signals.clock import now

SOON = timedelta(days=1)
SUGGESTED = 300  # courses offered while typing
GOALS = 12  # fields to look at in the preview
HOME = "home"  # where a change that acts everywhere is previewed

LABELS = {
    Change.BOOST: gettext_lazy("Boost"),
    Change.LOWER: gettext_lazy("Lower"),
    Change.PIN: gettext_lazy("Pin"),
    Change.HIDE: gettext_lazy("Hide"),
}
TONES = {Change.BOOST: "ok", Change.PIN: "ok", Change.LOWER: "", Change.HIDE: "bad"}
STATES = ("active", "waiting", "mine", "ended")


@dataclass(frozen=True, slots=True)
class Line:
    """One change as the table shows it; state is empty while it acts."""

    row: OverrideRow
    title: str
    soon: bool
    what: str
    tone: str
    where: str
    whom: str  # "" for everyone
    state: str
    may_undo: bool
    may_decide: bool
    came: str  # of it, as far as it is measured


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_see_overrides)
def boosts(request: HttpRequest) -> HttpResponse:
    """Show the changes; play a new one through, or publish it."""
    at = now()
    actor = access.actor_of(request)
    limits = personalize.override_limits(actor.roles)
    if request.method != "POST":
        form = OverrideForm(limits=limits, today=at.astimezone(UTC).date())
        return _page(request, form, limits, None, at)
    form = OverrideForm(request.POST, limits=limits, today=at.astimezone(UTC).date())
    if not form.is_valid():
        return _page(request, form, limits, None, at)
    new = form.override()
    try:
        if request.POST.get("step") == "preview":
            personalize.check_override(actor, new, now=at)
            beyond = personalize.override_beyond(actor, new, now=at)
            return _page(request, form, limits, _played(form, beyond, at), at)
        if (asked := second_step.proof_wanted(request)) is not None:
            return asked
        row = personalize.create_override(actor, new, now=at)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form, limits, None, at)
    words = {"title": _title(row.course_id), "what": what(row.change, row.strength)}
    if row.state == "waiting":
        said = gettext("“%(title)s”: %(what)s waits for a second person. Nothing is changed yet.")
    else:
        said = gettext("“%(title)s”: %(what)s, in every list within two seconds.")
    messages.success(request, said % words)
    return redirect("tower:boosts")


@require_POST
@access.requires(access.may_approve_overrides)
def decide(request: HttpRequest, override_id: int) -> HttpResponse:
    """Approve what somebody else asked for, or refuse it with a reason."""
    actor, reason = access.actor_of(request), request.POST.get("reason", "")[:200]
    approves = request.POST.get("step") == "approve"
    if approves and (asked := second_step.proof_wanted(request)) is not None:
        return asked  # a second person is one only where it is they who sit there
    step = personalize.approve_override if approves else personalize.refuse_override
    try:
        row = step(actor, override_id, reason=reason, now=now())
    except ObjectDoesNotExist as error:
        raise Http404(f"There is no change {override_id}.") from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"{reverse('tower:boosts')}?state=waiting#changes")
    said = (
        gettext("Approved: %(what)s of “%(title)s”, in every list within two seconds.")
        if approves
        else gettext("Refused: %(what)s of “%(title)s”.")
    )
    messages.success(
        request, said % {"title": _title(row.course_id), "what": what(row.change, row.strength)}
    )
    return redirect("tower:boosts")


@require_POST
@access.requires(access.may_change_overrides)
def undo(request: HttpRequest, override_id: int) -> HttpResponse:
    """End a change at once."""
    try:
        row = personalize.undo_override(access.actor_of(request), override_id, now=now())
    except ObjectDoesNotExist as error:
        raise Http404(f"There is no change {override_id}.") from error
    messages.success(
        request,
        gettext("Undone: %(what)s of “%(title)s”.")
        % {"what": what(row.change, row.strength), "title": _title(row.course_id)},
    )
    return redirect("tower:boosts")


def _page(
    request: HttpRequest,
    form: OverrideForm,
    limits: OverrideLimits,
    preview: "_Preview | None",
    at: datetime,
) -> HttpResponse:
    wanted = request.GET.get("state", "")
    state = wanted if wanted in STATES else STATES[0]
    active = personalize.overrides_in("active", now=at)
    me = request.user.get_username()
    waiting = personalize.overrides_in("waiting", now=at)
    ended = personalize.overrides_in("ended", now=at) if state == "ended" else ()
    rows = {"ended": ended, "waiting": waiting, "mine": (*waiting, *active)}.get(state, active)
    context = {
        "nav": "boosts",
        "form": form,
        "courses": sorted(catalogue.courses().values(), key=lambda info: info.title)[:SUGGESTED],
        "matches": form.matches,
        "changes": [(change.value, LABELS[change]) for change in limits.changes_asked],
        "surfaces": [(key, place.sentence) for key, place in personalize.SURFACES.items()],
        "cohorts": [(key, cohort_words(key)) for key in personalize.override_cohorts()],
        "reasons": REASONS,
        "people": _people(),
        "may_change": bool(limits.changes),
        "limits": limits,
        "preview": preview.lists if preview else None,
        "effect": preview.effect if preview else None,
        "beyond": preview.beyond if preview else (),
        "rows": [
            _line(row, limits, me, at) for row in rows if state != "mine" or row.created_by == me
        ],
        "state": state,
        "active": len(active),
        "waiting": len(waiting),
    }
    return render(request, "tower/boosts.html", context)


def _people() -> list[tuple[str, str]]:
    own = ("", gettext("A newcomer"))
    goals = [field for field, _ in catalogue.fields()[:GOALS] if field]
    return [own, *((f"{GOAL}{goal}", gettext("Goal: %s") % goal) for goal in goals)]


@dataclass(frozen=True, slots=True)
class _Preview:
    """What a change would do, and what of it needs a second person."""

    lists: Compared
    effect: Told
    beyond: tuple[str, ...]


def _played(form: OverrideForm, beyond: tuple[str, ...], at: datetime) -> _Preview:
    new = form.override()
    found = personalize.preview_override(new, goal=form.goal(), surface=new.surface or HOME, now=at)
    effect = told(personalize.foresee_override(new, now=at))
    return _Preview(compare(found, new), effect, beyond)


def _line(row: OverrideRow, limits: OverrideLimits, me: str, at: datetime) -> Line:
    mine, lasts = row.created_by == me, row.undone_at is None and row.ends_at > at
    may_decide = lasts and row.state == "waiting" and limits.approves and not mine
    return Line(
        row=row,
        title=_title(row.course_id),
        soon=row.undone_at is None and timedelta(0) < row.ends_at - at <= SOON,
        what=what(row.change, row.strength),
        tone=TONES[row.change],
        where=personalize.SURFACES[row.surface].sentence
        if row.surface in personalize.SURFACES
        else row.surface or gettext("Everywhere"),
        whom=cohort_words(row.cohort) if row.cohort else "",
        state=_state(row, at),
        may_undo=lasts
        and not may_decide
        and (mine or row.change in limits.changes)
        and row.state != "refused",
        may_decide=may_decide,
        came=came(row),
    )


def _state(row: OverrideRow, at: datetime) -> str:
    if row.undone_at is not None:
        return gettext("Undone by %s") % row.undone_by
    if row.state == "refused":
        words = {"who": row.decided_by, "why": row.decided_why}
        return gettext("Refused by %(who)s: %(why)s") % words
    if row.ends_at <= at:
        return gettext("Ended")
    if row.state == "waiting":
        return gettext("Waits for a second person")
    if row.starts_at > at:
        return gettext("Starts %s") % date_format(row.starts_at, "j F")
    return ""


def _title(course_id: int) -> str:
    info = catalogue.course(course_id)
    return info.title if info else gettext("Course %d, no longer in the catalogue") % course_id
