"""ASGI entry point, for servers that prefer it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalize.settings")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "3000")

application = get_asgi_application()
