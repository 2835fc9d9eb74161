"""Which courses tell nearly the same, by what they say of themselves? (L3, pure)

Skills are stated for a part of most catalogues only; every course has a title, and most a summary.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from personalize.algorithms.about import COMMON, WORDS

TITLE_TIMES = 2  # the title is short, and says what a course is about


class Wording:
    """Titles and summaries as weighed words (TF-IDF), to be compared by cosine."""

    def __init__(self, titles: Sequence[str], summaries: Sequence[str]) -> None:
        """Weigh the words of n courses; the two are parallel."""
        reader = TfidfVectorizer(
            sublinear_tf=True, token_pattern=WORDS, max_df=COMMON, dtype=np.float32
        )
        self._courses = len(titles)
        said = [
            " ".join([*[title] * TITLE_TIMES, summary])
            for title, summary in zip(titles, summaries, strict=True)
        ]
        try:
            self._vectors = reader.fit_transform(said)
        except ValueError:  # not one word that some have and others have not
            self._vectors = None

    def cosines(self, place: int) -> NDArray[np.float32]:
        """Return how like each of the n courses the one at a place is, from 0 to 1."""
        if self._vectors is None:
            return np.zeros(self._courses, dtype=np.float32)
        found: NDArray[np.float32] = (self._vectors @ self._vectors[place].T).toarray().ravel()
        return found
