"""What does another program get? (L5) Recommendations, explanations, feedback, as JSON.

Plain views: the recommendation is asked for on every page of a learning platform, and what a
framework would add to it costs as much as the decision (docs/decisions/0031). The OpenAPI schema
describes them all the same (experience/schema.py).
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from threading import BoundedSemaphore
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec
import orjson
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt

from personalize.data import Action, Explanation, Intent, Item, Reason, Recommendation
from personalize.decision import explanations, feedback, log, upkeep
from personalize.decision.context import Ask
from personalize.decision.deadline import Deadline
from personalize.decision.recommend import recommend
from personalize.decision.surfaces import SURFACES
from personalize.decision.surfaces.base import K_MOST
from personalize.experience import likelihood, schema
from personalize.experience.doors import FEEDBACK, RECOMMEND, Visitor, visitor
from personalize.experience.problems import Problem
from signals import api as signals
from signals import catalogue
from signals.clock import now

CONCURRENT_MOST = 32  # requests of one process that are being answered
RETRY_AFTER_S = 1
BODY_MOST = 16_384  # bytes

View = Callable[..., HttpResponse]
Wanted = TypeVar("Wanted")
Raw = TypeVar("Raw")
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]

_free = BoundedSemaphore(CONCURRENT_MOST)


class RecommendationsWanted(msgspec.Struct):
    """What may be asked for."""

    learner: Name | None = None
    surface: str = "home"
    unit: Literal["course", "lesson", "any"] | None = None
    intent: Intent | None = None
    k: Annotated[int, msgspec.Meta(ge=1, le=K_MOST)] | None = None
    course: Name | None = None  # which course the surface stands beside


class FeedbackGiven(msgspec.Struct):
    """What is said about a shown course."""

    request_id: UUID
    course: Name
    action: Action


_ask_decoder = msgspec.json.Decoder(RecommendationsWanted)
_feedback_decoder = msgspec.json.Decoder(FeedbackGiven)


def door(*methods: str) -> Callable[[View], View]:
    """Turn problems into their answers; beyond the cap, ask the caller to come again."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **parts: object) -> HttpResponse:
            if not _free.acquire(blocking=False):
                return _busy().response()
            try:
                _only(request, methods)
                return view(request, **parts)
            except Problem as problem:
                return problem.response()
            except DatabaseError:
                return _away().response()
            finally:
                _free.release()

        return answer

    return wrap


@schema.described_by(schema.Recommendations)
@door("GET", "POST")
def recommendations(request: HttpRequest) -> HttpResponse:
    """Answer with a list for one learner: 200 for every authorised, well-formed request."""
    deadline = Deadline()
    moment = now()
    guest = visitor(request, scope=RECOMMEND, now=moment)
    wanted = _wanted(request)
    ask = _ask(guest, wanted, moment, language=_language(request))
    answer = recommend(ask, deadline=deadline)
    return _json(_answer(answer))


@schema.described_by(schema.Why)
@door("GET")
def why(request: HttpRequest, *, request_id: UUID, course: str) -> HttpResponse:
    """Answer with the stored explanation of one item."""
    guest = visitor(request, scope=RECOMMEND, now=now())
    info = catalogue.course_by_external(course)
    found = info and explanations.panel(request_id, info.course_id, learner_id=guest.learner_id)
    if not found:
        raise _not_shown()
    return _json(_explanation(found, course))


@schema.described_by(schema.Feedback)
@door("POST")
def give_feedback(request: HttpRequest) -> HttpResponse:
    """Keep what a learner says about a shown course; it acts on the next answer."""
    moment = now()
    guest = visitor(request, scope=FEEDBACK, now=moment)
    said = _decoded(_feedback_decoder.decode, _body(request))
    info = catalogue.course_by_external(said.course)
    learner_id = guest.learner_id if guest.source is None else _learner_of(said.request_id)
    if info is None or learner_id is None:
        raise _not_shown()
    try:
        given = feedback.give(
            learner_id,
            request_id=said.request_id,
            course_id=info.course_id,
            action=said.action,
            now=moment,
        )
    except feedback.NotShownError as error:
        raise _not_shown() from error
    return _json(
        {
            "request_id": str(said.request_id),
            "course": said.course,
            "action": given.action,
            "until": given.until.isoformat() if given.until else None,
        }
    )


def _language(request: HttpRequest) -> str:
    """Return the language a browser asks for first, or that a platform hands on; "" without one.

    Courses may be in languages that our pages are not in; "*" is any language, so none.
    """
    said = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next((code[:2] for code, weight in said if weight and code != "*"), "")


