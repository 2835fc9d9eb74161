"""What do courses say of themselves, as vectors to compare? (L3, pure) Titles, skills and tags.

Each part is weighed by how rare its words are (TF-IDF) and brought to length 1; a course's vector
is its parts side by side, so that the product of two vectors is a weighted sum of cosines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

WORDS = r"(?u)[^\W\d_\u3040-\u30ff\u3400-\u9fff]{2,}\w*|[\u3040-\u30ff\u3400-\u9fff]|\d+"
"""A word, a number, or one character of a script that is written without spaces."""
NEIGHBOURING = (1, 2)
"""Words alone and two in a row."""
TITLE, SKILLS, TAGS = 1.0, 0.5, 0.2
"""What each part counts; many courses share a school or a language and nothing else."""
COMMON = 0.5
"""Share of courses from which on a word says nothing; it would cost a product for each pair."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one course says of itself; tags are its field, provider, level and language."""

    title: str
    skills: Sequence[str] = ()
    tags: Sequence[str] = ()


def vectors(courses: Sequence[Said]) -> sp.csr_matrix | None:
    """One row a course, float32; None where no course says anything."""
    parts = [
        _weighed([each.title for each in courses], TITLE, token_pattern=WORDS),
        _weighed([each.skills for each in courses], SKILLS, analyzer=list),
        _weighed([each.tags for each in courses], TAGS, analyzer=list),
    ]
    found = [part for part in parts if part is not None]
    return sp.hstack(found, format="csr", dtype=np.float32) if found else None


def _weighed(
    said: Sequence[str | Sequence[str]], weight: float, **how: object
) -> sp.csr_matrix | None:
    spans = {} if "analyzer" in how else {"ngram_range": NEIGHBOURING}
    reader = TfidfVectorizer(sublinear_tf=True, max_df=COMMON, **spans, **how)
    try:
        found: sp.csr_matrix = reader.fit_transform(said)
    except ValueError:  # not one word in all of them
        return None
    return found * np.sqrt(weight)
