"""Would the crawl find a word? One is planted in every kind of place it looks through."""

import base64
import logging
from pathlib import Path
from typing import LiteralString

import psycopg
import redis
from django.conf import settings
from django.test import Client

from signals import sealing
from signals.capture import quarantine
from signals.capture.contract import Refusal
from signals.capture.spool import card
from signals.capture.spool.files import Writer
from signals.models import Quarantine, Source
from tests.factories import moment
from tests.signals.privacy import crawl
from tests.signals.xapi.lms import Lms, statement

# Of a row that is gone nothing is left in a table; its page keeps it until it is written anew.
PLACES = {
    "tables",
    "caches",
    "data directory",
    "WAL",
    "files of Valkey",
    "models",
    "logs",
    "quarantine, opened",
    "spool, opened",
    "statements, opened",
    "sessions, opened",
}
_DEAD: tuple[LiteralString, ...] = (
    "CREATE TABLE planted (plain text, long text, bytes bytea, said jsonb)",
    "INSERT INTO planted SELECT %(word)s, repeat('all the same ', 400) || %(word)s,"
    " convert_to(%(word)s, 'UTF8'), jsonb_build_object('said', %(word)s::text)",
    "DELETE FROM planted",
)


def plant(word: str) -> None:
    """Leave a word in every kind of place."""
    _in_postgresql(word)
    with redis.Redis.from_url(crawl.cache_url()) as client:
        client.set("planted", word, ex=600)
    models = settings.MODELS_DIR / "planted"
    models.mkdir(parents=True, exist_ok=True)
    (models / "card.json").write_text(f'{{"learner": "{word}"}}')
    logging.getLogger("planted").warning("About %s", word)
    _in_sealed(word)
    browser = Client()
    session = browser.session
    session["learner_name"] = word
    session.save()


def _in_postgresql(word: str) -> None:
    with psycopg.connect(crawl.url_of("default"), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS planted")
        for said in _DEAD:
            connection.execute(said, {"word": word})
        connection.execute(_DEAD[1], {"word": base64.b64encode(word.encode()).decode()})
        connection.execute("SELECT pg_logical_emit_message(true, 'planted', %s)", [word])


def _in_sealed(word: str) -> None:
    now = moment()
    source = Source.objects.get_or_create(name="planted", defaults={"created_at": now})[0]
    refusal = Refusal(-1, "planted", "", f"about {word}".encode())
    quarantine.store([refusal], source_id=source.pk, now=now)
    cipher = sealing.day_cipher(now.date())
    sealed = sealing.seal_for_day(cipher, now.date(), f"about {word}".encode())
    Writer().append(card.folder(), now.date(), sealed)
    Lms("planted-lrs", profile="store").post(statement(result={"response": word}))


def pull_out() -> None:
    """Take away what would be in the way of what comes next."""
    for path in (settings.MODELS_DIR / "planted").glob("*"):
        path.unlink()
    (settings.MODELS_DIR / "planted").rmdir()
    Quarantine.objects.filter(code="planted").delete()
    for path in card.folder().glob("*.spool"):
        path.unlink()


def clear_names(hits: list[crawl.Hit]) -> set[str]:
    """Return the kinds of place of hits that needed no key to be opened."""
    return {hit.place for hit in hits if "opened" not in hit.place}


def folders() -> list[Path]:
    """Return what of this node's disk is the product's own."""
    return [settings.MODELS_DIR, settings.SNAPSHOT_DIR, card.folder()]
