"""Which address leads to which page or REST answer? (L5)"""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from personalize.experience import health, rest

app_name = "experience"

urlpatterns = [
    path("personalize/v1/recommendations", rest.recommendations, name="recommendations"),
    path("personalize/v1/why/<uuid:request_id>/<path:course>", rest.why, name="rest-why"),
    path("personalize/v1/feedback", rest.give_feedback, name="rest-feedback"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
