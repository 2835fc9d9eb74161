"""What is no proper HTTP? Cut bodies, two lengths, smuggled requests, slow clients, odd heads."""

from tests.hostile.chance import Chance
from tests.hostile.client import Asked

GROUP = "broken HTTP"
BODY = b'{"batch":[]}'
PATHS = (b"/signals/v1/batch", b"/personalize/v1/feedback", b"/signin/", b"/xapi/statements")


def asked(rng: Chance, host: str, key: str) -> Asked:
    """Return one request that is none."""
    path = rng.one(PATHS)
    head = b"POST %s HTTP/1.1\r\nHost: %s\r\nX-Forwarded-Proto: https\r\n" % (path, host.encode())
    head += b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n" % key.encode()
    head += b"X-Experience-API-Version: 1.0.3\r\n"
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode()
    shapes: list[tuple[bytes, ...]] = [
        (head + b"Content-Length: 500\r\n\r\n" + BODY,),  # cut off: we close behind it
        (head + b"Content-Length: 12\r\nContent-Length: 13\r\n\r\n" + BODY + smuggled,),
        (head + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,),
        (head + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n" + BODY,),
        (head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,),
        (head + b"Transfer-Encoding: xchunked\r\n\r\n" + BODY,),
        (head + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled,),
        (head + b"Transfer-Encoding: chunked\r\n\r\nc\r\n" + BODY + b"\r\n0\r\n\r\n",),
        (head + b"Content-Length: -1\r\n\r\n" + BODY,),
        (head + b"Content-Length: +12\r\n\r\n" + BODY,),
        (head + b"Content-Length: 12abc\r\n\r\n" + BODY,),
        (head + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY,),
        (head + b"Content-Length: 12\r\n\r\n" + BODY + smuggled * 3,),  # pipelined
        (head + b"Expect: 100-continue\r\nContent-Length: 12\r\n\r\n" + BODY,),
        (head + b"Expect: nonsense\r\nContent-Length: 12\r\n\r\n" + BODY,),
        (head + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",),
        (head + b"X-Many: 1\r\n" * 500 + b"\r\n",),
        (head + b" folded: 1\r\nContent-Length: 12\r\n\r\n" + BODY,),
        (head + b"Bad Header\r\n\r\n",),
        (head + b"X\x00Y: 1\r\nContent-Length: 0\r\n\r\n",),
        (head + b"X-Bytes: \xff\xfe\x80\r\nContent-Length: 12\r\n\r\n" + BODY,),
        (b"GET / HTTP/9.9\r\n\r\n",),
        (b"GET /\r\n\r\n",),
        (b"G\x00T / HTTP/1.1\r\n\r\n",),
        (b"GET " + b"/" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n",),
        (b"GET http://other.example/admin/ HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode(),),
        (b"GET //evil.example/ HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode(),),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode(),),
        (b"GET /static/..%%2f..%%2fmanage.py HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode(),),
        (b"CONNECT a:443 HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode(),),
        (b"TRACE / HTTP/1.1\r\nHost: %s\r\nX-Forwarded-Proto: https\r\n\r\n" % host.encode(),),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.bytes(200),),
        (b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET /healthz HTTP/1.1\r\n\r\n",),
        (rng.bytes(400) + b"\r\n\r\n",),
        (head[:40], head[40:] + b"Content-Length: 12\r\n\r\n", BODY[:5], BODY[5:]),  # slow
    ]
    wire = rng.one(shapes)
    right = 501 if b"xchunked" in wire[0] else 0  # RFC 9112, 6.1: a coding it does not understand
    return Asked(GROUP, wire=wire, pause_s=0.05 if len(wire) > 1 else 0.0, closes=True, right=right)
