"""What runs by the clock in signals (L2). Each task calls a conductor; commands share the names."""

from celery import shared_task

from signals import anchors
from signals.capture.jobs.collect import collect_feeds
from signals.capture.retention import purge_expired
from signals.capture.spool.drain import drain
from signals.capture.xapi import mapping
from signals.clock import now
from signals.derive.demand import derive_demand
from signals.derive.features import derive_features
from signals.derive.partitions import ensure_partitions
from signals.derive.quality import count_quality, judge_quality
from signals.derive.revenue import count_revenue
from signals.derive.rollups import roll_up
from signals.derive.sessions import derive_sessions
from signals.privacy import erasure
from signals.privacy.rewrite import rewrite_accounts


@shared_task(name="signals.tasks.roll_up")
def roll_up_events() -> int:
    """Add new events to the rollups; every minute."""
    return roll_up(now=now())


@shared_task(name="signals.tasks.drain_spool")
def store_what_waited() -> int:
    """Store the events that wait on this node's disk, should no web process do so; every minute."""
    return drain(now=now()).events


@shared_task(name="signals.tasks.take_in")
def take_in_what_rules_ask_for() -> int:
    """Take in statements that came before the rules for their verbs; every minute."""
    return mapping.take_in(now=now())


@shared_task(name="signals.tasks.derive_demand")
def derive_search_demand() -> int:
    """Count the searches and forum posts of closed weeks; every night."""
    return derive_demand(now=now())


@shared_task(name="signals.tasks.collect_jobs")
def read_feeds_of_job_posts() -> int:
    """Read every listed feed of job posts; every night."""
    return collect_feeds(now=now())


@shared_task(name="signals.tasks.count_revenue")
def count_what_was_paid() -> int:
    """Count what was paid in closed days; every night."""
    return count_revenue(now=now())


@shared_task(name="signals.tasks.derive_sessions")
def rebuild_sessions() -> int:
    """Rebuild the sessions of learners with new events; every ten minutes."""
    return derive_sessions(now=now())


@shared_task(name="signals.tasks.derive_features")
def rebuild_features() -> int:
    """Rebuild the features of learners with new events; every ten minutes."""
    return derive_features(now=now())


@shared_task(name="signals.tasks.judge_quality")
def judge_what_is_new() -> int:
    """Judge learners with new events; every ten minutes."""
    return judge_quality(now=now())


@shared_task(name="signals.tasks.count_quality")
def count_what_rules_found() -> int:
    """Count closed days for the audit page; every night."""
    return count_quality(now=now())


@shared_task(name="signals.tasks.ensure_partitions")
def make_partitions_ahead() -> int:
    """Make the partitions of the coming months; every night."""
    return ensure_partitions(now=now())


@shared_task(name="signals.tasks.purge_expired")
def purge_what_expired() -> dict[str, int]:
    """Let go of what is older than its retention; every night."""
    return purge_expired(now=now())


@shared_task(name="signals.tasks.resume_erasures")
def go_on_with_erasures() -> int:
    """Go on with erasures that something interrupted; every five minutes."""
    return erasure.resume(now=now())


@shared_task(name="signals.tasks.rewrite_accounts")
def write_accounts_anew() -> int:
    """Let rows of erased accounts leave the files of the database; every night."""
    return rewrite_accounts(now=now())


@shared_task(name="signals.tasks.anchor_ledger")
def anchor_ledger() -> int:
    """Sign the head of the ledger into a file outside the database; every night."""
    return anchors.anchor(now=now()).entries
