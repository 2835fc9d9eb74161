"""The snippet in a course page of another origin: what arrives, and that it does so once."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.db import Error
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from signals.capture import origins, rest, tokens
from signals.capture.buffer import BusyError
from signals.capture.intake import take
from signals.capture.pages import pages_source_id
from signals.data import BatchResult
from signals.kinds.registry import KINDS
from signals.models import ApiKey, Event, Source
from tests.browser.platform import Platform
from tests.factories import Person, ada, moment, new_course

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 10_000
BATCH = "/signals/v1/batch"
PRIVATE = "get() { throw new DOMException('no storage', 'SecurityError'); }"


@pytest.fixture
def person(live_server: LiveServer) -> Person:
    """Return ada, who consents to everything, beside a course."""
    new_course("c1", modules=("m1",))
    return ada()


@pytest.fixture
def platform(live_server: LiveServer, person: Person) -> Iterator[Platform]:
    """Return a platform of another origin."""
    running = Platform(live_server.url)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a browser that was never here."""
    fresh = chromium.new_context()
    fresh.set_default_timeout(PATIENCE_MS)
    yield fresh
    fresh.close()


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> list[BatchResult]:
    """Return what became of each batch, as it goes on."""
    seen: list[BatchResult] = []

    def noting(*given: Any, **named: Any) -> BatchResult:
        seen.append(take(*given, **named))
        return seen[-1]

    monkeypatch.setattr(rest, "take", noting)
    return seen


def opened(context: BrowserContext, platform: Platform, tiers: str = "[0,1]") -> Page:
    page = context.new_page()
    page.goto(f"{platform.page}?northway={platform.northway}&tiers={tiers}")
    return page


def track(page: Page, kind: str = "lesson.started", times: int = 1, more: str = "{}") -> list[str]:
    script = f"Array.from({{length: {times}}}, () => northway.track('{kind}', {more}))"
    found: list[str] = page.evaluate(script)
    return found


def queued(page: Page) -> int:
    return int(page.evaluate("northway.status.queued"))


def sent(page: Page) -> None:
    """Send, and wait until nothing waits."""
    page.evaluate("northway.flush()")
    emptied(page)


def emptied(page: Page) -> None:
    eventually(lambda: queued(page) == 0)


def stored() -> set[str]:
    ids = [str(event) for event in Event.objects.values_list("id", flat=True)]
    assert len(ids) == len(set(ids))
    return set(ids)


