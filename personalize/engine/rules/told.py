"""What governed the training of a version? (L3) From its card, in words."""

from personalize.engine.rules.registry import Governed, named
from personalize.models import ModelVersion


def told(version: str) -> tuple[Governed, ...]:
    """Return what each rule did, in order; nothing of a version trained before it was counted."""
    card = ModelVersion.objects.filter(version=version).values_list("card", flat=True).first()
    return named((card or {}).get("governed", {}))
