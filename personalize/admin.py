"""What may an administrator look at in Django's admin? Only what no page of the tower changes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from personalize.models import CuratedCourse, ModelVersion, Override
from signals import api as signals
from signals.clock import now
from signals.data import Actor, ActorKind

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin  # Django's class takes no parameter at run time


@admin.register(CuratedCourse)
class CuratedCourseAdmin(AnyAdmin):
    """The edited list: the one table of personalize that is edited here."""

    list_display = ("position", "course_id")
    ordering = ("position",)
    actions = None  # deleting many at once would pass the ledger by

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: CuratedCourse, form: Any, change: Any) -> None:
        """Keep the place of a course, with its ledger entry."""
        super().save_model(request, obj, form, change)
        _enter(request, "curated.placed", obj)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: CuratedCourse) -> None:
        """Take a course off the list, with its ledger entry."""
        _enter(request, "curated.removed", obj)
        super().delete_model(request, obj)


def _enter(request: HttpRequest, action: str, row: CuratedCourse) -> None:
    signals.append_ledger(
        actor=Actor(ActorKind.STAFF, request.user.get_username(), frozenset({"admin"})),
        action=action,
        subject=f"course:{row.course_id}",
        detail={"position": row.position},
        now=now(),
    )


class ReadOnly(AnyAdmin):
    """Rows that are changed only with a ledger entry, and so never here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(Override)
class OverrideAdmin(ReadOnly):
    """Boosts, lowers, pins and hides; made and undone in the control tower."""

    list_display = ("course_id", "change", "strength", "surface", "ends_at", "undone_at")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly):
    """Model versions; promoted and rolled back in the control tower."""

    list_display = ("version", "state", "trained_at", "published_at")
