"""Measurement: why is each field of experiments kept, how long, and who reads it?"""

from dataclasses import replace

from signals.data import Basis, Copied, Erased, FieldUse, TableUse, Tier

_PLAN = FieldUse(
    purpose="register what is compared before anything is measured",
    basis=Basis.NOT_PERSONAL,
    retention="for good",
    readers=("administrators", "analysts"),
)
_ANSWERS = replace(
    _PLAN, purpose="say which member of staff answers for an experiment", basis=Basis.DUTY
)
_ARM = FieldUse(
    purpose="show a learner the same in a comparison, and measure whether it helps",
    basis=Basis.INTEREST,
    tier=Tier.PERSONALIZATION,
    retention="until the learner is erased or forgotten",
    readers=("the learner", "the product"),
    export=Copied.YES,
    erase=Erased.DELETED,
)
_FLAG = replace(
    _PLAN,
    purpose="open something new to a share of learners",
    retention="until it is changed or removed",
    readers=("administrators",),
)
_LISTED = replace(_FLAG, purpose="open something new to accounts by name", basis=Basis.CONTRACT)

TABLES = (
    TableUse(
        "experiments.Experiment",
        _PLAN,
        "id key title hypothesis surfaces primary_metric guardrails mde baseline_mean baseline_sd "
        "planned_per_arm look_days variants shares salt alpha power exploratory serves "
        "decision_rule margins unit hash namespace namespace_from namespace_to ramp "
        "widens_by_itself icc cluster_size targeting design format digest state created_at "
        "registered_at approved_at started_at paused_at stopped_at decided_at archived_at verdict "
        "verdict_reason",
        dict.fromkeys(
            ("author", "registered_by", "approved_by", "seconded_by", "decided_by"), _ANSWERS
        )
        | dict.fromkeys(("approval_reason", "seconding_reason"), _PLAN),
    ),
    TableUse(
        "experiments.Version",
        replace(_PLAN, purpose="keep every version of a plan, so that nothing changes unseen"),
        "id experiment number at plan changed",
        {"by": _ANSWERS},
    ),
    TableUse(
        "experiments.Part",
        replace(_ANSWERS, purpose="let nobody be their own second person under another name"),
        "id experiment step account_id at",
    ),
    TableUse(
        "experiments.Assignment",
        _ARM,
        "experiment variant assigned_at cluster",
        {"learner_id": replace(_ARM, export=Copied.NO)},  # the number is the head of the copy
    ),
    TableUse(
        "experiments.Exclusion",
        replace(_ARM, purpose="count no staff, bots and test accounts in comparisons"),
        "experiment_key reason at",
        {
            "learner_id": replace(_ARM, export=Copied.NO),  # the number is the head of the copy
            "note": replace(_ARM, purpose="say why somebody was left out by hand"),
        },
    ),
    TableUse(
        "experiments.SurfaceHoldout",
        replace(_PLAN, purpose="keep a share of learners out of the experiments of a surface"),
        "surface share at",
        {"by": _ANSWERS},
    ),
    TableUse(
        "experiments.RampStep",
        replace(_PLAN, purpose="keep what was known when an experiment was opened to more"),
        "id experiment number share at reason evidence",
        {"by": _ANSWERS},
    ),
    TableUse(
        "experiments.Snapshot",
        replace(_PLAN, purpose="keep each look as it was computed: sums of each arm"),
        "id experiment look taken_at results",
    ),
    TableUse(
        "experiments.ReturnReading",
        replace(_PLAN, purpose="show who came back week by week: counts of each arm"),
        "experiment as_of sound weeks",
    ),
    TableUse(
        "experiments.Holdback",
        replace(_PLAN, purpose="keep something to compare with what was shipped"),
        "id experiment share until",
    ),
    TableUse(
        "experiments.Reread",
        replace(_PLAN, purpose="keep whether what was shipped lasts: sums of each arm"),
        "id experiment day taken_at reading results",
    ),
    TableUse(
        "experiments.Answer",
        replace(_PLAN, purpose="keep what people said to a re-read"),
        "id experiment number at keeps reason",
        {"by": _ANSWERS},
    ),
    TableUse(
        "experiments.Unwatched",
        replace(_PLAN, purpose="know which experiment cannot be watched", retention="until it can"),
        "experiment since times",
    ),
    TableUse(
        "experiments.KeyReading",
        replace(_PLAN, purpose="show key figures: means of groups", retention="one night"),
        "metric until content",
    ),
    TableUse(
        "experiments.KeyGoal",
        replace(_PLAN, purpose="know what is wanted of key figures and of models"),
        "id metric target reason created_at",
        dict.fromkeys(("owner", "created_by"), _ANSWERS),
    ),
    TableUse(
        "experiments.Review",
        replace(_PLAN, purpose="keep what was there to decide in a week: counts and means of arms"),
        "week until made_at content digest",
    ),
    TableUse(
        "experiments.Flag",
        _FLAG,
        "id name everyone percent testing superusers staff authenticated languages rollout note "
        "created modified",
    ),
    TableUse("experiments.Flag_groups", _FLAG, "id flag group"),
    TableUse(
        "experiments.Flag_users",
        replace(_LISTED, export=Copied.NO, erase=Erased.DELETED),
        "id flag account",
    ),
)
