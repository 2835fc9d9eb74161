"""L1 and L2: which rows does signals itself hold about a learner, and what tables know learners?"""

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from signals.models import (
    Account,
    Consent,
    ConsentChange,
    DoubtfulCourse,
    Event,
    Exposure,
    FormatObservation,
    ForumPost,
    Learner,
    LearnerCourse,
    LearnerFeature,
    LearnerModule,
    LearnerQuality,
    LearnerSession,
    Membership,
    PendingLearner,
    QualityFinding,
    SearchQuery,
    Statement,
)
from signals.models.statements import run
from signals.privacy import sign_ins
from signals.sealing import IN_KEYS

# Terms were counted with what this learner searched and wrote: those weeks are counted anew.
_WEEKS_OF_SEARCHES = """
INSERT INTO signals_demandweek (week)
SELECT date_trunc('week', searched_at AT TIME ZONE 'UTC')::date
FROM signals_searchquery WHERE learner_id = %b
UNION
SELECT date_trunc('week', posted_at AT TIME ZONE 'UTC')::date
FROM signals_forumpost WHERE learner_id = %b
"""

_TABLES = (
    Event,
    LearnerCourse,
    LearnerModule,
    SearchQuery,
    ForumPost,
    Exposure,
    Membership,
    Consent,
    ConsentChange,
    LearnerFeature,
    FormatObservation,
    LearnerSession,
    PendingLearner,
    LearnerQuality,
    DoubtfulCourse,
    QualityFinding,
)


def count_searches_anew(learner_id: int) -> None:
    """Ask for the weeks in which a learner searched to be counted without them."""
    run(_WEEKS_OF_SEARCHES, [learner_id, learner_id])


def erase(learner_id: int) -> int:
    """Remove signals' own rows about a learner, the account of a learner who is no staff too."""
    count_searches_anew(learner_id)
    removed = sum(model.objects.filter(learner_id=learner_id).delete()[0] for model in _TABLES)
    accounts = Account.objects.filter(learner_id=learner_id, is_staff=False, groups=None)
    _let_staff_stay(learner_id)
    ids = [str(number) for number in accounts.values_list("pk", flat=True)]
    removed += sign_ins.forget_attempts(list(accounts.values_list("username", flat=True)))
    removed += _forget_edits(ids)
    removed += accounts.delete()[0]
    return removed + Learner.objects.filter(learner_id=learner_id).delete()[0]


def _let_staff_stay(learner_id: int) -> None:
    """Part accounts of staff from their learner: what they are called is sealed anew."""
    for account in Account.objects.filter(learner_id=learner_id):
        if account.is_staff or account.groups.exists():
            account.open_names()
            account.learner = None
            account.save(update_fields=["learner"])


def _forget_edits(account_ids: list[str]) -> int:
    """Remove what the admin pages noted of changes to these accounts: it quotes their names."""
    kind = ContentType.objects.get_for_model(Account)
    return LogEntry.objects.filter(content_type=kind, object_id__in=account_ids).delete()[0]


def tables_of_learners() -> list[type[Model]]:
    """Return every model, of any app, whose rows name a learner by number."""
    return [
        model
        for model in apps.get_models()
        if model._meta.label_lower not in IN_KEYS
        and any(field.attname == "learner_id" for field in model._meta.concrete_fields)
    ]


def left(learner_id: int) -> int:
    """Ask every table that knows learners how many rows are still about this one."""
    rows = sum(
        model._default_manager.filter(learner_id=learner_id).count()
        for model in tables_of_learners()
    )
    return rows + Statement.objects.filter(learner_ids__contains=[learner_id]).count()
