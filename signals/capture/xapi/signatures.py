"""L1: is a signed statement signed as it should be? With RS256, RS384 or RS512 (part 2, 2.6)."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509 import load_der_x509_certificate

from signals.capture.xapi.digests import digest
from signals.capture.xapi.multipart import attachments
from signals.capture.xapi.reading import decoded
from signals.capture.xapi.statements import File, Json, part
from signals.capture.xapi.valid.statements import statement
from signals.capture.xapi.valid.values import InvalidError

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
_PLACE = "$.attachments"
_Hash = SHA256 | SHA384 | SHA512
_ALGORITHMS: dict[str, type[_Hash]] = {
    "RS256": SHA256,
    "RS384": SHA384,
    "RS512": SHA512,
}


def check_signatures(bodies: Iterable[Json], files: Mapping[str, File]) -> None:
    """Refuse statements whose signature is none, or signs another; each file is read once."""
    signed: dict[str, bytes] = {}
    for body in bodies:
        names = set(_signatures_of(body, files))
        for name in names - signed.keys():
            signed[name] = _signed(files[name].content)
        if names and {signed[name] for name in names} != {_said(body)}:
            raise InvalidError(_PLACE, "The signature is of another statement.")


def _said(body: Json) -> bytes:
    return digest({**body, "attachments": []})


def _signatures_of(body: Json, files: Mapping[str, File]) -> Iterator[str]:
    for attachment in attachments(body):
        if attachment["usageType"] != SIGNATURE:
            continue
        if attachment["contentType"] != "application/octet-stream":
            raise InvalidError(_PLACE, "A signature's contentType is application/octet-stream.")
        name = attachment["sha2"].lower()
        if name not in files:
            raise InvalidError(_PLACE, "A signature comes along with its statement.")
        yield name


def _signed(token: bytes) -> bytes:
    """Return the digest of what a signature signs."""
    parts = token.strip().split(b".")
    if len(parts) != 3:
        raise InvalidError(_PLACE, "The signature is no JWS in compact form.")
    header, payload, signature = (_unpacked(piece) for piece in parts)
    head = decoded(header, place=_PLACE)
    made = _ALGORITHMS.get(str(part(head, "alg")))
    if made is None:
        raise InvalidError(_PLACE, "A signature uses RS256, RS384 or RS512.")
    chain = part(head, "x5c")
    if chain is not None:
        _verify(chain, b".".join(parts[:2]), signature, made())
    signed = decoded(payload, place=_PLACE)
    statement(signed, _PLACE, second=True)
    return _said(signed)


def _unpacked(piece: bytes) -> bytes:
    try:
        return base64.b64decode(piece + b"=" * (-len(piece) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise InvalidError(_PLACE, "The signature is not written in base64url.") from error


def _verify(chain: object, signed: bytes, signature: bytes, made: _Hash) -> None:
    try:
        first = chain[0] if isinstance(chain, list) else ""
        key = load_der_x509_certificate(base64.b64decode(first)).public_key()
        if not isinstance(key, RSAPublicKey):
            raise InvalidError(_PLACE, "The certificate of a signature holds an RSA key.")
        key.verify(signature, signed, PKCS1v15(), made)
    except (ValueError, IndexError, TypeError) as error:
        if isinstance(error, InvalidError):
            raise
        raise InvalidError(_PLACE, "x5c holds no certificate.") from error
    except InvalidSignature as error:
        raise InvalidError(_PLACE, "The signature does not fit its certificate.") from error
