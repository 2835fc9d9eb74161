"""What does Django's admin show of signals? Accounts, sources, and what was refused."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from signals.capture import keys, origins
from signals.capture.replay import Wanted, replay
from signals.clock import now
from signals.data import Actor, ActorKind
from signals.models import Account, Quarantine, Source
from signals.privacy import sign_ins, standing

if TYPE_CHECKING:
    AccountBase = UserAdmin[Account]
    SourceBase = admin.ModelAdmin[Source]
    QuarantineBase = admin.ModelAdmin[Quarantine]
    SourceFormBase = forms.ModelForm[Source]
    PasswordFormBase = AdminPasswordChangeForm[Account]
else:  # Django's classes take no parameter at run time
    AccountBase = UserAdmin
    SourceBase = QuarantineBase = admin.ModelAdmin
    SourceFormBase = forms.ModelForm
    PasswordFormBase = AdminPasswordChangeForm


def _actor(request: HttpRequest) -> Actor:
    return Actor(ActorKind.STAFF, request.user.get_username(), frozenset({"admin"}))


class PasswordForm(PasswordFormBase):
    """Another password for somebody, which ends their sessions in the cache as well."""

    def save(self, commit: bool = True) -> Account:
        """Store it."""
        with transaction.atomic():
            account: Account = super().save(commit)
            sign_ins.end_before(account)
        standing.tell([account])
        return account


@admin.register(Account)
class AccountAdmin(AccountBase):
    """People who sign in. Roles are groups, named in controltower/access.py."""

    change_password_form = PasswordForm
    list_display = ("username", "is_active", "is_superuser", "last_login")
    readonly_fields = ("learner",)
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Who", {"fields": ("first_name", "last_name", "email", "learner")}),
        ("What they may", {"fields": ("is_active", "groups", "is_superuser")}),
    )
    ordering = ("pk",)  # the database knows hashes of names, whose order says nothing
    search_help_text = "A whole user name."
    actions = ("sign_out",)

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        """End every session of chosen accounts at once."""
        accounts = list(chosen)
        sign_ins.sign_out(accounts, actor=_actor(request), now=now())
        self.message_user(request, f"{len(accounts)} signed out everywhere.")

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Store the account; one that is closed ends its sessions in the cache as well."""
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            sign_ins.end_before(obj)
            transaction.on_commit(lambda: standing.tell([obj]))

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """People of the staff are closed, learners erased, which is more than this row."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        """Find an account by its whole name."""
        name = Account.normalize_username(search_term.strip())
        return (queryset.filter(username=name) if name else queryset), False


class SourceForm(SourceFormBase):
    """A source, with the origins of its pages one a line."""

    origins = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="From where its pages may send with a learner's token, one a line: scheme, host "
        "and port, as in https://lms.example. Taking one away acts within five seconds.",
    )

    class Meta:
        model = Source
        fields = ("title", "active", "profile", "origins")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the origins there are."""
        super().__init__(*args, **kwargs)
        self.initial["origins"] = "\n".join(self.instance.origins)

    def clean_origins(self) -> list[str]:
        """Return the origins; a complaint names the first that is none."""
        chosen = self.cleaned_data["origins"].split()
        for origin in chosen:
            try:
                origins.check(origin)
            except origins.NoOriginError as error:
                raise forms.ValidationError(f"{origin[:80]}: {error}") from error
        return sorted(set(chosen))


@admin.register(Source)
class SourceAdmin(SourceBase):
    """Systems that send events; switching one off refuses its keys."""

    form = SourceForm
    list_display = ("name", "title", "active", "profile", "created_at")
    readonly_fields = ("name", "created_at")

    def save_model(
        self, request: HttpRequest, obj: Source, form: SourceFormBase, change: bool
    ) -> None:
        """Keep the rest; who may send and what is kept changes with a ledger entry."""
        profile, pages = obj.profile, obj.origins
        obj.profile = form.initial.get("profile", profile)
        obj.origins = form.initial["origins"].split()
        super().save_model(request, obj, form, change)
        keys.set_profile(obj, profile, actor=_actor(request), now=now())
        origins.set_origins(obj, pages, actor=_actor(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A source is made with its first key: manage.py create_key."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Events name their source for as long as they are kept."""
        return False


@admin.register(Quarantine)
class QuarantineAdmin(QuarantineBase):
    """What was refused and why, never what it said; chosen rows can be taken in again."""

    list_display = ("received_at", "source", "code", "detail", "contract_version", "replayed_at")
    list_display_links = None
    list_filter = ("code", "source", ("replayed_at", admin.EmptyFieldListFilter))
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    actions = ("replay",)

    @admin.action(description="Take in again what fits by now")
    def replay(self, request: HttpRequest, chosen: QuerySet[Quarantine]) -> None:
        """Take chosen refusals in again, and say how many fit."""
        ids = tuple(chosen.values_list("pk", flat=True))
        came = replay(_actor(request), Wanted(ids=ids), now=now())
        self.message_user(request, f"{came.replayed} of {len(ids)} fit by now and were taken in.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from senders."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """They go after 30 days, or with their learner."""
        return False
