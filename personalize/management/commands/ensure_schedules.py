"""Which jobs does the clock start, and when? Creates what is missing, keeps what was changed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django_celery_beat.models import CrontabSchedule, PeriodicTask


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job with its first schedule (UTC); in the admin it may be moved or switched off."""

    name: str
    task: str
    minute: str
    hour: str = "*"
    day: str = "*"  # of the week: 5 is Friday


SCHEDULES = (
    Schedule("Add new events to the rollups", "signals.tasks.roll_up", "*"),
    Schedule("Watch for alerts and tell of them", "controltower.tasks.watch_alerts", "*"),
    Schedule("Store what waited on this node's disk", "signals.tasks.drain_spool", "*"),
    Schedule("Take in what waited for the rule of a verb", "signals.tasks.take_in", "*"),
    Schedule("Go on with erasures that wait", "signals.tasks.resume_erasures", "2-59/5"),
    Schedule("Rebuild sessions", "signals.tasks.derive_sessions", "3-59/10"),
    Schedule("Rebuild features", "signals.tasks.derive_features", "6-59/10"),
    Schedule("Judge quality", "signals.tasks.judge_quality", "9-59/10"),
    Schedule("Count what quality rules found", "signals.tasks.count_quality", "15", "1"),
    Schedule("Make partitions of events", "signals.tasks.ensure_partitions", "5", "0"),
    Schedule("Make partitions of decisions", "personalize.tasks.ensure_partitions", "10", "0"),
    Schedule("Let go of what is past its retention", "signals.tasks.purge_expired", "20", "0"),
    Schedule("Write the tables of accounts anew", "signals.tasks.rewrite_accounts", "30", "0"),
    Schedule("Drop old days of decisions", "personalize.tasks.drop_old_decisions", "25", "0"),
    Schedule("Read the feeds of job posts", "signals.tasks.collect_jobs", "50", "0"),
    Schedule("Drop old minutes of requests", "personalize.tasks.purge_minutes", "27", "0"),
    Schedule("Count the searches of closed weeks", "signals.tasks.derive_demand", "40", "1"),
    Schedule("Anchor the ledger", "signals.tasks.anchor_ledger", "55", "0"),
    Schedule("Count what creators see", "personalize.tasks.derive_desk", "55", "1"),
    Schedule("Read key figures", "experiments.tasks.read_lifts", "55", "1"),
    Schedule("Count what was paid", "signals.tasks.count_revenue", "50", "1"),
    Schedule("Watch the canary", "personalize.tasks.tend_canary", "1-59/2"),
    Schedule("Enter which changes of courses ended", "personalize.tasks.enter_ends", "*"),
    Schedule("Make requests ready for previews", "personalize.tasks.prepare_previews", "8-59/10"),
    Schedule("Measure changes of courses", "personalize.tasks.measure_changes", "20", "3"),
    Schedule("Retrain", "personalize.tasks.retrain", "30", "2"),
    Schedule(
        "Propose what could be put right of courses",
        "personalize.tasks.propose_metadata",
        "20",
        "4",
    ),
    Schedule("Watch for drift", "personalize.tasks.watch_drift", "1-59/5"),
    Schedule("Retrain for drift", "personalize.tasks.retrain_for_drift", "3-59/5"),
    Schedule("Send reminders by e-mail", "personalize.tasks.send_nudges", "5-59/10"),
    Schedule("Send links for new passwords", "personalize.tasks.answer_forgotten", "*"),
    Schedule("Propose campaigns", "personalize.tasks.propose_campaigns", "10", "4"),
    Schedule("Give campaigns to their groups", "personalize.tasks.run_campaigns", "2-59/10"),
    Schedule("Take the looks of experiments", "experiments.tasks.read_experiments", "15"),
    Schedule("Keep the weekly review", "experiments.tasks.write_review", "0", "6", "5"),
    Schedule("Read the days a review is of", "personalize.tasks.prepare_review", "35", "0"),
    Schedule(
        "Keep the verdict on the week's model", "personalize.tasks.keep_verdict", "40", "5", "1"
    ),
    Schedule("Keep the review of models", "personalize.tasks.keep_review", "10", "6", "5"),
    Schedule("Stop experiments that do harm", "experiments.tasks.watch_experiments", "4-59/5"),
)


class Command(BaseCommand):
    """Create the schedules that are missing."""

    help = "Create the schedules of the nightly and minutely jobs; safe to run again"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing; what an admin has moved or switched off stays so."""
        created = [schedule.name for schedule in SCHEDULES if _ensure(schedule)]
        self.stdout.write(f"{len(created)} schedules created, {len(SCHEDULES)} in all.")
        if options["json"] is not None:
            options["json"].write_text(json.dumps({"created": created}), encoding="utf-8")


def _ensure(schedule: Schedule) -> bool:
    crontab, _ = CrontabSchedule.objects.get_or_create(
        minute=schedule.minute,
        hour=schedule.hour,
        day_of_week=schedule.day,
        day_of_month="*",
        month_of_year="*",
        timezone="UTC",
    )
    # A changed task name reaches old installations; times and switches belong to the admin.
    _, created = PeriodicTask.objects.update_or_create(
        name=schedule.name,
        defaults={"task": schedule.task},
        create_defaults={"task": schedule.task, "crontab": crontab},
    )
    return bool(created)
