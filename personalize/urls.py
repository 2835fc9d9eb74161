"""Which address leads to which app? The project's addresses; apps are named by string."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from personalize.experience.views import SignIn

urlpatterns = [
    path("", include("signals.urls")),
    path("", include("personalize.experience.urls")),
    path("signin/", SignIn.as_view(redirect_authenticated_user=True), name="signin"),
    path("signout/", LogoutView.as_view(), name="signout"),
    path("admin/", admin.site.urls),
    path("", include("controltower.urls")),
]
