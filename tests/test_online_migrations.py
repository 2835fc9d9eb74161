"""No migration stops those who use its table: the version before serves while it runs.

Judged are migrations that came after the first installation. What grows with learners and events
is judged strictly; what is taken away is judged everywhere, since the version before reads it.
"""

from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, CharField, Field

FIRST_INSTALLED = {
    "signals": "0021",
    "experiments": "0012",
    "personalize": "0018",
    "controltower": "",
}
GROWS = {
    "signals": "event learner identity tombstone account consent consentchange learnercourse"
    " learnermodule learnersession learnerfeature exposure searchquery forumpost statement"
    " ledgerentry datakey membership formatobservation learnerquality",
    "experiments": "assignment",
    "personalize": "decision profile feedback reminder learningpath pathchange unusedcourse",
}
TAKES_AWAY = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)
# (app, migration) -> why it stops nobody all the same
REASONS: dict[tuple[str, str], str] = {
    ("personalize", "0024_objectives_end"): "it updates a row for each change of the weights: few",
    ("personalize", "0028_one_table_of_targets"): "it moves a few rows of a table that no release"
    " ever read",
}


def refusal(app: str, operation: Operation, before: ProjectState) -> str:
    """Return why an operation may not run while others serve; empty where it may."""
    if isinstance(operation, TAKES_AWAY):
        return "the version before still uses it: leave it for a release"
    if isinstance(operation, operations.RunSQL | operations.RunPython):
        return "nobody can see what it locks: give the reason in REASONS"
    name = str(getattr(operation, "model_name_lower", getattr(operation, "model_name", ""))).lower()
    if name not in GROWS.get(app, "").split():
        return ""
    if isinstance(operation, operations.AddIndex):
        made = isinstance(operation, AddIndexConcurrently)
        return "" if made else "it blocks writing: AddIndexConcurrently"
    if isinstance(operation, operations.AddConstraint):
        made = isinstance(operation, AddConstraintNotValid)
        return (
            ""
            if made
            else "it reads the whole table: AddConstraintNotValid, then ValidateConstraint"
        )
    if isinstance(operation, operations.AddField):
        return _of_new(operation.field)
    if isinstance(operation, operations.AlterField):
        was = before.models[app, name].fields[operation.name]
        return _of_changed(was, operation.field)
    return ""


def _of_new(field: "Field[object, object]") -> str:
    if not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many:
        return "the version before writes rows without it: null=True, or db_default"
    if _indexed(field):
        return "its index blocks writing: add it concurrently afterwards"
    return ""


def _of_changed(was: "Field[object, object]", becomes: "Field[object, object]") -> str:
    old, new = was.db_type(connection), becomes.db_type(connection)
    longer = (
        isinstance(was, CharField)
        and isinstance(becomes, CharField)
        and (becomes.max_length or 0) >= (was.max_length or 0)
    )
    if old != new and not longer:
        return "it writes the whole table anew: a new column beside it"
    if was.null and not becomes.null:
        return "it reads the whole table: a constraint that is not valid first"
    return "its index blocks writing" if _indexed(becomes) and not _indexed(was) else ""


def _indexed(field: "Field[object, object]") -> bool:
    return bool(field.unique or getattr(field, "db_index", False) or field.remote_field)


def judged(loader: MigrationLoader) -> Iterator[tuple[tuple[str, str], Migration]]:
    """Yield the migrations of our apps that came after the first installation."""
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in FIRST_INSTALLED and name[:4] > FIRST_INSTALLED[app]:
            yield (app, name), migration


def test_no_migration_stops_those_who_use_its_table() -> None:
    loader = MigrationLoader(None)
    found = []
    for key, migration in judged(loader):
        state = loader.project_state(key, at_end=False)
        for operation in migration.operations:
            why = refusal(key[0], operation, state)
            if why and key not in REASONS:
                found.append(f"{'.'.join(key)}: {operation.describe()}: {why}")
            operation.state_forwards(key[0], state)
    assert found == []


def _state() -> ProjectState:
    return MigrationLoader(None).project_state()


BAD = {
    "an index": operations.AddIndex("event", models.Index(fields=["kind"], name="planted")),
    "a constraint": operations.AddConstraint(
        "decision", models.CheckConstraint(condition=models.Q(pk__gt=0), name="planted")
    ),
    "a column that must be filled": operations.AddField(
        "learner", "planted", models.IntegerField(default=0)
    ),
    "a column with an index": operations.AddField(
        "learner", "planted", models.IntegerField(null=True, db_index=True)
    ),
    "another type": operations.AlterField("consent", "learner_id", models.TextField(null=True)),
    "a column taken away": operations.RemoveField("source", "title"),
    "a column renamed": operations.RenameField("source", "title", "named"),
    "a table taken away": operations.DeleteModel("source"),
    "something else": operations.RunSQL("UPDATE signals_event SET kind = 1"),
}
GOOD = {
    "an index made beside": AddIndexConcurrently(
        "event", models.Index(fields=["kind"], name="planted")
    ),
    "a column that may be empty": operations.AddField(
        "learner", "planted", models.IntegerField(null=True)
    ),
    "a column the database fills": operations.AddField(
        "learner", "planted", models.IntegerField(db_default=0)
    ),
    "an index of a small table": operations.AddIndex(
        "source", models.Index(fields=["title"], name="planted")
    ),
    "a new table": operations.CreateModel(
        "Planted", [("id", models.BigAutoField(primary_key=True))]
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_stops_others_is_found(what: str) -> None:
    app = "personalize" if what == "a constraint" else "signals"
    assert refusal(app, BAD[what], _state())


@pytest.mark.parametrize("what", GOOD)
def test_what_stops_nobody_passes(what: str) -> None:
    assert refusal("signals", GOOD[what], _state()) == ""
