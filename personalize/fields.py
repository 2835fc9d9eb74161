"""L3 to L5: why is each field of personalize kept, how long, and who reads it?

The project's own tables of Django and its packages stand here too: this is the project package.
"""

from dataclasses import replace

from signals.data import Basis, Copied, Erased, FieldUse, TableUse, Tier

KNOWN = "until the learner is erased or forgotten"
CHANGED = "until it is changed or removed"
GOOD = "for good"
LOGGED = "180 days"  # a test holds it to the days the log keeps
SIGNED_IN = "60 days after signing in, 14 days without a visit"
OWN = ("the learner", "the product")
ADMIN = ("administrators",)

_SERVED = FieldUse(
    purpose="show why something was recommended, and measure whether it helped",
    basis=Basis.INTEREST,
    tier=Tier.PERSONALIZATION,
    retention=LOGGED,
    readers=OWN,
    export=Copied.YES,
    erase=Erased.DELETED,
)
_REASON = replace(_SERVED, purpose="say why, in the learner's own terms")
_COMPARED = replace(_SERVED, purpose="compare two ways of ordering, with the picks of one list")
_MADE_FROM = replace(_SERVED, purpose="make a list again, and judge other models by what was drawn")
_PLAYED = replace(
    _SERVED,
    purpose="foresee what other rules would do to the lists of all; made again from the lists",
    retention="until 10,000 newer lists were made",
    readers=("the product",),
    export=Copied.NO,
)
_STATED = FieldUse(
    purpose="recommend towards the goal a learner states",
    basis=Basis.INTEREST,
    tier=Tier.PERSONALIZATION,
    retention=KNOWN,
    readers=OWN,
    export=Copied.YES,
    erase=Erased.DELETED,
)
_PLANNED = replace(_STATED, purpose="show the way to that goal, and what changed it")
_SAID = replace(_STATED, purpose="do at once what a learner says of a course")
_REMINDED = replace(_STATED, purpose="remind as often, where and when a learner says")
_RULE = FieldUse(
    purpose="let people steer what is recommended, with a reason and an end",
    basis=Basis.NOT_PERSONAL,
    retention=GOOD,
    readers=("administrators", "analysts"),
)
_BY_STAFF = replace(_RULE, purpose="know who decided", basis=Basis.CONTRACT)
_DESK = replace(
    _RULE,
    purpose="show creators what is wanted and what becomes of it, of ten learners or more",
    readers=("administrators", "analysts", "course creators"),
)
_MODEL = replace(
    _RULE, purpose="serve a model that passed its gates, and go back; no learner stands in it"
)
_DRIFT = replace(
    _RULE, purpose="notice when what arrives is no longer what models learned from; only counts"
)
_SESSION = FieldUse(
    purpose="stay signed in",
    basis=Basis.CONTRACT,
    tier=Tier.NEEDED,
    retention=SIGNED_IN,
    readers=("the product",),
    export=Copied.NO,
    erase=Erased.DELETED,
)
_ATTEMPT = FieldUse(
    purpose="notice and slow down who tries passwords",
    basis=Basis.SECURITY,
    tier=Tier.NEEDED,
    retention="15 minutes, gone with the next attempt of anybody",
    readers=("the learner", *ADMIN),
    export=Copied.YES,
    erase=Erased.DELETED,
)
_EDIT = replace(_ATTEMPT, purpose="know which administrator changed an account", retention=KNOWN)
_RUNS = FieldUse(
    purpose="know what runs when, and which roles there are",
    basis=Basis.NOT_PERSONAL,
    retention=CHANGED,
    readers=ADMIN,
)
_TRIED = "id user_agent ip_address username http_accept path_info attempt_time"

