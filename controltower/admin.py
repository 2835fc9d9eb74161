"""What does Django's admin show of the schedule? What runs when, and whether it does."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin  # Django's class takes no parameter at run time


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(AnyAdmin):
    """Tasks by schedule: what they do is in the code, whether they run can be switched here."""

    list_display = ("name", "task", "enabled", "last_run_at")
    fields = ("name", "task", "schedule_in_words", "enabled", "last_run_at")
    readonly_fields = ("name", "task", "schedule_in_words", "last_run_at")

    @admin.display(description="when")
    def schedule_in_words(self, row: PeriodicTask) -> str:
        """Say when it runs."""
        return str(row.scheduler)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A release adds them: ensure_schedules."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A release removes them."""
        return False
