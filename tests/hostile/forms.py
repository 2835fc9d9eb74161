"""What do the product's own forms send? Read from its pages, so that a lie looks like the truth."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

from tests.hostile.chance import Chance

TOKEN = "csrfmiddlewaretoken"


@dataclass
class Form:
    """A form of a page: where it goes and what it would send."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)  # name -> values it offers


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.links = address, list[Form](), list[str]()
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and said.get("href", "").startswith("/"):
            self.links.append(said["href"].split("#")[0])
        if tag == "form":
            action = said.get("action") or self.address
            self._open = Form(action, said.get("method", "get").upper())
            self.forms.append(self._open)
        elif self._open is not None and tag in {"input", "button", "textarea"}:
            if said.get("name"):
                self._open.fields.setdefault(said["name"], []).append(said.get("value", ""))
        elif self._open is not None and tag == "select":
            self._select = said.get("name", "")
        elif self._open is not None and tag == "option" and self._select:
            self._open.fields.setdefault(self._select, []).append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def read(address: str, page: str) -> tuple[list[Form], list[str]]:
    """Return the forms of a page and the addresses it links to."""
    reader = _Reader(address)
    reader.feed(page)
    return reader.forms, reader.links


def lies(form: Form, rng: Chance, words: list[str]) -> list[tuple[str, str]]:
    """Return what a form might send if somebody meant harm, without its token."""
    pairs = [
        (name, rng.one(values) or rng.one(("", "x", "1", "2026-12-01", "a reason")))
        for name, values in form.fields.items()
        if name != TOKEN
    ]
    for _ in range(rng.one((0, 1, 1, 2, 4))):
        how = rng.below(6)
        if how == 0 and pairs:
            pairs.pop(rng.below(len(pairs)))
        elif how == 1 and pairs:
            pairs.append(rng.one(pairs))
        elif how == 2:
            pairs.append((rng.one(words)[:300], rng.one(words)))
        elif pairs:
            place = rng.below(len(pairs))
            pairs[place] = (pairs[place][0], rng.one(words))
    return pairs


def encoded(pairs: list[tuple[str, str]], rng: Chance) -> tuple[bytes, str]:
    """Return a body and its content type."""
    if rng.random() < 0.8:
        text = urlencode(pairs, errors="surrogatepass", quote_via=quote)
        return text.encode(), "application/x-www-form-urlencoded"
    boundary = "boundary"
    parts = []
    for name, value in pairs:
        given = f'form-data; name="{name[:200]}"'
        if rng.random() < 0.1:
            given += '; filename="../../x\x00.csv"'
        part = f"--{boundary}\r\nContent-Disposition: {given}\r\n\r\n{value}\r\n"
        parts.append(part.encode("utf-8", "surrogatepass"))
    end = rng.one((f"--{boundary}--\r\n", f"--{boundary}", ""))
    return b"".join(parts) + end.encode(), f"multipart/form-data; boundary={boundary}"