def _ask(guest: Visitor, wanted: RecommendationsWanted, moment: datetime, *, language: str) -> Ask:
    surface = SURFACES.get(wanted.surface)
    if surface is None:
        raise _bad("surface", f"Say one of {', '.join(SURFACES)}.")
    near = None
    if wanted.course is not None:
        info = catalogue.course_by_external(wanted.course)
        if info is None:
            raise _bad("course", "The catalogue has no such course.")
        near = info.course_id
    if guest.source is not None and wanted.learner is None:
        raise _bad("learner", "Say for which learner: the id your platform knows them by.")
    if guest.source is None and wanted.learner is not None:
        _require_own(guest, wanted.learner)
    return Ask(
        learner_id=guest.learner_id,
        external_id=wanted.learner if guest.source is not None else None,
        surface=surface,
        unit=wanted.unit or surface.unit,
        intent=wanted.intent,
        k=wanted.k or surface.k,
        now=moment,
        near=near,
        language=language,
    )


def _wanted(request: HttpRequest) -> RecommendationsWanted:
    if request.method == "POST":
        return _decoded(_ask_decoder.decode, _body(request))
    named = {key: value for key, value in request.GET.items() if value != ""}
    return _decoded(lambda said: msgspec.convert(said, RecommendationsWanted, strict=False), named)


def _decoded(decode: Callable[[Raw], Wanted], raw: Raw) -> Wanted:
    try:
        return decode(raw)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.(\w+)", str(error)) or re.search(r"field `(\w+)`", str(error))
        detail = str(error).split(" - at ")[0]
        raise _bad(found.group(1) if found else "", f"{detail}.") from error
    except RecursionError as error:
        raise _bad("", "The body is nested too deeply.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad("", f"The body is no JSON: {error}.") from error


def _body(request: HttpRequest) -> bytes:
    if request.content_type == "multipart/form-data":  # may have been read already
        raise Problem(415, "Not JSON", "Send the body as application/json.")
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MOST:
        raise Problem(413, "Too large", f"A body has at most {BODY_MOST:,} bytes.")
    return request.body


def _require_own(guest: Visitor, external_id: str) -> None:
    if signals.find_learner(external_id) != guest.learner_id:
        raise Problem(
            403, "Not allowed", "A session gets the learner's own list only.", field="learner"
        )


def _learner_of(request_id: UUID) -> int | None:
    row = log.find(request_id)
    return row.learner_id if row else None


def _answer(answer: Recommendation) -> dict[str, object]:
    courses = upkeep.courses()
    return {
        "request_id": str(answer.request_id),
        "source": answer.source,
        "model": answer.model,
        "took_ms": round(answer.took_ms, 2),
        "items": [
            {
                "course": courses[item.course_id].external_id,
                "module": _module(item),
                "title": courses[item.course_id].title,
                "rank": item.rank,
                "score": item.score,
                "confidence": int(item.confidence),
                "chance": item.chance,
                "slot": item.slot,
                "reasons": [_reason(reason) for reason in item.reasons],
            }
            for item in answer.items
        ],
        "usual_chance": likelihood.usual(),
        "mix": _mix(answer.mix),
        "not_used": answer.not_used,
    }


def _mix(shares: tuple[tuple[str, float], ...]) -> dict[str, float]:
    return {kind: round(share, 4) for kind, share in shares}


def _module(item: Item) -> str | None:
    if item.module_id is None:
        return None
    modules = catalogue.modules(item.course_id)
    return next((m.external_id for m in modules if m.module_id == item.module_id), None)


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "kind": reason.kind,
        "text": reason.text,
        "share": round(reason.share, 4),
        "evidence": reason.evidence,
        "decides": reason.decides,
    }


def _explanation(found: Explanation, course: str) -> dict[str, object]:
    return {
        "request_id": str(found.request_id),
        "course": course,
        "source": found.source,
        "served_at": found.served_at.isoformat(),
        "rank": found.item.rank,
        "score": found.item.score,
        "confidence": int(found.item.confidence),
        "chance": found.item.chance,
        "usual_chance": likelihood.usual(),
        "slot": found.item.slot,
        "parts": dict(found.item.parts),
        "mix": _mix(found.item.mix),
        "reasons": [_reason(reason) for reason in found.item.reasons],
        "used": found.used,
        "not_used": found.not_used,
        "note": found.note,
    }


def _json(body: dict[str, object]) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), content_type="application/json")


def _only(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise Problem(405, "Method not allowed", f"Use {' or '.join(methods)}.")


def _bad(field: str, detail: str) -> Problem:
    return Problem(400, "Not understood", detail, field=field)


def _not_shown() -> Problem:
    return Problem(
        404, "Not found", "No such request showed this course. Use the ids of an answer you got."
    )


def _busy() -> Problem:
    return Problem(
        503,
        "Too many requests at once",
        "Ask again in a moment.",
        retry_after_s=RETRY_AFTER_S,
    )


def _away() -> Problem:
    return Problem(
        503, "Not ready", "The database is away. Ask again.", retry_after_s=RETRY_AFTER_S
    )
