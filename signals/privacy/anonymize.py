"""L1: what of an event may stand in clear? Sessions become keyed numbers, free text is sealed."""

from collections.abc import Sequence

from signals import sealing

USE = "text"


def session_numbers(sessions: Sequence[str], source_id: int) -> dict[str, int]:
    """Return a keyed number for each session id of a source."""
    return sealing.session_numbers(sessions, source_id)


def seal_texts(texts: Sequence[tuple[int, str]]) -> list[bytes | None]:
    """Seal (learner_id, text) pairs under each learner's key; None where the key is destroyed."""
    keys = sealing.data_keys(learner_id for learner_id, _ in texts)
    return [
        sealing.seal_with(keys[learner_id], learner_id, text.encode(), use=USE)
        if learner_id in keys
        else None
        for learner_id, text in texts
    ]
