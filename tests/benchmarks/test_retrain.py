"""Is the made-up platform that training is timed on what it says, and is all memory counted?"""

import sys
from subprocess import PIPE, Popen

import numpy as np
import pytest

from benchmarks import made_history
from benchmarks.processes import Watched
from signals import api
from tests.factories import moment, new_course

HOLDS = "held = bytearray(b'x' * 100_000_000); print('holds', flush=True); input()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDS!r}])"


def test_nobody_chooses_a_course_twice_and_steps_are_in_the_order_of_time() -> None:
    rng = np.random.default_rng(1)
    who, what, days = made_history.draw(rng, learners=300, courses=1_000, mean=20)
    assert len(np.unique(who * 1_000 + what)) == len(who)
    assert days.min() > 0
    assert days.max() <= made_history.OVER_DAYS
    assert 10 * 300 < len(who) < 30 * 300


def test_learners_stay_near_their_field_and_popular_courses_are_taken_most() -> None:
    rng = np.random.default_rng(1)
    who, what, _days = made_history.draw(rng, learners=300, courses=1_000, mean=20)
    fields = what % made_history.FIELDS
    of_each = np.zeros((300, made_history.FIELDS))
    np.add.at(of_each, (who, fields), 1)
    assert of_each.max(axis=1).sum() / len(who) > 0.6
    taken = np.sort(np.bincount(what, minlength=1_000))[::-1]
    assert taken[:100].sum() > 0.2 * len(who)


@pytest.mark.django_db
def test_what_is_stored_is_what_training_reads() -> None:
    course_ids = [new_course(f"made-{n}").course_id for n in range(60)]
    rng = np.random.default_rng(1)
    stored = made_history.store(rng, course_ids, learners=40, pairs=400, now=moment())
    rows = api.training_rows(until=moment())
    assert len(rows.learner_ids) == stored
    assert len(np.unique(rows.learner_ids)) == 40
    assert set(rows.course_ids.tolist()) <= set(course_ids)


def test_memory_of_what_a_process_starts_is_counted() -> None:
    with Popen([sys.executable, "-c", PARENT], stdin=PIPE, stdout=PIPE) as process:  # noqa: S603  our own
        assert process.stdout
        process.stdout.readline()  # it holds them now, and waits for its input to end
        watched = Watched(process.pid)
        watched.look()
        process.communicate(b"\n")
    assert watched.peak_mb > 100
    assert watched.processor_s > 0
