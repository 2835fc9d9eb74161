"""People at the controls: which briefs are there, what does one say, and which step is next?"""

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from controltower import access
from personalize import api as personalize
from personalize.api import BriefRow
from signals import aggregates, catalogue
from signals.clock import now

DONE = {
    "reviewed": gettext_lazy("Reviewed: anybody who writes courses can claim it now."),
    "claimed": gettext_lazy("Claimed: name its course here once it is published."),
    "published": gettext_lazy("Linked. In five weeks this page says whether demand was met."),
    "dropped": gettext_lazy("Dropped. The topic stays in the list of gaps."),
}
TONES = {"draft": "warn", "dropped": "bad", "published": "ok", "measured": "ok"}


class StepForm(forms.Form):
    """What a step needs; which of it, the step says."""

    reason = forms.CharField(required=False, max_length=200)
    course = forms.CharField(required=False, max_length=120)
    publish_by = forms.DateField(required=False)


@require_safe
@access.requires(access.may_see_demand)
def briefs(request: HttpRequest) -> HttpResponse:
    """List all briefs with how far they have come."""
    rows = personalize.briefs()
    courses = catalogue.courses(row.course_id for row in rows if row.course_id is not None)
    context = {
        "nav": "briefs",
        "rows": [(row, TONES.get(row.state, ""), courses.get(row.course_id or 0)) for row in rows],
    }
    return render(request, "create/briefs.html", context)


@require_POST
@access.requires(access.may_write_briefs)
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a brief for a topic, or open the one there is."""
    try:
        row = personalize.create_brief(access.actor_of(request), slug, now=now())
    except LookupError as error:
        raise Http404 from error
    return redirect("tower:brief", brief_id=row.brief_id)


@require_safe
@access.requires(access.may_see_demand)
def brief(request: HttpRequest, brief_id: int) -> HttpResponse:
    """Show a brief with its next step."""
    return _page(request, _read(brief_id), StepForm())


@require_POST
@access.requires(access.may_write_briefs)
def step(request: HttpRequest, brief_id: int, state: str) -> HttpResponse:
    """Take a step of a brief."""
    if state not in DONE:
        raise Http404
    form = StepForm(request.POST)
    if not form.is_valid():
        return _page(request, _read(brief_id), form)
    course = catalogue.course_by_slug(form.cleaned_data["course"])
    try:
        personalize.take_brief_step(
            access.actor_of(request),
            brief_id,
            state,
            reason=form.cleaned_data["reason"],
            course_id=course.course_id if course else None,
            publish_by=form.cleaned_data["publish_by"],
            now=now(),
        )
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, _read(brief_id), form)
    messages.success(request, str(DONE[state]))
    return redirect("tower:brief", brief_id=brief_id)


@require_safe
@access.requires(access.may_see_demand)
def printed(request: HttpRequest, brief_id: int) -> HttpResponse:
    """Show a brief as it is printed: nothing of who opens it or when."""
    return render(request, "create/brief_print.html", _context(_read(brief_id)))


@require_safe
@access.requires(access.may_see_demand)
def exported(request: HttpRequest, brief_id: int) -> HttpResponse:
    """Give a brief as text, with its sources."""
    row = _read(brief_id)
    name = f"{slugify(row.topic) or 'brief'}.md"
    return HttpResponse(
        personalize.brief_as_text(row.document),
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _read(brief_id: int) -> BriefRow:
    row = personalize.brief(brief_id)
    if row is None:
        raise Http404
    return row


def _context(row: BriefRow) -> dict[str, object]:
    figures = row.document.figures()
    return {
        "nav": "briefs",
        "row": row,
        "document": row.document,
        "tone": TONES.get(row.state, ""),
        "figures": len(figures),
        "minimum": aggregates.K,
    }


def _page(request: HttpRequest, row: BriefRow, form: StepForm) -> HttpResponse:
    roles = access.roles_of(request.user)
    course = catalogue.course(row.course_id) if row.course_id is not None else None
    context = _context(row) | {
        "form": form,
        "course": course,
        "publish_by": row.publish_by,
        "may_write": access.may_write_briefs(roles),
        "is_own": personalize.wrote_brief(access.actor_of(request), row),
        "courses": sorted(catalogue.courses().values(), key=lambda info: info.title)[:500],
    }
    return render(request, "create/brief.html", context, status=200)