TABLES = (
    TableUse(
        "personalize.Decision",
        _SERVED,
        "served_at request_id learner_id surface source intent rules model signals tiers took_ms "
        "course_ids module_ids scores confidences slots propensity",
        dict.fromkeys(("goal", "parts_wide", "part_codes", "part_values"), _REASON)
        | dict.fromkeys(("drafted_for", "teams"), _COMPARED)
        | {"inputs": _MADE_FROM},
    ),
    TableUse(
        "personalize.ScoredRequest",
        _PLAYED,
        "id request_id served_at learner_id own of body",
    ),
    TableUse(
        "personalize.Rulebook",
        replace(_RULE, purpose="make a list again by the rules of then; no learner stands in it"),
        "digest content",
    ),
    TableUse(
        "personalize.Profile",
        _STATED,
        "learner_id goal interests minutes_per_week format role known_skills by_when languages "
        "updated_at",
    ),
    TableUse(
        "personalize.InterestChange",
        replace(_STATED, purpose="say where each interest comes from, and bring one back"),
        "id learner_id skill act origin was at",
    ),
    TableUse(
        "personalize.LearningPath",
        _PLANNED,
        "learner_id steps finished known instead without inputs planned_at",
    ),
    TableUse("personalize.PathChange", _PLANNED, "id learner_id at reason about added removed"),
    TableUse("personalize.UnusedCourse", _SAID, "id learner_id course_id at"),
    TableUse("personalize.Feedback", _SAID, "id learner_id course_id action until request_id at"),
    TableUse(
        "personalize.ReminderChoice",
        _REMINDED,
        "learner_id wanted on_page by_mail at_most quiet_from quiet_until time_zone language "
        "paused_until updated_at",
    ),
    TableUse(
        "personalize.Reminder",
        replace(_REMINDED, purpose="remind once of what was begun, and say why", retention=LOGGED),
        "id learner_id channel key kind facts state made_at due_at attempts sent_at hidden_until "
        "answer",
    ),
    TableUse(
        "personalize.Guide",
        replace(_REMINDED, purpose="show newcomers around, and what was done since the last visit"),
        "learner_id visit_at before_at seen_at why_at closed_at tips",
    ),
    TableUse(
        "personalize.CampaignLearner",
        replace(_REMINDED, purpose="tell a group once, and know by those left out if it helps"),
        "id learner_id campaign_id compared at coming",
    ),
    TableUse(
        "personalize.ReminderPolicy",
        replace(_RULE, purpose="let people say how many reminders there are at most"),
        "id most_a_week mail_after_days reason created_at",
        {"created_by": _BY_STAFF},
    ),
    TableUse("personalize.DemandTopic", _DESK, "id week slug topic evidence"),
    TableUse("personalize.CourseInsight", _DESK, "course_id counted_at figures"),
    TableUse(
        "personalize.Brief",
        _DESK,
        "id slug topic state document worded_by course_id publish_by created_at published_at "
        "measured",
        dict.fromkeys(("created_by", "created_account"), _BY_STAFF),
    ),
    TableUse(
        "personalize.BriefStep",
        _DESK,
        "id brief state taken_at reason",
        {"taken_by": _BY_STAFF},
    ),
    TableUse(
        "personalize.Override",
        _RULE,
        "id course_id change strength surface cohort reason note starts_at ends_at created_at "
        "undone_at state decided_at decided_why end_entered predicted measured",
        dict.fromkeys(("created_by", "created_account", "undone_by", "decided_by"), _BY_STAFF),
    ),
    TableUse(
        "personalize.Objective",
        replace(_RULE, purpose="let people decide what lists strive for, with a reason"),
        "id engagement progression least_chance field_share provider_share well_known surface "
        "cohort reason ends_at created_at undone_at state decided_at decided_why end_entered "
        "measured",
        dict.fromkeys(("created_by", "created_account", "undone_by", "decided_by"), _BY_STAFF),
    ),
    TableUse(
        "personalize.CuratedCourse",
        replace(_RULE, purpose="show something when nothing else may", retention=CHANGED),
        "id course_id position",
    ),
    TableUse(
        "personalize.ModelVersion",
        _MODEL,
        "version state trained_at published_at card findings configuration canary_since readings "
        "experiment kept_until",
    ),
    TableUse(
        "personalize.ModelReview",
        replace(_RULE, purpose="look up what a model was like; no learner stands in it"),
        "until made_at content digest",
    ),
    TableUse(
        "personalize.AnswerStep",
        replace(_DRIFT, retention="43 days", readers=("the product",)),
        "step_at source count",
    ),
    TableUse(
        "personalize.SpeedStep",
        replace(_DRIFT, purpose="keep the promise of 200 ms; only counts", retention="43 days"),
        "step_at bucket fell_back count",
    ),
    TableUse(
        "personalize.DriftReading",
        replace(_DRIFT, retention="until the next look, five minutes later"),
        "feature read_at content",
    ),
    TableUse(
        "personalize.DriftAlert",
        _DRIFT,
        "id feature parts opened_at last_at seen_at over_at retrained_at came_of_it",
        {"owner": _BY_STAFF},
    ),
    TableUse(
        "personalize.AgentSetting",
        replace(_RULE, purpose="know which language model an agent may use, and at what cost"),
        "id agent on backend base_url model deadline_ms tokens price_in price_out cap_a_day "
        "reason created_at",
        {"created_by": _BY_STAFF},
    ),
    TableUse(
        "personalize.AgentDay",
        replace(_RULE, purpose="keep an agent below its cap; only sums, and nobody's question"),
        "id agent day calls failures tokens_in tokens_out cost_millionths",
    ),
    TableUse(
        "personalize.MetadataProposal",
        replace(_RULE, purpose="let people put courses right, and propose what they accept"),
        "id course_id kind value score evidence state made_at decided_at correction",
        {"decided_by": _BY_STAFF},
    ),
    TableUse(
        "personalize.MetadataRun",
        replace(_RULE, purpose="know how fresh proposals are; no learner stands in it"),
        "id ran_at courses learnt",
    ),
    TableUse(
        "personalize.WeeklyVerdict",
        replace(_RULE, purpose="look up whether models got better; no learner stands in it"),
        "until made_at content digest",
    ),
    TableUse(
        "personalize.AnsweredMinute",
        replace(_RUNS, purpose="know how many requests went wrong", retention="35 days"),
        "id minute kind answered failed late",
    ),
    TableUse(
        "personalize.JobRun",
        _RUNS,
        "job began_at ended_at succeeded_at took_s waited_s failures",
    ),
    TableUse(
        "personalize.Campaign",
        replace(_RULE, purpose="know what was said to a group, who approved it, what it brought"),
        "id kind course_id module_id learners state reasons expected texts bundle session "
        "session_at by_mail compare_share most ends_on edited proposed_at decided_at reason after "
        "enlisted left_out ended_at",
        {"decided_by": _BY_STAFF, "ended_by": _BY_STAFF},
    ),
    TableUse(
        "personalize.FeatureDuty",
        replace(_RULE, purpose="know who answers for a feature, and when it is looked at again"),
        "id feature review_by reason created_at",
        {"owner": _BY_STAFF, "created_by": _BY_STAFF},
    ),
    TableUse(
        "admin.LogEntry",
        _EDIT,
        "id action_time user content_type object_id object_repr action_flag change_message",
    ),
    TableUse("sessions.Session", _SESSION, "session_key session_data expire_date"),
    TableUse("axes.AccessFailureLog", _ATTEMPT, f"{_TRIED} locked_out"),
    TableUse("axes.AccessAttempt", _ATTEMPT, f"{_TRIED} get_data post_data failures_since_start"),
    TableUse(
        "axes.AccessAttemptExpiration",
        replace(_ATTEMPT, export=Copied.NO),
        "access_attempt expires_at",
    ),
    TableUse("axes.AccessLog", _ATTEMPT, f"{_TRIED} logout_time session_hash"),
    TableUse("auth.Permission", _RUNS, "id name content_type codename"),
    TableUse("auth.Group", _RUNS, "id name"),
    TableUse("auth.Group_permissions", _RUNS, "id group permission"),
    TableUse("contenttypes.ContentType", _RUNS, "id app_label model"),
    TableUse("django_celery_beat.SolarSchedule", _RUNS, "id event latitude longitude"),
    TableUse("django_celery_beat.IntervalSchedule", _RUNS, "id every period"),
    TableUse("django_celery_beat.ClockedSchedule", _RUNS, "id clocked_time"),
    TableUse(
        "django_celery_beat.CrontabSchedule",
        _RUNS,
        "id minute hour day_of_month month_of_year day_of_week timezone",
    ),
    TableUse("django_celery_beat.PeriodicTasks", _RUNS, "ident last_update"),
    TableUse(
        "django_celery_beat.PeriodicTask",
        _RUNS,
        "id name task interval crontab solar clocked args kwargs queue exchange routing_key "
        "headers priority expires expire_seconds one_off start_time enabled last_run_at "
        "total_run_count date_changed description",
    ),
    TableUse("waffle.Switch", _RUNS, "id name active note created modified"),
    TableUse("waffle.Sample", _RUNS, "id name percent note created modified"),
)
