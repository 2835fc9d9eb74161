"""Which surface and arm does a recommendation request belong to? Its id says so (L1; pure).

A request id is a version 8 UUID (RFC 9562): 48 bits of milliseconds, the surface code, the arm
code, then random bits. So a click or an enrolment that carries it can be counted by surface and
arm without a look at the decision log, and the log's day partition is known from the id alone.
"""

from datetime import UTC, datetime
from enum import IntEnum
from os import urandom
from uuid import UUID


class Arm(IntEnum):
    """What kind of list was served, coarsely; 0 is not a recommendation of ours."""

    NONE = 0
    PERSONAL = 1
    GENERIC = 2  # control of an experiment, or a fallback
    HOLDOUT = 3  # the permanent comparison group
    OFF = 4  # personalization is off


def new_request_id(*, at: datetime, surface: int, arm: Arm, entropy: bytes = b"") -> UUID:
    """Return a fresh id; surface 0..255; 8 bytes of entropy may be given for a replay."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    random = int.from_bytes(entropy or urandom(8)) & (1 << 62) - 1
    # 48 time | 4 version | 8 surface | 4 arm | 2 variant | 62 random
    return UUID(
        int=milliseconds << 80 | 8 << 76 | (surface & 255) << 68 | arm << 64 | 2 << 62 | random
    )


def read_request_id(request_id: UUID) -> tuple[datetime, int, Arm]:
    """Return (time, surface code, arm); raise ValueError where the id is not one of ours."""
    number = request_id.int
    if number >> 76 & 15 != 8:
        raise ValueError(f"{request_id} is not an id of a recommendation request")
    at = datetime.fromtimestamp((number >> 80) / 1000, tz=UTC)
    return at, number >> 68 & 255, Arm(number >> 64 & 15)
