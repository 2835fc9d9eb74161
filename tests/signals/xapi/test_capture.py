"""Do statements become events, as every other door would store them, and stay no more than that?"""

import json

import pytest

from signals import api
from signals.capture import quarantine
from signals.data import Purpose
from signals.models import Event, ForumPost, LearnerCourse, LearnerModule, Quarantine, StatementId
from tests.factories import ben, consents, moment, new_course, new_learner
from tests.signals.xapi.lms import ADL, COURSE, Lms, statement

pytestmark = pytest.mark.django_db
VIDEO = "https://w3id.org/xapi/video"


def test_a_statement_becomes_an_event_and_history_of_its_learner() -> None:
    new_course("c1:c1")
    sent = statement()
    answer = Lms().post(sent)
    assert (answer.status_code, json.loads(answer.content)) == (200, [sent["id"]])
    event = Event.objects.get()
    assert (str(event.id), event.kind) == (sent["id"], 2)
    assert event.learner_id == api.find_learner("ada")
    assert LearnerCourse.objects.get().enrolled_at is not None


def test_a_put_says_204_and_stores_the_same() -> None:
    new_course("c1:c1")
    assert Lms().put(statement()).status_code == 204
    assert Event.objects.count() == 1


def test_a_resend_is_a_success_and_stored_once() -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement()
    assert [lms.post(sent).status_code, lms.put(sent).status_code] == [200, 204]
    assert lms.post(sent, sent).status_code == 200
    assert (Event.objects.count(), Quarantine.objects.count()) == (1, 0)


def test_a_resend_written_in_another_way_is_the_same_statement() -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement(timestamp="2026-01-01T10:00:00+01:00")
    lms.post(sent)
    renamed = sent | {
        "timestamp": "2026-01-01T09:00:00.000Z",
        "actor": sent["actor"] | {"name": "Ada King"},
        "verb": {"id": sent["verb"]["id"]},
    }
    assert lms.put(renamed).status_code == 204
    assert not Quarantine.objects.filter(code="same_id_other_content").exists()


def test_without_id_the_same_deed_is_the_same_statement() -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement(id=None)
    first, second = (json.loads(lms.post(sent).content) for _ in range(2))
    other = json.loads(lms.post(sent | {"timestamp": moment(hours=2).isoformat()}).content)
    assert first == second != other
    assert Event.objects.count() == 2


def test_the_first_of_an_id_counts_and_the_second_is_set_aside() -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement()
    lms.post(sent)
    other = sent | {"verb": {"id": "http://id.tincanapi.com/verb/unregistered"}}
    assert lms.post(other).status_code == 200
    assert lms.put(other).status_code == 409
    assert Event.objects.get().kind == 2
    kept = Quarantine.objects.filter(code="same_id_other_content")
    assert [json.loads(quarantine.opened(row)) for row in kept] == [other, other]


def test_one_bad_statement_refuses_its_whole_body_which_is_kept_aside() -> None:
    new_course("c1:c1")
    answer = Lms().post(statement(), statement(actor={"name": "nobody"}))
    assert answer.status_code == 400
    assert json.loads(answer.content)["field"] == "$[1].actor"
    assert (Event.objects.count(), StatementId.objects.count()) == (0, 0)
    row = Quarantine.objects.get()
    assert (row.code, row.whole_body) == ("invalid_statement", True)
    assert b"nobody" in quarantine.opened(row)


def test_names_and_mailboxes_come_no_further_than_the_door() -> None:
    new_course("c1:c1")
    lms = Lms()
    sent = statement(actor={"mbox": "mailto:ada@lovelace.example", "name": "Ada Lovelace"})
    lms.post(sent)
    kept = lms.get(f"statementId={sent['id']}")
    assert set(kept["actor"]) == {"objectType", "account"}
    for name in ("lovelace", "Lovelace"):
        assert name not in json.dumps(kept)
    assert kept["verb"]["id"] == sent["verb"]["id"]
    assert kept["object"]["id"] == "c1:c1"
    assert kept["actor"]["account"]["name"] != str(api.find_learner("ada@lovelace.example"))


def test_two_accounts_of_a_name_and_the_other_doors_mean_one_learner() -> None:
    new_course("c1:c1")
    known = new_learner("ada")
    Lms().post(statement())
    assert Event.objects.get().learner_id == known


def test_consent_is_applied_as_at_the_other_doors() -> None:
    new_course("c1:c1")
    ben()
    consents(new_learner("ada"), Purpose.FINE_GRAINED)
    played = {"verb": {"id": f"{VIDEO}/verbs/played"}}
    answer = Lms().post(
        statement(**played),
        statement(**played, actor={"account": {"homePage": "https://m.example", "name": "ben"}}),
    )
    assert answer.status_code == 200
    assert Event.objects.get().learner_id == api.find_learner("ada")


def test_a_course_the_catalogue_does_not_know_waits_in_quarantine() -> None:
    assert Lms().post(statement()).status_code == 200
    assert Quarantine.objects.get().code == "unknown_course"


def test_what_a_kind_needs_and_a_statement_lacks_is_not_made_up() -> None:
    new_course("c1:c1")
    Lms().post(statement(verb={"id": f"{ADL}/verbs/scored"}))
    assert Event.objects.get().kind == 80


