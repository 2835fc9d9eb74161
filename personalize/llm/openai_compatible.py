"""Asks a server that speaks the chat completions of OpenAI (L5): vLLM, Ollama, llama.cpp, hosted.

Written on the standard library, because the call must keep promises clients do not make: one
deadline for all of it, a connection to the address that was checked, no redirects, a capped body.
"""

import http.client
import json
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
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
        # Not a timeout of each read: whoever drips, in the head or the body, would never meet one.
        end = Timer(clock.left_s(), connection.cut)
        end.daemon = True
        end.start()
        try:
            connection.request("POST", f"{address.path}/chat/completions", body, headers)
            answer = connection.getresponse()
            if answer.status != OK:  # a redirect is an answer like any other: not followed
                raise BackendError(f"The server answered {answer.status}.")
            return _whole(answer, clock)
        finally:
            end.cancel()
            connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the number that was checked, under the name that was asked for."""

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address.host, address.port, timeout=clock.left_s())
        self._address = address
        self._held: socket.socket | None = None  # http.client forgets it where the answer closes

    def connect(self) -> None:
        """Connect to the number."""
        plain = socket.create_connection((self._address.number, self._address.port), self.timeout)
        self._held = self.sock = plain
        if self._address.secure:
            wrapped = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self._address.host, do_handshake_on_connect=False
            )
            self._held = self.sock = wrapped
            wrapped.do_handshake()

    def cut(self) -> None:
        """End whatever is waited for; called from another thread when the time is over."""
        if self._held is not None:
            with suppress(OSError):  # it ended just now
                self._held.shutdown(socket.SHUT_RDWR)


def _whole(answer: http.client.HTTPResponse, clock: Clock) -> bytes:
    """Return the body within the deadline and the cap."""
    read = bytearray()
    while len(read) <= LARGEST:
        piece = answer.read1(READ_AT_ONCE)
        clock.left_s()  # what was cut ends as if it were whole
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
