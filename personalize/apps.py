"""Django's entry for this app."""

from django.apps import AppConfig


class PersonalizeConfig(AppConfig):
    """Names the app."""

    name = "personalize"
    verbose_name = "Personalize"
