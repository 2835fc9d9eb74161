"""L4: one file per surface and the registry that lists them."""

from personalize.decision.surfaces import home
from personalize.decision.surfaces.base import Surface, declared

MODULES = [
    home,
]
SURFACES: dict[str, Surface] = {module.KEY: declared(module) for module in MODULES}
BY_CODE: dict[int, Surface] = {surface.code: surface for surface in SURFACES.values()}
