"""Django's entry for this app."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Names the app and registers what it holds about a learner."""

    name = "experiments"
    verbose_name = "Experiments"

    def ready(self) -> None:
        """Register the duties towards a learner; models exist from here on."""
        from experiments import assignment, fields  # noqa: PLC0415  models are not loaded before
        from signals import api as signals  # noqa: PLC0415  models are not loaded before

        signals.declare_fields(fields.TABLES)
        signals.on_erase("experiments", assignment.erase)
        signals.on_export("experiments", assignment.export)
