"""The language model says nothing, drips, fails, hangs up, or lies, while learners ask a course."""

import re
from collections.abc import Callable
from http.client import HTTPConnection
from time import monotonic
from urllib.parse import urlencode

from tests.chaos.faults.base import Scene
from tests.chaos.product import Product
from tests.personalize.llm.fake import Server, completion, serving

TITLE = "language model silent, slow, failing, lying while it is asked"
HANGS_UP = True  # the web processes are replaced, so that they know its address
QUESTION, TRUE, LIE = "When should I replace the chain?", "half a percent of wear", "ZANZIBAR"
ASKED_ON_PAGES = (
    "SELECT e.id FROM signals_event e JOIN signals_source s ON s.id = e.source_id"
    " WHERE s.name <> 'lms'"
)
ASKED = 3  # of each kind
MOST_S = 10.0  # an answer of the lessons, on a crowded machine; a model is waited for 1.5 s
SET_UP = """
from django.contrib.auth import get_user_model
from django.test import Client
from experiments import api as experiments
from personalize.llm import choice
from signals.data import SYSTEM
from signals.models import Course
from tests.factories import ada, moment
from tests.personalize.agents.lessons import bicycle_course
Course.objects.filter(external_id="bicycle").exists() or bicycle_course()
account = get_user_model().objects.filter(username="ada").first() or ada().account
experiments.list_on_flag("surface-answers-early", accounts=[account.pk])
wanted = choice.Setting(backend="openai_compatible", base_url={url!r}, model="small")
choice.change(SYSTEM, "answers", wanted, reason="A fault.", now=moment())
client = Client()
client.force_login(account)
print(client.cookies["sessionid"].value)
"""


def _silent(server: Server) -> None:
    server.never = True


def _slow(server: Server) -> None:
    server.drips = True


def _failing(server: Server) -> None:
    server.status = 500


def _garbled(server: Server) -> None:
    server.says = lambda _asked: b'{"choices": 7'


def _lying(server: Server) -> None:
    server.says = lambda _asked: completion(f"{LIE} [1]")


def strike(scene: Scene) -> None:
    """Ask a course a few times of each kind of model; the lessons answer, and nothing else does."""
    product = scene.product
    for spoil in (_silent, _slow, _failing, _garbled, _lying):
        with serving() as server:
            spoil(server)
            product.environment_more["LLM_URLS"] = f"private:{server.url}"
            session = product.manage("shell", "--no-imports", "-c", SET_UP.format(url=server.url))
            product.replace_web()
            told = [_ask(product, session.split()[-1]) for _ in range(ASKED)]
            scene.notes += _untrue(spoil, told)
            if not server.asked:
                scene.notes.append(f"{spoil.__name__}: the model was never asked")
    with product.database() as connection:  # a page keeps what was asked of it
        rows = connection.execute(ASKED_ON_PAGES).fetchall()
    scene.ledger.sent.update(str(found) for (found,) in rows)


def _ask(product: Product, session: str) -> tuple[int, str, float]:
    """Ask as a page does; return status, page and seconds."""
    connection = HTTPConnection("127.0.0.1", product.port, timeout=30)
    cookies = {"Cookie": f"sessionid={session}"}
    connection.request("GET", "/course/bicycle/", headers=cookies)
    opened = connection.getresponse()
    said, page = str(opened.headers), opened.read().decode()
    [cookie] = re.findall(r"csrftoken=(\w+)", said)[:1] or [""]
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[:1] or [""]
    headers = {
        "Cookie": f"sessionid={session}; csrftoken={cookie}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode({"question": QUESTION, "csrfmiddlewaretoken": token})
    begun = monotonic()
    connection.request("POST", "/course/bicycle/ask/", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, monotonic() - begun


def _untrue(spoil: Callable[[Server], None], told: list[tuple[int, str, float]]) -> list[str]:
    found = []
    for status, page, took_s in told:
        if status != 200 or TRUE not in page:
            found.append(f"{spoil.__name__}: {status}, without the sentence of the lesson")
        if LIE in page:
            found.append(f"{spoil.__name__}: the lie was shown")
        if took_s > MOST_S:
            found.append(f"{spoil.__name__}: an answer took {took_s:.0f} s")
    return found
