"""People at the controls: do models find better picks as data grows?"""

from datetime import datetime

from controltower import access, figures
from controltower.definitions import Definition
from controltower.views.drilldowns.kind import COUNT, PLAIN, WHEN, Column, Drawn, Drilldown
from personalize import api as personalize

VERSIONS_MOST = 200
NDCG = "ndcg@10"


def read(_part: str, _now: datetime) -> Drawn:
    """Return each version's finding beside popularity, oldest first, by what it was trained on."""
    models = sorted(personalize.models(limit=VERSIONS_MOST), key=lambda row: row.trained_at)
    known = [row for row in models if NDCG in row.metrics.get("blend", {})]
    found = [row.metrics["blend"][NDCG] for row in known]
    popular = [row.metrics.get("popularity", {}).get(NDCG) for row in known]
    rows = [
        (row.version, f"{row.trained_at:%Y-%m-%d %H:%M}", row.state, row.pairs, row.learners, a, b)
        for row, a, b in zip(known, found, popular, strict=True)
    ]
    return Drawn(
        columns=(
            Column("Version"),
            Column("Trained (UTC)", WHEN),
            Column("State"),
            Column("Choices learned from", COUNT),
            Column("Learners", COUNT),
            Column("NDCG@10", PLAIN),
            Column("Popularity, same learners", PLAIN),
        ),
        rows=rows[::-1],
        says=_says(found, popular),
        figure=figures.lines(
            [f"{row.trained_at:%Y-%m-%d %H:%M}" for row in known],
            (
                ("Model", figures.PROGRESSION, found),
                ("Popularity", figures.QUIET, popular),
            ),
            form=".3f",
            x_title="trained",
            y_title="NDCG@10 on held-out learners",
        )
        if known
        else None,
    )


def _says(found: list[float], popular: list[float | None]) -> str:
    if not found:
        return "No model has been trained yet."
    newest = f"The newest version reaches {found[-1]:.3f}"
    beside = f", popularity {popular[-1]:.3f}" if popular[-1] is not None else ""
    first = f"; the first reached {found[0]:.3f}" if len(found) > 1 else ""
    return f"{newest}{beside}{first}."


DRILLDOWN = Drilldown(
    question="Do models find better picks as data grows?",
    may=access.may_see_models,
    read=read,
    definition=Definition(
        "learning-curve",
        "Learning curve",
        "How well each version ranks the course held-out learners took next (NDCG@10), beside the "
        "most popular courses on the same learners. Weeks differ, so only the distance between "
        "both lines compares versions.",
        "The model registry: figures kept when each version was trained.",
        "As old as each training; the newest is of last night at most.",
    ),
)
