"""What is on for whom? The flag of waffle, drawn by learners and not by visits (measurement)."""

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from waffle.models import AbstractUserFlag

from experiments.stats.bucketing import in_share


class Flag(AbstractUserFlag):
    """A waffle flag whose percentage is a stable share of learners, not of visits.

    One person gets one answer: from a request, from the account, and from the bare learner id
    which REST and Celery have. So what belongs to a visit (waffle's cookies, its testing mode,
    the browser's language) does not decide for a learner.
    """

    # Waffle's default is True; here nobody is in a share who was not drawn or named.
    superusers = models.BooleanField(
        default=False, verbose_name="Superusers", help_text="Flag always active for superusers?"
    )

    def share(self) -> float:
        """Return which share of learners is drawn, 0..1."""
        if self.everyone is not None:
            return float(self.everyone)
        return float(self.percent or 0) / 100

    def salt(self) -> str:
        """Return the salt of this flag's buckets."""
        return f"flag:{self.name}"

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool | None:
        """Waffle's door for requests: a learner's own answer, where a learner is signed in.

        Staff without a learner and visitors keep waffle's testing mode and language rule.
        """
        user = getattr(request, "user", None)
        if self.pk and user is not None and getattr(user, "learner_id", None) is not None:
            return bool(self.is_active_for_user(user))
        return super().is_active(request, read_only)

    def _is_active_for_percent(self, request: HttpRequest, read_only: bool) -> bool | None:
        """Waffle draws a visit here and remembers it in a cookie: who is no learner is not in."""
        return None

    def is_active_for_user(self, user: AbstractBaseUser) -> bool | None:
        """Return True where the account is on one of the flag's lists or its learner is drawn."""
        # Waffle's own method lets a listed user in although the flag is off for everyone.
        if self.everyone is not None:
            return bool(self.everyone)
        learner_id = getattr(user, "learner_id", None)
        if learner_id is not None and self._draws(learner_id):
            return True
        return True if super().is_active_for_user(user) else None

    def is_active_for_learner(self, learner_id: int) -> bool:
        """Return the answer for a learner; the door for REST and tasks."""
        if self.everyone is not None or self._draws(learner_id):
            return self.everyone is not False
        if not self._lists_anybody:
            return False
        account = get_user_model().objects.filter(learner_id=learner_id).first()
        return account is not None and bool(self.is_active_for_user(account))

    def _draws(self, learner_id: int) -> bool:
        return in_share(unit=learner_id, salt=self.salt(), share=self.share())

    @cached_property
    def _lists_anybody(self) -> bool:
        # Once an instance, and instances live as long as a request: waffle asks the cache twice.
        return bool(
            self.authenticated
            or self.staff
            or self.superusers
            or self._get_user_ids()
            or self._get_group_ids()
        )
