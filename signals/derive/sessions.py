"""When was each learner here? Sessions rebuilt for those whose events changed (L2 conductor)."""

from datetime import UTC, datetime

from django.db.models import Q

from signals.data import Allowed
from signals.derive.activities import lives
from signals.derive.pending import Reader, catch_up
from signals.models import LearnerSession
from signals.processing.sessions import Session, sessions

READER = "sessions"
_LOCK = 0x7365_7373


def derive_sessions(*, now: datetime) -> int:
    """Rebuild the sessions of everyone whose events changed; return how many learners."""
    return catch_up(Reader(READER, _LOCK, _rebuild), now=now)


def _rebuild(allowed: dict[int, Allowed], now: datetime) -> None:
    """Replace sessions from the oldest event kept on; those of months already dropped stay."""
    wanted = [learner_id for learner_id, switches in allowed.items() if switches.personalization]
    refused = allowed.keys() - set(wanted)
    outdated = Q(learner_id__in=refused)
    rows: list[LearnerSession] = []
    for life in lives(wanted, now=now):
        found = sessions(life.activity)
        if found:
            outdated |= Q(learner_id=life.learner_id, ended_at__gte=_moment(found[0].began))
        rows += [_row(life.learner_id, session) for session in found]
    LearnerSession.objects.filter(outdated).delete()
    LearnerSession.objects.bulk_create(rows)


def _row(learner_id: int, session: Session) -> LearnerSession:
    return LearnerSession(
        learner_id=learner_id,
        began_at=_moment(session.began),
        ended_at=_moment(session.ended),
        events=session.events,
        actions=session.actions,
        courses=session.courses,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
