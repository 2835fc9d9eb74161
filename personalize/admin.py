"""What does Django's admin show of personalize? The edited list, which editors keep here."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from personalize.models import CuratedCourse
from signals import api as signals
from signals import catalogue
from signals.clock import now
from signals.data import Actor, ActorKind

if TYPE_CHECKING:
    from django.forms import ModelForm

    AnyAdmin = admin.ModelAdmin[CuratedCourse]
else:
    AnyAdmin = admin.ModelAdmin  # Django's class takes no parameter at run time


@admin.register(CuratedCourse)
class CuratedCourseAdmin(AnyAdmin):
    """The list that shows when nothing personal may or can; every change is in the ledger."""

    list_display = ("position", "title", "course_id")
    ordering = ("position",)
    actions = None  # bulk deletion would go past the ledger

    @admin.display(description="course")
    def title(self, curated: CuratedCourse) -> str:
        """Name the course, or say that it is gone."""
        course = catalogue.course(curated.course_id)
        return course.title if course else "no longer in the catalogue"

    def save_model(
        self, request: HttpRequest, obj: CuratedCourse, form: "ModelForm[Any]", change: bool
    ) -> None:
        """Save, and write down who changed what."""
        super().save_model(request, obj, form, change)
        self._note(request, "curated.changed", obj)

    def delete_model(self, request: HttpRequest, obj: CuratedCourse) -> None:
        """Take the course off the list, and write it down."""
        self._note(request, "curated.removed", obj)
        super().delete_model(request, obj)

    def _note(self, request: HttpRequest, action: str, curated: CuratedCourse) -> None:
        signals.append_ledger(
            actor=Actor(kind=ActorKind.STAFF, name=request.user.get_username()),
            action=action,
            subject=str(curated.course_id),
            detail={"position": curated.position},
            now=now(),
        )
