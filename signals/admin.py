"""What does Django's admin show of signals? Accounts and their roles; sources, to read."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from signals.models import Account, Source

if TYPE_CHECKING:
    AccountBase = UserAdmin[Account]
    SourceBase = admin.ModelAdmin[Source]
else:  # Django's classes take no parameter at run time
    AccountBase = UserAdmin
    SourceBase = admin.ModelAdmin


@admin.register(Account)
class AccountAdmin(AccountBase):
    """People who sign in. Roles are groups: admin, analyst, creator, privacy."""

    list_display = ("username", "is_active", "is_superuser", "last_login")
    readonly_fields = ("learner",)


@admin.register(Source)
class SourceAdmin(SourceBase):
    """Systems that send events; switching one off refuses its keys."""

    list_display = ("name", "title", "active", "created_at")
    readonly_fields = ("name", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A source is made with its first key: manage.py create_key."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Events name their source for as long as they are kept."""
        return False
