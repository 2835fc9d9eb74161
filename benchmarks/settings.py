"""The product's settings with the naive baseline mounted beside it."""

from personalize.settings import *  # noqa: F403  the same product, one app more
from personalize.settings import INSTALLED_APPS as PRODUCT_APPS

INSTALLED_APPS = [*PRODUCT_APPS, "benchmarks.naive"]
ROOT_URLCONF = "benchmarks.urls"
LOGGING_CONFIG = None
