"""Alerts: found once, told once to everybody, signed, tried again, over by themselves, silenced."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from controltower.alerts import counting, registry
from controltower.alerts.rule import BAD, WARN, Found, Rule
from controltower.alerts.sending import WAITS, send_alerts
from controltower.alerts.watch import silence, watch_alerts
from controltower.alerts.webhook import NotDeliveredError, post, signature
from controltower.models import Alert, AlertMessage
from personalize.engine.drift import speed
from personalize.models import SpeedStep
from signals import api as signals
from signals.data import Actor, ActorKind
from signals.models import Watermark
from tests.factories import moment, pia, root, uma

pytestmark = pytest.mark.django_db

SECRET = "shared"
ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
Got = list[tuple[dict[str, str], bytes]]


@pytest.fixture
def told(settings: Settings) -> Settings:
    """Let one address be told by e-mail."""
    settings.ALERT_EMAILS = ["ops@example.org"]
    settings.ALERT_SECRET = SECRET
    settings.PUBLIC_URL = "https://learn.example"
    return settings


@pytest.fixture
def listener() -> Iterator[tuple[str, Got, list[int]]]:
    """Listen on this machine; answers are the statuses given, 200 once they are used up."""
    got: Got = []
    answers: list[int] = []

    class Listens(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(answers.pop(0) if answers else 200)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listens)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook?x=1", got, answers
    server.shutdown()
    server.server_close()


def stale(minutes: int = 20) -> None:
    Watermark.objects.update_or_create(
        reader="rollups", defaults={"read_at": moment(minutes=minutes)}
    )


def test_an_alert_is_told_once_and_again_when_it_is_over(told: Settings) -> None:
    stale()
    for _ in range(3):
        watch_alerts(now=moment())
        send_alerts(now=moment())
    (alert,) = Alert.objects.all()
    assert (alert.rule, alert.level, alert.over_at) == ("counting", "bad", None)
    (message,) = mail.outbox
    assert message.subject == "Events are not being counted"
    assert "https://learn.example/tower/" in message.body

    stale(minutes=0)
    assert watch_alerts(now=moment()).over == 1
    send_alerts(now=moment())
    assert [one.subject for one in mail.outbox[1:]] == ["Over: Events are not being counted"]


def test_a_webhook_is_signed_with_the_moment(
    told: Settings, listener: tuple[str, Got, list[int]]
) -> None:
    address, got, _ = listener
    told.ALERT_EMAILS, told.ALERT_WEBHOOKS = [], [f"private:{address}"]
    stale()
    at = moment()
    watch_alerts(now=at)
    assert send_alerts(now=at) == 1
    ((headers, body),) = got
    told_at, proof = (part.split("=")[1] for part in headers["Northway-Signature"].split(","))
    assert int(told_at) == int(at.timestamp())
    wanted = hmac.new(SECRET.encode(), f"{told_at}.".encode() + body, hashlib.sha256).hexdigest()
    assert proof == wanted
    content = json.loads(body)
    assert (content["rule"], content["says"]) == ("counting", "opened")
    assert signature(SECRET, body + b" ", at=moment()) != headers["Northway-Signature"]


def test_what_was_not_taken_is_tried_again_and_given_up_after_five(
    told: Settings, listener: tuple[str, Got, list[int]]
) -> None:
    address, got, answers = listener
    told.ALERT_EMAILS, told.ALERT_WEBHOOKS = [], [f"private:{address}"]
    answers += [500, 302] + [503] * 10  # a redirect is not followed
    stale()
    at = moment()
    watch_alerts(now=at)
    for wait in WAITS:
        send_alerts(now=at)
        send_alerts(now=at + wait / 2)  # not due yet
        at += wait
    send_alerts(now=at)
    message = AlertMessage.objects.get()
    assert len(got) == len(WAITS) == message.tries
    assert message.given_up_at is not None
    assert message.problem == "It answered 503."


def test_an_address_that_is_none_holds_up_no_other(
    told: Settings, listener: tuple[str, Got, list[int]]
) -> None:
    address, got, _answers = listener
    told.ALERT_EMAILS = []
    told.ALERT_WEBHOOKS = ["https://[no-address/", f"private:{address}"]
    stale()
    watch_alerts(now=moment())

    assert send_alerts(now=moment()) == 1
    assert len(got) == 1
    assert AlertMessage.objects.get(sent_at=None).problem


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/",
        "https://127.0.0.1:9/",
        "ftp://example.org/",
        "https://a:b@example.org/",
    ],
)
def test_nothing_is_sent_in_the_clear_or_into_a_private_network(address: str) -> None:
    with pytest.raises(NotDeliveredError):
        post(address, {}, secret=SECRET, at=moment())


def test_nothing_is_sent_unsigned(listener: tuple[str, Got, list[int]]) -> None:
    with pytest.raises(NotDeliveredError):
        post(f"private:{listener[0]}", {}, secret="", at=moment())
    assert listener[1] == []


def test_a_silenced_alert_tells_nobody_and_stays_in_the_ledger(
    client: Client, told: Settings
) -> None:
    stale()
    watch_alerts(now=moment())
    AlertMessage.objects.all().delete()
    number = Alert.objects.get().pk
    client.force_login(uma().account)
    client.post(f"/tower/alerts/{number}/silence/", {"hours": "24", "reason": "we are moving"})
    (entry,) = signals.ledger_rows(action_prefix="alert.")
    assert entry.detail["reason"] == "we are moving"
    stale(minutes=0)
    watch_alerts(now=moment())
    stale()
    watch_alerts(now=moment())  # it flutters: the silence holds
    assert Alert.objects.filter(over_at=None).count() == 1
    assert not AlertMessage.objects.exists()
    assert "we are moving" in client.get("/tower/alerts/").content.decode()


def test_what_begins_while_it_is_silenced_is_told_once_the_silence_is_over(told: Settings) -> None:
    stale()
    watch_alerts(now=moment())
    silenced = Alert.objects.get()
    until = moment() + timedelta(hours=1)
    silence(ROOT, silenced.pk, until=until, reason="we are moving", now=moment())
    AlertMessage.objects.all().delete()
    stale(minutes=0)
    watch_alerts(now=moment())
    stale()
    watch_alerts(now=moment())  # it begins anew under the silence
    assert not AlertMessage.objects.exists()

    for _ in range(2):
        watch_alerts(now=until + timedelta(minutes=1))

    (message,) = AlertMessage.objects.all()
    assert (message.says, message.alert.over_at) == ("opened", None)
    assert message.alert_id != silenced.pk


def test_the_end_of_what_nobody_was_told_of_is_not_told(told: Settings) -> None:
    stale()
    watch_alerts(now=moment())
    until = moment() + timedelta(hours=1)
    silence(ROOT, Alert.objects.get().pk, until=until, reason="we are moving", now=moment())
    AlertMessage.objects.all().delete()
    later = until + timedelta(minutes=1)
    Watermark.objects.filter(reader="rollups").update(read_at=later)
    assert watch_alerts(now=later).over == 1
    assert not AlertMessage.objects.exists()


def test_without_a_reason_or_the_role_nothing_is_silenced(client: Client) -> None:
    stale()
    watch_alerts(now=moment())
    number = Alert.objects.get().pk
    client.force_login(pia().account)
    asked = {"hours": "24", "reason": "why"}
    assert client.post(f"/tower/alerts/{number}/silence/", asked).status_code == 403
    client.force_login(root().account)
    client.post(f"/tower/alerts/{number}/silence/", {"hours": "24", "reason": ""})
    client.post(f"/tower/alerts/{number}/silence/", {"hours": "9999", "reason": "x"})
    assert Alert.objects.get().silenced_until is None


def test_a_rule_that_fails_is_an_alert_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_now: object) -> list[Found]:
        raise ValueError("broken")

    broken = Rule("broken", "A broken rule", WARN, "tower:overview", "overview", fails)
    monkeypatch.setattr("controltower.alerts.watch.RULES", {"b": broken, "c": counting.RULE})
    stale()
    watch_alerts(now=moment())
    assert {alert.rule for alert in Alert.objects.all()} == {"broken", "counting"}
    assert not AlertMessage.objects.filter(alert__rule="broken").exists()


def test_slow_lists_and_many_that_miss_are_found() -> None:
    at = moment(minutes=5)
    slow = speed.BOUNDS_MS.index(speed.LIMIT_MS) + 2
    SpeedStep.objects.create(step_at=at, bucket=2, fell_back=False, count=900)
    assert Alert.objects.count() == watch_alerts(now=moment()).opened == 0
    SpeedStep.objects.create(step_at=at, bucket=slow, fell_back=False, count=100)
    watch_alerts(now=moment())
    assert set(Alert.objects.values_list("rule", flat=True)) == {"latency", "budget"}


def test_people_see_alerts_of_what_they_may_see(client: Client) -> None:
    for rule in registry.RULES.values():
        Alert.objects.create(
            rule=rule.key, level=BAD, title=f"!{rule.key}!", opened_at=moment(), last_at=moment()
        )
    client.force_login(pia().account)
    text = client.get("/tower/alerts/").content.decode()
    assert "!requests!" in text
    assert "!drift!" not in text
    client.force_login(uma().account)
    text = client.get("/tower/alerts/").content.decode()
    assert "!drift!" in text
    assert "!requests!" not in text
    assert any(need.title == "!drift!" for need in client.get("/tower/").context["needs"])
