"""Which address leads to which app? The project's addresses; apps are named by string."""

from importlib.util import find_spec

from django.urls import include, path

APPS = (
    "personalize.experience.urls",
    "signals.urls",
    "experiments.urls",
    "controltower.urls",
)

urlpatterns = [path("", include(app)) for app in APPS if find_spec(app)]
