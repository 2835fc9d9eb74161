"""What is put where something else is expected? Values, bodies and encodings, from a seed.

Public vectors (strings that break things, JSON texts) come from NORTHWAY_DATA where it is set; a
short list of our own stands in for them, so that the run means something without.
"""

import base64
import gzip
import json
import zlib
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

from tests.hostile.chance import Chance

OWN = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\U0010ffff",
    "\u202eevil",
    "a" * 70_000,
    "é" * 5_000,
    "'",
    '"',
    "' OR 1=1--",
    "1; DROP TABLE signals_event",
    "%",
    "%00",
    "%s%s%n",
    "{{7*7}}",
    "{% debug %}",
    "${jndi:ldap://a}",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "//evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "=1+1",
    "\r\nSet-Cookie: a=b",
    "%0d%0aSet-Cookie:a=b",
    "None",
    "null",
    "undefined",
    "true",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1",
    "0",
    "1",
    "2147483648",
    "9223372036854775808",
    "-9223372036854775809",
    "9" * 400,
    "9" * 5_000,
    "1" + "0" * 40,
    "0x10",
    "1_000",
    "\u0661\u0662",
    "\u00b2",
    "1.5",
    "1,5",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "10000-01-01",
    "2026-W99",
    "0000-W01",
    "9999-W53",
    "2026-11-20T10:00:00Z",
    "00000000-0000-0000-0000-000000000000",
    "(" * 200,
    "(a+)+$",
    "[" * 1_000,
    "*" * 2_000,
    "on",
    "application/json",
    "en",
    "de-" + "x" * 400,
    "\ufeff",
    "\u2028",
    "İ",
    "ß" * 300,
]
LEAVES: list[object] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    2**64,
    10**400,
    1.5,
    1e308,
    -0.0,
    "",
    "x",
    "\x00",
    "a" * 10_000,
    [],
    {},
    [[]],
    {"a": {}},
    [None] * 500,
]
BROKEN = [
    b"",
    b" ",
    b"{",
    b"[",
    b"nul",
    b'"\\ud800"',
    b'{"a":1,"a":2}',
    b'{"batch":1e999}',
    b'{"batch":NaN}',
    b'{"batch":-Infinity}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"learner":"\xc0\xaf"}',
    b'{"learner":"\xed\xa0\x80"}',
    b'{"learner":"\\u0000"}',
    b'{"learner":"\\ud83d"}',
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b"1" * 4_400,
    b"{}" * 10,
    b'{"a":1}\x00',
    b"/*c*/{}",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b"a=1&b=2",
]
TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json;charset=nonsense",
    "text/plain",
    "text/xml",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "multipart/mixed; boundary=x",
    "application/octet-stream",
    "",
    "/",
    "a" * 300,
)


def strings(data: Path | None) -> list[str]:
    """Return strings that break things."""
    found = list(OWN)
    if data is not None:
        found += json.loads((data / "vectors" / "naughty_strings.json").read_text("utf-8"))
    return found


def texts(data: Path | None) -> list[bytes]:
    """Return bodies that are, or nearly are, JSON."""
    found = list(BROKEN)
    if data is not None:
        lines = (data / "vectors" / "json_parsing.jsonl").read_text("utf-8").splitlines()
        found += [base64.b64decode(json.loads(line)["b64"]) for line in lines]
    return found


def quoted(text: str, rng: Chance) -> str:
    """Return a text as it may stand in an address: quoted, in part, or as no UTF-8."""
    how = rng.below(6)
    if how == 0:
        return quote_from_bytes(rng.bytes(12))
    if how == 1:
        return quote(text[:3000].encode("utf-8", "surrogatepass"), safe="")
    if how == 2:
        return "%C0%AF" + quote(text[:200].encode("utf-8", "surrogatepass"), safe="")
    if how == 3:
        return quote(quote(text[:500].encode("utf-8", "surrogatepass"), safe=""), safe="")
    safe = "".join(one for one in text[:1500] if "!" <= one <= "~" and one not in "#")
    return safe or "x"


def mutated(value: object, rng: Chance, words: list[str]) -> object:
    """Return JSON with one place of it exchanged for something else."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.one(sorted(value))
        how = rng.below(8)
        rest = {name: one for name, one in value.items() if name != key}
        if how == 0:
            return rest
        if how == 1:
            return {**rest, rng.one(words)[:200]: value[key]}
        return {**value, key: mutated(value[key], rng, words)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        place = rng.below(len(value))
        changed = [*value[:place], mutated(value[place], rng, words), *value[place + 1 :]]
        return changed * rng.one((1, 1, 1, 2, 60))
    return rng.one([*LEAVES, rng.one(words)])


def dumped(value: object) -> bytes:
    """Return JSON as bytes, what cannot be said in UTF-8 as escapes."""
    return json.dumps(value).encode()


def squeezed(body: bytes, rng: Chance) -> tuple[bytes, str]:
    """Return a body in some encoding, right or wrong, and what its header says."""
    how = rng.below(7)
    if how == 0:
        return gzip.compress(b" " * (64 * 1024 * 1024), 1), "gzip"  # a bomb
    if how == 1:
        return gzip.compress(body)[:-5], "gzip"
    if how == 2:
        return body, "gzip"
    if how == 3:
        return zlib.compress(body), "deflate"
    if how == 4:
        return gzip.compress(gzip.compress(body)), "gzip, gzip"
    if how == 5:
        return gzip.compress(body) + b"behind", "GZIP"
    return gzip.compress(body), rng.one(("gzip", "br", "zstd", "x" * 500, "identity"))
