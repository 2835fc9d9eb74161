"""L1 and L2: is every field of every table declared? The book of declarations of all apps.

Each app declares its own tables when it is ready; signals never asks the apps.
"""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db.models import Model

from signals.data import TableUse

_tables: dict[str, TableUse] = {}


def declare(tables: Iterable[TableUse]) -> None:
    """Take in the declarations of an app."""
    _tables.update({table.name: table for table in tables})


def declared() -> tuple[TableUse, ...]:
    """Return all declarations, by name of their table."""
    return tuple(_tables[name] for name in sorted(_tables))


def installed() -> list[type[Model]]:
    """Return every model there is, those between two others too."""
    return apps.get_models(include_auto_created=True)


def differences(models: Iterable[type[Model]], tables: Iterable[TableUse]) -> Iterator[str]:
    """Yield what is undeclared, and what is declared and not there, in sentences."""
    told = {table.name: table for table in tables}
    there = {model._meta.label: fields_of(model) for model in models}
    for name in sorted(there.keys() | told.keys()):
        if name not in told:
            yield f"{name} is not declared: say in its app's fields why it is kept."
        elif name not in there:
            yield f"{name} is declared and is no table: take it out of its app's fields."
        else:
            yield from _of_table(name, there[name], told[name].names)


def fields_of(model: type[Model]) -> frozenset[str]:
    """Return the names of a model's columns."""
    return frozenset(field.name for field in model._meta.concrete_fields if field.column)


def _of_table(name: str, there: frozenset[str], told: frozenset[str]) -> Iterator[str]:
    for field in sorted(there - told):
        yield f"{name}.{field} is not declared: say why it is kept."
    for field in sorted(told - there):
        yield f"{name}.{field} is declared and is no column: take it out."
