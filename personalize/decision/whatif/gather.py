"""What does the live model say for the requests that came last? (L4) Kept ready for previews.

A job goes on where it stopped: the newest logged requests are made again up to the point where
people's rules come in, with the model, catalogue and policy that serve now. Whoever withdrew
meanwhile is left out in the transaction that stores. What a model has not been asked yet is told to
nobody before all of it is: until then whoever looks gets the newest requests, made while they wait
and stored nowhere, and is told so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from time import monotonic
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Count, Max

from personalize.data import Source
from personalize.decision import (
    exploring,
    newcomers,
    personal,
    policy,
    replay,
    thresholds,
    upkeep,
)
from personalize.decision.cohorts import RETURNING
from personalize.decision.cohorts import of as cohorts_of
from personalize.decision.explanations import PERSONAL_SOURCES
from personalize.decision.generic import Lists
from personalize.decision.inputs import seen_of
from personalize.decision.objectives import USUAL
from personalize.decision.policy import POLICY_VERSION, Slate
from personalize.decision.rankers import MODEL, Wanted
from personalize.decision.ranking import Aligned, align
from personalize.decision.replay import CannotReplayError, Then
from personalize.decision.shelf import Shelf
from personalize.decision.whatif import panel as panels
from personalize.decision.whatif.panel import Panel
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.heads import OPENED
from personalize.engine.serving import serving
from personalize.models import Decision, ScoredRequest
from signals import api as signals
from signals.data import Allowed

REQUESTS_MOST = 10_000  # that a preview plays over
CELLS_MOST = 12_000_000  # requests times courses held in memory; beyond it fewer requests
A_RUN_MOST = 12_000  # requests made again by one run of the job
AT_ONCE = 200  # stored in one transaction, and made while somebody waits
WAITED_S = 60.0  # how long those are told: who withdraws is in none after that
MAKING = "making "  # before what rows are of, until all of them are there

Stamp = tuple[object, ...]
Told = tuple[datetime, int | None, bool, bytes]  # when, whose, whether their own, the row

Waited = tuple[str, Shelf, float, Panel]  # made of what, for which shelf, and when

_opened: tuple[Stamp, Panel, Shelf] | None = None
_waited: Waited | None = None  # made while somebody waited
_opening = Lock()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one run of the job did."""

    added: int
    gone: int
    kept: int


def prepare(*, now: datetime, at_most: int = A_RUN_MOST) -> Prepared:
    """Make the newest requests ready, and let older ones and those of another model go."""
    try:
        shelf, aligned = _serves()
    except ModelUnusable:
        return Prepared(0, ScoredRequest.objects.all().delete()[0], 0)
    of = _made_with(aligned)
    gone = ScoredRequest.objects.exclude(of__in=(of, MAKING + of)).delete()[0]
    newest = _newest(most_requests(len(shelf.course_ids)), now=now)
    held = set(ScoredRequest.objects.values_list("request_id", flat=True))
    gone += ScoredRequest.objects.filter(request_id__in=held - set(newest)).delete()[0]
    missing = [request_id for request_id in newest if request_id not in held][:at_most]
    begun = ScoredRequest.objects.filter(of=of).exists()
    added = 0
    for start in range(0, len(missing), AT_ONCE):
        rows = _decisions(missing[start : start + AT_ONCE], now=now)
        added += _store(list(_rows(rows, aligned, of if begun else MAKING + of)))
    ScoredRequest.objects.filter(of=MAKING + of).update(of=of)
    return Prepared(added, gone, ScoredRequest.objects.count())


def ready_or_made(*, now: datetime) -> tuple[Panel, Shelf] | None:
    """Return what `ready` does; where nothing is, the newest requests alone, stored nowhere.

    For whoever looks before the job has run: after a start, and after every new model. What the
    job made ready, and makes ready meanwhile, stays as it is.
    """
    return ready() or _while_waiting(now)


def _while_waiting(now: datetime) -> tuple[Panel, Shelf] | None:
    global _waited
    try:
        shelf, aligned = _serves()
    except ModelUnusable:
        return None
    of = _made_with(aligned)
    with _opening:
        held = _waited
        if held is None or held[0] != of or held[1] is not shelf or _over(held):
            told = _told(list(_rows(_decisions(_newest(AT_ONCE, now=now), now=now), aligned, of)))
            panel = replace(_panel(told, shelf, aligned), whole=False)
            held = _waited = (of, shelf, monotonic(), panel)
    return (held[3], shelf) if held[3].requests else None