def eventually(condition: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert monotonic() < until, "it did not happen"


def bodies(page: Page) -> list[dict[str, Any]]:
    """Return the bodies a page sends, as it goes on."""
    found: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(BATCH):
            found.append(dict(request.post_data_json or {}))

    page.on("request", note)
    return found


def test_events_arrive_in_batches_with_the_time_of_their_sending(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    bodies_sent = bodies(page)
    made = track(page, times=25)
    emptied(page)
    assert stored() == set(made)
    assert [len(body["batch"]) for body in bodies_sent] == [20, 5]
    assert len({body["sent_at"] for body in bodies_sent}) == len(bodies_sent)
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7.{3}-[89ab].{16}", one) for one in made)


def test_what_happens_offline_arrives_once_when_the_line_is_back(
    context: BrowserContext, platform: Platform, results: list[BatchResult]
) -> None:
    page = opened(context, platform)
    context.set_offline(True)
    made = track(page, times=45)
    page.evaluate("northway.flush()")
    assert (queued(page), stored()) == (45, set())
    context.set_offline(False)
    emptied(page)
    assert stored() == set(made)
    assert sum(result.duplicates for result in results) == 0


def test_what_a_page_could_not_send_the_next_one_does(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    context.set_offline(True)
    made = track(page, times=3)
    page.close()
    context.set_offline(False)
    emptied(opened(context, platform))
    assert stored() == set(made)


def test_what_is_too_much_for_a_page_that_goes_waits_for_the_next(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    made = track(page)
    sent(page)
    text = "ä" * 2_500  # two bytes each
    made += track(page, "forum.posted", 18, f"{{context: {{text: '{text}'}}}}")
    page.goto("about:blank")
    fitting = 64 * 1024 // 5_300
    eventually(lambda: len(stored()) > 1)
    assert fitting - 2 <= len(stored()) <= fitting + 1
    emptied(opened(context, platform))
    assert stored() == set(made)


@pytest.mark.parametrize("leave", ["close", "navigate"])
def test_a_page_that_goes_delivers_what_it_just_recorded(
    context: BrowserContext, platform: Platform, leave: str
) -> None:
    page = opened(context, platform)
    made = track(page)
    sent(page)  # it has its token now
    made += track(page, times=3)
    goes: dict[str, Callable[[], object]] = {
        "close": page.close,
        "navigate": lambda: page.goto("about:blank"),
    }
    goes[leave]()
    eventually(lambda: stored() == set(made))


def test_with_global_privacy_control_nothing_fine_grained_leaves_the_page(
    context: BrowserContext, platform: Platform
) -> None:
    before = opened(context, platform, "[0,1,2]")
    context.set_offline(True)
    assert None not in track(before, "video.played")
    before.close()
    context.set_offline(False)
    context.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
    )
    page = opened(context, platform, "[0,1,2]")
    bodies_sent = bodies(page)
    assert track(page, "video.played") == [None]
    assert None not in track(page, "lesson.progressed", more="{value: 0.5}")
    sent(page)
    kinds = [event["kind"] for body in bodies_sent for event in body["batch"]]
    assert kinds == ["lesson.progressed"]


def test_a_learners_choices_act_at_once_and_on_what_waits(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform, "[0,1,2]")
    context.set_offline(True)
    track(page, "video.played")
    seek = "{context: {from_s: 4711.25, to_s: 12}}"
    rewound = track(page, "video.seeked", more=seek)
    assert "4711" not in page.evaluate("JSON.stringify(localStorage)")
    page.evaluate("northway.allow([0, 1])")
    assert queued(page) == 0
    assert track(page, "video.seeked", more=seek) == [None]
    progressed = track(page, "lesson.progressed", more="{value: 0.5}")
    page.evaluate("northway.allow([0])")
    assert track(page, "lesson.progressed", more="{value: 0.5}") == [None]
    needed = track(page)
    page.evaluate("northway.allow([0, 1, 2])")
    again = track(page, "video.seeked", more=seek)
    context.set_offline(False)
    emptied(page)
    assert stored() == {*needed, *again}
    assert not stored() & {*rewound, *progressed}
    assert Event.objects.get(id=again[0]).value == -1


@pytest.mark.parametrize(
    ("failure", "status", "seconds"), [(BusyError("busy"), 429, 2), (Error("gone"), 503, 2)]
)
def test_a_server_that_asks_to_wait_is_left_alone_for_so_long(
    context: BrowserContext,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    status: int,
    seconds: int,
) -> None:
    page = opened(context, platform)
    page.clock.install()
    page.reload()
    page.clock.pause_at(moment() + timedelta(hours=1))
    bodies_sent = bodies(page)

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(rest, "take", fail)
    made = track(page)
    with page.expect_response(lambda got: got.status == status):
        page.clock.run_for(5_000)
    monkeypatch.setattr(rest, "take", take)
    page.clock.run_for(seconds * 1000 - 100)
    page.evaluate("northway.flush()")
    assert (len(bodies_sent), queued(page)) == (1, 1)
    with page.expect_response(lambda got: got.ok):
        page.clock.run_for(10_000)
    emptied(page)
    assert stored() == set(made)
    first, second = bodies_sent
    assert first["batch"] == second["batch"]
    assert first["sent_at"] < second["sent_at"]


def test_pauses_grow_while_nothing_answers_and_nothing_is_lost(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    sent(page)
    page.clock.install()
    page.reload()
    page.clock.pause_at(moment() + timedelta(hours=1))
    tried: list[str] = []

    def refuse(route: Route) -> None:
        tried.append(route.request.url)
        route.fulfill(status=502)  # of a proxy, unreadable for the page

    page.route(f"**{BATCH}", refuse)
    made = track(page)
    for _ in range(60):
        page.clock.run_for(5_000)
    assert 4 <= len(tried) <= 15
    page.unroute(f"**{BATCH}")
    page.clock.run_for(300_000)
    emptied(page)
    assert stored() == set(made)


def test_what_no_repetition_would_mend_is_sent_once_and_counted(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    tried: list[str] = []

    def refuse(route: Route) -> None:
        tried.append(route.request.url)
        headers = {"Access-Control-Allow-Origin": platform.url}
        route.fulfill(status=400, headers=headers)

    page.route(f"**{BATCH}", refuse)
    track(page)
    sent(page)
    assert (len(tried), page.evaluate("northway.status")) == (1, {"queued": 0, "lost": 1})


def minted(platform: Platform, person: Person, **ago: float) -> str:
    """Return a token that the platform's key made so long ago."""
    key = ApiKey.objects.get(source__name="lms")
    return tokens.mint(
        key.source_id, person.learner_id, platform.url, key=key.prefix, now=moment(**ago)
    )[0]


def test_a_token_that_is_over_is_renewed_and_nothing_is_lost(
    context: BrowserContext, platform: Platform, person: Person
) -> None:
    platform.tokens = [minted(platform, person, minutes=61)]
    page = opened(context, platform)
    made = track(page)
    sent(page)
    assert stored() == set(made)
    assert platform.minted == 2


@pytest.mark.parametrize(
    "storage",
    [
        f"Object.defineProperty(window, 'localStorage', {{{PRIVATE}}})",
        "try { for (;;) localStorage.setItem('full' + Math.random(), 'x'.repeat(100_000)); }"
        " catch { try { for (;;) localStorage.setItem(Math.random(), ''); } catch {} }",
    ],
    ids=["private", "full"],
)
def test_without_room_to_store_events_wait_in_memory(
    context: BrowserContext, platform: Platform, storage: str
) -> None:
    context.add_init_script(storage)
    page = opened(context, platform)
    context.set_offline(True)
    made = track(page, times=25)
    assert queued(page) == 25
    context.set_offline(False)
    emptied(page)
    assert stored() == set(made)


def test_the_queue_is_bounded_and_what_it_loses_is_counted(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    context.set_offline(True)
    made = track(page, times=1_005)
    assert page.evaluate("northway.status") == {"queued": 1_000, "lost": 5}
    kept = page.evaluate("Object.keys(localStorage).map((key) => key.split('|')[2])")
    assert set(made[5:]) <= set(kept)
    assert not set(made[:5]) & set(kept)
    page.evaluate("northway.forget()")
    assert page.evaluate("northway.status") == {"queued": 0, "lost": 5}


def test_a_page_that_stopped_records_and_sends_no_more_and_keeps_what_waits(
    context: BrowserContext, platform: Platform, person: Person
) -> None:
    page = opened(context, platform)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # In one breath: what is recorded is sent soon after, and a slow machine would have sent it.
    event = page.evaluate(
        "() => { const made = northway.track('lesson.started'); northway.stop(); return made }"
    )
    assert track(page) == [None]
    page.evaluate("northway.flush()")
    page.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('pagehide'))")
    assert (queued(page), asked) == (1, [])
    sent(opened(context, platform))
    assert stored() == {event}


def test_learners_whose_names_begin_alike_have_queues_of_their_own(
    context: BrowserContext, platform: Platform, person: Person
) -> None:
    key = "northway|ada|more|01990000-0000-7000-8000-000000000000"
    page = opened(context, platform)
    page.evaluate('key => localStorage.setItem(key, \'{"kind":"lesson.started"}\')', key)
    [event] = track(page)
    sent(opened(context, platform))
    assert stored() == {event}
    assert page.evaluate("key => localStorage.getItem(key) !== null", key)


def test_a_strict_policy_is_enough(context: BrowserContext, platform: Platform) -> None:
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    answer = page.goto(f"{platform.page}?northway={platform.northway}")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    made = track(page)
    sent(page)
    assert stored() == set(made)
    assert [text for text in complaints if "favicon" not in text] == []


@pytest.mark.parametrize("days", [3, -3])
def test_the_time_of_a_clock_that_is_days_off_is_corrected(
    context: BrowserContext, platform: Platform, days: int
) -> None:
    page = context.new_page()
    page.clock.install(time=moment() + timedelta(days=days))
    page.goto(f"{platform.page}?northway={platform.northway}")
    made = track(page)
    sent(page)
    event = Event.objects.get(id=made[0])
    off = event.occurred_at - event.corrected_at
    assert abs(off - timedelta(days=days)) < timedelta(minutes=1)
    assert abs(event.corrected_at - moment()) < timedelta(minutes=1)


def test_two_tabs_send_nothing_twice_and_lose_nothing(
    context: BrowserContext, platform: Platform, results: list[BatchResult]
) -> None:
    pages = [opened(context, platform) for _ in range(2)]
    made: list[str] = []
    for _ in range(3):
        for page in pages:
            made += track(page, times=15)
            page.evaluate("void northway.flush()")
    for page in pages:
        emptied(page)
    assert stored() == set(made)
    assert sum(result.duplicates for result in results) == 0


def test_a_page_whose_origin_is_not_registered_sends_nothing(
    context: BrowserContext, platform: Platform, person: Person
) -> None:
    page = opened(context, platform)
    Source.objects.update(origins=["https://lms.example"])
    origins.forget_cached()
    platform.tokens = [minted(platform, person)]
    track(page)
    with page.expect_event("requestfailed"):
        page.evaluate("northway.flush()")
    assert (stored(), queued(page)) == (set(), 1)


@pytest.mark.parametrize("old", [False, True], ids=["keepalive", "beacon"])
def test_a_page_of_northways_own_sends_by_the_learners_session(
    context: BrowserContext, live_server: LiveServer, person: Person, *, old: bool
) -> None:
    client = Client()
    client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    if old:
        context.add_init_script("delete Request.prototype.keepalive")
    page = context.new_page()
    page.goto(f"{live_server.url}/about/recommendations/")
    page.evaluate(
        "import('/static/snippet/northway.js').then(({ start }) => {"
        " window.northway = start({ learner: 'ada', course: 'c1', module: 'm1' }); })"
    )
    made = track(page)
    page.goto("about:blank")
    eventually(lambda: stored() == set(made))
    assert Event.objects.get().source_id == pages_source_id()


def test_what_h5p_says_is_recorded_without_the_parts_and_the_scores(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform, "[0,1,2]")
    statements = """
        const verb = (id) => ({ id: 'http://adlnet.gov/expapi/verbs/' + id });
        const said = (statement) => heard({ data: { statement } });
        let heard;
        const dispatcher = { on: (name, listener) => { heard = listener; } };
        northway.listen({ externalDispatcher: dispatcher });
        said({ verb: verb('attempted') });
        said({ verb: verb('answered'), result: { score: { scaled: 1 } } });
        said({ verb: verb('completed'), context: { contextActivities: { parent: [{}] } } });
        said({ verb: verb('completed'), result: { score: { scaled: 1 } } });
        const at = 'https://w3id.org/xapi/video/extensions/time-';
        said({
          verb: { id: 'https://w3id.org/xapi/video/verbs/seeked' },
          result: { extensions: { [at + 'from']: 10, [at + 'to']: 90 } },
        });
    """
    page.evaluate(f"(() => {{ {statements} }})()")
    sent(page)
    found = {(KIND_OF[row.kind], row.value) for row in Event.objects.all()}
    assert found == {("lesson.started", None), ("lesson.completed", None), ("video.seeked", 1)}


def test_the_snippet_knows_the_kinds_and_tiers_of_the_contract(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    known = page.evaluate("import('/northway.js').then(({ TIERS }) => TIERS)")
    of_pages = {
        name: int(kind.tier)
        for name, kind in KINDS.items()
        if not kind.server_only and not kind.internal
    }
    assert known == of_pages
    expect(page.get_by_role("heading")).to_be_visible()


KIND_OF = {kind.code: name for name, kind in KINDS.items()}
