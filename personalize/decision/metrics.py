"""How do decisions go, in numbers for operators? (L4) Read by /metrics; names never change."""

from prometheus_client import Counter, Histogram

ANSWERED = Counter("northway_recommendations", "Recommendations answered", ["surface", "source"])
TOOK = Histogram(
    "northway_recommendation_seconds",
    "Time of a recommendation inside the process",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.5),
)
FAILED_STEP = Counter(
    "northway_recommendation_step_failures", "Steps that failed and fell back", ["step"]
)
LOGGED = Counter("northway_decisions_logged", "Rows written to the decision log")
LOST = Counter("northway_decisions_lost", "Rows the decision log could not keep")

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
NEWEST_EVENT_AGE = Histogram(
    "northway_recommendation_newest_event_age_seconds",
    "Age of the newest thing a learner did when their own list was made",
    buckets=(1, 10, _MINUTE, 30 * _MINUTE, _DAY, 7 * _DAY, 30 * _DAY, 180 * _DAY),
)
MODEL_AGE = Histogram(
    "northway_recommendation_model_age_seconds",
    "Age of the model when a learner's own list was made",
    buckets=(_HOUR, 6 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 30 * _DAY),
)
