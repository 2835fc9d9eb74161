"""Who may write what belongs to an experiment? Only this app's own steps (measurement).

The database refuses every other write to experiments, versions and looks (migration 0004): pages,
the admin, commands, `Model.save` and `QuerySet.update` alike. Whoever may run SQL as the owner of
the tables can take the triggers away too; the digest and the chained ledger tell of it afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def writing(key: str) -> Iterator[None]:
    """Open the tables to the writes of one step of one experiment, in one transaction."""
    with transaction.atomic():
        _open(key)
        yield
        _open("")


def _open(key: str) -> None:
    # true: for this transaction alone; after an error the rollback takes it back.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('northway.experiment', %s, true)", [key])
