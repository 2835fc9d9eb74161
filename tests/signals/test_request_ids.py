"""Request ids carry time, surface and arm, and prove whose list they name."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.request_ids import Arm, is_list_of, names_a_list, new_request_id, read_request_id

# Years in which 48 bits of milliseconds mean what they say.
MOMENTS = st.floats(min_value=1e9, max_value=7e9).map(lambda s: datetime.fromtimestamp(s, tz=UTC))
LEARNERS = st.integers(0, 2**63 - 1)
KEY = bytes(range(32))
AT = datetime(2026, 11, 20, tzinfo=UTC)


def made(learner_id: int = 7, *, key: bytes = KEY) -> UUID:
    return new_request_id(at=AT, surface=1, arm=Arm.PERSONAL, learner_id=learner_id, key=key)


@given(
    at=MOMENTS,
    surface=st.integers(0, 255),
    arm=st.sampled_from(Arm),
    learner_id=LEARNERS,
    entropy=st.binary(min_size=8, max_size=8),
)
def test_what_goes_in_comes_out(
    at: datetime, surface: int, arm: Arm, learner_id: int, entropy: bytes
) -> None:
    request_id = new_request_id(
        at=at, surface=surface, arm=arm, learner_id=learner_id, key=KEY, entropy=entropy
    )
    read_at, read_surface, read_arm = read_request_id(request_id)
    assert (read_surface, read_arm) == (surface, arm)
    assert abs((read_at - at).total_seconds()) < 0.002
    assert request_id.version == 8
    assert request_id.variant == "specified in RFC 4122"
    assert names_a_list(request_id.bytes)
    assert is_list_of(learner_id, request_id.bytes, key=KEY)


@given(learner_id=LEARNERS, other=LEARNERS)
def test_an_id_proves_one_learner_alone(learner_id: int, other: int) -> None:
    assert is_list_of(other, made(learner_id).bytes, key=KEY) is (other == learner_id)


@given(bit=st.integers(0, 127))
def test_an_id_with_any_bit_changed_proves_nothing(bit: int) -> None:
    changed = (made().int ^ 1 << bit).to_bytes(16)
    assert not is_list_of(7, changed, key=KEY)


def test_an_id_made_under_another_key_proves_nothing() -> None:
    assert not is_list_of(7, made(key=bytes(32)).bytes, key=KEY)


def test_a_random_id_is_not_read_as_one_of_ours() -> None:
    assert not names_a_list(uuid4().bytes)
    with pytest.raises(ValueError, match="is not an id of a recommendation request"):
        read_request_id(uuid4())


def test_ids_of_one_moment_differ() -> None:
    assert len({made() for _ in range(100)}) == 100
    assert len({made(learner) for learner in range(1000)}) == 1000
