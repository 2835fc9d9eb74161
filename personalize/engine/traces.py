"""Does a model on this node's disk name a learner? (L3) Asked for the receipt of an erasure.

Models hold courses and what goes with what, never a person: each answer folds the learner's own
history in. This asks the files themselves, so that one which did name learners would be found.
"""

import numpy as np
from django.conf import settings


def naming(learner_id: int) -> int:
    """Return how many files of models hold a learner's number."""
    number = str(learner_id).encode()
    cards = sum(number in card.read_bytes() for card in settings.MODELS_DIR.glob("*/*.json"))
    return cards + sum(
        bool((array == learner_id).any())
        for path in settings.MODELS_DIR.glob("*/*.npy")
        if (array := np.load(path, mmap_mode="r", allow_pickle=False)).dtype.itemsize == 8
        and array.dtype.kind in "iu"
    )
