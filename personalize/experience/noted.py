"""What did somebody answer at the start? (L5) Before they sign in it lives in a signed cookie.

Nothing of it is stored with us until then, and no event is recorded. The cookie says what it
holds to nobody else: it is signed, read by this site alone and gone after a week.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from personalize.agents.wishes import Stated

COOKIE = "start"
SALT = "personalize.start"
DAYS = 7
LONGEST = 120
MOST_KNOWN = 12
MOST_MINUTES = 60 * 60  # a week
QUESTIONS = ("goal", "known", "time", "when")


@dataclass(frozen=True, slots=True)
class Noted:
    """The answers so far; `passed` names the questions that were answered or skipped."""

    field: str = ""
    role: str = ""
    skills: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    minutes: int = 0
    by_when: str = ""  # ISO date
    passed: tuple[str, ...] = ()
    kept: bool = False  # "start with this path" was said before signing in

    def next_question(self) -> str:
        """Return the first question that is open, "" after the last."""
        return next((name for name in QUESTIONS if name not in self.passed), "")

    def past(self, question: str) -> "Noted":
        """Return it with one more question behind."""
        return replace(self, passed=tuple(dict.fromkeys((*self.passed, question))))

    def stated(self, language: str = "") -> Stated:
        """Return what a path is planned for."""
        return Stated(
            field=self.field,
            role=self.role,
            skills=self.skills,
            known=self.known,
            minutes_per_week=self.minutes,
            by_when=date.fromisoformat(self.by_when) if self.by_when else None,
            language=language,
        )


def read(request: HttpRequest) -> Noted:
    """Return what the cookie holds; nothing where there is none, or it is not ours or too old."""
    text = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=DAYS * 86_400)
    try:
        return _noted(json.loads(text)) if text else Noted()
    except (ValueError, TypeError):  # of an earlier release
        return Noted()


def write(response: HttpResponseBase, noted: Noted) -> None:
    """Put the answers into the cookie."""
    response.set_signed_cookie(
        COOKIE,
        json.dumps(asdict(noted), separators=(",", ":"), ensure_ascii=True),
        salt=SALT,
        max_age=DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, samesite="Lax")


def _noted(held: dict[str, Any]) -> Noted:
    if held["by_when"]:
        date.fromisoformat(held["by_when"])
    lists = {name: tuple(map(str, held[name])) for name in ("skills", "known", "passed")}
    return Noted(**{**held, **lists})
