"""What does Django's admin show of experiments? Everything, to read; flags, to switch.

A state or a plan is changed through the lifecycle, its gates and the ledger, never here.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from waffle.admin import FlagAdmin as WaffleFlagAdmin
from waffle.admin import InformativeManyToManyRawIdWidget

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


class NumbersOfPeople(InformativeManyToManyRawIdWidget):
    """Names the people whose numbers were typed in, where they are numbers."""

    def label_and_url_for_value(self, values: list[str]) -> tuple[str, str]:
        """Return the names; none where the form says itself what is wrong with the numbers."""
        try:
            named: tuple[str, str] = super().label_and_url_for_value(values)
        except (ValueError, OverflowError):
            return "", ""
        return named


@admin.register(Flag)
class FlagAdmin(WaffleFlagAdmin):
    """Flags can be switched by hand, because they switch things off; the ledger tells who did."""

    actions = []  # waffle's change many flags past save_model

    def get_form(
        self, request: HttpRequest, obj: Flag | None = None, change: bool = False, **kwargs: Any
    ) -> "type[ModelForm[Flag]]":
        """Return waffle's form, which then shows again what is no number."""
        form: type[ModelForm[Flag]] = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields["users"]
        field.widget = NumbersOfPeople(Flag.users.rel, self.admin_site)
        return form

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
