"""People at the controls: how does somebody change their own password?"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from controltower import access
from signals.api import Account, sign_in

if TYPE_CHECKING:
    NewPasswordBase = SetPasswordForm[Account]
else:  # Django's class takes no parameter at run time
    NewPasswordBase = SetPasswordForm


class PasswordForm(NewPasswordBase):
    """The password in use, and another one twice."""

    old_password = forms.CharField(strip=False)

    def __init__(self, request: HttpRequest, account: Account, *args: Any, **others: Any) -> None:
        """Be the form of who asks."""
        self._request = request
        super().__init__(account, *args, **others)

    def clean_old_password(self) -> str:
        """Hold it to the one in use; wrong ones count as wrong sign-ins do."""
        said: str = self.cleaned_data["old_password"]
        name = self._request.user.get_username()
        account = authenticate(self._request, username=name, password=said)
        if account is None or account.pk != self._request.user.pk:
            raise forms.ValidationError(gettext("That is not your password."))
        return said


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.works_here)
def password(request: HttpRequest) -> HttpResponse:
    """Take another password; every other session of the account ends."""
    account = request.user
    if not isinstance(account, Account) or not account.has_usable_password():
        raise Http404(gettext("You sign in with your school; there is no password here."))
    form = PasswordForm(request, account, request.POST or None)
    if form.is_valid():
        chosen = form.cleaned_data["new_password1"]
        sign_in.put_password(account, chosen, forgotten=False, now=timezone.now())
        update_session_auth_hash(request, account)
        messages.success(request, gettext("Changed. Every other place is signed out."))
        return redirect("tower:you")
    return render(request, "tower/password.html", {"nav": "", "form": form})
