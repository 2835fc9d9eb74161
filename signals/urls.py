"""L1: which address leads to which door?"""

from django.urls import path

from signals.capture import rest

urlpatterns = [
    path("signals/v1/batch", rest.batch, name="signals-batch"),
    path("signals/v1/tokens", rest.token, name="signals-tokens"),
]
