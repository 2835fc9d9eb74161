"""Which address leads to which app? The project's addresses; apps are named by string."""

from django.contrib import admin
from django.urls import include, path

from personalize.experience import forgotten, sign_in

urlpatterns = [
    path("", include("signals.urls")),
    path("", include("personalize.experience.urls")),
    path("signin/", sign_in.SignIn.as_view(redirect_authenticated_user=True), name="signin"),
    path("signin/school/", sign_in.leave_for_school, name="signin-school"),
    path("signin/school/back/", sign_in.back_from_school, name="signin-school-back"),
    path("signin/forgotten/", forgotten.forgotten, name="signin-forgotten"),
    path("signin/new/", forgotten.done, name="signin-new-done"),
    path("signin/new/<uidb64>/<token>/", forgotten.NewPassword.as_view(), name="signin-new"),
    path("signout/", sign_in.SignOut.as_view(), name="signout"),
    path("admin/", admin.site.urls),
    path("", include("controltower.urls")),
]
