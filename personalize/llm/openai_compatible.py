"""Asks a server that speaks the chat completions of OpenAI (L5): vLLM, Ollama, llama.cpp, hosted.

Written on the standard library, because the call must keep promises clients do not make: one
deadline for all of it, a connection to the address that was checked, no redirects, a capped body.
"""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from personalize.llm.addresses import Address, resolve
from personalize.llm.base import BackendError, Budget, Clock, Completion, Prompt

LARGEST = 256 * 1024  # bytes of an answer; a sentence or two are far below
OK = 200
READ_AT_ONCE = 16 * 1024


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """One server and model."""

    base_url: str
    model: str
    key: str = ""
    name: str = "openai_compatible"
    is_ai: bool = True

    def complete(self, prompt: Prompt, budget: Budget) -> Completion:
        """Return what the model writes. Raises BackendError."""
        clock = Clock(budget.deadline_s)
        body = json.dumps(
            {
                "model": self.model,
                "temperature": 0,
                "max_tokens": budget.tokens,
                "stream": False,
                "messages": [
                    {"role": "system", "content": prompt.instructions},
                    {"role": "user", "content": _quoted(prompt)},
                ],
            }
        )
        try:
            raw = self._post(body.encode(), clock)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise BackendError(f"The server did not answer ({type(error).__name__}).") from error
        return _read(raw, budget)

    def _post(self, body: bytes, clock: Clock) -> bytes:
        address = resolve(self.base_url, clock)
        connection = _Pinned(address, clock)
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            connection.request("POST", f"{address.path}/chat/completions", body, headers)
            connection.allow(clock)
            answer = connection.getresponse()
            if answer.status != OK:  # a redirect is an answer like any other: not followed
                raise BackendError(f"The server answered {answer.status}.")
            return _whole(answer, connection, clock)
        finally:
            connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the number that was checked, under the name that was asked for."""

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address.host, address.port, timeout=clock.left_s())
        self._address = address

    def connect(self) -> None:
        """Connect to the number."""
        plain = socket.create_connection((self._address.number, self._address.port), self.timeout)
        if self._address.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self._address.host)
        else:
            self.sock = plain

    def allow(self, clock: Clock) -> None:
        """Let the next read take what is left."""
        if self.sock is not None:
            self.sock.settimeout(clock.left_s())


def _whole(answer: http.client.HTTPResponse, connection: _Pinned, clock: Clock) -> bytes:
    """Return the body, however slowly it drips, within the deadline and the cap."""
    read = bytearray()
    while len(read) <= LARGEST:
        connection.allow(clock)
        piece = answer.read1(READ_AT_ONCE)
        if not piece:
            return bytes(read)
        read += piece
    raise BackendError("The server sent more than an answer.")


def _quoted(prompt: Prompt) -> str:
    """Return sources and question as data, which a model is told not to obey."""
    given = {
        "sources": {str(n): source for n, source in enumerate(prompt.sources, start=1)},
        "question": prompt.question,
    }
    return json.dumps(given, ensure_ascii=False)


def _read(raw: bytes, budget: Budget) -> Completion:
    try:
        told: Any = json.loads(raw)
        text = told["choices"][0]["message"]["content"]
        usage = told.get("usage") or {}
        counted = (int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0)))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BackendError("The server's answer is not one of a chat.") from error
    if not isinstance(text, str) or not text.strip():
        raise BackendError("The server's answer is empty.")
    text = text.replace("\x00", "")[: 8 * budget.tokens]
    return Completion(text, tokens_in=max(counted[0], 0), tokens_out=max(counted[1], 0))
