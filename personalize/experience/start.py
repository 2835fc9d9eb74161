"""How does somebody begin? (L5) At most four questions, each to skip, and a path that grows.

Open to guests: what they answer stays in their browser (`noted`) until they sign in. A signed-in
learner's answers are their profile at once.
"""

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST

from experiments import api as experiments
from personalize.agents import path as paths
from personalize.agents.evidence import Facts
from personalize.agents.understanding import FIELD, ROLE, SKILL, Entry, understand
from personalize.agents.wishes import wanted
from personalize.decision import feedback, standing
from personalize.decision.interests import Origin
from personalize.experience import journey, noted, start_words
from personalize.experience.noted import QUESTIONS, Noted
from personalize.experience.opening import is_open
from personalize.experience.people import Learner, learner_of
from personalize.experience.surfaces import SURFACES
from signals import api as signals
from signals import catalogue
from signals.clock import now
from signals.data import UNDER_13

SESSION_PASSED = "start_passed"
INTERESTS_OF_ROLE = 8  # skills an occupation asks for most become interests


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """Ask the next question, or one again that is to be changed; take its answer."""
    learner = learner_of(request)
    if experiments.on_for_everybody(SURFACES["onboarding"].off_switch):
        return redirect("experience:goal" if learner else "experience:explore")
    held = _held(request, learner)
    if request.method != "POST":
        wished = request.GET.get("q", "")
        name = wished if wished in QUESTIONS else held.next_question()
        return _page(request, learner, held, name)
    name = request.POST.get("question", "")
    if name not in QUESTIONS:
        return redirect("experience:start")
    if request.POST.get("act") == "skip":
        return _taken(request, learner, held, _without(held, name).past(name))
    found, candidates = _answered(request, held, name)
    if found is None:
        return _page(request, learner, held, name, candidates=candidates, asked=True)
    return _taken(request, learner, held, found.past(name))


def _held(request: HttpRequest, learner: Learner | None) -> Noted:
    """Return the answers so far; what a learner skipped is remembered while they are here."""
    if learner is None:
        return noted.read(request)
    held = journey.noted_of(learner)
    for name in request.session.get(SESSION_PASSED, ()):
        held = held.past(name)
    return held


@require_POST
def keep(request: HttpRequest) -> HttpResponseBase:
    """Take the path as it is: a guest signs in first, a learner goes on to it."""
    learner = learner_of(request)
    if learner is not None:
        opened = is_open("path", learner.learner_id, now=now())
        return redirect("experience:path" if opened else "experience:home")
    answer = redirect(f"{reverse('signin')}?next={reverse('experience:path')}")
    noted.write(answer, replace(noted.read(request), kept=True))
    return answer


@require_POST
def over(request: HttpRequest) -> HttpResponseBase:
    """Forget every answer of a guest and begin again."""
    answer = redirect("experience:start")
    noted.forget(answer)
    return answer


def adopt(request: HttpRequest, learner: Learner, answer: HttpResponseBase) -> None:
    """Make what was answered before signing in the learner's profile, where it is theirs.

    It is where they took the path with them, or where nothing was stated yet; a browser may be
    used by several people. Under 13 no profile is kept.
    """
    held = noted.read(request)
    if not held.passed:
        return
    noted.forget(answer)
    told = journey.noted_of(learner)
    if held.kept or told == Noted():
        store(learner, before=Noted(), now_said=held)


def _page(
    request: HttpRequest,
    learner: Learner | None,
    held: Noted,
    name: str,
    *,
    candidates: tuple[Entry, ...] = (),
    asked: bool = False,
) -> HttpResponse:
    stated, today = held.stated(get_language() or ""), now().date()
    if learner:
        reads = tuple(standing.profile(learner.learner_id).languages)
        stated = replace(stated, reads=reads)
    goal = wanted(stated)
    facts = journey.facts_of(learner) if learner else Facts()
    return render(
        request,
        "experience/start.html",
        {
            "nav": "path",
            "number": QUESTIONS.index(name) + 1 if name else 0,
            "questions": len(QUESTIONS),
            "name": name,
            "question": start_words.question(name, held) if name else "",
            "options": start_words.options(name, held, goal, today=today) if name else (),
            "many": name == "known",
            "said": [one for one in start_words.said(held) if one.question != name],
            "noted": [
                (one, start_words.title(one), start_words.answer(one, held)) for one in QUESTIONS
            ],
            "asked": asked,
            "typed": request.POST.get("say", "")[: noted.LONGEST] if asked else "",
            "candidates": candidates,
            "path": None if stated.empty else paths.make(stated, facts, today=today),
            "known": held.known,
            "learner": learner is not None,
            "today": today,
        },
    )


