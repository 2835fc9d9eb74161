"""WSGI entry point for gunicorn: each worker loads the live model before it takes requests."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalize.settings")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "3000")

application = get_wsgi_application()

from personalize.engine.serving import warm_up  # noqa: E402  needs the settings
from personalize.operations.tallies import tend  # noqa: E402  as above
from signals.api import tend_spool  # noqa: E402  as above

warm_up()
tend_spool()
tend()
