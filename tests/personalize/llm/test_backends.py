"""What every backend promises: a text in time, or one kind of error, whatever the server does."""

import json
from collections.abc import Callable, Iterator
from time import monotonic

import pytest
from pytest_django import Settings

from personalize.llm.base import Backend, BackendError, Budget, Prompt
from personalize.llm.registry import BACKENDS, create
from tests.personalize.llm.fake import Server, closed_port, completion, serving

BUDGET = Budget(deadline_s=2.0, tokens=50)
PROMPT = Prompt("Answer from the sources.", ("A chain wears.", "Oil it."), "What wears?")
REMOTE = [name for name, kind in BACKENDS.items() if kind.remote]


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with serving() as found:
        settings.LLM_URLS = [f"private:{found.url}"]
        yield found


@pytest.fixture
def made(server: Server) -> Callable[[str], Backend]:
    return lambda name: create(name, base_url=server.url, model="small", key="secret")


@pytest.mark.parametrize("name", BACKENDS)
def test_what_comes_back_is_made_of_the_sources(made: Callable[[str], Backend], name: str) -> None:
    said = made(name).complete(PROMPT, BUDGET)
    assert "A chain wears. [1]" in said.text


@pytest.mark.parametrize("name", BACKENDS)
def test_only_what_asks_a_language_model_is_marked_as_ai(name: str) -> None:
    assert create(name, base_url="https://llm.example/v1", model="m").is_ai is BACKENDS[name].remote


@pytest.mark.parametrize("name", BACKENDS)
def test_no_text_is_longer_than_its_budget(
    made: Callable[[str], Backend], server: Server, name: str
) -> None:
    server.says = lambda _: completion("word " * 5000)
    long = Prompt("Answer.", ("word " * 100,) * 20, "What?")
    assert len(made(name).complete(long, BUDGET).text) <= 8 * BUDGET.tokens


FAILING = {
    "an error": (500, b"{}"),
    "a refusal": (429, b"{}"),
    "no JSON": (200, b"<html>gateway</html>"),
    "other JSON": (200, b'{"answer": 42}'),
    "a list": (200, b"[]"),
    "no choice": (200, b'{"choices": []}'),
    "nothing said": (200, completion("  ")),
    "a number for a text": (200, b'{"choices": [{"message": {"content": 7}}]}'),
    "deep JSON": (200, b"[" * 100_000),
    "no end of it": (200, completion("x" * 400_000)),
    "no text at all": (200, b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("how", FAILING)
def test_what_cannot_be_read_is_one_kind_of_error(
    made: Callable[[str], Backend], server: Server, name: str, how: str
) -> None:
    status, body = FAILING[how]
    server.status, server.says = status, lambda _: body
    with pytest.raises(BackendError):
        made(name).complete(PROMPT, BUDGET)


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("how", ["never", "drips", "drips_early"])
def test_a_slow_server_is_left_at_the_deadline(
    made: Callable[[str], Backend], server: Server, name: str, how: str
) -> None:
    setattr(server, how, True)
    began = monotonic()
    with pytest.raises(BackendError):
        made(name).complete(PROMPT, Budget(deadline_s=0.3, tokens=50))
    assert monotonic() - began >= 0.25  # it was waited for, and the test came to its end


@pytest.mark.parametrize("name", REMOTE)
def test_nobody_at_the_address_is_an_error(settings: Settings, name: str) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    settings.LLM_URLS = [f"private:{url}"]
    with pytest.raises(BackendError):
        create(name, base_url=url, model="small").complete(PROMPT, BUDGET)


@pytest.mark.parametrize("name", REMOTE)
def test_a_redirect_is_not_followed(
    made: Callable[[str], Backend], server: Server, name: str
) -> None:
    with serving() as elsewhere:
        server.status, server.location = 307, f"{elsewhere.url}/chat/completions"
        with pytest.raises(BackendError):
            made(name).complete(PROMPT, BUDGET)
        assert elsewhere.asked == []


@pytest.mark.parametrize("name", REMOTE)
def test_sources_and_question_are_given_as_data_apart_from_what_we_ask(
    made: Callable[[str], Backend], server: Server, name: str
) -> None:
    made(name).complete(PROMPT, BUDGET)
    system, user = server.asked[0]["messages"]
    assert system == {"role": "system", "content": PROMPT.instructions}
    assert json.loads(user["content"])["question"] == PROMPT.question
    assert server.headers[0]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        ("https://other.example/v1", ["https://llm.example/v1"]),
        ("https://llm.example.evil.example/v1", ["https://llm.example"]),
        ("https://llm.example/v1/../admin", ["https://llm.example/v1"]),
        ("https://llm.example/v10", ["https://llm.example/v1"]),
        ("https://user@llm.example/v1", ["https://llm.example/v1"]),
        ("http://llm.example/v1", ["http://llm.example/v1"]),
        ("http://127.0.0.1/v1", ["http://127.0.0.1/v1"]),
        ("https://127.0.0.1/v1", ["https://127.0.0.1/v1"]),
        ("https://[::1]/v1", ["https://[::1]/v1"]),
        ("https://169.254.169.254/v1", ["https://169.254.169.254/v1"]),
        ("https://10.1.2.3/v1", ["https://10.1.2.3/v1"]),
        ("https://localhost/v1", ["https://localhost/v1"]),
        ("file:///etc/passwd", ["file:///etc/passwd"]),
        ("https://llm.example/v1", []),
    ],
)
def test_an_address_nobody_listed_or_of_a_private_network_is_never_asked(
    settings: Settings, url: str, listed: list[str]
) -> None:
    settings.LLM_URLS = listed
    with pytest.raises(BackendError):
        create("openai_compatible", base_url=url, model="m").complete(PROMPT, BUDGET)
