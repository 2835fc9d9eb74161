"""L1 and L2: which declarations are signals' own?"""

from signals.privacy.fields import arrived, book, derived, learners, running


def register() -> None:
    """Declare the fields of signals' tables, as every app does its own."""
    for part in (learners, arrived, derived, running):
        book.declare(part.TABLES)
