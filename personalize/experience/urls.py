"""Which address leads to which page or REST answer? (L5)"""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from personalize.experience import about, courses, health, rest, views

app_name = "experience"

urlpatterns = [
    # First what other programs ask for, on every page of theirs.
    path("personalize/v1/recommendations", rest.recommendations, name="recommendations"),
    path("personalize/v1/why/<uuid:request_id>/<path:course>", rest.why, name="rest-why"),
    path("personalize/v1/feedback", rest.give_feedback, name="rest-feedback"),
    path("", views.index, name="index"),
    path("home/", views.home, name="home"),
    path("home/picks/", views.picks, name="picks"),
    path("why/<uuid:request_id>/<int:course_id>/", views.why, name="why"),
    path("feedback/<uuid:request_id>/", views.give_feedback, name="feedback"),
    path("personalization/", views.personalization, name="personalization"),
    path("goal/", views.goal, name="goal"),
    path("explore/", courses.explore, name="explore"),
    path("search/", courses.search, name="search"),
    path("course/<slug:slug>/", courses.course, name="course"),
    path("course/<slug:slug>/enrol/", courses.enrol, name="enrol"),
    path("course/<slug:slug>/leave/", courses.leave, name="leave"),
    path("course/<slug:slug>/rate/", courses.rate, name="rate"),
    path("course/<slug:slug>/<int:module_id>/", courses.module, name="module"),
    path("course/<slug:slug>/<int:module_id>/done/", courses.done, name="done"),
    path("about/recommendations/", about.about, name="about"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
