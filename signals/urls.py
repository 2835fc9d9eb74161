"""L1: which address leads to which door?"""

from django.urls import path, re_path

from signals.capture import rest
from signals.capture.xapi import documents_rest as documents
from signals.capture.xapi import rest as xapi

urlpatterns = [
    path("signals/v1/batch", rest.batch, name="signals-batch"),
    path("signals/v1/tokens", rest.token, name="signals-tokens"),
    path("signals/v1/groups", rest.groups, name="signals-groups"),
    path("signals/v1/contract", rest.contract, name="signals-contract"),
    re_path(r"^xapi/statements/?$", xapi.statements, name="xapi-statements"),
    re_path(r"^xapi/about/?$", xapi.about, name="xapi-about"),
    re_path(r"^xapi/activities/state/?$", documents.state, name="xapi-state"),
    re_path(r"^xapi/activities/profile/?$", documents.activity_profile, name="xapi-activity"),
    re_path(r"^xapi/activities/?$", documents.activities, name="xapi-activities"),
    re_path(r"^xapi/agents/profile/?$", documents.agent_profile, name="xapi-agent"),
    re_path(r"^xapi/agents/?$", documents.people, name="xapi-agents"),
    re_path(r"^xapi/", xapi.missing, name="xapi-missing"),
]