def _taken(
    request: HttpRequest, learner: Learner | None, before: Noted, after: Noted
) -> HttpResponseBase:
    """Keep an answer where it belongs and go on to the next question."""
    answer = redirect("experience:start")
    if learner is None:
        noted.write(answer, after)
        return answer
    request.session[SESSION_PASSED] = list(after.passed)
    if not store(learner, before=before, now_said=after):
        messages.error(request, gettext("Under 13 no profile is kept, so no goal either."))
    return answer


def store(learner: Learner, *, before: Noted, now_said: Noted) -> bool:
    """Make answers the profile; False where none may be kept."""
    if signals.switches(learner.learner_id).age_band == UNDER_13:
        return False
    held = standing.profile(learner.learner_id)
    goal, interests = held.goal, tuple(held.interests)
    if _aim(now_said) != _aim(before):
        asks = wanted(now_said.stated())
        heaviest = sorted(asks.weights, key=lambda skill: (-asks.weights[skill], skill))
        goal = now_said.field or asks.field
        interests = tuple(heaviest[:INTERESTS_OF_ROLE]) if now_said.role else now_said.skills
    standing.state_wish(
        learner.learner_id,
        standing.Wish(
            goal=goal,
            interests=interests,
            minutes_per_week=now_said.minutes,
            role=now_said.role,
            known_skills=now_said.known,
            by_when=date.fromisoformat(now_said.by_when) if now_said.by_when else None,
        ),
        now=now(),
        origin=Origin.ROLE if now_said.role else Origin.START,
    )
    feedback.forget_lists(learner.learner_id)
    return True


def _aim(held: Noted) -> tuple[str, str, tuple[str, ...]]:
    return held.role, held.field, held.skills


def _without(held: Noted, name: str) -> Noted:
    """Return the answers without that of one question."""
    if name == "goal":
        return replace(held, field="", role="", skills=())
    if name == "known":
        return replace(held, known=())
    return replace(held, minutes=0) if name == "time" else replace(held, by_when="")


def _answered(
    request: HttpRequest, held: Noted, name: str
) -> tuple[Noted | None, tuple[Entry, ...]]:
    """Return the answers with this one, or what it may have meant where that is to be confirmed."""
    say = request.POST.get("say", "").replace("\x00", "").strip()[: noted.LONGEST]
    if name == "goal":
        picked = goal_of(held, request.POST.get("pick", "").replace("\x00", ""))
        return (picked, ()) if picked or not say else (None, understand(say))
    if name == "known":
        taught = {skill for skill, _n in catalogue.skills()}
        ticked = [skill for skill in request.POST.getlist("pick") if skill in taught]
        known = tuple(dict.fromkeys((*ticked, *start_words.known_of(say))))[: noted.MOST_KNOWN]
        return (None, ()) if say and not known else (replace(held, known=known), ())
    if name == "time":
        minutes = start_words.minutes_of(say) if say else _number(request.POST.get("pick", ""))
        return (replace(held, minutes=minutes), ()) if minutes else (None, ())
    day = start_words.day_of(say or request.POST.get("pick", ""), today=now().date())
    return (replace(held, by_when=day.isoformat()), ()) if day else (None, ())


def goal_of(held: Noted, key: str) -> Noted | None:
    """Return the answers with a goal that was confirmed; None where there is no such goal."""
    kind, _, name = key.partition(":")
    empty = _without(held, "goal")
    if kind == ROLE and catalogue.occupation(name[:80]) is not None:
        return replace(empty, role=name)
    if kind == FIELD and name in dict(catalogue.fields()):
        return replace(empty, field=name)
    if kind == SKILL and name in dict(catalogue.skills()):
        return replace(empty, skills=(name,))
    return None


def _number(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) < 6 else 0
    return number if number <= noted.MOST_MINUTES else 0
