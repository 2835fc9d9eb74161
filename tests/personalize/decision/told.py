"""Tasks of tests: in which arm does a worker of Celery see a learner, and by which model?"""

from pathlib import Path

from celery import shared_task

from experiments.api import assign, flag_active
from experiments.data import FIRST_EXPERIMENT
from personalize.api import recommend
from signals.clock import now


@shared_task(name="tests.personalize.decision.told.tell_arm")
def tell_arm(learner_id: int, place: str) -> None:
    """Answer in a file: the arm, or "none", and whether the flag is on."""
    arm = assign(learner_id, surface="home", now=now()).variant(FIRST_EXPERIMENT)
    on = flag_active(f"experiment:{FIRST_EXPERIMENT}", learner_id=learner_id)
    written = Path(f"{place}.part")
    written.write_text(f"{arm or 'none'} {on}", encoding="utf-8")
    written.rename(place)


@shared_task(name="tests.personalize.decision.told.tell_model")
def tell_model(learner_id: int, place: str) -> None:
    """Answer in a file: which model makes the learner's list."""
    written = Path(f"{place}.part")
    written.write_text(str(recommend(learner_id, now=now()).model), encoding="utf-8")
    written.rename(place)
