"""L1: does an event name a list that was made for its learner? What does not is kept without it."""

from signals.capture.contract import FLAG_FOREIGN_LIST, FLAG_FROM_RECOMMENDATION
from signals.capture.rows import Draft
from signals.request_ids import NOBODY, is_list_of, names_a_list
from signals.sealing import request_key


def check_list(draft: Draft, *, learner_id: int, of_browser: bool) -> None:
    """Take a foreign list's id off a draft, so that no surface and no arm counts the event.

    A platform may ask for a list before its learner is known here; that list's id names nobody,
    and a browser, which speaks for one learner alone, is not believed about it.
    """
    if draft.request_id is None or not names_a_list(draft.request_id):
        return
    key = request_key()
    if is_list_of(learner_id, draft.request_id, key=key):
        return
    if not of_browser and is_list_of(NOBODY, draft.request_id, key=key):
        return
    draft.request_id = None
    draft.flags = draft.flags & ~FLAG_FROM_RECOMMENDATION | FLAG_FOREIGN_LIST
