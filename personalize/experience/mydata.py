"""What is held about me, and how do I change it? (L5) Switches, history, a copy, an end.

Every form works without JavaScript and acts at once; nothing waits for somebody's approval.
"""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.core.exceptions import BadRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from personalize.decision import feedback, standing
from personalize.decision import interests as kept_interests
from personalize.decision.interests import Origin
from personalize.experience import counting, deed_words, held_words, interest_words, labels
from personalize.experience.forms import AgeForm, EraseForm, InterestForm, PurposeForm
from personalize.experience.people import Learner, learner_of, learners_only
from signals import api as signals
from signals import catalogue
from signals.api import Account, sign_in
from signals.clock import now
from signals.data import SESSION_GPC, UNDER_13, LedgerRow, Purpose, Switches

HISTORY_SHOWN = 6
HISTORY_PAGE = 50
LOG_SHOWN = 4
LOG_PAGE = 50
LONGEST_NUMBER = 18
SKILLS_OFFERED = 60


@require_safe
@learners_only
def overview(request: HttpRequest, learner: Learner) -> HttpResponse:
    """Show the kinds of data with their switches, what is held, and what can be done with it."""
    said = signals.switches(learner.learner_id)
    profile = standing.profile(learner.learner_id)
    taught = [skill for skill, _n in catalogue.skills()]
    offered = [skill for skill in taught if skill not in profile.interests]
    tiers = labels.tiers(said, signals.kind_labels(), signals.label_figures())
    changes = kept_interests.history(learner.learner_id)
    return render(
        request,
        "experience/data.html",
        {
            "nav": "data",
            "said": said,
            "gpc_sent": request.headers.get("Sec-GPC") == "1",
            "tiers": tiers,
            "used": sum(tier.on for tier in tiers),
            "goal": profile.goal,
            "interests": interest_words.lines(
                kept_interests.of(changes, profile.interests), frozenset(taught)
            ),
            "changes": interest_words.changes(changes, profile.interests),
            "finished": interest_words.from_finished(
                counting.own(learner), frozenset(profile.interests)
            ),
            "offered": offered[:SKILLS_OFFERED],
            "derived": held_words.derived(signals.derived(learner.learner_id)),
            "history": deed_words.history(
                signals.history(learner.learner_id, limit=HISTORY_SHOWN), catalogue.course
            ),
            "log": deed_words.log(_ledger(learner, limit=LOG_SHOWN), me=str(learner.actor)),
            "bands": labels.bands(said.age_band),
        },
    )


