"""One file per fault: TITLE, strike(scene), and HANGS_UP, SHEDS, NEEDS_ROOT where they belong."""

from importlib import import_module
from pkgutil import iter_modules

from tests.chaos.faults.base import Fault, of_module

FAULTS: tuple[Fault, ...] = tuple(
    of_module(import_module(f"{__name__}.{name}"))
    for name in sorted(found.name for found in iter_modules(__path__))
    if name != "base"
)
