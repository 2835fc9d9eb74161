"""Django's entry for this app."""

from importlib import import_module

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """Names the app, and registers its checks and its duties about learners' data."""

    name = "signals"
    verbose_name = "Signals"

    def ready(self) -> None:
        """Register what needs the models to be loaded."""
        import_module("signals.privacy.fields.own").register()
        import_module("signals.privacy.accounts").register()
        import_module("signals.privacy.duties").register()
        import_module("signals.capture.duties").register()
        import_module("signals.capture.xapi.duties").register()
