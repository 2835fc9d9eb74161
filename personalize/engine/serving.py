"""What does a model say about one learner, and which one serves them? (L3) Loaded once a process.

`serving()` costs two system calls and no statement. A damaged or foreign model is never served: the
one already loaded goes on, and where there is none the caller gets ModelUnusable and falls back. A
canary or a challenger that cannot be used is as if it were not there: its learners see the live
model.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from experiments.api import in_share
from personalize.algorithms.base import History, PartsOf
from personalize.engine import artifacts, live
from personalize.engine.artifacts import Artifact, ModelUnusable
from personalize.engine.heads import Stored
from personalize.engine.live import Pointer
from personalize.engine.packing import COURSE_IDS, Parts, explain, positions, unpack
from personalize.engine.popular import PopularLists

# Files of a loaded model are looked at this often: reading a mapped file that somebody has cut
# short would end the process.
CHECK_S = 0.25
NOTHING = Pointer(version="")

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
            self.heads = Stored.of(self.course_ids, artifact.arrays)
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


@dataclass(slots=True)
class _Slot:
    """One role in this process: the model that plays it, and why another one could not."""

    root: Path
    instead: str  # what serves where nothing in this slot can
    model: LoadedModel | None = None
    failure: ModelUnusable = field(
        default_factory=lambda: ModelUnusable("", "none has been promoted yet; run retrain.")
    )
    _files: _Fingerprint = ()  # of the loaded model
    _failed: tuple[str, _Fingerprint] | None = None  # not tried again unchanged

    def follow(self, wanted: str) -> None:
        """Let this version play the role; what plays it now goes on where that cannot be used."""
        if self.model and _fingerprint(self.root / self.model.version) != self._files:
            self.model = None
        if wanted and (self.model is None or self.model.version != wanted):
            self._try(wanted)

    def _try(self, version: str) -> None:
        files = _fingerprint(self.root / version)
        if self._failed == (version, files):
            return
        try:
            self.model = LoadedModel(artifacts.load(self.root, version))
            self._files = files
            self._failed = None
        except ModelUnusable as error:
            self.failure = error
            self._failed = (version, files)
            serves = self.model.version if self.model else self.instead
            log.error("%s Serving %s.", error, serves)  # noqa: TRY400  the sentence says it all


class Serving:
    """The models this process serves, following the announcement under one models folder."""

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Load nothing yet. clock: seconds, only differences count."""
        self._root = root
        self._clock = clock
        self._lock = Lock()
        self._due = 0.0
        self._seen: live.Stamp | None = None
        self._pointer = NOTHING
        self._live = _Slot(root, instead="fallbacks")
        self._beside: dict[str, _Slot] = {}  # by version: the canary and the arms
        self._broken: frozenset[str] = frozenset()

    def current(self) -> LoadedModel:
        """Return the live model; raise ModelUnusable when there is none that can be trusted."""
        self._look()
        model = self._live.model
        if model is None:
            raise self._live.failure
        return model

    def of(self, learner_id: int, arms: Iterable[str] = ()) -> tuple[LoadedModel, ...]:
        """Return the models to ask for a learner, in this order, the live one last.

        `arms` are those the learner is in. Raise ModelUnusable when there is no live model.
        """
        current = self.current()
        pointer = self._pointer
        wanted = next((pointer.arms[arm] for arm in arms if arm in pointer.arms), "")
        if not wanted and pointer.canary and in_canary(learner_id, pointer):
            wanted = pointer.canary
        slot = self._beside.get(wanted)
        if slot is None or slot.model is None or wanted in self._broken:
            return (current,)
        return slot.model, current

    def set_aside(self, version: str) -> None:
        """Ask this version no more in this process: it failed while a learner waited."""
        self._broken |= {version}

    def _look(self) -> None:
        stamp = live.stamp(self._root)
        due = stamp != self._seen or self._clock() >= self._due
        # While one thread loads, the others go on with what they have.
        if due and self._lock.acquire(blocking=self._live.model is None):
            try:
                self._refresh(stamp)
            finally:
                self._lock.release()

    def _refresh(self, stamp: live.Stamp | None) -> None:
        pointer = live.read(self._root) or NOTHING
        # Whoever was promoted from beside is loaded already: no request waits for it twice.
        promoted = self._beside.get(pointer.version)
        if promoted is not None and promoted.model is not None:
            promoted.instead = self._live.instead
            self._live = promoted
        self._live.follow(pointer.version)
        wanted = {version for version in (pointer.canary, *pointer.arms.values()) if version}
        beside = {
            version: self._beside.get(version) or _Slot(self._root, instead="the live model")
            for version in wanted - {pointer.version}
        }
        for version, slot in beside.items():
            slot.follow(version)
        self._beside, self._pointer = beside, pointer
        self._seen = stamp
        self._due = self._clock() + CHECK_S


def in_canary(learner_id: int, pointer: Pointer) -> bool:
    """Say whether a learner sees the canary; the same ones all its time, on every door."""
    return in_share(unit=learner_id, salt=f"canary:{pointer.canary}", share=pointer.share)


@cache
def _of(root: Path) -> Serving:
    return Serving(root)


def serving() -> LoadedModel:
    """Return this process's live model, or raise ModelUnusable: then the caller falls back."""
    return _of(settings.MODELS_DIR).current()


def serving_to(learner_id: int, arms: Iterable[str] = ()) -> tuple[LoadedModel, ...]:
    """Return the models to ask for a learner, in this order; the live one is the last.

    Raise ModelUnusable when no live model can be trusted: then the caller falls back.
    """
    return _of(settings.MODELS_DIR).of(learner_id, arms)


def set_aside(model: LoadedModel) -> None:
    """Ask a model that failed while a learner waited no more; its learners see the live one."""
    _of(settings.MODELS_DIR).set_aside(model.version)


def warm_up() -> None:
    """Load the live model before the first request pays for it; without one requests fall back."""
    try:
        serving()
    except ModelUnusable as error:
        log.warning("No model at the start: %s", error)
