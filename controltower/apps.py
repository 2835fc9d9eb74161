"""Django's entry for this app."""

from importlib import import_module

from django.apps import AppConfig


class ControltowerConfig(AppConfig):
    """Names the app, declares what its tables are kept for, and stamps sessions."""

    name = "controltower"
    verbose_name = "Control tower"

    def ready(self) -> None:
        """Register what needs the models to be loaded."""
        import_module("signals.api").declare_fields(import_module("controltower.fields").TABLES)
        import_module("controltower.sessions").register()
