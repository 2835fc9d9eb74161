"""What runs by the clock in the tower. Each task calls a conductor; commands share the names."""

from celery import shared_task

from controltower.alerts.sending import send_alerts
from controltower.alerts.watch import watch_alerts
from signals.clock import now


@shared_task(name="controltower.tasks.watch_alerts")
def watch_what_must_not_stay() -> int:
    """Look at every rule, and send what is due; how many alerts opened; every minute."""
    opened = watch_alerts(now=now()).opened
    send_alerts(now=now())
    return opened
