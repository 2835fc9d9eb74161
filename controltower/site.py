"""Who may open Django's admin, and what is kept of what they do there? Superusers; everything.

The same gates as the tower: limits of sessions, the second step, and a fresh proof before any
change. Every change is an entry of the ledger, whichever table it is of, and nothing is deleted in
bulk. Tables of packages that grant rights, or run things nobody reviewed, are not shown at all.
"""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from controltower.second_step import missing, proof_wanted
from controltower.sessions import held_to_staff
from signals import api as signals
from signals.api import Account
from signals.clock import now
from signals.data import Actor, ActorKind

ADMIN = frozenset({"admin"})
NOT_SHOWN = frozenset({"auth", "axes", "django_celery_beat", "waffle"})

View = Callable[..., HttpResponseBase]


class Ledgered:
    """Part of every class of the admin: what is added, changed or deleted is in the ledger."""

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> Any:
        """Enter what was added."""
        kept = super().log_addition(request, obj, message)  # type: ignore[misc]  # of ModelAdmin
        _enter(request, "admin.added", obj, message)
        return kept

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> Any:
        """Enter which fields were changed."""
        kept = super().log_change(request, obj, message)  # type: ignore[misc]  # of ModelAdmin
        _enter(request, "admin.changed", obj, message)
        return kept

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        """Enter what is deleted."""
        rows = list(queryset)
        kept = super().log_deletions(request, queryset)  # type: ignore[misc]  # of ModelAdmin
        for row in rows:
            _enter(request, "admin.deleted", row, ())
        return kept

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many rows at once."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]  # of ModelAdmin
        return {name: action for name, action in actions.items() if name != "delete_selected"}


class Site(admin.AdminSite):
    """Django's admin, for superusers."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Show what the product itself registers, with the ledger in it."""
        several = isinstance(model_or_iterable, list | tuple)
        for model in model_or_iterable if several else (model_or_iterable,):
            own = admin_class is not None and admin_class.__module__.split(".")[0] in OURS
            if own or model._meta.app_label not in NOT_SHOWN:
                base = admin_class or admin.ModelAdmin
                super().register(model, type(base.__name__, (Ledgered, base), {}), **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_active and request.user.is_superuser)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Open a view behind the gates."""
        inner = super().admin_view(view, cacheable)

        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            first = self._first(request)
            return inner(request, *args, **kwargs) if first is None else first

        return update_wrapper(gated, view)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to the one place where people sign in."""
        wanted = request.GET.get("next", "")
        local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
        return redirect_to_login(wanted if local else "/admin/")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to where a password is changed with an entry of the ledger."""
        return redirect("admin:auth_user_password_change", request.user.pk)

    def _first(self, request: HttpRequest) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not self.has_permission(request):
            raise PermissionDenied
        if not held_to_staff(request):
            logout(request)
            return redirect_to_login(request.get_full_path())
        first = missing(request, ADMIN)
        if first is None and request.method == "POST":
            return proof_wanted(request)
        return first


OURS = frozenset({"signals", "experiments", "personalize", "controltower"})


def _enter(request: HttpRequest, action: str, row: Model, message: object) -> None:
    detail: dict[str, object] = {"fields": sorted(_fields(message))}
    subject = f"{row._meta.label_lower}:{row.pk}"
    if isinstance(row, Account):
        subject = f"account:{row.pk}"
        detail["roles"] = sorted(row.groups.values_list("name", flat=True)) if row.pk else []
        detail["superuser"], detail["open"] = row.is_superuser, row.is_active
    actor = Actor(ActorKind.STAFF, request.user.get_username(), ADMIN, account_id=request.user.pk)
    signals.append_ledger(actor=actor, action=action, subject=subject, detail=detail, now=now())


def _fields(message: object) -> Iterable[str]:
    """Return the names of changed fields of a message of Django's admin; never their values."""
    for part in message if isinstance(message, list) else ():
        yield from map(str, part.get("changed", {}).get("fields", ()))
