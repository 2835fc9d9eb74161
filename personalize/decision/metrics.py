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
