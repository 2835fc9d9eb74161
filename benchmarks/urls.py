"""The product's addresses, the baseline's, and an empty answer to compare both with."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from benchmarks.naive import views


def hello(_request: HttpRequest) -> HttpResponse:
    """Answer with nothing: what Django and the server cost by themselves."""
    return HttpResponse(b"ok")


urlpatterns = [
    path("hello/", hello),
    path("naive/batch", views.NaiveBatch.as_view()),
    path("naive/recommendations", views.NaiveRecommendations.as_view()),
    path("", include("personalize.urls")),
]
