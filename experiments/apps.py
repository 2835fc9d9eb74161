"""Django's entry for this app."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Names the app."""

    name = "experiments"
    verbose_name = "Experiments"
