"""A task of tests: in which arm does a worker of Celery see a learner?"""

from celery import shared_task
from django.core.cache import cache

from experiments.api import assign, flag_active
from experiments.data import FIRST_EXPERIMENT
from signals.clock import now


@shared_task(name="tests.personalize.decision.told.tell_arm")
def tell_arm(learner_id: int, question: str) -> None:
    """Answer in the cache: the arm, or "none", and whether the flag is on."""
    arm = assign(learner_id, surface="home", now=now()).variant(FIRST_EXPERIMENT)
    on = flag_active(f"experiment:{FIRST_EXPERIMENT}", learner_id=learner_id)
    cache.set(question, f"{arm or 'none'} {on}", timeout=60)
