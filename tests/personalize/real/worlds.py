"""Real learners and courses brought in and trained on, as an operator would, by the commands."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np
from django.core.management import call_command
from django.test import Client
from pyarrow import compute, parquet

from personalize import api as personalize
from personalize.data import Recommendation, Source
from personalize.engine.training import Ended, retrain
from signals import api as signals
from signals.data import SYSTEM, TrainingRows
from signals.models import Account, shelf
from tests.factories import moment


class Committed(Protocol):
    """What pytest-django's fixture of this long name does."""

    def __call__(self, *, execute: bool) -> AbstractContextManager[object]:
        """Run what waits for the commit at the end of the block."""


def data() -> Path:
    """Return the folder of the data sets."""
    return Path(os.environ["NORTHWAY_DATA"]) / "data"


def bring_in(name: str, history: str, folder: Path, committed: Committed, *, learners: int) -> None:
    """Import a catalogue and the first so many learners of a history, and train a model on them."""
    source, part = data() / name, folder / "history.parquet"
    table = parquet.read_table(source / history)
    parquet.write_table(table.filter(compute.less(table["learner"], learners)), part)
    order = ["--order", "pos"] if "pos" in table.column_names else []
    call_command("import_catalogue", str(source / "courses.parquet"))
    call_command("import_interactions", str(part), *order)
    shelf.forget()
    with committed(execute=True):
        outcome = retrain(now=moment(), actor=SYSTEM)
    assert outcome.ended is Ended.PROMOTED, outcome.detail


def histories() -> dict[int, list[int]]:
    """Return the courses of every learner, oldest first."""
    rows: TrainingRows = signals.training_rows()
    learner_ids, starts = np.unique(rows.learner_ids, return_index=True)
    courses = np.split(rows.course_ids, starts[1:])
    return {
        learner_id: taken.tolist()
        for learner_id, taken in zip(learner_ids.tolist(), courses, strict=True)
    }


def some(learner_ids: list[int], count: int) -> list[int]:
    """Return so many of these learners, always the same places of the list."""
    rng = np.random.default_rng(7)
    return sorted(rng.choice(learner_ids, min(count, len(learner_ids)), replace=False).tolist())


def personal_lists(learner_ids: list[int], *, k: int) -> Iterator[Recommendation]:
    """Yield the lists of these learners that the model made."""
    for learner_id in learner_ids:
        answer = personalize.recommend(learner_id, k=k, now=moment())
        if answer.source is Source.MODEL:
            yield answer


def signed_in(client: Client, learner_id: int) -> Client:
    """Give a learner an account and sign them in."""
    account = Account.objects.create_user(f"imported-{learner_id}", learner_id=learner_id)
    client.force_login(account)
    return client
