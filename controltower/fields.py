"""People at the controls: why is each field of the tower's own tables kept, and who reads it?"""

from dataclasses import replace

from signals.data import Basis, FieldUse, TableUse

_ALERT = FieldUse(
    purpose="tell who answers for it that something must not stay as it is; names no learner",
    basis=Basis.NOT_PERSONAL,
    retention="for good",
    readers=("administrators", "analysts", "privacy officers"),
)
_STAFF = replace(_ALERT, purpose="say which member of staff answers for it", basis=Basis.CONTRACT)
_SENT = replace(_ALERT, purpose="deliver an alert to each address exactly as long as it takes")

TABLES = (
    TableUse(
        "controltower.Alert",
        _ALERT,
        "id rule about level title detail opened_at last_at over_at silenced_until silenced_reason",
        {"owner": _STAFF, "silenced_by": _STAFF},
    ),
    TableUse(
        "controltower.AlertMessage",
        _SENT,
        "id alert channel says due_at tries sent_at given_up_at problem",
        {"address": replace(_STAFF, purpose="reach who is to be told")},
    ),
)
