"""L5: one file per surface that is more than a list of picks, and the registry that lists them."""

from personalize.experience.surfaces import answers, guidance, nudges, onboarding, path
from personalize.experience.surfaces.base import Surface, declared

MODULES = [onboarding, path, answers, nudges, guidance]
SURFACES: dict[str, Surface] = {module.KEY: declared(module) for module in MODULES}
