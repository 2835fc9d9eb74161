"""What crosses the public interface of signals: frozen dataclasses, no models (L1, L2; pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray


class Tier(IntEnum):
    """How sensitive a signal is, and so what allows it."""

    NEEDED = 0  # contract: enrol, complete, score
    PERSONALIZATION = 1  # legitimate interest: on, one click off
    FINE_GRAINED = 2  # consent: opt-in
    INFERRED = 3  # consent with explanation


class Purpose(StrEnum):
    """What a learner switches; each covers one tier."""

    PERSONALIZATION = "personalization"
    FINE_GRAINED = "fine_grained"
    INFERRED = "inferred"


class ActorKind(StrEnum):
    """Who can change something."""

    LEARNER = "learner"
    STAFF = "staff"
    SYSTEM = "system"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: written into the ledger as `kind:name`, roles decide what is allowed."""

    kind: ActorKind
    name: str
    roles: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return the form the ledger keeps."""
        return f"{self.kind}:{self.name}"


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="northway")


@dataclass(frozen=True, slots=True)
class SourceKey:
    """An authenticated source with the scopes of the key it used."""

    source_id: int
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeyDigest:
    """A key in force by its digest, so that a node can check keys while the database is away."""

    digest: str  # SHA-256 of the clear key, hex
    source_id: int
    name: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a learner's switches allow now. Absent or unreadable consent is NOTHING."""

    personalization: bool
    fine_grained: bool
    inferred: bool

    def tier(self, tier: Tier) -> bool:
        """Say whether events and reasons of this tier may be used."""
        return (True, self.personalization, self.fine_grained, self.inferred)[tier]


NOTHING = Allowed(personalization=False, fine_grained=False, inferred=False)


SESSION_LEARNER = "learner_id"  # under this name a session keeps whose it is
SESSION_GPC = "gpc"  # and under this one that Global Privacy Control was seen and kept


class Touch(IntEnum):
    """The strongest thing a learner did in a course."""

    VIEWED = 1
    STARTED = 2
    ENROLLED = 3
    COMPLETED = 4
    LEFT = 5  # unenrolled after the last enrolment


UNDER_13 = "under13"
MINOR_BANDS = (UNDER_13, "under18")  # age bands; no band is an adult or somebody of unknown age


@dataclass(frozen=True, slots=True)
class LearnerState:
    """One learner as the decision needs them, read in one statement.

    The arrays are parallel, one entry a course touched, oldest `last_at` first: course_ids int32,
    touches int8 (codes of Touch), last_at float64 (seconds since the epoch, UTC). Tier 1 touches
    (views, ratings) are absent when personalization is off.
    """

    learner_id: int
    kind: str
    age_band: str
    allowed: Allowed
    course_ids: NDArray[np.int32]
    touches: NDArray[np.int8]
    last_at: NDArray[np.float64]
    groups: Mapping[str, str] = field(
        default_factory=dict
    )  # "class" and "cohort", where there are any

    @property
    def minor(self) -> bool:
        """Say whether the learner is known to be under 18: nothing is tried out on them."""
        return self.age_band in MINOR_BANDS


@dataclass(frozen=True, slots=True)
class ModuleState:
    """How far a learner is in one module; progress and score are shares 0..1."""

    module_id: int
    course_id: int
    progress: float
    completed_at: datetime | None
    score: float | None
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """One module of the catalogue."""

    module_id: int
    external_id: str
    position: int
    title: str
    minutes: int
    format: str


