"""Which surface and arm does a recommendation request belong to, and whose list was it? (L1; pure)

A request id is a version 8 UUID (RFC 9562): 48 bits of milliseconds, the surface code, the arm
code, 30 random bits, then 32 bits that only the holder of the key can compute from all the others
and the learner. So a click or an enrolment that carries it can be counted by surface and arm, and
one of a list that was never made for this learner can be told, without a look at the decision log;
and the log's day partition is known from the id alone.
"""

from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from os import urandom
from uuid import UUID

VERSION = 8
PROOF_BYTES = 4
NOBODY = 0  # for whom a list is made when the learner is not known yet
_PROVEN = 16 - PROOF_BYTES


class Arm(IntEnum):
    """What kind of list was served, coarsely; 0 is not a recommendation of ours."""

    NONE = 0
    PERSONAL = 1
    GENERIC = 2  # control of an experiment, or a fallback
    HOLDOUT = 3  # the permanent comparison group
    OFF = 4  # personalization is off


def new_request_id(
    *, at: datetime, surface: int, arm: Arm, learner_id: int, key: bytes, entropy: bytes = b""
) -> UUID:
    """Return a fresh id; surface 0..255; at least 4 bytes of entropy may be given for a replay."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    random = int.from_bytes(entropy or urandom(4)) & (1 << 30) - 1
    # 48 time | 4 version | 8 surface | 4 arm | 2 variant | 30 random | 32 proof
    number = milliseconds << 80 | VERSION << 76 | (surface & 255) << 68 | arm << 64 | 2 << 62
    stated = (number | random << 32).to_bytes(16)[:_PROVEN]
    return UUID(bytes=stated + _proof(stated, learner_id, key))


def is_list_of(learner_id: int, request_id: bytes, *, key: bytes) -> bool:
    """Say whether the key's holder made this id for a list of this learner."""
    stated, proof = request_id[:_PROVEN], request_id[_PROVEN:]
    return proof == _proof(stated, learner_id, key)


def names_a_list(request_id: bytes) -> bool:
    """Say whether an id has the form in which surface and arm are read."""
    return request_id[6] >> 4 == VERSION


def _proof(stated: bytes, learner_id: int, key: bytes) -> bytes:
    keyed = _keyed(key).copy()
    keyed.update(stated + learner_id.to_bytes(8))
    return keyed.digest()


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> blake2b:
    """Return the hash with the key taken in, which is half of the work of each proof."""
    return blake2b(digest_size=PROOF_BYTES, key=key)


def drawn_by(request_id: UUID) -> int:
    """Return the random bits of an id; what its maker drew by them can be drawn again."""
    return request_id.int >> 32 & (1 << 30) - 1


def read_request_id(request_id: UUID) -> tuple[datetime, int, Arm]:
    """Return (time, surface code, arm); raise ValueError where the id is not one of ours."""
    number = request_id.int
    if number >> 76 & 15 != 8:
        raise ValueError(f"{request_id} is not an id of a recommendation request")
    at = datetime.fromtimestamp((number >> 80) / 1000, tz=UTC)
    return at, number >> 68 & 255, Arm(number >> 64 & 15)
