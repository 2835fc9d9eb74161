"""Runs the learning loop once in the folder it is started in and prints what it saw as JSON."""

import csv
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import django
from django.core.management import call_command
from django.test import Client

django.setup()

from personalize.engine.training import retrain  # noqa: E402  needs Django to be set up
from signals import api, clock  # noqa: E402
from signals.data import SYSTEM  # noqa: E402
from signals.models import Event  # noqa: E402

COURSES = 20
LEARNERS = 80
STEPS = 6
TRIES = 10


def import_courses(folder: Path) -> None:
    """Bring in a catalogue in which every learner walks from one course to the next."""
    path = folder / "courses.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["course", "title", "field"])
        writer.writerows([f"c{n:02}", f"Course {n}", f"Field {n // 5}"] for n in range(COURSES))
    call_command("import_catalogue", str(path), verbosity=0)


def events() -> list[dict[str, object]]:
    """Return the walk of every learner, and a bookmark each."""
    now = clock.now()

    def event(kind: str, learner: int, course: int, days: float) -> dict[str, object]:
        name = f"{kind}/{learner}/{course}"
        return {
            "id": str(uuid5(NAMESPACE_URL, name)),
            "kind": kind,
            "learner": f"u{learner}",
            "course": f"c{course % COURSES:02}",
            "occurred_at": (now - timedelta(days=days)).isoformat(),
        }

    return [
        event("course.enrolled", learner, learner + step, 20 - 2 * step)
        for learner in range(LEARNERS)
        for step in range(STEPS)
    ] + [event("course.bookmarked", n, n + STEPS, 1) for n in range(LEARNERS)]


def asked(client: Client) -> dict[str, Any]:
    """Return the first list a model made: one learner in twenty is in the comparison group.

    The first answers of a fresh process may run out of time on a busy machine.
    """
    for learner in range(30):
        answer = client.get(
            f"/personalize/v1/recommendations?learner=u{learner}&surface=sidebar"
        ).json()
        if answer["source"] == "model":
            break
    return dict(answer)


def main() -> None:
    """Take events in, train, recommend, and say what came of it."""
    call_command("migrate", verbosity=0)
    call_command("migrate", database="keys", verbosity=0)
    import_courses(Path.cwd())
    key = api.create_key(
        "lms", scopes=["capture", "recommend"], days=1, actor=SYSTEM, now=clock.now()
    )
    client = Client(headers={"authorization": f"Bearer {key}"})
    taken = client.post(
        "/signals/v1/batch",
        {"sent_at": clock.now().isoformat(), "batch": events()},
        content_type="application/json",
    )
    outcome = retrain(now=clock.now(), actor=SYSTEM)
    answer = asked(client)
    sys.stdout.write(
        json.dumps(
            {
                "taken": taken.json(),
                "bookmarks": Event.objects.filter(kind=90).count(),
                "ended": outcome.ended,
                "measured": sorted(outcome.row.metrics) if outcome.row else [],
                "gates": [found.gate for found in outcome.row.findings] if outcome.row else [],
                "answer": answer,
            }
        )
    )


if __name__ == "__main__":
    main()
