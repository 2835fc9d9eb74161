"""Briefs: every number equals its source; steps, who may take them, and whether demand was met."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from personalize import api as personalize
from personalize.agents.briefs.document import Document, as_markdown, numbers
from personalize.agents.demand import derive_gaps
from personalize.experience.desk.briefs import measure_due
from personalize.llm import speaking
from personalize.llm.speaking import Spoken
from personalize.models import Brief
from signals import api as signals
from signals.data import Actor, ActorKind
from signals.derive.rollups import roll_up
from signals.models import DemandTerm
from tests.controltower.test_gaps import count_closed_weeks, last_week, searched
from tests.factories import cleo, moment, new_course, root

NOTE = re.compile(r"\[\^\d+\]")
NOTED = re.compile(r"(\S+)\[\^(\d+)\]")

pytestmark = pytest.mark.django_db

CLEO = Actor(ActorKind.STAFF, "cleo", frozenset({"creator"}))
ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
UMA = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))


@pytest.fixture
def written() -> personalize.BriefRow:
    """Return a brief for a topic with two spellings, beside a course that touches it."""
    new_course("k8", title="Running kubernetes 101", skills=("docker",), modules=("a", "b"))
    searched("kubernetes", 40, found=0)
    searched("kuberntes", 10, found=0)
    count_closed_weeks()
    roll_up(now=moment())
    return personalize.create_brief(CLEO, "kubernetes", now=moment())


def test_every_number_in_the_text_is_a_figure_with_its_source(
    written: personalize.BriefRow,
) -> None:
    document = written.document
    text, sources = as_markdown(document).split("## Sources")
    allowed = {number for figure in document.figures() for number in numbers(figure.said)}
    assert set(numbers(NOTE.sub("", text))) <= allowed
    met = list(dict.fromkeys(int(place) for _, place in NOTED.findall(text)))
    assert met == list(range(1, len(document.sources) + 1))
    assert {line for line in sources.split("\n") if line.startswith("[^")} == {
        line for line in sources.split("\n") if line
    }
    assert {figure.source for figure in document.figures()} <= set(document.sources)
    facts = dict(document.facts)
    assert facts["Searches, twelve weeks"].said == "50"
    assert facts["Found nothing"].said == "100%"
    assert "Searches of the last 12 closed weeks" in sources


def test_the_page_says_each_number_with_a_link_to_its_source(client: Client) -> None:
    searched("kubernetes", 40, found=0)
    count_closed_weeks()
    client.force_login(cleo().account)
    answer = client.post("/create/briefs/new/kubernetes/", follow=True)
    html = answer.content.decode()
    article = html[html.index('<article class="doc') : html.index('<h2 id="sources"')]
    loose = re.sub(r'<a class="fig num".*?</a>', " ", article, flags=re.DOTALL)
    said = re.sub(r"<[^>]+>", " ", loose)
    assert numbers(re.sub(r"Written \d+ \w+ \d{4}", "", said)) == ()
    targets = set(re.findall(r'href="#(source-[\w-]+)"', article))
    assert targets
    assert targets <= set(re.findall(r'id="(source-[\w-]+)"', html))
    paper = client.get(answer.redirect_chain[-1][0] + "print/").content.decode()
    listed = re.findall(r'<li id="source-([\w-]+)"', paper)
    shown = re.findall(r'href="#source-([\w-]+)"[^>]*>[^<]*<sup>(\d+)</sup>', paper)
    assert len(shown) == paper.count('class="fig num"')
    assert {(key, listed.index(key) + 1) for key, _ in shown} == {(k, int(n)) for k, n in shown}
    assert re.search(r"\d{4}-\d\d-\d\d", re.sub(r"<[^>]+>", " ", paper)) is None
    text = client.get(answer.redirect_chain[-1][0] + "brief.md").content.decode()
    assert text.startswith("# kubernetes\n")


def test_a_number_without_a_source_cannot_be_stored_or_shown(
    written: personalize.BriefRow,
) -> None:
    told = written.document.as_json()
    with pytest.raises(ValueError, match="outside a figure"):
        Document.read({**told, "lead": ["About 50 learners."]})
    with pytest.raises(ValueError, match="No source"):
        Document.read({**told, "sources": {}})
    with pytest.raises(ValueError, match="no source has"):
        Document.read({**told, "opening": "It brings 4711 learners."})


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("For those who searched 40 times.", "For those who searched 40 times."),
        ("For those who searched 41 times.", ""),
    ],
)
def test_the_opening_of_a_model_is_marked_or_the_template_stands(
    client: Client, monkeypatch: pytest.MonkeyPatch, text: str, opening: str
) -> None:
    searched("kubernetes", 40, found=0)
    count_closed_weeks()
    monkeypatch.setattr(speaking, "speak", lambda *_args, **_more: Spoken(text, "plain-7b"))
    row = personalize.create_brief(CLEO, "kubernetes", now=moment())
    assert (row.document.opening, row.worded_by) == (opening, "plain-7b" if opening else "")
    client.force_login(cleo().account)
    html = client.get(f"/create/briefs/{row.brief_id}/").content.decode()
    assert ("Worded by AI (plain-7b)" in html) is bool(opening)
    assert ("A course on kubernetes" in html) is not bool(opening)


def test_the_page_of_a_topic_leads_to_its_brief_and_writes_its_name(client: Client) -> None:
    searched("css", 40, found=0)
    count_closed_weeks()
    client.force_login(cleo().account)
    topic = "/create/gaps/topics/css/"
    before = client.get(topic).content.decode()
    assert "Write brief" in before
    assert "<h1>CSS</h1>" in before
    row = personalize.create_brief(CLEO, "css", now=moment())
    after = client.get(topic).content.decode()
    assert "Write brief" not in after
    assert f'href="/create/briefs/{row.brief_id}/"' in after
    brief = client.get(f"/create/briefs/{row.brief_id}/").content.decode()
    paper = client.get(f"/create/briefs/{row.brief_id}/print/").content.decode()
    assert ("Brief: CSS" in brief, "Brief: CSS" in paper) == (True, True)
    assert "<b>CSS</b>" in client.get("/create/gaps/").content.decode()


def test_one_topic_has_one_open_brief(written: personalize.BriefRow) -> None:
    again = personalize.create_brief(ROOT, "kubernetes", now=moment())
    assert again.brief_id == written.brief_id
    with pytest.raises(LookupError):
        personalize.create_brief(ROOT, "nothing", now=moment())


def test_who_wrote_it_does_not_review_it_and_steps_have_their_order(
    written: personalize.BriefRow,
) -> None:
    take, number = personalize.take_brief_step, written.brief_id
    with pytest.raises(PermissionDenied):
        take(UMA, number, "reviewed", now=moment())
    with pytest.raises(ValidationError, match="Somebody else"):
        take(CLEO, number, "reviewed", now=moment())
    with pytest.raises(ValidationError, match="not due"):
        take(ROOT, number, "claimed", publish_by=moment().date(), now=moment())
    take(ROOT, number, "reviewed", reason="Good", now=moment())
    with pytest.raises(ValidationError, match="by which day"):
        take(CLEO, number, "claimed", now=moment())
    take(CLEO, number, "claimed", publish_by=moment().date(), now=moment())
    with pytest.raises(ValidationError, match="Choose the course"):
        take(CLEO, number, "published", now=moment())
    with pytest.raises(ValidationError, match="Say why"):
        take(CLEO, number, "dropped", now=moment())
    steps = personalize.brief(number)
    assert steps is not None
    assert [(step.state, step.by) for step in steps.steps] == [
        ("draft", "cleo"),
        ("reviewed", "root"),
        ("claimed", "cleo"),
    ]
    entries = [row.action for row in signals.ledger_rows(action_prefix="brief.")]
    assert entries == ["brief.claimed", "brief.reviewed", "brief.draft"]


def test_a_new_name_does_not_let_somebody_review_their_own(client: Client) -> None:
    searched("kubernetes", 40, found=0)
    count_closed_weeks()
    account = cleo().account
    client.force_login(account)
    page = client.post("/create/briefs/new/kubernetes/", follow=True).redirect_chain[-1][0]
    account.username = "cleo2"
    account.save()
    client.force_login(account)
    assert "You wrote it: somebody else reviews it." in client.get(page).content.decode()
    refused = client.post(page + "step/reviewed/")
    assert "Somebody else than who wrote it" in refused.content.decode()
    assert Brief.objects.get().state == "draft"


def test_a_published_brief_is_measured_when_its_weeks_have_closed(
    written: personalize.BriefRow,
) -> None:
    this = last_week().date() - timedelta(days=4)  # its Monday
    published = last_week() - timedelta(weeks=5, days=4)
    for weeks, searches, in_vain in ((6, 50, 50), (1, 40, 0)):
        DemandTerm.objects.create(
            term="kubernetes",
            week=this - timedelta(weeks=weeks),
            learners=20,
            searches=searches,
            without_result=in_vain,
        )
    course = new_course("k9", title="Kubernetes")
    for state, more in (
        ("reviewed", {}),
        ("claimed", {"publish_by": moment().date()}),
        ("published", {"course_id": course.course_id}),
    ):
        personalize.take_brief_step(ROOT, written.brief_id, state, now=published, **more)
    later = published + timedelta(weeks=6)
    assert measure_due(now=published + timedelta(weeks=4)) == 0
    assert measure_due(now=later) == 1
    row = personalize.brief(written.brief_id)
    assert row is not None
    assert row.met is not None
    assert (row.met.before_searches, row.met.before_in_vain) == (50, 50)
    assert (row.met.after_searches, row.met.after_in_vain) == (40, 0)
    assert row.met.verdict == "fewer"
    assert (row.state, row.met.joined) == ("measured", None)
    assert measure_due(now=later) == 0


def test_numbers_stay_as_they_were_when_it_was_written(written: personalize.BriefRow) -> None:
    before = written.document
    searched("kubernetes", 90, found=0)
    count_closed_weeks()
    derive_gaps(now=moment())
    after = personalize.brief(written.brief_id)
    assert after is not None
    assert after.document == before


def test_steps_are_taken_on_the_page(client: Client, written: personalize.BriefRow) -> None:
    client.force_login(root().account)
    page = f"/create/briefs/{written.brief_id}/"
    refused = client.post(page + "step/claimed/", {"publish_by": "2027-01-01"})
    assert "not due" in refused.content.decode()
    client.post(page + "step/reviewed/")
    client.post(page + "step/claimed/", {"publish_by": "2027-01-01"})
    client.post(page + "step/published/", {"course": "k8"})
    assert Brief.objects.get().state == "published"
    assert "It is measured when" in client.get(page).content.decode()
    assert client.post(page + "step/measured/").status_code == 404
    assert "kubernetes" in client.get("/create/briefs/").content.decode()
