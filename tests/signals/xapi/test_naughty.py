"""Is every string that breaks things taken or refused, and never an error of ours?"""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.factories import new_course
from tests.signals.xapi.lms import Lms, statement

pytestmark = [
    pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data"),
    pytest.mark.django_db,
    pytest.mark.prove,
]
STATE = "/xapi/activities/state"


def naughty() -> list[str]:
    """Return the strings."""
    path = Path(os.environ["NORTHWAY_DATA"]) / "vectors" / "naughty_strings.json"
    found: list[str] = json.loads(path.read_text())
    return found


def everywhere(text: str) -> dict[str, object]:
    """Return a statement that holds a text wherever texts go."""
    return statement(
        actor={"name": text, "account": {"homePage": "https://x.example", "name": text}},
        verb={"id": "http://adlnet.gov/expapi/verbs/commented", "display": {"en": text}},
        object={"id": "c1:c1", "definition": {"name": {"en": text}, "description": {"en": text}}},
        result={"response": text, "extensions": {"x:y": text}},
        context={"platform": text, "extensions": {"https://x.example/session-id": text}},
    )


@pytest.mark.parametrize("profile", ["capture", "store"])
def test_naughty_texts_are_taken_or_refused(profile: str) -> None:
    new_course("c1:c1")
    lms = Lms(profile=profile)
    for text in naughty():
        for sent in (everywhere(text), statement(id=text), statement(timestamp=text)):
            assert lms.post(sent).status_code in (200, 400), text
        agent = quote(json.dumps({"account": {"homePage": "https://x.example", "name": text}}))
        for query in (f"agent={agent}", f"verb={quote(text)}", f"statementId={quote(text)}"):
            assert lms.call("GET", query).status_code in (200, 400, 404), text


def test_naughty_names_and_contents_of_documents_are_taken_or_refused() -> None:
    lms = Lms(profile="store")
    agent = quote(json.dumps({"mbox": "mailto:a@x.example"}))
    for text in naughty():
        query = f"activityId=a:a&agent={agent}&stateId={quote(text)}"
        sent = lms.call("POST", query, json.dumps({"a": text}), address=STATE)
        assert sent.status_code in (204, 400), text
        kept = lms.call("GET", query, address=STATE)
        assert sent.status_code == 400 or json.loads(kept.content)["a"] == text
        plain = lms.call("PUT", query, text.encode(), address=STATE, kind=text or "text/plain")
        assert plain.status_code in (204, 400), text
        assert lms.call("GET", query, address=STATE).status_code in (200, 400, 404), text
