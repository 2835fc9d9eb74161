"""Which members does Spark fit, and where? (L3) als, at the master of the settings."""

import logging
from functools import partial

import numpy as np
from django.conf import settings

from personalize.algorithms.als import Als
from personalize.algorithms.base import Interactions
from personalize.algorithms.fitting import Parameters
from personalize.engine.engines import Engine, Name
from personalize.engine.spark import fit, needs

log = logging.getLogger(__name__)


def opened(master: str = "") -> Engine:
    """Return the engine at a master, else that of the settings; raise EngineUnusable."""
    master = master or settings.SPARK_MASTER
    needs.check(master)
    return Engine(Name.SPARK, {Als.name: partial(fit_als, master)})


def fit_als(
    master: str, parameters: Parameters, data: Interactions, rng: np.random.Generator
) -> Als:
    """Return als with the course factors that the cluster finds on all rows.

    Parameters that are not given are searched here, on the bounded sample that is enough for it.
    """
    model = Als(**parameters)
    configuration = model.configured(data, rng)
    factors, told = fit.factors(
        data,
        configuration,
        iterations=model.iterations,
        seed=int(rng.integers(2**31)),
        master=master,
        root=settings.SPARK_FOLDER,
    )
    log.info("als on %s: %.0f s, %.0f s of the driver", master, told.seconds, told.processor_s)
    return model.take(factors, configuration)
