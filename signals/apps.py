"""Django's entry for this app."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """Names the app."""

    name = "signals"
    verbose_name = "Signals"
