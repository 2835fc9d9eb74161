"""Makes Django and the tables ready and runs the benchmark that was asked for."""

import argparse
from collections.abc import Callable, Mapping

import django
from django.core.management import call_command
from django.db import connection

Figures = Mapping[str, float | int | str | None]


def measure(arguments: argparse.Namespace) -> Figures:
    """Return the figures of one benchmark."""
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("migrate", database="keys", verbosity=0)
    # Models can be imported only after setup.
    from benchmarks import (  # noqa: PLC0415  models need setup
        analyse,
        assign,
        capture,
        peak,
        recommend,
        retrain,
        size,
        soak,
        spike,
    )
    from benchmarks.naive.models import NaiveDecision, NaiveEvent  # noqa: PLC0415

    with connection.schema_editor() as editor:
        editor.create_model(NaiveEvent)
        editor.create_model(NaiveDecision)
    benchmarks: dict[str, Callable[[argparse.Namespace], Figures]] = {
        "analyse": analyse.measure,
        "assign": assign.measure,
        "capture": capture.measure,
        "peak": peak.measure,
        "recommend": recommend.measure,
        "retrain": retrain.measure,
        "size": size.measure,
        "soak": soak.measure,
        "spike": spike.measure,
    }
    return benchmarks[arguments.name](arguments)
