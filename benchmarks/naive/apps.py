"""Django's entry for the baseline."""

from django.apps import AppConfig


class NaiveConfig(AppConfig):
    """Names the app; its tables are made by the benchmark, not by a migration."""

    name = "benchmarks.naive"
    label = "naive"
