"""The product with one app more, whose migrations a version after this one might have."""

from personalize.settings import *  # noqa: F403  the same product, one app more
from personalize.settings import INSTALLED_APPS as PRODUCT_APPS

INSTALLED_APPS = [*PRODUCT_APPS, "tests.deploy.newer"]