@require_POST
@learners_only
def switch(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Switch one kind of data on or off; it acts on the very next answer."""
    form = PurposeForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Say which purpose, and on=1 or on=0."))
    purpose, granted = Purpose(form.cleaned_data["purpose"]), form.cleaned_data["on"] == "1"
    said = signals.switches(learner.learner_id)
    if granted and (refusal := labels.refusal(purpose, said)):
        messages.error(request, refusal)
        return redirect("experience:data")
    signals.set_consent(
        learner.learner_id,
        purpose=purpose,
        granted=granted,
        via="page",
        actor=learner.actor,
        now=now(),
    )
    messages.success(request, labels.switched(purpose, granted=granted))
    return redirect("experience:data")


@require_POST
@learners_only
def choose(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Stop honouring Global Privacy Control at the learner's wish; nothing is switched on by it."""
    if request.headers.get("Sec-GPC") == "1":
        messages.error(
            request,
            gettext("This browser sends Global Privacy Control. Turn it off there first."),
        )
        return redirect("experience:data")
    signals.withdraw_gpc(learner.learner_id, now=now())
    request.session.pop(SESSION_GPC, None)
    messages.success(
        request,
        gettext("You choose yourself again. What it switched off stays off until you turn it on."),
    )
    return redirect("experience:data")


@require_POST
@learners_only
def interests(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Add, remove or rename one interest, bring one back, or take the goal back."""
    form = InterestForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Choose a skill from the list to add or to remove."))
    wanted = form.cleaned_data
    if wanted["add"] and signals.switches(learner.learner_id).age_band == UNDER_13:
        messages.error(request, gettext("Under 13, no profile is kept, so no interest either."))
        return redirect("experience:data")
    profile = standing.profile(learner.learner_id)
    back = _lost(learner, wanted["back"], profile.interests)
    standing.state_goal(
        learner.learner_id,
        goal="" if wanted["goal"] == "none" else profile.goal,
        interests=_changed(profile.interests, wanted["remove"], back or wanted["add"]),
        minutes_per_week=profile.minutes_per_week,
        now=now(),
        origin=Origin.RESTORED if back else Origin.DATA,
    )
    feedback.forget_lists(learner.learner_id)
    messages.success(request, gettext("Saved. It takes effect on your next page."))
    return redirect("experience:data")


def _changed(interests: list[str], away: str, new: str) -> list[str]:
    """Return interests without one and with another, which stands where the first did."""
    changed = [new if skill == away and new else skill for skill in interests]
    changed = [skill for skill in changed if skill != away]
    return list(dict.fromkeys([*changed, new] if new else changed))


def _lost(learner: Learner, change_id: int | None, interests: list[str]) -> str:
    """Return the interest a change took away, "" where it is there or was none of the learner's."""
    if change_id is None:
        return ""
    rows = kept_interests.history(learner.learner_id)
    found = (row for row in rows if row.pk == change_id)
    return next((kept_interests.may_return(row, interests) for row in found), "")


@require_POST
@learners_only
def age(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Keep an age band; only a younger one, which protects more, is taken from the learner."""
    form = AgeForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Choose an age band from the list."))
    band = form.cleaned_data["band"]
    try:
        signals.set_age_band(learner.learner_id, band, actor=learner.actor, now=now())
    except PermissionError:
        messages.error(
            request,
            gettext("Only your school or the privacy officer can say that you are older."),
        )
    else:
        if band == UNDER_13:
            standing.forget(learner.learner_id)
        messages.success(request, gettext("Saved. What your age protects is off from now on."))
    return redirect("experience:data")


@require_POST
@learners_only
def export(request: HttpRequest, learner: Learner, form: str) -> HttpResponseBase:
    """Hand out everything, as JSON or as tables; the copy is written down, not approved."""
    moment, tables = now(), form == "csv"
    pieces = signals.hand_out(learner.learner_id, tables=tables, actor=learner.actor, now=moment)
    kind, name = ("application/zip", "csv.zip") if tables else ("application/json", "json")
    answer = StreamingHttpResponse(pieces, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="northway-{moment:%Y-%m-%d}.{name}"'
    return answer


@require_POST
@learners_only
def reset(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Forget what was learned; courses, results, stated goals and switches stay."""
    _receipt, removed = signals.reset_learner(learner.learner_id, actor=learner.actor, now=now())
    messages.success(
        request,
        gettext("Your recommendations start afresh. %s")
        % held_words.deleted(sum(removed.values())),
    )
    return redirect("experience:data")


@require_POST
@learners_only
def forget(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Forget every single step as well; where the learner stands in their courses stays."""
    _receipt, removed = signals.reset_learner(
        learner.learner_id, whole=True, actor=learner.actor, now=now()
    )
    messages.success(
        request, gettext("Your history is gone. %s") % held_words.deleted(sum(removed.values()))
    )
    return redirect("experience:data")


@require_http_methods(["GET", "HEAD", "POST"])
@learners_only
def erase(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Say what goes, ask once, then erase everything and show the receipt."""
    form = EraseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            receipt = signals.erase_learner(learner.learner_id, actor=learner.actor, now=now())
        except LookupError:  # the other half of a double click was first
            logout(request)
            messages.success(request, gettext("Your account and everything about you is deleted."))
            return redirect("experience:explore")
        logout(request)
        return redirect("experience:erased", receipt=receipt["receipt"])
    counted = held_words.held(signals.rows_held(learner.learner_id))
    context = {"nav": "data", "form": form, "held": counted, "name": learner.name}
    return render(request, "experience/erase.html", context)


@require_POST
@learners_only
def elsewhere(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """End the learner's every other session; who has roles proves at the tower who they are."""
    if not isinstance(request.user, Account):  # never: somebody signed in
        return redirect("signin")
    if request.user.groups.exists():
        return redirect("tower:you")
    sign_in.sign_out_elsewhere(request.user, actor=learner.actor, now=now())
    update_session_auth_hash(request, request.user)
    messages.success(request, gettext("Every other place is signed out."))
    return redirect("experience:data")


@require_safe
def erased(request: HttpRequest, receipt: UUID) -> HttpResponse:
    """Show the receipt of an erasure; who has its address may read it, and it names nobody."""
    learner_of(request)
    found = signals.request_of(receipt)
    if found is None or found.kind != "erase":
        raise Http404(gettext("There is no such receipt."))
    context = {"nav": "", "receipt": found, "steps": held_words.steps(found)}
    answer = render(request, "experience/erased.html", context)
    answer["Cache-Control"] = "private, no-store"  # its reader has no session any more
    return answer


@require_safe
@learners_only
def history(request: HttpRequest, learner: Learner) -> HttpResponse:
    """Show everything kept of what the learner did, a page at a time."""
    rows = signals.history(
        learner.learner_id, limit=HISTORY_PAGE + 1, before=_place(request.GET.get("before", ""))
    )
    shown = rows[:HISTORY_PAGE]
    older = f"{shown[-1].occurred_at.isoformat()}~{shown[-1].id}" if len(rows) > len(shown) else ""
    context = {
        "nav": "data",
        "days": deed_words.by_day(deed_words.history(shown, catalogue.course)),
        "older": older,
        "first": "before" not in request.GET,
    }
    return render(request, "experience/data_history.html", context)


@require_safe
@learners_only
def log(request: HttpRequest, learner: Learner) -> HttpResponse:
    """Show who did what with the learner's data, from the ledger, a page at a time."""
    before = request.GET.get("before", "")
    number = int(before) if before.isdecimal() and len(before) <= LONGEST_NUMBER else None
    rows = _ledger(learner, limit=LOG_PAGE + 1, before=number)
    shown = rows[:LOG_PAGE]
    context = {
        "nav": "data",
        "days": deed_words.by_day(deed_words.log(shown, me=str(learner.actor))),
        "older": shown[-1].sequence if len(rows) > len(shown) else 0,
        "first": number is None,
    }
    return render(request, "experience/data_log.html", context)


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """Say at collection what is collected, why, for how long, and by what right. Public."""
    learner_of(request)  # names who is signed in from the session where it must
    nobody = Switches(
        personalization=True,
        fine_grained=False,
        inferred=False,
        gpc=False,
        age_band="",
        allowed=labels.DEFAULTS,
    )
    tiers = labels.tiers(nobody, signals.kind_labels(), signals.label_figures())
    return render(request, "experience/notice.html", {"nav": "", "tiers": tiers})


@require_safe
def do_not_sell(request: HttpRequest) -> HttpResponse:
    """Say that nothing is sold or shared, and whether this browser's signal is honoured. Public."""
    learner = learner_of(request)
    stored = learner is not None and signals.honours_gpc(learner.learner_id)
    context = {"nav": "", "sent": request.headers.get("Sec-GPC") == "1", "stored": stored}
    return render(request, "experience/do_not_sell.html", context)


def _ledger(learner: Learner, *, limit: int, before: int | None = None) -> list[LedgerRow]:
    subject = f"learner:{learner.learner_id}"
    return signals.ledger_rows(subject=subject, limit=limit, before=before)


def _place(text: str) -> tuple[datetime, UUID] | None:
    """Return where a page of the history ended; None for anything else that was sent."""
    at, _, number = text.partition("~")
    try:
        found, last = parse_datetime(at), UUID(number)
    except ValueError:
        return None
    return (found, last) if found and found.tzinfo else None
