"""L1: how does every answer of /xapi look? In its version, problems as JSON, never a 500."""

import logging
from collections.abc import Callable
from functools import wraps

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from signals.capture.buffer import BusyError
from signals.capture.problems import Problem
from signals.capture.xapi.requests import FIRST, SECOND, VERSION_HEADER
from signals.capture.xapi.valid.values import InvalidError

RETRY_AFTER_S = 2
# What senders wrote must not run in a browser under our name, whatever type they gave it.
NEVER_A_PAGE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

log = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponse]


def door(view: View) -> View:
    """Turn problems into their answers, and say the version in every one."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = answered(view, request)
        spoken = request.headers.get(VERSION_HEADER, "")
        for name, value in NEVER_A_PAGE.items():
            response[name] = value
        response[VERSION_HEADER] = SECOND if spoken.startswith("2.") else FIRST
        if response.status_code == 401:
            response["WWW-Authenticate"] = 'Basic realm="xapi", charset="UTF-8"'
        return response

    return answer


def answered(view: View, request: HttpRequest) -> HttpResponse:
    try:
        return view(request)
    except Problem as problem:
        return problem.response()
    except InvalidError as error:
        return Problem(400, "Not as xAPI asks", str(error), field=error.place).response()
    except RecursionError:
        return Problem(400, "Not as xAPI asks", "This is nested too deeply.").response()
    except BusyError as error:
        return Problem(
            429, "Too many statements", str(error), retry_after_s=RETRY_AFTER_S
        ).response()
    except Error as error:
        log.warning("xAPI answers 503, the store did not: %s", error)
        return Problem(
            503,
            "Not stored",
            "The store or the consent register is away. Send the statements again.",
            retry_after_s=RETRY_AFTER_S,
        ).response()
