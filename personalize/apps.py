"""Django's entry for this app."""

from importlib import import_module

from django.apps import AppConfig


class PersonalizeConfig(AppConfig):
    """Names the app, and registers its duties about learners' data and its surfaces."""

    name = "personalize"
    verbose_name = "Personalize"

    def ready(self) -> None:
        """Register what needs the models to be loaded."""
        import_module("signals.api").declare_fields(import_module("personalize.fields").TABLES)
        import_module("personalize.decision.duties").register()
        import_module("personalize.decision.served").register()
        import_module("personalize.engine.compared").register()
        import_module("personalize.experience.nudges.duties").register()
        import_module("personalize.operations.jobs").watch()
        import_module("personalize.operations.checks")  # they register themselves
        places = import_module("personalize.decision.surfaces").SURFACES.values()
        experiments = import_module("experiments.api")
        others = import_module("personalize.experience.surfaces").SURFACES.values()
        experiments.name_surfaces({place.key: place.code for place in (*places, *others)})
        experiments.name_openings([place.opening for place in others])
        experiments.name_rankers(import_module("personalize.decision.rankers").SENTENCES)
