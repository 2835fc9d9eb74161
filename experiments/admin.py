"""What does Django's admin show of experiments? Everything, to read; flags, to switch.

A state or a plan is changed through the lifecycle, its gates and the ledger, never here.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from waffle.admin import FlagAdmin as WaffleFlagAdmin

from experiments.models import Experiment, Flag, Snapshot
from signals import api as signals
from signals.clock import now
from signals.data import Actor, ActorKind

if TYPE_CHECKING:
    from django.forms import ModelForm

    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin  # Django's class takes no parameter at run time


class ReadOnly(AnyAdmin):
    """A table that can be looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(Experiment)
class ExperimentAdmin(ReadOnly):
    """Experiments with their frozen plans."""

    list_display = ("key", "title", "state", "started_at", "verdict")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly):
    """Looks as they were computed."""

    list_display = ("experiment", "look", "taken_at")


@admin.register(Flag)
class FlagAdmin(WaffleFlagAdmin):
    """Flags can be switched by hand, because they switch things off; the ledger tells who did."""

    actions = []  # waffle's change many flags past save_model

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes an off-switch; switching off is enough."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Flag, form: "ModelForm[Flag]", change: bool
    ) -> None:
        """Save, and write down who switched what."""
        super().save_model(request, obj, form, change)
        signals.append_ledger(
            actor=Actor(kind=ActorKind.STAFF, name=request.user.get_username()),
            action="flag.switched",
            subject=obj.name,
            detail={"everyone": obj.everyone, "share": obj.share(), "fields": form.changed_data},
            now=now(),
        )
