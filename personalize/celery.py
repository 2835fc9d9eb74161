"""The Celery application: the clock and the muscle; work to be done is rows, never messages."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalize.settings")

app = Celery("northway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
