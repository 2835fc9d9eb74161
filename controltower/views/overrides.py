"""People at the controls: what is boosted or suppressed, and what would a change do?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from controltower import access
from controltower.forms import GOAL, REASONS, OverrideForm
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
DONE = {
    Change.BOOST: gettext_lazy("Boost %.2f"),
    Change.LOWER: gettext_lazy("Lowered %.2f"),
    Change.PIN: gettext_lazy("Pinned"),
    Change.HIDE: gettext_lazy("Hidden"),
}
TONES = {Change.BOOST: "ok", Change.PIN: "ok", Change.LOWER: "", Change.HIDE: "bad"}
STATES = ("active", "mine", "ended")


@dataclass(frozen=True, slots=True)
class Line:
    """One change as the table shows it; state is empty while it acts."""

    row: OverrideRow
    title: str
    soon: bool
    what: str
    tone: str
    where: str
    state: str
    may_undo: bool


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
            return _page(request, form, limits, _played(form, at), at)
        row = personalize.create_override(actor, new, now=at)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form, limits, None, at)
    messages.success(
        request,
        gettext("“%(title)s”: %(what)s, in every list within two seconds.")
        % {"title": _title(row.course_id), "what": _what(row)},
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
        % {"what": _what(row), "title": _title(row.course_id)},
    )
    return redirect("tower:boosts")


def _page(
    request: HttpRequest,
    form: OverrideForm,
    limits: OverrideLimits,
    preview: Compared | None,
    at: datetime,
) -> HttpResponse:
    wanted = request.GET.get("state", "")
    state = wanted if wanted in STATES else STATES[0]
    active = personalize.overrides_in("active", now=at)
    me = request.user.get_username()
    rows = personalize.overrides_in("ended", now=at) if state == "ended" else active
    context = {
        "nav": "boosts",
        "form": form,
        "courses": sorted(catalogue.courses().values(), key=lambda info: info.title)[:SUGGESTED],
        "matches": form.matches,
        "changes": [(change.value, LABELS[change]) for change in limits.changes],
        "surfaces": [(key, place.sentence) for key, place in personalize.SURFACES.items()],
        "reasons": REASONS,
        "people": _people(),
        "may_change": bool(limits.changes),
        "limit": limits.strength,
        "longest_days": limits.days,
        "preview": preview,
        "rows": [_line(row, limits, at) for row in rows if state != "mine" or row.created_by == me],
        "state": state,
        "active": len(active),
    }
    return render(request, "tower/boosts.html", context)


def _people() -> list[tuple[str, str]]:
    own = ("", gettext("A newcomer"))
    goals = [field for field, _ in catalogue.fields()[:GOALS] if field]
    return [own, *((f"{GOAL}{goal}", gettext("Goal: %s") % goal) for goal in goals)]


def _played(form: OverrideForm, at: datetime) -> Compared:
    new = form.override()
    found = personalize.preview_override(new, goal=form.goal(), surface=new.surface or HOME, now=at)
    return compare(found, new)


def _line(row: OverrideRow, limits: OverrideLimits, at: datetime) -> Line:
    return Line(
        row=row,
        title=_title(row.course_id),
        soon=row.undone_at is None and timedelta(0) < row.ends_at - at <= SOON,
        what=_what(row),
        tone=TONES[row.change],
        where=personalize.SURFACES[row.surface].sentence
        if row.surface in personalize.SURFACES
        else row.surface or gettext("Everywhere"),
        state=_state(row, at),
        may_undo=row.change in limits.changes and row.undone_at is None and row.ends_at > at,
    )


def _state(row: OverrideRow, at: datetime) -> str:
    if row.undone_at is not None:
        return gettext("Undone by %s") % row.undone_by
    if row.ends_at <= at:
        return gettext("Ended")
    if row.starts_at > at:
        return gettext("Starts %s") % date_format(row.starts_at, "j F")
    return ""


def _what(row: OverrideRow) -> str:
    text = str(DONE[row.change])
    return text % row.strength if "%" in text else text


def _title(course_id: int) -> str:
    info = catalogue.course(course_id)
    return info.title if info else gettext("Course %d, no longer in the catalogue") % course_id