@pytest.mark.parametrize(
    ("verb", "result", "kind", "value"),
    [
        (f"{ADL}/verbs/scored", {"score": {"raw": 3, "min": 0, "max": 4}}, 20, 0.75),
        (f"{ADL}/verbs/scored", {"score": {"scaled": 0.5}}, 20, 0.5),
        (f"{ADL}/verbs/attempted", {"success": True}, 20, 1.0),
        (
            f"{VIDEO}/verbs/paused",
            {"extensions": {f"{VIDEO}/extensions/played-segments": "0[.]10[,]20[.]32.5"}},
            31,
            12.5,
        ),
        (
            f"{VIDEO}/verbs/seeked",
            {
                "extensions": {
                    f"{VIDEO}/extensions/time-from": 61.5,
                    f"{VIDEO}/extensions/time-to": 12.25,
                }
            },
            32,
            -1,  # back; how far is not kept
        ),
        (f"{ADL}/verbs/attended", {"duration": "PT1H30M"}, 70, 90),
        ("http://id.tincanapi.com/verb/rated", {"score": {"raw": 4}}, 5, 4),
    ],
)
def test_values_are_read_where_senders_write_them(
    verb: str, result: dict[str, object], kind: int, value: float | None
) -> None:
    new_course("c1:c1")
    consents(new_learner("ada"), *Purpose)
    Lms().post(statement(verb={"id": verb}, result=result))
    event = Event.objects.get()
    assert (event.kind, event.value, event.context) == (kind, value, None)


def test_written_text_is_sealed_and_never_in_an_event() -> None:
    new_course("c1:c1")
    Lms().post(
        statement(verb={"id": f"{ADL}/verbs/commented"}, result={"response": "a canary sang"})
    )
    assert Event.objects.get().context is None
    assert b"canary" not in bytes(ForumPost.objects.get().sealed)


@pytest.mark.parametrize(
    ("verb", "written", "reply"),
    [
        ("https://w3id.org/xapi/acrossx/verbs/posted", {"response": "Why?"}, False),
        ("http://id.tincanapi.com/verb/replied", {"response": "So."}, True),
        ("http://activitystrea.ms/create", {}, False),  # Moodle: a thread says its title alone
    ],
)
def test_an_answer_is_told_from_what_opens_a_thread(
    verb: str, written: dict[str, object], reply: bool
) -> None:
    new_course("c1:c1")
    thread = {
        "type": "http://id.tincanapi.com/activitytype/discussion",
        "name": {"en": "Pivot tables"},
    }
    asked = statement(verb={"id": verb}, result=written)
    Lms().post({**asked, "object": {**asked["object"], "definition": thread}})
    assert ForumPost.objects.get().reply is reply


def test_open_edx_addresses_lead_to_course_and_module() -> None:
    block = "block-v1:edX+Demo+2026+type@sequential+block@abc"
    new_course("course-v1:edX+Demo+2026", modules=[block])
    Lms("openedx").post(
        statement(
            verb={"id": f"{ADL}/verbs/completed"},
            object={"id": f"https://lms.example/xblock/{block}"},
        )
    )
    assert LearnerModule.objects.get().completed_at is not None


def test_moodle_addresses_lead_to_the_course_by_its_number() -> None:
    course = new_course("2")
    around = {"parent": [{"id": "https://moodle.example/course/view.php?id=2"}]}
    Lms().post(
        statement(
            object={"id": "https://moodle.example/mod/quiz/view.php?id=7"},
            context={"contextActivities": around},
        )
    )
    assert Event.objects.get().course_id == course.course_id


def test_a_void_statement_takes_its_event_with_it_in_either_order() -> None:
    new_course("c1:c1")
    lms, first, second = Lms(), statement(), statement(timestamp=moment(hours=3).isoformat())

    def voiding(body: dict[str, object]) -> dict[str, object]:
        return statement(
            verb={"id": f"{ADL}/verbs/voided"},
            object={"objectType": "StatementRef", "id": body["id"]},
        )

    lms.post(first)
    assert lms.post(voiding(first)).status_code == 200
    lms.post(voiding(second))
    lms.post(second)
    assert Event.objects.count() == 0


def test_a_group_is_nobodys_history_and_waits_aside() -> None:
    group = {"objectType": "Group", "mbox": "mailto:team@x.example"}
    assert Lms().post(statement(actor=group)).status_code == 200
    assert Quarantine.objects.get().code == "no_single_learner"


def test_what_is_kept_is_listed_and_found_by_agent_verb_and_activity() -> None:
    new_course("c1:c1")
    new_course("c2:c2")
    lms = Lms()
    lms.post(
        statement(),
        statement(object={"id": "c2:c2", "definition": {"type": COURSE}}),
    )
    agent = json.dumps({"account": {"homePage": "https://moodle.example", "name": "ada"}})
    assert len(lms.get(f"agent={agent}")["statements"]) == 2
    assert len(lms.get("activity=c2:c2")["statements"]) == 1
    assert len(lms.get(f"verb={ADL}/verbs/registered")["statements"]) == 2
    assert lms.get(f"verb={ADL}/verbs/scored")["statements"] == []
    first = lms.get("limit=1&ascending=true")
    second = lms.get(first["more"].partition("?")[2])
    assert first["statements"][0]["id"] != second["statements"][0]["id"]


def test_a_source_sees_its_own_statements_alone() -> None:
    new_course("c1:c1")
    Lms("moodle").post(statement())
    assert Lms("openedx").get()["statements"] == []
