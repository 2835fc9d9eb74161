"""Two people who accept at the same time: what each may do alone, both together may not."""

from threading import Thread
from time import sleep

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from personalize import api
from personalize.models import MetadataProposal
from tests.factories import moment, new_course
from tests.personalize.metadata.test_agent import CLEO, proposed

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_orders_accepted_at_once_make_no_circle() -> None:
    first, second = new_course("first", title="First"), new_course("second", title="Second")
    forth = proposed("prerequisite", second.course_id, str(first.course_id))
    back = proposed("prerequisite", first.course_id, str(second.course_id))
    said: list[str] = []

    def accept_back() -> None:
        try:
            api.accept_metadata(CLEO, back, now=moment())
            said.append("accepted")
        except ValidationError as error:
            said.extend(error.messages)
        finally:
            connection.close()

    other = Thread(target=accept_back)
    with transaction.atomic():
        api.accept_metadata(CLEO, forth, now=moment())
        other.start()
        wait_for_somebody_held_up()
    other.join()

    assert len(said) == 1
    assert "circle" in said[0]
    assert MetadataProposal.objects.get(id=back).state == "open"


def wait_for_somebody_held_up() -> None:
    """Return once another connection of this database waits for a lock."""
    asked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(asked, [connection.settings_dict["NAME"]])
            if cursor.fetchone():
                return
        sleep(0.01)
    raise AssertionError("Nobody waits.")
