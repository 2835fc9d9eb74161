"""What runs by the clock in personalize. Each task calls a conductor; commands share the names."""

from celery import shared_task

from personalize.agents.metadata import proposing
from personalize.decision import changes, fortnight, objectives, review, verdict
from personalize.decision.partitions import drop_old, ensure_ahead
from personalize.decision.whatif import gather, measured, measured_aims
from personalize.engine import canary, training
from personalize.engine.drift import retraining, watch
from personalize.experience import forgotten
from personalize.experience.campaigns import deciding, running
from personalize.experience.desk import nightly
from personalize.experience.nudges import outbox
from personalize.operations import tallies
from signals.api import sign_in
from signals.clock import now
from signals.data import SYSTEM


@shared_task(name="personalize.tasks.retrain")
def retrain() -> str:
    """Train tonight's model; where every gate passes it begins as a canary or a challenger."""
    return training.retrain(now=now(), actor=SYSTEM).ended


@shared_task(name="personalize.tasks.tend_canary")
def tend_canary() -> str:
    """Stop the canary where a guardrail breaks, promote it where all have held."""
    return canary.tend_canary(now=now()).ended


@shared_task(name="personalize.tasks.watch_drift")
def watch_drift() -> str:
    """Hold what arrives against the weeks before; every five minutes."""
    return watch.watch_drift(now=now()).says


@shared_task(name="personalize.tasks.retrain_for_drift")
def retrain_for_drift() -> str:
    """Train a model on newer data where drift asks for it and nothing speaks against it."""
    return retraining.retrain_for_drift(now=now()).says


@shared_task(name="personalize.tasks.derive_desk")
def derive_desk() -> str:
    """Count topics wanted and how courses fare, and measure briefs that are due; every night."""
    return nightly.derive_desk(now=now()).says


@shared_task(name="personalize.tasks.keep_review")
def keep_review() -> str:
    """Keep the review of models of the fortnight that has just ended; its day, or nothing."""
    return review.keep_due(now=now())


@shared_task(name="personalize.tasks.prepare_review")
def prepare_review() -> str:
    """Read the fourteen days that are over, so that nobody waits for them; when they ended."""
    until = fortnight.over(now())
    fortnight.prepare(until)
    return until.isoformat()


@shared_task(name="personalize.tasks.keep_verdict")
def keep_verdict() -> str:
    """Keep the verdict on the model of the week that has just ended; its day, or nothing."""
    return verdict.keep_due(now=now())


@shared_task(name="personalize.tasks.ensure_partitions")
def ensure_partitions() -> int:
    """Make the day partitions of the decision log for the coming week; every night."""
    return ensure_ahead(now=now())


@shared_task(name="personalize.tasks.drop_old_decisions")
def drop_old_decisions() -> int:
    """Drop the days of the decision log that are past 180 days; every night."""
    return drop_old(now=now())


@shared_task(name="personalize.tasks.purge_minutes")
def purge_minutes() -> int:
    """Let go of minutes no level of service is told of any more; every night."""
    return tallies.purge(now=now())


@shared_task(name="personalize.tasks.enter_ends")
def enter_ends() -> int:
    """Enter into the ledger which changes of courses and of weights ended; every minute."""
    at = now()
    return changes.enter_ends(now=at) + objectives.enter_ends(now=at)


@shared_task(name="personalize.tasks.prepare_previews")
def prepare_previews() -> int:
    """Make the newest requests ready to be played under other rules; every ten minutes."""
    return gather.prepare(now=now()).kept


@shared_task(name="personalize.tasks.measure_changes")
def measure_changes() -> int:
    """Measure what came of boosts, pins, hides and of weights; every night."""
    at = now()
    return measured.measure_changes(now=at) + measured_aims.measure_aims(now=at)


@shared_task(name="personalize.tasks.send_nudges")
def send_nudges() -> int:
    """Send the reminders that are due by e-mail; how many went out; every ten minutes."""
    return outbox.run(now=now()).sent


@shared_task(name="personalize.tasks.answer_forgotten")
def answer_forgotten() -> int:
    """Send a link to who forgot their password; how many went out; every minute."""
    return sign_in.answer_due(forgotten.send, now=now())


@shared_task(name="personalize.tasks.propose_campaigns")
def propose_campaigns() -> int:
    """Propose a message to each group that stands still; nothing is sent; every night."""
    return deciding.find(now=now())


@shared_task(name="personalize.tasks.run_campaigns")
def run_campaigns() -> int:
    """Give approved campaigns to their next learners; how many were reached; every ten minutes."""
    return running.run(now=now()).given


@shared_task(name="personalize.tasks.propose_metadata")
def propose_metadata() -> int:
    """Propose what could be put right of courses; how many proposals are new; every night."""
    ran: proposing.Ran = proposing.propose(now=now())
    return ran.proposed