def _over(held: Waited) -> bool:
    return monotonic() - held[2] > WAITED_S


def _told(rows: list[ScoredRequest]) -> list[Told]:
    """Return what counts of rows that are stored nowhere, of who allows it now."""
    return [(row.served_at, row.learner_id, row.own, bytes(row.body)) for row in _permitted(rows)]


def _newest(most: int, *, now: datetime) -> list[UUID]:
    rows = Decision.objects.filter(served_at__lte=now)
    kept = rows.exclude(learner_id__isnull=False, inputs__isnull=True)
    return list(kept.order_by("-served_at").values_list("request_id", flat=True)[:most])


def _decisions(request_ids: Sequence[UUID], *, now: datetime) -> Iterable[Decision]:
    rows = Decision.objects.filter(request_id__in=request_ids, served_at__lte=now)
    return rows.order_by("-served_at")


def most_requests(courses: int) -> int:
    """Return how many requests are held of a catalogue of this size."""
    return min(REQUESTS_MOST, CELLS_MOST // max(courses, 1))


def ready() -> tuple[Panel, Shelf] | None:
    """Return the last requests as arrays, None where none is ready for what serves now.

    Opened once in a process and again when rows came or went. What was made while somebody waited
    goes once it is not needed any more, or is told no longer.
    """
    global _opened, _waited
    try:
        shelf, aligned = _serves()
    except ModelUnusable:
        return None
    of = _made_with(aligned)
    rows = ScoredRequest.objects.filter(of=of)
    stamp = (of, id(shelf), *rows.aggregate(n=Count("pk"), newest=Max("served_at")).values())
    with _opening:
        if _opened is None or _opened[0] != stamp:
            _opened = (stamp, _read(of, shelf, aligned), shelf)
        found = _opened[1]
        if found.requests or (_waited is not None and _over(_waited)):
            _waited = None
    return (found, shelf) if found.requests else None


def forget() -> None:
    """Hold nothing, nor what was made of it; for tests, and when what is held must go at once."""
    global _opened, _waited
    _opened = _waited = None


def _serves() -> tuple[Shelf, Aligned]:
    shelf, _controls = upkeep.look()
    return shelf, align(serving(), shelf)


def _made_with(aligned: Aligned) -> str:
    made = (aligned.model.version, aligned.shelf.version, POLICY_VERSION, panels.FORM)
    return "/".join(map(str, made))


def _read(of: str, shelf: Shelf, aligned: Aligned) -> Panel:
    rows = ScoredRequest.objects.filter(of=of).order_by("-served_at")
    told = rows.values_list("served_at", "learner_id", "own", "body")
    found = told.iterator(chunk_size=2_000)
    return _panel(((at, who, own, bytes(body)) for at, who, own, body in found), shelf, aligned)


def _panel(told: Iterable[Told], shelf: Shelf, aligned: Aligned) -> Panel:
    numbers: dict[int | None, int] = {None: -1}
    own: list[tuple[float, int, bytes]] = []
    common: list[tuple[float, int, bytes]] = []
    for served_at, learner_id, is_own, body in told:
        number = numbers.setdefault(learner_id, len(numbers) - 1)
        (own if is_own else common).append((served_at.timestamp(), number, body))
    return panels.opened(
        own,
        common,
        popularity=aligned.popularity,
        tried=exploring.likely(upkeep.KNOWN.popular, newcomers.of(aligned).places, shelf),
        fields=len(shelf.field_codes),
        model=aligned.model.version,
    )


def _store(rows: list[ScoredRequest]) -> int:
    """Write rows of who allows it now, holding erasures off meanwhile; return how many."""
    with transaction.atomic():
        kept = _permitted(rows)
        ScoredRequest.objects.bulk_create(kept, ignore_conflicts=True)
    return len(kept)


@transaction.atomic
def _permitted(rows: list[ScoredRequest]) -> list[ScoredRequest]:
    """Return the rows of who allows them, until the transaction ends."""
    named = {row.learner_id for row in rows if row.learner_id is not None}
    allowed = signals.storing(named) if named else {}
    return [row for row in rows if row.learner_id is None or _may(allowed, row)]


def _may(allowed: Mapping[int, Allowed], row: ScoredRequest) -> bool:
    switches = allowed.get(row.learner_id or 0)
    return switches is not None and (switches.personalization or not row.own)


def _rows(rows: Iterable[Decision], aligned: Aligned, of: str) -> Iterator[ScoredRequest]:
    for row in rows:
        try:
            before = replay.then(row)
            made = _own(before, aligned) if _is_own(before) else _common(before)
        except (CannotReplayError, ModelUnusable):
            continue  # of what is not kept nothing can be said; the page says how many there are
        if made is not None:
            yield ScoredRequest(
                request_id=row.request_id,
                served_at=row.served_at,
                learner_id=row.learner_id,
                own=_is_own(before),
                of=of,
                body=made,
            )


def _is_own(before: Then) -> bool:
    return before.source in PERSONAL_SOURCES or before.source is Source.LAST_GOOD


def _own(before: Then, aligned: Aligned) -> bytes | None:
    """Return everything but people's rules; None for lessons, which no rule brings in."""
    ask, told = before.ask, before.told
    if before.known is None or told.own is None or ask.lessons:
        return None
    shelf, own = aligned.shelf, told.own
    scene = personal.scene_of(
        aligned.model,
        ask,
        before.known,
        seen_of(own),
        shelf=shelf,
        wanted=Wanted(told.ranker or MODEL, again=replay.again_of(told, own)),
    )
    situation, nan = scene.situation, np.full(len(shelf.course_ids), np.nan, np.float32)
    seen = np.zeros(len(shelf.course_ids), np.uint8)
    seen[situation.seen] = np.minimum(situation.seen_times, panels.TIMES_MOST)
    may = policy.allowed(shelf, situation, policy.Rules())
    slate = Slate(np.zeros(len(may)), may, situation.trust)
    for step in policy.STEPS:
        step(slate, shelf, situation)
    without = before.known.not_offered() | ({ask.near} if ask.near else frozenset())
    flags = panels.ALLOWED * may + panels.BLOCKED * policy.blocked(shelf, situation)
    flags[shelf.known(sorted(without))] |= panels.TAKEN
    tells = aligned.outlooks is not None and OPENED in aligned.outlooks.orders_by
    least = thresholds.least_for(ask, replace(USUAL, least_chance=1.0))
    goal = before.known.standing.goal
    return panels.packed(
        panels.own_form(len(may), len(shelf.field_codes)),
        surface=ask.surface.code,
        k=ask.k,
        returning=RETURNING in cohorts_of(goal=goal, signals=before.known.signals),
        matched=tells and least > 0 and before.row.teams is None,
        goal=shelf.field_codes.get(goal, -1),
        trust=situation.trust,
        usual=policy.usual(situation, scene.popularity),
        shares=situation.history_fields if len(situation.history_fields) else 0.0,
        base=scene.order.base(),
        rest=slate.total,
        opened=nan if scene.outlook is None else scene.outlook.opened,
        completed=nan if scene.outlook is None else scene.outlook.completed,
        flags=flags,
        seen=seen,
        explores=not own.minor and exploring.may(ask) and before.row.teams is None,
    )


def _common(before: Then) -> bytes | None:
    """Return a list that nobody's history makes, as it is now without what people decided."""
    if before.ask.lessons:
        return None
    shelf = before.shelf
    lists = Lists(
        replace(before.ask, k=min(before.ask.k, panels.LONGEST) + panels.SPARE),
        shelf=shelf,
        controls=replace(before.controls, changes=()),
        popular=upkeep.KNOWN.popular,
        popular_of=upkeep.KNOWN.popular_of,
    )
    found = replay.common(before, lists)
    places = np.full(panels.LONGEST + panels.SPARE, panels.NOWHERE, np.int32)
    told = shelf.places(found.course_ids)[: len(places)]
    places[: len(told)] = told
    return panels.packed(
        panels.COMMON_FORM, surface=before.ask.surface.code, k=before.ask.k, places=places
    )
