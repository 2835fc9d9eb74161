"""WSGI entry point for gunicorn: each worker has all that an answer needs before it takes requests.

Pages, catalogue, controls and the live model are read first: else whoever comes to a process that
has just begun waits for that, and those behind them too long.
"""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalize.settings")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "3000")
os.environ.setdefault("TCP_USER_TIMEOUT_MS", "2000")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402  as they are now

from personalize.decision import upkeep  # noqa: E402  needs the settings
from personalize.engine.serving import warm_up  # noqa: E402  as above
from personalize.operations.tallies import tend  # noqa: E402  as above
from signals.api import tend_spool  # noqa: E402  as above

import_module(settings.ROOT_URLCONF)
warm_up()
upkeep.look()
tend_spool()
tend()
