"""The jobs the clock starts: created once, then the admin's."""

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from personalize.celery import app

pytestmark = pytest.mark.django_db


def test_every_schedule_names_a_task_that_exists() -> None:
    call_command("ensure_schedules")
    app.loader.import_default_modules()
    scheduled = {task.task for task in PeriodicTask.objects.exclude(task__startswith="celery.")}
    assert "personalize.tasks.retrain" in scheduled
    assert "signals.tasks.roll_up" in scheduled
    assert scheduled <= set(app.tasks)


def test_a_second_time_nothing_is_created_and_changes_of_an_admin_stay() -> None:
    call_command("ensure_schedules")
    PeriodicTask.objects.filter(task="personalize.tasks.retrain").update(enabled=False)
    before = PeriodicTask.objects.count()
    call_command("ensure_schedules")
    assert PeriodicTask.objects.count() == before
    assert not PeriodicTask.objects.get(task="personalize.tasks.retrain").enabled
