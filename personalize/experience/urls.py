"""Which address leads to which page or REST answer? (L5)"""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from personalize.experience import (
    about,
    asking,
    contract,
    courses,
    health,
    mydata,
    ofrep,
    rest,
    views,
)

app_name = "experience"

urlpatterns = [
    # First what other programs ask for, on every page of theirs.
    path("personalize/v1/recommendations", rest.recommendations, name="recommendations"),
    path("personalize/v1/why/<uuid:request_id>/<path:course>", rest.why, name="rest-why"),
    path("personalize/v1/feedback", rest.give_feedback, name="rest-feedback"),
    path("ofrep/v1/evaluate/flags", ofrep.all_of_them, name="ofrep-all"),
    path("ofrep/v1/evaluate/flags/<path:key>", ofrep.one, name="ofrep-one"),
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
    path("course/<slug:slug>/ask/", asking.asking, name="ask"),
    path("course/<slug:slug>/enrol/", courses.enrol, name="enrol"),
    path("course/<slug:slug>/leave/", courses.leave, name="leave"),
    path("course/<slug:slug>/rate/", courses.rate, name="rate"),
    path("course/<slug:slug>/<int:module_id>/", courses.module, name="module"),
    path("course/<slug:slug>/<int:module_id>/done/", courses.done, name="done"),
    path("privacy/", mydata.overview, name="data"),
    path("privacy/switch/", mydata.switch, name="data-switch"),
    path("privacy/choose/", mydata.choose, name="data-choose"),
    path("privacy/interests/", mydata.interests, name="data-interests"),
    path("privacy/age/", mydata.age, name="data-age"),
    path("privacy/history/", mydata.history, name="data-history"),
    path("privacy/log/", mydata.log, name="data-log"),
    path("privacy/export/json/", mydata.export, {"form": "json"}, name="data-json"),
    path("privacy/export/csv/", mydata.export, {"form": "csv"}, name="data-csv"),
    path("privacy/reset/", mydata.reset, name="data-reset"),
    path("privacy/forget/", mydata.forget, name="data-forget"),
    path("privacy/erase/", mydata.erase, name="data-erase"),
    path("privacy/erased/<uuid:receipt>/", mydata.erased, name="erased"),
    path("privacy/notice/", mydata.notice, name="notice"),
    path("privacy/do-not-sell/", mydata.do_not_sell, name="do-not-sell"),
    path("about/recommendations/", about.about, name="about"),
    path("about/signals/", contract.contract, name="contract"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
