"""Request ids carry time, surface and arm, and nothing that is not ours is read as ours."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.request_ids import Arm, new_request_id, read_request_id

# Years in which 48 bits of milliseconds mean what they say.
MOMENTS = st.floats(min_value=1e9, max_value=7e9).map(lambda s: datetime.fromtimestamp(s, tz=UTC))


@given(
    at=MOMENTS,
    surface=st.integers(0, 255),
    arm=st.sampled_from(Arm),
    entropy=st.binary(min_size=8, max_size=8),
)
def test_what_goes_in_comes_out(at: datetime, surface: int, arm: Arm, entropy: bytes) -> None:
    request_id = new_request_id(at=at, surface=surface, arm=arm, entropy=entropy)
    read_at, read_surface, read_arm = read_request_id(request_id)
    assert (read_surface, read_arm) == (surface, arm)
    assert abs((read_at - at).total_seconds()) < 0.002
    assert request_id.version == 8
    assert request_id.variant == "specified in RFC 4122"


def test_a_random_id_is_not_read_as_one_of_ours() -> None:
    with pytest.raises(ValueError, match="is not an id of a recommendation request"):
        read_request_id(uuid4())


def test_ids_of_one_moment_differ() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert len({new_request_id(at=at, surface=1, arm=Arm.PERSONAL) for _ in range(1000)}) == 1000
