"""Django's entry for this app."""

from django.apps import AppConfig


class ControltowerConfig(AppConfig):
    """Names the app."""

    name = "controltower"
    verbose_name = "Control tower"