@dataclass(frozen=True, slots=True)
class CourseInfo:
    """One course of the catalogue, without its modules' text."""

    course_id: int
    external_id: str
    slug: str
    title: str
    summary: str
    field: str
    level: str
    language: str
    provider: str
    minutes: int
    skills: tuple[str, ...]
    prerequisites: tuple[int, ...]  # course_ids
    modules: int  # how many


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search of the catalogue, the same for everyone.

    `facets` counts what all hits offer by field, level and format, each without its own filter:
    {"field": (("Design", 12), ...), ...}, most frequent first.
    """

    total: int
    hits: tuple[CourseInfo, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    corrected: bool = False  # nothing held the words as typed: these are spelled alike


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event the product itself records, already about a known learner."""

    kind: str
    learner_id: int
    occurred_at: datetime
    course_id: int | None = None
    module_id: int | None = None
    session: str | None = None
    value: float | None = None
    context: Mapping[str, object] | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch; the four counts add up to its length."""

    accepted: int
    duplicates: int
    dropped_by_consent: int
    quarantined: int
    errors: tuple[Mapping[str, object], ...] = ()  # {"index", "code", "detail"}


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Positive course choices for models, sorted by learner, then time.

    Parallel arrays: learner_ids int64, course_ids int32, times float64 (days since the epoch),
    weights float32 in 0..1. Only real learners with personalization on.
    """

    learner_ids: NDArray[np.int64]
    course_ids: NDArray[np.int32]
    times: NDArray[np.float64]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Exposed:
    """First sight of an experiment's arm by a learner; the key is opaque to signals."""

    experiment: str
    learner_id: int
    arm: str
    exposed_at: datetime
    cluster: str = ""  # the class or cohort that was drawn; empty where the learner was


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric of `signals.derive.measures` to be read, with its window after the exposure.

    It begins `from_days` after the exposure. `winsor` is a quantile of the values above 0, over all
    arms together: no learner counts with more.
    """

    metric: str
    window_days: int
    from_days: int = 0
    winsor: float | None = None

    @property
    def until_days(self) -> int:
        """Return how long after the exposure the window ends."""
        return self.from_days + self.window_days


@dataclass(frozen=True, slots=True)
class Objected:
    """A time in which somebody who is exposed to an experiment objected to personalization."""

    arm: str
    learner_id: int
    exposed_at: datetime
    since: datetime
    until: datetime  # taken back, or the moment of the question


@dataclass(frozen=True, slots=True)
class RatioMoments:
    """Sums of what has two numbers an observation, in the order of `PairedRatio`.

    That is: numerator and denominator after the exposure, then both before it; products is the
    symmetric 4 x 4 matrix of their sums of products, squares on its diagonal.
    """

    totals: tuple[float, float, float, float]
    products: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ArmMoments:
    """Exact sufficient statistics of one metric in one arm: n learners, sum and sum of squares.

    Those `before` are of the same metric over as many days before the exposure, 0 where a learner
    did nothing then; `products` sums each learner's value times the one before. A metric that is a
    ratio, or whose observations are clusters, has `ratio` as well, and the other sums are those of
    its numerator; the denominator of a cluster is its learners, unless the metric has its own.
    """

    arm: str
    n: int
    total: float
    squares: float
    before_total: float = 0.0
    before_squares: float = 0.0
    products: float = 0.0
    cohort: str = ""  # one value of the cohort asked for
    ratio: RatioMoments | None = None


@dataclass(frozen=True, slots=True)
class KpiTotals:
    """What happened in some days, as it may be shown: rounded to 5, None for fewer than 10.

    The sums of ratings are those of as many ratings as are shown, with the mean and the spread that
    there were, each to the tenth.
    """

    slates: int | None = None  # rec.shown of lists of ours
    clicks: int | None = None  # rec.clicked on them
    enrolments: int | None = None
    enrolments_led: int | None = None  # of these, those that answer a list we served
    completions: int | None = None
    ratings: int | None = None
    rating_total: float = 0.0
    rating_squares: float = 0.0


@dataclass(frozen=True, slots=True)
class KpiReport:
    """Key figures day by day, oldest first, of the last seven days and of the seven before."""

    days: tuple[tuple[date, KpiTotals], ...]
    week: KpiTotals
    week_before: KpiTotals


@dataclass(frozen=True, slots=True)
class Demand:
    """A search term with its demand over closed weeks; at least 10 learners in each counted.

    Every count is rounded to 5. A week adds to `without_result` only where at least 10 learners
    found nothing in it.
    """

    term: str
    learners: int  # greatest weekly count
    searches: int
    without_result: int
    last_week: date  # its Monday


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ledger entry as pages show it."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditCell:
    """What one rule found at one source in a month, rounded to 5; ten learners or more."""

    events: int
    learners: int | None  # None: refused at the door, before a learner is known
    samples: tuple[str, ...]  # sentences that name nobody


@dataclass(frozen=True, slots=True)
class AuditRule:
    """A quality rule and what it found in a month; a source without a cell had fewer than ten."""

    name: str
    version: int
    title: str
    severity: str
    effect: str
    owner: str
    action: str
    cells: Mapping[int, AuditCell]  # by source_id
    events: int  # of all cells


@dataclass(frozen=True, slots=True)
class AuditSource:
    """A source in a month; events rounded to 5, None below ten."""

    source_id: int
    name: str
    title: str
    events: int | None
    silent: bool  # usually sends on such days, and did not yesterday or today


@dataclass(frozen=True, slots=True)
class QualityAudit:
    """The signal audit of one month, over closed days."""

    month: date
    months: tuple[date, ...]  # to choose from, newest first
    closed_to: date  # the last day counted
    judged_at: datetime | None  # when new events were last judged
    sources: tuple[AuditSource, ...]
    rules: tuple[AuditRule, ...]


@dataclass(frozen=True, slots=True)
class QualityShares:
    """What training is judged by: the last seven closed days of all sources together."""

    received: int  # stored and refused
    refused_share: float  # of what was received
    unknown_share: float  # of what was received: a course, module or learner not known
    learners: int  # real ones
    weightless_share: float  # of them: nothing they did is learned from
    silent: tuple[str, ...]  # sources that usually send and do not
    silent_share: float  # which part of three weeks' events they sent


@dataclass(frozen=True, slots=True)
class Switches:
    """What a learner switched, as a page shows it, and what is allowed of it."""

    personalization: bool
    fine_grained: bool
    inferred: bool
    gpc: bool  # Global Privacy Control was seen on the account
    age_band: str
    allowed: Allowed

    @property
    def minor(self) -> bool:
        """Say whether the learner is known to be under 18."""
        return self.age_band in MINOR_BANDS


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One kept event, as its learner sees it; moment and id say where the next page begins."""

    occurred_at: datetime
    id: UUID
    kind: str
    course_id: int | None
    source: str  # title of the system that sent it


