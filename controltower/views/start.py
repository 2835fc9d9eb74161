"""People at the controls: where does somebody begin who has just signed in?"""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from controltower import access


@require_safe
@access.requires(access.may_see_desk)
def desk(request: HttpRequest) -> HttpResponseBase:
    """Lead who may see any of it to their first page of the creators' desk."""
    roles = access.roles_of(request.user)
    return redirect(next(f"tower:{page}" for page in access.DESK if access.PAGES[page](roles)))


@require_safe
def start(request: HttpRequest) -> HttpResponseBase:
    """Lead staff to the first page they may open, anybody else to the catalogue."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    roles = access.roles_of(request.user)
    for page, may_open in access.PAGES.items():
        if may_open(roles):
            return redirect(f"tower:{page}")
    return redirect("experience:explore")
