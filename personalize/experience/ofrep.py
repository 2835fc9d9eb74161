"""What does another program get that asks for flags and experiments by name? (L5)

The OpenFeature Remote Evaluation Protocol (OFREP 0.1), for its SDKs: one flag, or all of them with
an ETag. Answers that say no are the protocol's own, not RFC 9457.

To ask for one is to show it: an experiment assigns and exposes. Asking for all is a look ahead that
pages make when they open; nobody is assigned or exposed by it, and the arm is the one that asking
for the one gives later (docs/decisions/0122).
"""

from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

import msgspec
import orjson
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from experiments import api as experiments
from experiments.data import Offer
from personalize.experience import schema
from personalize.experience.doors import source_with
from personalize.experience.problems import Problem
from signals import api as signals
from signals.clock import now
from signals.data import LearnerState

FLAGS = "flags"  # the scope of keys
CONCURRENT_MOST = 16  # requests of one process that are being answered
RETRY_AFTER_S = 1
BODY_MOST = 16_384  # bytes
LONGEST = 255  # characters of a targeting key

View = Callable[..., HttpResponse]

_free = BoundedSemaphore(CONCURRENT_MOST)


class EvaluationRefused(Exception):  # noqa: N818  it is an answer, not a failure
    """An answer of the protocol other than 200; `key` is left out where all were asked for."""

    def __init__(self, status: int, code: str, details: str) -> None:
        """Keep the parts of the answer."""
        super().__init__(details)
        self.status, self.code, self.details = status, code, details

    def response(self, key: str | None) -> HttpResponse:
        """Return the answer."""
        named = {} if key is None else {"key": key}
        body = {**named, "errorCode": self.code, "errorDetails": self.details}
        return _json(body, status=self.status)


class Wanted(msgspec.Struct):
    """What is asked: for whom, and what is known of them."""

    context: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(Wanted)


def door(view: View) -> View:
    """Turn problems into the protocol's answers; beyond the cap, ask the caller to come again."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, key: str | None = None) -> HttpResponse:
        if not _free.acquire(blocking=False):
            return _wait(429, "Too many requests at once. Ask again in a moment.")
        try:
            if request.method != "POST":
                raise Problem(405, "Method not allowed", "Use POST.")
            source_with(request, scope=FLAGS, now=now())
            return view(request) if key is None else view(request, key)
        except EvaluationRefused as refused:
            return refused.response(key)
        except Problem as problem:
            return problem.response()
        except Error:
            return _wait(503, "The database is away. Ask again, and go on with your default.")
        finally:
            _free.release()

    return answer


@schema.described_by(schema.OneFlag)
@door
def one(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with what one flag or experiment gives; an experiment counts as shown."""
    asker = _asker(_context(request))
    found = None if "\x00" in key else experiments.offer(key, asker, now=now())
    if found is None:
        raise EvaluationRefused(
            404, "FLAG_NOT_FOUND", "There is no flag and no open experiment of this key."
        )
    # Each answer counts a first sight, so a provider must not answer from its own cache.
    return _json({**_evaluation(found), "cacheable": found.kind == "flag"})


@schema.described_by(schema.AllFlags)
@door
def all_of_them(request: HttpRequest) -> HttpResponse:
    """Answer with what all flags and experiments give; 304 where nothing changed since."""
    asker = _asker(_context(request))
    found = [_evaluation(offer) for offer in experiments.offers(asker, now=now())]
    body = orjson.dumps({"flags": found})
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if tag in _known_tags(request):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(body, content_type="application/json")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _asker(context: dict[str, Any]) -> experiments.Asker:
    """Return who is asked about; a learner nobody knows yet is not made by asking."""
    name = context.get("targetingKey")
    if name is None or name == "":
        raise EvaluationRefused(
            400,
            "TARGETING_KEY_MISSING",
            "Set targetingKey to the id by which your platform knows the learner.",
        )
    if not isinstance(name, str) or len(name) > LONGEST or "\x00" in name:
        raise EvaluationRefused(
            400, "INVALID_CONTEXT", f"targetingKey is a text of 1 to {LONGEST} characters."
        )
    state = signals.learner_state(None, external_id=name, now=now())
    if state is None:
        return experiments.Asker(learner_id=None)
    return experiments.Asker(
        learner_id=state.learner_id,
        takes_part=state.allowed.personalization,
        kind=state.kind,
        attributes=_attributes(context, state),
    )


def _attributes(context: dict[str, Any], state: LearnerState) -> dict[str, object]:
    """Return what plans for some learners may ask for; what the product knows itself holds."""
    return {**context, **experiments.known_attributes(state)}


def _context(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "multipart/form-data":  # may have been read already
        raise EvaluationRefused(400, "PARSE_ERROR", "Send the body as application/json.")
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MOST:
        raise EvaluationRefused(400, "PARSE_ERROR", f"A body has at most {BODY_MOST:,} bytes.")
    try:
        return _decoder.decode(request.body).context
    except msgspec.ValidationError as error:
        raise EvaluationRefused(400, "INVALID_CONTEXT", f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvaluationRefused(400, "PARSE_ERROR", f"The body is no JSON: {error}.") from error


def _evaluation(offer: Offer) -> dict[str, object]:
    return {
        "key": offer.key,
        "value": offer.value,
        "variant": offer.variant,
        "reason": offer.reason,
        "metadata": {"kind": offer.kind, "exposed": offer.exposed},
    }


def _known_tags(request: HttpRequest) -> set[str]:
    named = request.headers.get("If-None-Match", "")
    return {tag.strip().removeprefix("W/") for tag in named.split(",")}


def _wait(status: int, details: str) -> HttpResponse:
    answer = _json({"errorDetails": details}, status=status)
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _json(body: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