@dataclass(frozen=True, slots=True)
class Derived:
    """What was computed about a learner from their events; rebuilt, never typed in."""

    events: int
    active_days: int
    sessions: int
    courses_completed: int
    lessons_completed: int
    score_mean: float | None
    first_at: datetime
    last_at: datetime
    formats: tuple[tuple[str, float], ...]  # shares, the greatest first; only with consent


@dataclass(frozen=True, slots=True)
class KindLabel:
    """One kind of signal for a learner's label: what it is for and how long it is kept."""

    name: str
    tier: Tier
    purpose: str
    retention_months: int


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """The figures that the labels of data state beside those of each kind."""

    derived_months: int  # how long what was computed is kept after the last step
    smallest_group: int  # totals show no fewer people


@dataclass(frozen=True, slots=True)
class RequestStep:
    """One step of a request: when it was done, how much it was, and what a query found left."""

    name: str
    done_at: datetime | None
    count: int
    left: int


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request of a learner, as its receipt shows it."""

    receipt: UUID
    kind: str
    actor: str
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None
    steps: tuple[RequestStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractField:
    """One field of an event as a source sends it, and what becomes of it.

    `kept` is "clear", "sealed" (under the learner's data key), "hashed" (keyed) or "no".
    """

    name: str
    type: str  # text, number, integer, true or false, moment, UUID, object
    required: bool
    kept: str
    choices: tuple[str, ...] | None = None
    low: float | None = None  # the least value of a number, the least length of a text
    above: float | None = None  # a number has to be greater
    high: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ContractValue:
    """The number of a kind: its range and what it counts."""

    unit: str
    required: bool
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ContractKind:
    """One kind of signal in the published contract.

    `sent_by` is "platform" (with a key), "page" (with a key or from a learner's browser) or
    "nobody": those are made here of statements that fit no other kind.
    """

    name: str
    code: int
    tier: int
    purpose: str
    legal_basis: str
    retention_months: int
    sent_by: str
    course: str  # required or optional
    module: str
    value: ContractValue | None
    value_made_here: bool  # of the context, where nothing else of it is kept
    context: tuple[ContractField, ...]


@dataclass(frozen=True, slots=True)
class SignalContract:
    """What a source may send, and what is done with it; `digest` is of everything but itself."""

    version: str
    digest: str
    limits: Mapping[str, int]
    envelope: tuple[ContractField, ...]
    kinds: tuple[ContractKind, ...]


class Basis(StrEnum):
    """What allows a field to be kept; the first four are those of the tiers."""

    CONTRACT = "contract"
    INTEREST = "legitimate interest, with the right to object"
    CONSENT = "consent"
    EXPLAINED = "consent with explanation"
    OF_KIND = "as the signal contract says of its kind"
    SECURITY = "legitimate interest in keeping accounts safe"
    DUTY = "legal duty to prove what was done"
    NOT_PERSONAL = "not personal"


class Copied(StrEnum):
    """Whether a learner's copy of their data holds a field."""

    YES = "yes"
    OPENED = "opened"  # what is under the seal, or the name behind a hash
    NO = "no"
    NOBODY = "about no learner"


class Erased(StrEnum):
    """What an erasure does with a field."""

    DELETED = "deleted with its row"
    EMPTIED = "emptied"
    UNREADABLE = "unreadable: its key is destroyed"
    KEPT = "kept"
    NOBODY = "about no learner"


@dataclass(frozen=True, slots=True)
class FieldUse:
    """Why a field is kept, how long, who reads it, and what a copy and an erasure do with it."""

    purpose: str
    basis: Basis
    retention: str
    readers: tuple[str, ...]
    tier: Tier | None = None
    export: Copied = Copied.NOBODY
    erase: Erased = Erased.NOBODY


@dataclass(frozen=True, slots=True)
class TableUse:
    """The declaration of a table: one use for its fields, but for those that say otherwise."""

    name: str  # app.Model
    use: FieldUse
    fields: str  # names with a space between
    but: Mapping[str, FieldUse] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all fields declared."""
        return frozenset(self.fields.split()) | self.but.keys()

    def of(self, name: str) -> FieldUse:
        """Return the use of one field."""
        return self.but.get(name, self.use)

    @property
    def about_learners(self) -> bool:
        """Say whether an erasure or a copy of a learner's data concerns any field."""
        uses = (self.use, *self.but.values())
        return any(use.erase is not Erased.NOBODY for use in uses)


@dataclass(frozen=True, slots=True)
class Objective:
    """What is expected of a source, who answers for it, and what they do first if it fails."""

    every_minutes: int  # something new arrives at least this often
    complete_share: float  # of its events carry every required field, over seven closed days
    owner: str
    next_step: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source does; without an objective it is held against its own habit."""

    source_id: int
    name: str
    title: str
    profile: str  # capture: events alone; store: whole statements too
    last_at: datetime | None  # when its newest event was received
    complete_share: float | None  # over seven closed days; None of fewer than ten events
    objective: Objective | None
    silent: bool
    incomplete: bool


@dataclass(frozen=True, slots=True)
class PartitionState:
    """Whether rows of a table that is kept by month or day have a place to go."""

    ahead_to: date | None  # the last month or day there is a place for
    waiting: int  # rows without a place of their own


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of data: how long it may be kept, and how old the oldest of it is."""

    what: str
    retention: str
    oldest: date | None
    not_before: date  # what is older should be gone
    overdue: bool


@dataclass(frozen=True, slots=True)
class RetentionState:
    """Whether what is past its retention is gone, and what is to come has a place."""

    events: PartitionState
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What learners chose, all together, rounded to 5; None for fewer than ten."""

    learners: int | None
    gpc: int | None  # Global Privacy Control seen: do not sell, do not share
    objected: int | None  # recommendations switched off
    fine_grained: int | None  # agreed
    inferred: int | None  # agreed
    minors: int | None  # known to be under 18


@dataclass(frozen=True, slots=True)
class StatementShelf:
    """How many whole statements a source of the profile store keeps, rounded to 5."""

    name: str
    title: str
    statements: int | None  # None for fewer than ten


@dataclass(frozen=True, slots=True)
class NewVerbRule:
    """Which kind statements with a verb become; with an empty one they are known and not kept."""

    verb: str
    activity_type: str  # empty: of every type that has no rule of its own
    kind: str
    take_in: bool = False  # what came before the rule and waits, too


@dataclass(frozen=True, slots=True)
class VerbRuleRow:
    """A rule in force."""

    verb: str
    activity_type: str
    kind: str
    taking_in: bool


@dataclass(frozen=True, slots=True)
class UnmappedRow:
    """A verb that no rule knows and ten learners used, and in how many statements it came."""

    verb: str
    activity_type: str
    statements: int
    by_source: tuple[tuple[str, int], ...]  # title, statements; most first
    last_at: datetime


@dataclass(frozen=True, slots=True)
class HiddenVerbs:
    """Verbs of a source that fewer than ten learners used: counted, and not told."""

    source: str
    verbs: int
    statements: int


@dataclass(frozen=True, slots=True)
class VerbPreview:
    """What a rule would make of the newest statements that can still be read."""

    looked_at: int
    matched: int
    becomes: int  # events of the kind
    lacking: int  # would count as platform.used: they lack what the kind needs
    unusable: int  # name no single learner, or a course the catalogue does not know
    waiting: int  # of all sources: would be taken in
