"""L1 and L2: what does signals itself do when a learner's data is erased or handed out?"""

from signals.privacy import erasure, export, registry


def register() -> None:
    """Register signals' own handlers, as every app does; importing loads the checks of sealing."""
    registry.on_erase("signals", erasure.erase_own_tables)
    registry.on_export("signals", export.own_tables)
