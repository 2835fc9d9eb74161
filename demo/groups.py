"""Of what kind is a simulated learner, as their platform says? (demo; pure)

Made of the name alone, so that telling it changes nothing of what learners do: no kind behaves
otherwise than another, and a review that raises an alarm here would raise a false one.
"""

import hashlib

KINDS = {  # kind of group -> (group, of a hundred)
    "device": (("phone", 55), ("computer", 45)),
    "language": (("English", 60), ("Spanish", 25), ("German", 15)),
    "region": (("North", 40), ("South", 35), ("West", 25)),
}


def groups_of(external: str) -> dict[str, str]:
    """Return what the platform says of a learner, by kind of group."""
    return {kind: _drawn(f"{kind}/{external}", groups) for kind, groups in KINDS.items()}


def _drawn(name: str, groups: tuple[tuple[str, int], ...]) -> str:
    place = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) % 100
    for group, share in groups:
        if place < share:
            return group
        place -= share
    return groups[-1][0]
