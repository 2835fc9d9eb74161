"""L1: how does PostgreSQL learn what an import brought? It counts the touched tables at once.

A table that was last counted while it held no rows is planned as empty however large it has
become, and a million rows are then joined one by one. PostgreSQL's own housekeeping would count it
within minutes, which may be after the first training has begun.
"""

from collections.abc import Iterable

from django.db import connection, models
from psycopg import sql


def count_anew(tables: Iterable[type[models.Model]]) -> None:
    """Renew the planner's statistics; a table somebody holds a lock on is left to housekeeping."""
    names = sql.SQL(", ").join(sql.Identifier(table._meta.db_table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(names))
