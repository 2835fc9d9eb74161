"""What does Django's admin show of signals? Accounts, sources, and which kind each verb is."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from signals.capture import keys, origins
from signals.capture.replay import Wanted, replay
from signals.capture.xapi import verbs
from signals.clock import now
from signals.data import Actor, ActorKind
from signals.kinds.registry import KINDS
from signals.models import Account, Quarantine, Source, UnmappedVerb, VerbRule

if TYPE_CHECKING:
    AccountBase = UserAdmin[Account]
    SourceBase = admin.ModelAdmin[Source]
    RuleBase = admin.ModelAdmin[VerbRule]
    UnmappedBase = admin.ModelAdmin[UnmappedVerb]
    QuarantineBase = admin.ModelAdmin[Quarantine]
    RuleFormBase = forms.ModelForm[VerbRule]
    SourceFormBase = forms.ModelForm[Source]
else:  # Django's classes take no parameter at run time
    AccountBase = UserAdmin
    SourceBase = RuleBase = UnmappedBase = QuarantineBase = admin.ModelAdmin
    RuleFormBase = SourceFormBase = forms.ModelForm


def _actor(request: HttpRequest) -> Actor:
    return Actor(ActorKind.STAFF, request.user.get_username(), frozenset({"admin"}))


@admin.register(Account)
class AccountAdmin(AccountBase):
    """People who sign in. Roles are groups: admin, analyst, creator, privacy."""

    list_display = ("username", "is_active", "is_superuser", "last_login")
    readonly_fields = ("learner",)


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


class RuleForm(RuleFormBase):
    """A rule, with the kinds there are to choose from."""

    kind = forms.ChoiceField(
        choices=[("", "not kept"), *((name, name) for name in sorted(KINDS))], required=False
    )

    class Meta:
        model = VerbRule
        fields = ("verb", "activity_type", "kind")


@admin.register(VerbRule)
class VerbRuleAdmin(RuleBase):
    """Which kind of signal a verb of xAPI is; every change stands in the ledger."""

    form = RuleForm
    list_display = ("verb", "activity_type", "kind")
    list_filter = ("kind",)
    search_fields = ("verb", "activity_type")

    def get_readonly_fields(
        self, request: HttpRequest, obj: VerbRule | None = None
    ) -> tuple[str, ...]:
        """What a rule is about never changes: another verb is another rule."""
        return () if obj is None else ("verb", "activity_type")

    def get_queryset(self, request: HttpRequest) -> QuerySet[VerbRule]:
        """Show the rules that hold, the shipped ones before anything was sent."""
        verbs.rules()
        return super().get_queryset(request)

    def save_model(
        self, request: HttpRequest, obj: VerbRule, form: RuleFormBase, change: bool
    ) -> None:
        """Make or change the rule with its ledger entry."""
        key = {"verb": obj.verb, "activity_type": obj.activity_type}
        verbs.set_rule(_actor(request), **key, kind=obj.kind, now=now())
        obj.pk = VerbRule.objects.get(**key).pk

    def delete_model(self, request: HttpRequest, obj: VerbRule) -> None:
        """Forget the rule with its ledger entry."""
        verbs.drop_rule(_actor(request), verb=obj.verb, activity_type=obj.activity_type, now=now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[VerbRule]) -> None:
        """Forget several rules, each with its ledger entry."""
        for rule in queryset:
            self.delete_model(request, rule)


@admin.register(UnmappedVerb)
class UnmappedVerbAdmin(UnmappedBase):
    """Verbs that came and no rule knows, most frequent first; each leads to its rule."""

    list_display = ("verb", "activity_type", "statements", "source_id", "last_at", "rule")
    list_display_links = None
    ordering = ("-statements",)
    search_fields = ("verb",)

    @admin.display(description="rule")
    def rule(self, row: UnmappedVerb) -> str:
        """Return the way to the form that maps it."""
        prefilled = urlencode({"verb": row.verb, "activity_type": row.activity_type})
        address = reverse("admin:signals_verbrule_add")
        return format_html('<a href="{}?{}">Map it</a>', address, prefilled)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are counted, not written."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """They are counted, not written."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A rule makes them go."""
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
