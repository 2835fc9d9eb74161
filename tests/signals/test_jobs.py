"""Do job posts come in from files and listed feeds, as counts of ten or more posts?"""

import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from signals.capture.jobs import https
from signals.capture.jobs.base import JobSourceError, counted
from signals.capture.jobs.collect import collect_feeds, collect_jobs, told
from signals.capture.jobs.onet import short_name
from signals.models import JobCollection, JobTerm
from tests.factories import moment

pytestmark = pytest.mark.django_db


def terms() -> dict[str, int]:
    return dict(JobTerm.objects.values_list("term", "posts"))


def posts_file(tmp_path: Path, n: int = 12, day: str = "2026-01-05") -> Path:
    path = tmp_path / "posts.csv"
    rows = [f"{number},SQL; Git,{day}" for number in range(n)] + [f"x,Welding,{day}"] * 30
    path.write_text("post,skills,posted_at\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_file_of_posts_becomes_counts_of_ten_posts_or_more(tmp_path: Path) -> None:
    report = collect_jobs("posts", str(posts_file(tmp_path)), now=moment())
    assert terms() == {"sql": 12, "git": 12}  # thirty rows of welding are one post
    assert (report.posts, report.as_of.isoformat()) == (13, "2026-01-05")


def test_a_row_for_each_skill_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "skills.csv"
    rows = [f"Analyst,Firm {n},Power BI" for n in range(10)] * 2
    path.write_text("job_title,company_name,job_skill\n" + "\n".join(rows) + "\n")
    collect_jobs("posts", str(path), now=moment())
    assert terms() == {"power bi": 10}


def test_the_same_day_again_replaces_and_a_later_day_stands_beside_it(tmp_path: Path) -> None:
    for n, day in ((12, "2026-01-05"), (15, "2026-01-05"), (20, "2026-01-12")):
        collect_jobs("posts", str(posts_file(tmp_path, n, day)), now=moment())
    found = JobCollection.objects.order_by("as_of").values_list("as_of", "posts")
    assert [(str(day), posts) for day, posts in found] == [("2026-01-05", 16), ("2026-01-12", 21)]


def test_onet_counts_occupations_of_tools_in_demand(tmp_path: Path) -> None:
    rows = [f"15-{n},Structured query language SQL,Y" for n in range(11)]
    rows += [f"15-{n},IBM Notes,N" for n in range(50)]
    text = "O*NET-SOC Code,Example,In Demand\n" + "\n".join(rows) + "\n"
    (tmp_path / "onet_technology_skills.csv").write_text(text, encoding="utf-8")
    collect_jobs("onet", str(tmp_path), now=moment())
    assert terms() == {"sql": 11}
    assert JobCollection.objects.get().posts == 50
    assert [short_name(name) for name in ("Extensible markup language XML", "SAP software")] == [
        "XML",
        "SAP",
    ]


@pytest.mark.parametrize("source", ["posts", "onet"])
def test_what_holds_no_posts_is_refused_in_words(tmp_path: Path, source: str) -> None:
    (tmp_path / "odd.csv").write_text("colour\nred\n")
    with pytest.raises(CommandError, match=r"no column|There is no"):
        call_command("collect_jobs", source, str(tmp_path / "odd.csv"), stdout=StringIO())
    assert not JobCollection.objects.exists()


def test_an_address_or_a_number_is_no_skill() -> None:
    pairs = [(n, skill) for n in range(20) for skill in ("ada@example.org", "555123456", "sql")]
    assert counted(pairs) == {"sql": 20}


# --- feeds ---------------------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Return what starts a server on this machine and gives the address of its feed."""
    servers = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *_args: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/posts.json"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


FEED = json.dumps(
    {"as_of": "2026-01-16", "posts": [{"id": str(n), "skills": ["Rust", 7]} for n in range(14)]}
).encode()


def test_a_listed_feed_is_read(serve: Callable[[Answer], str], settings: Settings) -> None:
    url = serve(says(FEED))
    settings.JOB_FEEDS = [f"private:{url}"]
    assert collect_feeds(now=moment()) == 1
    assert terms() == {"rust": 14}
    assert JobCollection.objects.get().origin == "127.0.0.1/posts.json"


def test_a_feed_that_fails_keeps_its_last_and_stops_no_other(
    serve: Callable[[Answer], str], settings: Settings
) -> None:
    away, there = serve(says(b"", status=503)), serve(says(FEED))
    settings.JOB_FEEDS = [f"private:{away}", f"private:{there}"]
    assert collect_feeds(now=moment()) == 1


@pytest.mark.parametrize(
    ("listed", "asked", "why"),
    [
        ("", "https://jobs.example/p.json", "not listed"),
        ("https://jobs.example/p.json", "https://jobs.example/other.json", "not listed"),
        ("http://jobs.example/p.json", "http://jobs.example/p.json", "looks like https"),
        ("https://u@jobs.example/p.json", "https://u@jobs.example/p.json", "looks like https"),
        ("file:///etc/passwd", "file:///etc/passwd", "looks like https"),
        ("https://127.0.0.1/p.json", "https://127.0.0.1/p.json", "private network"),
        ("https://[::1]/p.json", "https://[::1]/p.json", "private network"),
        ("https://169.254.169.254/p", "https://169.254.169.254/p", "private network"),
        ("https://10.0.0.8/p.json", "https://10.0.0.8/p.json", "private network"),
    ],
)
def test_no_other_address_is_asked(settings: Settings, listed: str, asked: str, why: str) -> None:
    settings.JOB_FEEDS = [listed]
    with pytest.raises(JobSourceError, match=why):
        https.fetch(asked)


def test_a_name_that_leads_into_a_private_network_is_not_followed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOB_FEEDS = ["https://jobs.example/p.json"]
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.0.7", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: inside)
    with pytest.raises(JobSourceError, match="private network"):
        https.fetch("https://jobs.example/p.json")


def test_redirects_too_much_and_too_slow_are_refused(
    serve: Callable[[Answer], str], settings: Settings
) -> None:
    elsewhere = serve(says(b"", status=302, Location="http://127.0.0.1:1/"))
    large = serve(says(b"x" * 5000))
    held = []
    slow = serve(lambda request: held.append(request.connection.recv(1)))
    settings.JOB_FEEDS = [f"private:{url}" for url in (elsewhere, large, slow)]
    with pytest.raises(JobSourceError, match="302"):
        https.fetch(elsewhere)
    with pytest.raises(JobSourceError, match="more than"):
        https.fetch(large, largest=1024)
    with pytest.raises(JobSourceError, match="did not answer"):
        https.fetch(slow, seconds=0.2)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"posts": 3}', b'{"as_of": "x", "posts": []}', b"[" * 100_000]
)
def test_an_answer_that_is_no_feed_is_refused(
    serve: Callable[[Answer], str], settings: Settings, body: bytes
) -> None:
    url = serve(says(body))
    settings.JOB_FEEDS = [f"private:{url}"]
    with pytest.raises(JobSourceError, match="The feed is not"):
        collect_jobs("feed", url, now=moment())


def test_what_is_told_of_an_address_holds_no_secret() -> None:
    assert told("https://jobs.example/p.json?key=secret") == "jobs.example/p.json"
    assert told("/srv/data/posts.csv") == "posts.csv"
