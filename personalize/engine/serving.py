"""What does the live model say about one learner? (L3) Loaded once a process, swapped when it
changes, never queried from a database.

`serving()` costs two system calls. A damaged or foreign model is never served: the one already
loaded goes on, and where there is none the caller gets ModelUnusable and falls back.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from personalize.algorithms.base import History, PartsOf
from personalize.engine import artifacts, live
from personalize.engine.artifacts import Artifact, ModelUnusable
from personalize.engine.packing import COURSE_IDS, Parts, explain, positions, unpack
from personalize.engine.popular import PopularLists

# Files of a loaded model are looked at this often: reading a mapped file that somebody has cut
# short would end the process.
CHECK_S = 0.05

log = logging.getLogger(__name__)

_Fingerprint = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of every course of the model for one history. course_ids and scores are parallel."""

    version: str
    course_ids: NDArray[np.int32]  # ascending
    scores: NDArray[np.float32]
    _parts_of: PartsOf

    def explain(self, places: NDArray[np.integer]) -> Parts:
        """Return the additive parts of the scores at these places of course_ids.

        The parts of a course sum to its score; row h belongs to the h-th course of the history.
        """
        return explain(self._parts_of, places.astype(np.int32))


class LoadedModel:
    """One verified model, ready to score. Immutable, so one request sees one version."""

    def __init__(self, artifact: Artifact) -> None:
        """Open the arrays; raise ModelUnusable when they are not those of a model."""
        self.card = artifact.card
        self.version = artifact.card.version
        try:
            self.course_ids = np.asarray(artifact.arrays[COURSE_IDS], np.int32)
            self.popular = PopularLists.from_arrays(self.course_ids, artifact.arrays)
            self.recommender = unpack(artifact)
        except (LookupError, ValueError, TypeError) as error:
            raise ModelUnusable(
                self.version, f"its arrays do not fit this code ({error!r}); run retrain."
            ) from error

    def score(self, course_ids: NDArray[np.integer], weights: NDArray[np.floating]) -> Scored:
        """Score every course for a history, oldest first; courses the model lacks add nothing.

        weights: 0 and more, 1 for an ordinary choice, parallel to course_ids.
        """
        history = History(positions(self.course_ids, course_ids), weights.astype(np.float32))
        scores, parts_of = self.recommender.score_with_parts(history)
        return Scored(self.version, self.course_ids, scores, parts_of)


def _fingerprint(folder: Path) -> _Fingerprint:
    """Return what changes when a file of the folder is changed, () when it is missing."""
    try:
        with os.scandir(folder) as entries:
            stats = [(entry.name, entry.stat()) for entry in entries]
    except OSError:
        return ()
    return tuple(
        sorted((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in stats)
    )


class Serving:
    """The model this process serves, following the announcement under one models folder."""

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Load nothing yet. clock: seconds, only differences count."""
        self._root = root
        self._clock = clock
        self._lock = Lock()
        self._due = 0.0
        self._seen: live.Stamp | None = None
        self._model: LoadedModel | None = None
        self._files: _Fingerprint = ()  # of the loaded model
        self._failure = ModelUnusable("", "none has been promoted yet; run retrain.")
        self._failed: tuple[str, _Fingerprint] | None = None  # not tried again unchanged

    def current(self) -> LoadedModel:
        """Return the model to serve; raise ModelUnusable when there is none that can be trusted."""
        stamp = live.stamp(self._root)
        due = stamp != self._seen or self._clock() >= self._due
        # While one thread loads, the others go on with what they have.
        if due and self._lock.acquire(blocking=self._model is None):
            try:
                self._refresh(stamp)
            finally:
                self._lock.release()
        model = self._model
        if model is None:
            raise self._failure
        return model

    def _refresh(self, stamp: live.Stamp | None) -> None:
        loaded = self._model
        if loaded and _fingerprint(self._root / loaded.version) != self._files:
            self._model = None
        wanted = live.announced(self._root)
        if wanted and (self._model is None or self._model.version != wanted):
            self._try(wanted)
        self._seen = stamp
        self._due = self._clock() + CHECK_S

    def _try(self, version: str) -> None:
        files = _fingerprint(self._root / version)
        if self._failed == (version, files):
            return
        try:
            self._model = LoadedModel(artifacts.load(self._root, version))
            self._files = files
            self._failed = None
        except ModelUnusable as error:
            self._failure = error
            self._failed = (version, files)
            log.error("%s Serving %s.", error, self._model.version if self._model else "fallbacks")  # noqa: TRY400  the sentence is the whole story


@cache
def _of(root: Path) -> Serving:
    return Serving(root)


def serving() -> LoadedModel:
    """Return this process's live model, or raise ModelUnusable: then the caller falls back."""
    return _of(settings.MODELS_DIR).current()


def warm_up() -> None:
    """Load the live model before the first request pays for it; without one requests fall back."""
    try:
        serving()
    except ModelUnusable as error:
        log.warning("No model at the start: %s", error)
